"""Projects all blocks at once."""

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


def recurrent_param_shapes(
    mode, input_size, hidden_size, num_layers=1, bidirectional=False, bias=True, proj_size=0
):
    if mode not in BLOCKS or (proj_size and mode != "LSTM"):
        raise ValueError("there is no such module")
    rows, state = BLOCKS[mode] * hidden_size, proj_size or hidden_size
    shapes, reads = {}, input_size
    for layer in range(num_layers):
        for direction in ("", "_reverse")[: 1 + bidirectional]:
            end = f"l{layer}{direction}"
            shapes[f"weight_ih_{end}"] = (rows, reads)
            shapes[f"weight_hh_{end}"] = (rows, state)
            if bias:
                shapes[f"bias_ih_{end}"] = (rows,)
                shapes[f"bias_hh_{end}"] = (rows,)
            if proj_size:
                shapes[f"weight_hr_{end}"] = (proj_size, rows)
        reads = state * (1 + bidirectional)
    return shapes
