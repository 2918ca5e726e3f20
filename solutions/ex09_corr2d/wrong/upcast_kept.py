"""Answers in float64 whatever it is given."""


def corr2d(x, kernel):
    windows = x.double().unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel.double()).sum((2, 3))
