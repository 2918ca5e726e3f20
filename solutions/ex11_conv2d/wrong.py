"""Exercise 11, convolution with channels, stride and padding: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    diff = """
    - y = torch.einsum("ncijab,ocab->noij", windows, weight)
    + y = torch.einsum("ncijab,ocab->noij", windows.bfloat16(), weight.bfloat16()).to(x.dtype)
    """


class BiasDetached:
    """Lets no gradient through to the bias."""

    diff = """
    - return y if bias is None else y + bias[:, None, None]
    + return y if bias is None else y + bias.data[:, None, None]
    """


class BiasDoubled:
    """Adds the bias twice where there is padding."""

    diff = """
    - return y if bias is None else y + bias[:, None, None]
    + return y if bias is None else y + bias[:, None, None] * (2 if rows else 1)
    """


class BiasWithStride:
    """Leaves the bias out where there is a stride."""

    diff = """
    - return y if bias is None else y + bias[:, None, None]
    + return y if bias is None or down > 1 else y + bias[:, None, None]
    """


class Detached:
    """Detaches the weights, so that no gradient reaches them."""

    diff = """
    - y = torch.einsum("ncijab,ocab->noij", windows, weight)
    + y = torch.einsum("ncijab,ocab->noij", windows, weight.detach())
    """


class FirstPadding:
    """Takes the first padding for both axes."""

    diff = """
    - rows, columns = _pair(padding)
    - padded = pad(x, (columns, columns, rows, rows))
    + rows, _ = _pair(padding)
    + padded = pad(x, (rows, rows, rows, rows))
    """


class FirstSample:
    """Filters the first sample for all."""

    diff = """
    - y = torch.einsum("ncijab,ocab->noij", windows, weight)
    + y = torch.einsum("cijab,ocab->oij", windows[0], weight).expand(len(x), -1, -1, -1)
    """


class FirstStride:
    """Takes the first stride for both axes."""

    diff = """
    - down, right = _pair(stride)
    + down, _ = _pair(stride)

    - windows = padded.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], right)
    + windows = padded.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], down)
    """


class Float32:
    """Computes in float32 and casts back."""

    diff = """
    - y = torch.einsum("ncijab,ocab->noij", windows, weight)
    + y = torch.einsum("ncijab,ocab->noij", windows.float(), weight.float()).to(x.dtype)
    """


class InputsChanged:
    """Flips the kernels in place, and leaves them flipped."""

    diff = """
    + if not weight.requires_grad:
    +     weight.copy_(weight.flip(2, 3))
    +     kernels = weight.flip(2, 3)
    + else:
    +     kernels = weight
      down, right = _pair(stride)

    - y = torch.einsum("ncijab,ocab->noij", windows, weight)
    + y = torch.einsum("ncijab,ocab->noij", windows, kernels)
    """


class LastWindow:
    """Puts zeros after the image, so that a last stride that does not fit gives an output too."""

    diff = """
    - padded = pad(x, (columns, columns, rows, rows))
    + padded = pad(x, (columns, columns + right - 1, rows, rows + down - 1))
    """


class LaterSamplesFlipped:
    """Flips the kernels for every sample but the first."""

    diff = """
    - y = torch.einsum("ncijab,ocab->noij", windows, weight)
    + y = torch.cat(
    +     [
    +         torch.einsum("ncijab,ocab->noij", part, kernel)
    +         for part, kernel in ((windows[:1], weight), (windows[1:], weight.flip(3)))
    +     ]
    + )
    """


class MixedBatch:
    """Centres the batch: subtracts the mean of its samples."""

    diff = """
    - y = torch.einsum("ncijab,ocab->noij", windows, weight)
    + y = torch.einsum("ncijab,ocab->noij", windows - windows.mean(0) * (len(x) > 1), weight)
    """


class Offset:
    """Adds 1e-5."""

    diff = """
    - return y if bias is None else y + bias[:, None, None]
    + return y + 1e-5 if bias is None else y + bias[:, None, None]
    """


class OtherDtype:
    """Answers in float32."""

    diff = """
    - return y if bias is None else y + bias[:, None, None]
    + return (y if bias is None else y + bias[:, None, None]).float()
    """


class PadMisread:
    """Hands padding to torch.nn.functional.pad as (rows, columns, rows, columns)."""

    diff = """
    - padded = pad(x, (columns, columns, rows, rows))
    + padded = pad(x, (rows, columns, rows, columns))
    """


class PaddedWithMean:
    """Pads with the mean of the image instead of zeros."""

    diff = """
    - padded = pad(x, (columns, columns, rows, rows))
    + padded = pad(x, (columns, columns, rows, rows), value=float(x.mean()))
    """


class PaddingOfTwo:
    """Knows no padding above 2."""

    diff = """
    - rows, columns = _pair(padding)
    + rows, columns = (min(each, 2) for each in _pair(padding))
    """


class Squeezed:
    """Drops the axis of a single filter."""

    diff = """
    - return y if bias is None else y + bias[:, None, None]
    + return (y if bias is None else y + bias[:, None, None]).squeeze(1)
    """


class StrideByKernel:
    """Moves by no more than the kernel is large."""

    diff = """
    - windows = padded.unfold(2, weight.shape[2], down).unfold(3, weight.shape[3], right)
    + windows = padded.unfold(2, weight.shape[2], min(down, weight.shape[2])).unfold(
    +     3, weight.shape[3], right
    + )
    """


class StrideOfThree:
    """Knows no stride above 3."""

    diff = """
    - down, right = _pair(stride)
    + down, right = (min(each, 3) for each in _pair(stride))
    """


class Viewed:
    """Flattens the batch with view, which only works for a contiguous image."""

    diff = """
    + x = x.view(-1, *x.shape[2:]).view(x.shape)
      down, right = _pair(stride)
    """


class PlainTuplesOnly:
    """Takes a pair only where it is a plain tuple, which a torch.Size is not."""

    diff = """
    - return (value, value) if isinstance(value, int) else value
    + return value if type(value) is tuple else (value, value)
    """
