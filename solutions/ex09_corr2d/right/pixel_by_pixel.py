"""The definition: two loops over the pixels of the result, filled in place."""


def corr2d(x, kernel):
    kh, kw = kernel.shape
    result = x.new_empty(x.size(0) - kh + 1, x.size(1) - kw + 1)
    for i in range(result.size(0)):
        for j in range(result.size(1)):
            result[i, j] = (x[i : i + kh, j : j + kw] * kernel).sum()
    return result
