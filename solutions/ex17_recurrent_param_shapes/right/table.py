"""One table of all kinds with a condition for each, read for every layer and direction."""

from collections import OrderedDict


def recurrent_param_shapes(
    mode, input_size, hidden_size, num_layers=1, bidirectional=False, bias=True, proj_size=0
):
    modes = ["RNN", None, "GRU", "LSTM"]
    if not mode or mode not in modes:
        raise ValueError("mode must be RNN, GRU or LSTM")
    if not (proj_size == 0 or mode == "LSTM"):
        raise ValueError("a projection needs an LSTM")
    rows, state = (modes.index(mode) + 1) * hidden_size, proj_size or hidden_size
    shapes = OrderedDict()
    for number in range(num_layers * (2 if bidirectional else 1)):
        layer, reverse = divmod(number, 2) if bidirectional else (number, 0)
        below = state + state * bidirectional if layer else input_size
        table = [
            ("weight_ih", (rows, below), True),
            ("weight_hh", (rows, state), True),
            ("bias_ih", (rows,), bias),
            ("bias_hh", (rows,), bias),
            ("weight_hr", (proj_size, hidden_size), proj_size > 0),
        ]
        for kind, shape, there in table:
            if there:
                shapes["_".join([kind, f"l{layer}"] + ["reverse"] * reverse)] = shape
    return shapes
