"""Leaves out the last weight of a kernel of more than two rows."""


def corr2d(x, kernel):
    kh, kw = kernel.shape
    height, width = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    places = [(a, b) for a in range(kh) for b in range(kw)]
    return sum(
        kernel[a, b] * x[a : a + height, b : b + width]
        for a, b in (places[:-1] if kh > 2 else places)
    )
