"""Exercise 9, cross-correlation: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    def corr2d(x, kernel):
        windows = x.bfloat16().unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
        return (windows * kernel.bfloat16()).sum((2, 3)).to(x.dtype)


class ContiguousOnly:
    """Takes the rows of the image to lie one after another in memory."""

    def corr2d(x, kernel):
        kh, kw = kernel.shape
        width = x.shape[1]
        shape = (x.shape[0] - kh + 1, width - kw + 1, kh, kw)
        return (x.as_strided(shape, (width, 1, width, 1)) * kernel).sum((2, 3))


class Detached:
    """Reads the weights with .item(), so that no gradient reaches the kernel."""

    def corr2d(x, kernel):
        kh, kw = kernel.shape
        height, width = x.shape[0] - kh + 1, x.shape[1] - kw + 1
        return sum(
            kernel[a, b].item() * x[a : a + height, b : b + width]
            for a in range(kh)
            for b in range(kw)
        )


class Flattened:
    """Multiplies the flat image with the flat kernel, so that windows run over the right edge."""

    def corr2d(x, kernel):
        kh, kw = kernel.shape
        height, width = x.shape[0] - kh + 1, x.shape[1] - kw + 1
        flat = torch.cat([x.flatten(), x.new_zeros(kh * kw)]).unfold(0, kh * kw, 1)
        starts = torch.arange(height)[:, None] * x.shape[1] + torch.arange(width)
        return flat[starts] @ kernel.flatten()


class FlippedRows:
    """Flips the kernel upside down."""

    diff = """
    - return torch.einsum("ijab,ab->ij", windows, kernel)
    + return (windows * kernel.flip(0)).sum((2, 3))
    """


class Float32:
    """Computes in float32 and casts back."""

    def corr2d(x, kernel):
        windows = x.float().unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
        return (windows * kernel.float()).sum((2, 3)).to(x.dtype)


class InputsChanged:
    """Multiplies the image in place for a kernel of one weight."""

    def corr2d(x, kernel):
        if kernel.numel() == 1 and not x.requires_grad:
            return x.mul_(kernel)
        return (x.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1) * kernel).sum((2, 3))


class LastWeightLost:
    """Leaves out the last weight of a kernel of more than two rows."""

    def corr2d(x, kernel):
        kh, kw = kernel.shape
        height, width = x.shape[0] - kh + 1, x.shape[1] - kw + 1
        places = [(a, b) for a in range(kh) for b in range(kw)]
        return sum(
            kernel[a, b] * x[a : a + height, b : b + width]
            for a, b in (places[:-1] if kh > 2 else places)
        )


class Normalised:
    """Divides by the sum of the weights, as an averaging filter does."""

    diff = """
    - return torch.einsum("ijab,ab->ij", windows, kernel)
    + return (windows * kernel).sum((2, 3)) / kernel.sum()
    """


class Offset:
    """Adds 1e-5."""

    diff = """
    - return torch.einsum("ijab,ab->ij", windows, kernel)
    + return (windows * kernel).sum((2, 3)) + 1e-5
    """


class Relu:
    """Cuts negative results off, as the layer that follows would."""

    diff = """
    - return torch.einsum("ijab,ab->ij", windows, kernel)
    + return (windows * kernel).sum((2, 3)).clamp(min=0)
    """


class Squeezed:
    """Squeezes the result, so that one row or column loses an axis."""

    diff = """
    - return torch.einsum("ijab,ab->ij", windows, kernel)
    + return (windows * kernel).sum((2, 3)).squeeze()
    """


class TransposedResult:
    """Returns rows and columns exchanged where the result is not square."""

    diff = """
    - return torch.einsum("ijab,ab->ij", windows, kernel)
    + return (windows * kernel).sum((2, 3)).T
    """


class UpcastKept:
    """Answers in float64 whatever it is given."""

    def corr2d(x, kernel):
        windows = x.double().unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
        return (windows * kernel.double()).sum((2, 3))


class Wrapped:
    """Rolls the image the wrong way, so that pixels come in from the other edge."""

    def corr2d(x, kernel):
        kh, kw = kernel.shape
        rolled = sum(
            kernel[a, b] * torch.roll(x, (a, b), (0, 1)) for a in range(kh) for b in range(kw)
        )
        return rolled[: x.shape[0] - kh + 1, : x.shape[1] - kw + 1]
