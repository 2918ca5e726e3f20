"""Takes pairs for the sizes only; padding, stride and dilation must be ints."""


def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
    size = (size, size) if isinstance(size, int) else size
    kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    rooms = [n + 2 * padding - dilation * (k - 1) - 1 for n, k in zip(size, kernel, strict=True)]
    if min(rooms) < 0:
        raise ValueError("the kernel fits nowhere")
    return tuple(room // stride + 1 for room in rooms)
