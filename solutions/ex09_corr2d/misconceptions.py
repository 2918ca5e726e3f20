"""Exercise 9, cross-correlation: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _slide(x, kernel):
    windows = x.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return torch.einsum("ijab,ab->ij", windows, kernel)


class Flipped:
    """Your kernel looks flipped, as in a true convolution; here it slides over x as it is."""

    caught_by = "test_one_weight"

    def corr2d(x, kernel):
        return _slide(x, kernel.flip(0, 1))


class Transposed:
    """Your kernel looks transposed: its rows lie over rows of the image, kernel[a, b] over
    x[i + a, j + b]."""

    caught_by = "test_one_weight"

    def corr2d(x, kernel):
        return _slide(x, kernel.T)


class OneShort:
    """Your result looks one row and one column short: a kernel as large as the image fits once,
    so there are H - kh + 1 rows."""

    caught_by = "test_one_weight"

    def corr2d(x, kernel):
        return _slide(x, kernel)[:-1, :-1]


class Padded:
    """Your result has the size of the image, as if zeros lay around it; the kernel only goes
    where it fits."""

    caught_by = "test_one_weight"

    def corr2d(x, kernel):
        rows, columns = kernel.shape[0] - 1, kernel.shape[1] - 1
        around = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
        return _slide(torch.nn.functional.pad(x, around), kernel)


class Tiled:
    """Your windows seem to lie side by side; the kernel moves by one pixel at a time, so that
    they overlap."""

    caught_by = "test_one_weight"

    def corr2d(x, kernel):
        windows = x.unfold(0, *[kernel.shape[0]] * 2).unfold(1, *[kernel.shape[1]] * 2)
        return torch.einsum("ijab,ab->ij", windows, kernel)


class Averaged:
    """Your result looks divided by the number of weights; add the products up, do not average
    them."""

    caught_by = "test_one_weight"

    def corr2d(x, kernel):
        return _slide(x, kernel) / kernel.numel()


class SquareKernel:
    """You seem to take the kernel's height for its width too; it need not be square."""

    caught_by = "test_one_weight"

    def corr2d(x, kernel):
        side = kernel.shape[0]
        result = x.new_zeros(x.shape[0] - side + 1, x.shape[1] - side + 1)
        for i in range(result.shape[0]):
            for j in range(result.shape[1]):
                result[i, j] = (x[i : i + side, j : j + side] * kernel).sum()
        return result


class DefaultDtype:
    """Your result is float32 whatever the image is: `torch.zeros` does not know x. Make it with
    `x.new_zeros(...)`."""

    caught_by = "test_precision"

    def corr2d(x, kernel):
        values = _slide(x, kernel)
        result = torch.zeros(values.shape)
        result[:] = values
        return result
