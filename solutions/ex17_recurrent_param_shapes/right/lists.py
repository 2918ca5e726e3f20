"""Names and shapes in two lists, put together at the end."""


def recurrent_param_shapes(
    mode, input_size, hidden_size, num_layers=1, bidirectional=False, bias=True, proj_size=0
):
    if mode == "RNN":
        rows = hidden_size
    elif mode == "GRU":
        rows = 3 * hidden_size
    elif mode == "LSTM":
        rows = 4 * hidden_size
    else:
        raise ValueError(mode)
    if mode != "LSTM" and proj_size != 0:
        raise ValueError("proj_size")
    shown = hidden_size if proj_size == 0 else proj_size
    names, shapes = [], []

    def add(name, *shape):
        names.append(name)
        shapes.append(shape)

    for layer in range(num_layers):
        for backwards in range(2 if bidirectional else 1):
            suffix = "_l" + str(layer) + backwards * "_reverse"
            if layer == 0:
                add("weight_ih" + suffix, rows, input_size)
            elif bidirectional:
                add("weight_ih" + suffix, rows, 2 * shown)
            else:
                add("weight_ih" + suffix, rows, shown)
            add("weight_hh" + suffix, rows, shown)
            if bias:
                add("bias_ih" + suffix, rows)
                add("bias_hh" + suffix, rows)
            if proj_size != 0:
                add("weight_hr" + suffix, proj_size, hidden_size)
    return dict(zip(names, shapes, strict=True))
