"""Takes all arguments for pairs where the size is one."""


def conv_output_shape(size, kernel_size, padding=(0, 0), stride=(1, 1), dilation=(1, 1)):
    if isinstance(size, int):
        settings = (size, kernel_size, padding, stride, dilation)
        pairs = [(value, value) if isinstance(value, int) else value for value in settings]
        return conv_output_shape(*pairs)
    shape = tuple(
        (size[i] + 2 * padding[i] - dilation[i] * (kernel_size[i] - 1) - 1) // stride[i] + 1
        for i in (0, 1)
    )
    if min(shape) < 1:
        raise ValueError("the kernel fits nowhere")
    return shape
