"""Exercise 53, learning rates that warm up and decay: what people really write, and what helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""


class NoamMax:
    """You seem to take the greater of the two numbers in noam; the smaller one is that of the phase
    that the training is in."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * max(step**-0.5, step * warmup**-1.5)
    """


class NoamTimesRoot:
    """Your noam grows with d_model: a wider model gets smaller steps, d_model ** -0.5."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**0.5 * min(step**-0.5, step * warmup**-1.5)
    """


class NoamNoWidth:
    """Your noam seems not to look at d_model; all of it is multiplied by d_model ** -0.5."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return min(step**-0.5, step * warmup**-1.5)
    """


class NoamDividedByWidth:
    """You seem to divide noam by d_model; it is divided by the root of d_model."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return min(step**-0.5, step * warmup**-1.5) / d_model
    """


class NoamWarmupToRoot:
    """Your warm-up in noam seems to be step * warmup ** -0.5; with the power -1.5 it meets the
    decay at step = warmup."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * min(step**-0.5, step * warmup**-0.5)
    """


class NoamWarmupToOne:
    """Your warm-up in noam seems to be step / warmup, which rises to 1; with the power -1.5 it
    meets the decay at step = warmup."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * min(step**-0.5, step / warmup)
    """


class NoamInverseStep:
    """Your noam falls with 1 / step; it falls with the root of the step, step ** -0.5."""

    caught_by = "test_noam_decay"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * (step * warmup**-1.5 if step <= warmup else warmup**0.5 / step)
    """


class NoamStepsFromZero:
    """Your noam seems to be a step late, as if the first step were 0: step counts from 1."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + step = step - 1
    + return d_model**-0.5 * min(max(step, 1) ** -0.5, step * warmup**-1.5)
    """


class NoamStepsAhead:
    """Your noam seems to be a step ahead: step counts from 1 already, so nothing is added to it."""

    caught_by = "test_noam_warmup"

    diff = """
    - return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    + return d_model**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)
    """


class CosineStepsFromZero:
    """Your warm-up in cosine seems to be a step late: the first step is 1, and has lr / warmup."""

    caught_by = "test_cosine_warmup"

    diff = """
    - return lr * step / warmup
    + return lr * (step - 1) / warmup
    """


class CosineStepsAhead:
    """Your warm-up in cosine seems to be a step ahead: the first step is 1, and has lr / warmup."""

    caught_by = "test_cosine_warmup"

    diff = """
    - return lr * step / warmup
    + return lr * (step + 1) / warmup
    """


class WarmupFromLeast:
    """Your warm-up seems to begin at lr_min; it is lr * step / warmup, and lr_min is for the
    decay."""

    caught_by = "test_cosine_warmup"

    diff = """
    - return lr * step / warmup
    + return lr_min + (lr - lr_min) * step / warmup
    """


class NoWarmup:
    """Your cosine seems to have no warm-up: up to step = warmup the rate is lr * step / warmup."""

    caught_by = "test_cosine_warmup"

    diff = """
    - return lr * step / warmup
    + return lr
    """


class ProgressFromStart:
    """Your rate jumps at the end of the warm-up: progress counts from there, (step - warmup) /
    (total - warmup), not from the start of the training."""

    caught_by = "test_cosine_decay"

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = min(step / total, 1.0)
    """


class TotalAfterWarmup:
    """You seem to count total from the end of the warm-up; the warm-up's steps are a part of total,
    so divide by total - warmup."""

    caught_by = "test_cosine_decay"

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = min((step - warmup) / total, 1.0)
    """


class UpAgain:
    """Your rate rises again after total, as a cosine does: progress stays at 1 there."""

    caught_by = "test_cosine_after"

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = (step - warmup) / (total - warmup)
    """


class LrAfterTotal:
    """Your rate goes back to lr after total; it stays at lr_min."""

    caught_by = "test_cosine_after"

    diff = """
    - progress = min((step - warmup) / (total - warmup), 1.0)
    + progress = (step - warmup) / (total - warmup) if step <= total else 0.0
    """


class ZeroAfterTotal:
    """Your rate is 0 after total; it stays at lr_min."""

    caught_by = "test_cosine_after"

    diff = """
    + if step > total:
    +     return 0.0
      progress = min((step - warmup) / (total - warmup), 1.0)
    """


class DownToZero:
    """Your rate seems to fall to 0 whatever lr_min is: it goes from lr to lr_min."""

    caught_by = "test_cosine_least"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr * (1 + math.cos(math.pi * progress)) / 2
    """


class CutAtLeast:
    """You seem to fall to 0 and cut off at lr_min; the whole way from lr to lr_min is stretched
    over the cosine."""

    caught_by = "test_cosine_least"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return max(lr_min, lr * (1 + math.cos(math.pi * progress)) / 2)
    """


class LeastAdded:
    """You seem to add lr_min to a decay from the whole lr, so that it begins above lr: what decays
    is lr - lr_min."""

    caught_by = "test_cosine_least"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + lr * (1 + math.cos(math.pi * progress)) / 2
    """


class EndsSwapped:
    """Your decay goes up: lr is where the cosine is 1, at the end of the warm-up, and lr_min where
    it is -1."""

    caught_by = "test_cosine_decay"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr + (lr_min - lr) * (1 + math.cos(math.pi * progress)) / 2
    """


class QuarterTurn:
    """Your decay seems to be a quarter of a cosine, from 1 to 0; here it is half of one, from 1 to
    -1, raised by 1 and halved."""

    caught_by = "test_cosine_decay"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * math.cos(math.pi / 2 * progress)
    """


class WholeTurn:
    """Your decay comes up again before total: the angle goes to pi, not to 2 * pi."""

    caught_by = "test_cosine_decay"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * (1 + math.cos(2 * math.pi * progress)) / 2
    """


class LinearDecay:
    """Your decay seems to be a straight line; it follows half a cosine, (1 + cos(pi * progress)) /
    2."""

    caught_by = "test_cosine_decay"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * (1 - progress)
    """


class NotHalved:
    """You seem to forget to halve: 1 + cos goes from 2 to 0, and lr should be taken once."""

    caught_by = "test_cosine_decay"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress))
    """


class Degrees:
    """Your cosine seems to be given degrees; math.cos takes radians, in which half a turn is pi."""

    caught_by = "test_cosine_decay"

    diff = """
    - return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
    + return lr_min + (lr - lr_min) * (1 + math.cos(180 * progress)) / 2
    """
