"""Exercise 17. The parameters of a recurrent module

What does torch keep in nn.RNN, nn.GRU and nn.LSTM? For every layer, and for each direction in it,
a set of tensors whose names and shapes follow from a few numbers. Whoever loads a checkpoint, or
writes these layers by hand, must know them. In order, for layer 0 read forwards:

    weight_ih_l0    (G*H, size of what the layer reads)
    weight_hh_l0    (G*H, size of the hidden state)
    bias_ih_l0      (G*H,)
    bias_hh_l0      (G*H,)
    weight_hr_l0    (P, H), only with a projection

G blocks are stacked, one for each gate and one for the candidate: G is 1 for RNN, 3 for GRU and 4
for LSTM.

Then come the same with "_reverse" behind their names, if the module is bidirectional, and then
layer 1, which reads the hidden states of layer 0, of both directions if there are two.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html, under "Variables".
"""


def recurrent_param_shapes(
    mode: str,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bidirectional: bool = False,
    bias: bool = True,
    proj_size: int = 0,
) -> dict[str, tuple[int, ...]]:
    """Name the parameters of a recurrent module, with their shapes, in torch's order.

    mode: "RNN", "GRU" or "LSTM". Both sizes and num_layers are at least 1. bias: without it, there
    are no bias_ih and bias_hh.
    proj_size: where P is not 0, an LSTM projects its hidden state from size H to size P, less
    than H, before anyone sees it. The cell keeps size H.
    Raises ValueError for any other mode, and for a projection outside LSTM.
    """
    # TODO: who reads the hidden state? Its size decides more than one of the shapes.
    raise NotImplementedError
