"""Exercise 53, learning rates that warm up and decay: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import math

import torch


class AtMostOne:
    """Gives no rate above 1."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return min(lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2, 1.0)
    """


class ClippedTotal:
    """Goes on decaying after total to 0, as if there were no end."""

    diff = """
    + if step > total:
    +     return lr_min * total / step
      progress = min((step - warmup) / (total - warmup), 1.0)
    """


class CosineAtTheJoint:
    """Has lr_min at step = warmup."""

    diff = """
    - if step <= warmup:
    + if step == warmup:
    +     return lr_min
    + if step < warmup:
    """


class CosineDefault:
    """Has a tenth of lr for the default of lr_min."""

    diff = """
    + lr_min = lr_min or lr / 10
      if step <= warmup:
    """


class CosineLate:
    """Decays a step late."""

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = min((step - warmup - 1) / (total - warmup), 1.0)
    """


class CosineEarly:
    """Comes to its end a step early."""

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = min((step - warmup) / max(total - warmup - 1, 1), 1.0)
    """


class CosineOneMoreStep:
    """Comes to its end a step late."""

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = min((step - warmup) / (total - warmup + 1), 1.0)
    """


class CosineWarmupRoot:
    """Warms up with the root of the step."""

    diff = """
    - return lr * step / warmup
    + return lr * (step / warmup) ** 0.5
    """


class CosineWarmupSine:
    """Warms up along a sine."""

    diff = """
    - return lr * step / warmup
    + return lr * math.sin(math.pi / 2 * step / warmup)
    """


class CosineSquared:
    """Squares the cosine's share."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * ((1 + math.cos(math.pi * progress)) / 2) ** 2
    """


class CosineSine:
    """Takes the sine for the cosine."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * (1 + math.sin(math.pi * progress)) / 2
    """


class CosineFloor:
    """Divides whole numbers to whole numbers."""

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = min((step - warmup) // (total - warmup), 1.0)
    """


class CosinePi:
    """Takes 3.14 for pi."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * (1 + math.cos(3.14 * progress)) / 2
    """


class CosineNegative:
    """Falls to -lr_min."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2 - lr_min
    """


class CosineRestarts:
    """Restarts after the end."""

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = (step - warmup) / (total - warmup) % 1.0
    """


class ExponentialDecay:
    """Falls by the same factor each step."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * (math.exp(-5 * progress) if progress < 1 else 0.0)
    """


class Float32:
    """Computes in float32."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + rate = d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return float(torch.tensor(rate, dtype=torch.float32))
    """


class Noam512:
    """Takes a width of 512, whatever is said."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return 512**-0.5 * min(step**-0.5, step * warmup**-1.5)
    """


class NoamConstantWarmup:
    """Warms up over 4000 steps, whatever is said."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * min(step**-0.5, step * 4000**-1.5)
    """


class NoamLinearDecay:
    """Stays at its peak."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * min(warmup**-0.5, step * warmup**-1.5)
    """


class NoamNoWarmup:
    """Has no warm-up."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * step**-0.5
    """


class NoamSum:
    """Adds the two numbers up."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * (step**-0.5 + step * warmup**-1.5)
    """


class NoamRestartsDecay:
    """Decays from the end of the warm-up as if it were the first step."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + if step <= warmup:
    +     return d_model**-0.5 * step * warmup**-1.5
    + return d_model**-0.5 * warmup**-0.5 * (step - warmup + 1) ** -0.5
    """


class NoamSwapped:
    """Takes the width for the warm-up."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return warmup**-0.5 * min(step**-0.5, step * d_model**-1.5)
    """


class NoamWidthOnWarmup:
    """Multiplies the warm-up alone by d_model ** -0.5."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return min(step**-0.5, d_model**-0.5 * step * warmup**-1.5)
    """


class Percent:
    """Gives the rate as a share of the greatest."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return (lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2) / lr
    """


class Rounded:
    """Rounds the rate to six digits."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return round(lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2, 6)
    """


class ShareOfLr:
    """Divides lr_min by lr, which may be 0."""

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + least = lr_min / lr
    + return lr * (least + (1 - least) * (1 + math.cos(math.pi * progress)) / 2)
    """


class TensorResult:
    """Returns a tensor."""

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return torch.tensor(d_model**-0.5 * min(step**-0.5, step * warmup**-1.5))
    """


class WarmupAtLeast:
    """Lets the warm-up begin no lower than lr_min."""

    diff = """
    - return lr * step / warmup
    + return max(lr_min, lr * step / warmup)
    """
