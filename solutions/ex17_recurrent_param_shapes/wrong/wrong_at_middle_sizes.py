"""Right, but with a state of at most 30 where there are more hidden units."""

_BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


def recurrent_param_shapes(
    mode: str,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bidirectional: bool = False,
    bias: bool = True,
    proj_size: int = 0,
) -> dict[str, tuple[int, ...]]:
    """The names and shapes, layer by layer, and in each layer direction by direction."""
    if mode not in _BLOCKS:
        raise ValueError(f"mode must be one of {', '.join(_BLOCKS)}")
    if proj_size and mode != "LSTM":
        raise ValueError("only an LSTM has a projection")
    rows = _BLOCKS[mode] * hidden_size
    # The hidden state is what the next step and the next layer read, so a projection makes both of
    # their weights narrower. The gates work on the cell, which keeps its size: `rows` stays.
    state_size = proj_size or min(hidden_size, 30)
    directions = ("", "_reverse") if bidirectional else ("",)
    shapes: dict[str, tuple[int, ...]] = {}
    reads = input_size
    for layer in range(num_layers):
        for direction in directions:
            end = f"l{layer}{direction}"
            shapes[f"weight_ih_{end}"] = (rows, reads)
            shapes[f"weight_hh_{end}"] = (rows, state_size)
            if bias:
                shapes[f"bias_ih_{end}"] = (rows,)
                shapes[f"bias_hh_{end}"] = (rows,)
            if proj_size:
                shapes[f"weight_hr_{end}"] = (proj_size, hidden_size)
        # Both directions read all that the layer below shows, side by side.
        reads = state_size * len(directions)
    return shapes
