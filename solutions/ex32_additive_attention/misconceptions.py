"""Exercise 32, additive attention: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _sums(queries, keys, w_q, w_k):
    return (queries @ w_q.T)[:, :, None] + (keys @ w_k.T)[:, None]


class TanhBeforeTheSum:
    """You seem to squash query and key one by one; add the two, then take one tanh of the sum."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        asked, offered = torch.tanh(queries @ w_q.T), torch.tanh(keys @ w_k.T)
        return (asked[:, :, None] + offered[:, None]) @ w_v


class NoTanh:
    """Your hidden layer looks linear: take the tanh of the sum before w_v weighs its units."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return _sums(queries, keys, w_q, w_k) @ w_v


class TanhLast:
    """Your tanh seems to come last; it belongs to the hidden layer, before w_v."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh(_sums(queries, keys, w_q, w_k) @ w_v)


class Sigmoid:
    """Your hidden layer looks squashed by a sigmoid; use a tanh, which may be negative too."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.sigmoid(_sums(queries, keys, w_q, w_k)) @ w_v


class Relu:
    """Your hidden layer seems to use a ReLU; additive attention takes a tanh there."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.relu(_sums(queries, keys, w_q, w_k)) @ w_v


class Multiplied:
    """You seem to multiply the query's hidden values by the key's; add them."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh((queries @ w_q.T)[:, :, None] * (keys @ w_k.T)[:, None]) @ w_v


class SwappedWeights:
    """You seem to send the queries through w_k and the keys through w_q; it is the other way."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh(_sums(queries, keys, w_k, w_q)) @ w_v


class KeysForgotten:
    """Your scores look the same for every key: add w_k key to w_q query before the tanh."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh(_sums(queries, keys, w_q, 0 * w_k)) @ w_v


class QueriesForgotten:
    """Your scores look the same for every query: add w_q query to w_k key before the tanh."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh(_sums(queries, keys, 0 * w_q, w_k)) @ w_v


class PairedByPosition:
    """You seem to add query i to key i only; every query meets every key: give each an axis."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh(queries @ w_q.T + keys @ w_k.T) @ w_v


class Transposed:
    """Your result looks like (N, Tk, Tq); the queries come first: (N, Tq, Tk)."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return (torch.tanh(_sums(queries, keys, w_q, w_k)) @ w_v).transpose(1, 2)


class Scaled:
    """Your scores look divided by sqrt(H); that belongs to the dot product, here nothing scales."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh(_sums(queries, keys, w_q, w_k)) @ w_v / len(w_v) ** 0.5


class Averaged:
    """You seem to average over the hidden units; w_v weighs them, and they are summed."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return (torch.tanh(_sums(queries, keys, w_q, w_k)) * w_v).mean(-1)


class OutputWeightsForgotten:
    """You seem to sum the hidden units unweighted; w_v says how much each of them counts."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.tanh(_sums(queries, keys, w_q, w_k)).sum(-1)


class Normalised:
    """You seem to return softmax weights already; leave the scores as they are."""

    caught_by = "test_scores"

    def additive_scores(queries, keys, w_q, w_k, w_v):
        return torch.softmax(torch.tanh(_sums(queries, keys, w_q, w_k)) @ w_v, dim=-1)
