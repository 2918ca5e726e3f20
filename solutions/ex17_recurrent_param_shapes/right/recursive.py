"""The first layer, then the rest of the stack by recursion, renumbered."""


def _set(end, gates, reads, state, hidden, bias, proj):
    yield f"weight_ih_{end}", (gates * hidden, reads)
    yield f"weight_hh_{end}", (gates * hidden, state)
    if bias:
        yield from ((f"bias_{kind}_{end}", (gates * hidden,)) for kind in ("ih", "hh"))
    if proj > 0:
        yield f"weight_hr_{end}", (proj, hidden)


def _stack(first, layers, reads, both, gates, state, *rest):
    if first == layers:
        return
    yield from _set(f"l{first}", gates, reads, state, *rest)
    if both:
        yield from _set(f"l{first}_reverse", gates, reads, state, *rest)
    yield from _stack(first + 1, layers, state * (1 + both), both, gates, state, *rest)


def recurrent_param_shapes(
    mode, input_size, hidden_size, num_layers=1, bidirectional=False, bias=True, proj_size=0
):
    if (mode, bool(proj_size)) not in [("RNN", 0), ("GRU", 0), ("LSTM", 0), ("LSTM", 1)]:
        raise ValueError(f"no module of mode {mode} with proj_size={proj_size}")
    gates = len({"RNN": "h", "GRU": "rzn", "LSTM": "ifgo"}[mode])
    state = proj_size if proj_size else hidden_size
    return dict(
        _stack(0, num_layers, input_size, bidirectional, gates, state, hidden_size, bias, proj_size)
    )
