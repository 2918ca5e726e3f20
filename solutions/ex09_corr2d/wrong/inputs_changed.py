"""Multiplies the image in place for a kernel of one weight."""


def corr2d(x, kernel):
    if kernel.numel() == 1 and not x.requires_grad:
        return x.mul_(kernel)
    return (x.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1) * kernel).sum((2, 3))
