"""Flips the kernel upside down."""


def corr2d(x, kernel):
    windows = x.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel.flip(0)).sum((2, 3))
