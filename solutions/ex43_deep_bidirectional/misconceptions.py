"""Exercise 43, a deep GRU in both directions: what people really write.

Each class is one wrong idea, told by what differs from the reference.
"""


class NotTurnedBack:
    """Your backward states look left in the order of reading; turn them round again, so that
    output[t] has both states of step t."""

    caught_by = "test_halved"
    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + x = torch.cat((ahead, back), dim=-1)
    """


class TurnedBackAtTheTop:
    """Your upper layers seem to read backward states in the order in which they were computed; turn
    them back in every layer, not only in the output."""

    caught_by = "test_stack"
    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + top = torch.cat((ahead, back.flip(0)), dim=-1)
    + x = torch.cat((ahead, back), dim=-1)

    - return x, torch.stack(last)
    + return top, torch.stack(last)
    """


class ForwardTwice:
    """Your second direction seems to read from the beginning too; it starts with the last step."""

    caught_by = "test_halved"
    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + back, h_back = _gru(x, h0[2 * k + 1], *backward)
    + x = torch.cat((ahead, back), dim=-1)
    """


class DirectionsFirst:
    """Your states seem to be ordered by direction, then by layer; it is layer by layer, with the
    forward direction before the backward one."""

    caught_by = "test_states"
    diff = """
    - ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + ahead, h_ahead = _gru(x, h0[k], *forward)
    + back, h_back = _gru(x.flip(0), h0[len(layers) + k], *backward)

    - return x, torch.stack(last)
    + return x, torch.stack(last[::2] + last[1::2])
    """


class StartsByDirection:
    """You seem to read h0 as ordered by direction, then by layer; layer k, counted from 0, has rows
    2k (forward) and 2k + 1 (backward)."""

    caught_by = "test_states"
    diff = """
    - ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + ahead, h_ahead = _gru(x, h0[k], *forward)
    + back, h_back = _gru(x.flip(0), h0[len(layers) + k], *backward)
    """


class EndsByDirection:
    """Your h_n seems to hold all forward states and then all backward ones; it is ordered as h0 is,
    layer by layer."""

    caught_by = "test_states"
    diff = """
    - return x, torch.stack(last)
    + return x, torch.stack(last[::2] + last[1::2])
    """


class LastOutputs:
    """Your h_n looks like the outputs of the last step; the backward direction ends at the first
    one, t = 0."""

    caught_by = "test_halved"
    diff = """
    - last += [h_ahead, h_back]
    + last += list(x[-1].chunk(2, dim=-1))
    """


class TopStatesAlone:
    """Your h_n looks like the topmost layer's states; it holds those of every layer."""

    caught_by = "test_states"
    diff = """
    - return x, torch.stack(last)
    + return x, torch.stack(last[-2:])
    """


class StatesSideBySide:
    """Your h_n seems to hold both directions of a layer side by side, (L, N, 2H); each has a row of
    its own, (2L, N, H)."""

    caught_by = "test_halved"
    diff = """
    - last += [h_ahead, h_back]
    + last.append(torch.cat((h_ahead, h_back), dim=-1))
    """


class SameInput:
    """Every layer of yours seems to read x; those above the lowest read the layer below them."""

    caught_by = "test_stack"
    diff = """
    + inputs = x
      last = []

    - ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + ahead, h_ahead = _gru(inputs, h0[2 * k], *forward)
    + back, h_back = _gru(inputs.flip(0), h0[2 * k + 1], *backward)
    """


class BackwardFirst:
    """Your output seems to begin with the backward features; the forward ones come first."""

    caught_by = "test_halved"
    diff = """
    - x = torch.cat((ahead, back.flip(0)), dim=-1)
    + x = torch.cat((back.flip(0), ahead), dim=-1)
    """


class SameFirstStates:
    """Every layer of yours seems to begin with h0[0] and h0[1]; layer k, counted from 0, begins
    with h0[2k] and h0[2k + 1]."""

    caught_by = "test_states"
    diff = """
    - ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + ahead, h_ahead = _gru(x, h0[0], *forward)
    + back, h_back = _gru(x.flip(0), h0[1], *backward)
    """


class StatesHandedUp:
    """Your layers seem to begin with the last states of the layer below; each has states of its own
    in h0."""

    caught_by = "test_states"
    diff = """
    - ahead, h_ahead = _gru(x, h0[2 * k], *forward)
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + first = last[-2:] if last else h0[:2]
    + ahead, h_ahead = _gru(x, first[0], *forward)
    + back, h_back = _gru(x.flip(0), first[1], *backward)
    """


class StateHandedOver:
    """Your backward direction seems to start where the forward one ended; it has a state of its own
    in h0."""

    caught_by = "test_halved"
    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + back, h_back = _gru(x.flip(0), h_ahead, *backward)
    """


class SameLayer:
    """You seem to use the first layer's parameters in the whole stack; every layer has its own."""

    caught_by = "test_stack"
    diff = """
    - for k, (forward, backward) in enumerate(layers):
    + for k, (forward, backward) in enumerate([layers[0]] * len(layers)):
    """


class SameParameters:
    """Both of your directions seem to use the forward parameters; the backward one has its own."""

    caught_by = "test_one_layer"
    diff = """
    - back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
    + back, h_back = _gru(x.flip(0), h0[2 * k + 1], *forward)
    """


class LayersFromTheTop:
    """You seem to start with the last layer of the list; the first is the one that reads x."""

    caught_by = "test_states"
    diff = """
    + layers, h0 = layers[::-1], h0.unflatten(0, (-1, 2)).flip(0).flatten(0, 1)
      last = []
    """


class UpdateFirst:
    """Your blocks look stacked as z, r, n; here the reset gate comes first: r, z, n."""

    caught_by = "test_one_layer"
    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + z, r = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    """


class ResetBeforeProduct:
    """You seem to reset h before the product, as the paper does; torch's GRU resets the product,
    its bias included: r * (W_hn h + b_hn)."""

    caught_by = "test_one_layer"
    diff = """
    - n = torch.tanh(n_x + r * n_h)
    + n = torch.tanh(n_x + (r * h) @ w_hh.chunk(3)[2].T + b_hh.chunk(3)[2])
    """


class UpdateInverted:
    """Your update gate looks inverted; a z of 1 keeps the old state: (1 - z) * n + z * h."""

    caught_by = "test_one_layer"
    diff = """
    - h = (1 - z) * n + z * h
    + h = z * n + (1 - z) * h
    """


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_large"
    diff = """
    - r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    + r, z = (torch.exp(a) / (1 + torch.exp(a)) for a in (r_x + r_h, z_x + z_h))
    """
