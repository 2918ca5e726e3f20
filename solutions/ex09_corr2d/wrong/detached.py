"""Reads the weights with .item(), so that no gradient reaches the kernel."""


def corr2d(x, kernel):
    kh, kw = kernel.shape
    height, width = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    return sum(
        kernel[a, b].item() * x[a : a + height, b : b + width] for a in range(kh) for b in range(kw)
    )
