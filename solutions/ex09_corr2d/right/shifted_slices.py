"""One shifted slice of the image for each weight of the kernel, added up."""


def corr2d(x, kernel):
    height, width = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    result = x.new_zeros(height, width)
    for a in range(kernel.shape[0]):
        for b in range(kernel.shape[1]):
            result = result + kernel[a, b] * x[a : a + height, b : b + width]
    return result
