"""Exercise 1, root mean square normalisation: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class Detached:
    """Lets no gradient through the root mean square."""

    diff = """
    - return x / torch.sqrt(mean_square + eps) * weight
    + return x / torch.sqrt(mean_square + eps).detach() * weight
    """


class FixedEps:
    """Has an eps of its own."""

    diff = """
    - return x / torch.sqrt(mean_square + eps) * weight
    + return x / torch.sqrt(mean_square + 1e-6) * weight
    """


class InPlace:
    """Divides its argument in place."""

    def rms_norm(x, weight, eps=1e-6):
        with torch.no_grad():
            x /= torch.sqrt(x.square().mean(dim=-1, keepdim=True) + eps)
        return x * weight
