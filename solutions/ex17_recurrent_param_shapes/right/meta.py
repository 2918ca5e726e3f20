"""A plain module of empty tensors on the meta device, which has no memory."""

import itertools

import torch


def recurrent_param_shapes(
    mode, input_size, hidden_size, num_layers=1, bidirectional=False, bias=True, proj_size=0
):
    try:
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[mode]
    except KeyError:
        raise ValueError(f"unknown mode {mode!r}") from None
    if proj_size and gates != 4:
        raise ValueError("proj_size is for LSTM")
    module = torch.nn.Module()

    def register(name, *shape):
        tensor = torch.empty(*shape, device="meta")
        module.register_parameter(name, torch.nn.Parameter(tensor))

    directions = ["", "_reverse"][: bidirectional + 1]
    state = proj_size or hidden_size
    for layer, direction in itertools.product(range(num_layers), directions):
        read = input_size if layer == 0 else state * len(directions)
        end = f"_l{layer}{direction}"
        register("weight_ih" + end, gates * hidden_size, read)
        register("weight_hh" + end, gates * hidden_size, state)
        if bias:
            register("bias_ih" + end, gates * hidden_size)
            register("bias_hh" + end, gates * hidden_size)
        if proj_size:
            register("weight_hr" + end, proj_size, hidden_size)
    return {name: parameter.shape for name, parameter in module.named_parameters()}
