"""Exercise 53, learning rates that warm up and decay: the reference."""

import math


def noam(step: int, d_model: int, warmup: int) -> float:
    """Linear in the step up to warmup, then with the inverse of its root."""
    # The two are equal at step = warmup, and the smaller one is that of the phase: no test of the
    # phase, and no jump. A wider model adds up more terms, and gets smaller steps.
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


def cosine(step: int, warmup: int, total: int, lr: float, lr_min: float = 0.0) -> float:
    """Linear up to lr, half a cosine down to lr_min, and constant."""
    if step <= warmup:
        return lr * step / warmup
    # A cosine would come up again: past the end, the progress stays 1.
    progress = min((step - warmup) / (total - warmup), 1.0)
    # 1 + cos goes from 2 to 0; half of it is the share of lr, the rest is that of lr_min.
    return lr_min + (lr - lr_min) * (1 + math.cos(math.pi * progress)) / 2
