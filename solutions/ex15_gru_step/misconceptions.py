"""Exercise 15, one step of a GRU: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _blocks(x, h, w_ih, w_hh, b_ih, b_hh):
    return (x @ w_ih.T + b_ih).chunk(3, dim=-1), (h @ w_hh.T + b_hh).chunk(3, dim=-1)


def _step(h, from_x, from_h, squash=torch.tanh):
    (r_x, z_x, n_x), (r_h, z_h, n_h) = from_x, from_h
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    return (1 - z) * squash(n_x + r * n_h) + z * h


class UpdateInverted:
    """Your update gate seems the wrong way round; here a gate of 1 keeps the old state:
    (1 - z) * n + z * h."""

    caught_by = "test_carried"

    def gru_step(x, h, *parameters):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = _blocks(x, h, *parameters)
        return _step(h, (r_x, -z_x, n_x), (r_h, -z_h, n_h))


class UpdateFirst:
    """Your blocks look stacked as z, r, n, as in other frameworks; here they are r, z, n."""

    caught_by = "test_carried"

    def gru_step(x, h, *parameters):
        (z_x, r_x, n_x), (z_h, r_h, n_h) = _blocks(x, h, *parameters)
        return _step(h, (r_x, z_x, n_x), (r_h, z_h, n_h))


class CandidateSecond:
    """You seem to take the candidate from the second block; the order here is r, z, n."""

    caught_by = "test_carried"

    def gru_step(x, h, *parameters):
        (r_x, n_x, z_x), (r_h, n_h, z_h) = _blocks(x, h, *parameters)
        return _step(h, (r_x, z_x, n_x), (r_h, z_h, n_h))


class Interleaved:
    """You seem to take every third row for a gate; the first H rows are r, the next H are z."""

    caught_by = "test_step"

    def gru_step(x, h, *parameters):
        rows = [torch.cat(blocks, dim=-1) for blocks in _blocks(x, h, *parameters)]
        return _step(h, *([part[:, block::3] for block in range(3)] for part in rows))


class ResetBeforeProduct:
    """You seem to reset the state before its product, w_hn (r * h) + b_hn; here the gate comes
    after it: r * (w_hn h + b_hn)."""

    caught_by = "test_forgotten"

    def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
        (r_x, z_x, n_x), (r_h, z_h, _) = _blocks(x, h, w_ih, w_hh, b_ih, b_hh)
        r, size = torch.sigmoid(r_x + r_h), 2 * h.shape[1]
        z = torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + (r * h) @ w_hh[size:].T + b_hh[size:])
        return (1 - z) * n + z * h


class BiasOutsideReset:
    """Your b_hn seems to stand outside the reset gate; it is inside, with the product:
    r * (w_hn h + b_hn)."""

    caught_by = "test_forgotten"

    def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = _blocks(x, h, w_ih, w_hh, b_ih, b_hh)
        b_hn = b_hh[2 * h.shape[1] :]
        return _step(h, (r_x, z_x, n_x + b_hn), (r_h, z_h, n_h - b_hn))


class InputReset:
    """Your reset gate seems to scale the input's part too; it scales the state's alone:
    n_x + r * n_h."""

    caught_by = "test_forgotten"

    def gru_step(x, h, *parameters):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = _blocks(x, h, *parameters)
        return _step(h, (r_x, z_x, torch.zeros_like(n_x)), (r_h, z_h, n_x + n_h))


class ResetUnused:
    """Your candidate does not seem to see the reset gate: r scales what comes from the state,
    n_x + r * n_h."""

    caught_by = "test_forgotten"

    def gru_step(x, h, *parameters):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = _blocks(x, h, *parameters)
        return _step(h, (r_x, z_x, n_x + n_h), (r_h, z_h, torch.zeros_like(n_h)))


class SigmoidCandidate:
    """Your candidate looks squashed by a sigmoid; it takes a tanh, so that it may be negative."""

    caught_by = "test_halves"

    def gru_step(x, h, *parameters):
        return _step(h, *_blocks(x, h, *parameters), squash=torch.sigmoid)


class ReluCandidate:
    """Your candidate looks like a relu; it takes a tanh, which bounds it and may be negative."""

    caught_by = "test_forgotten"

    def gru_step(x, h, *parameters):
        return _step(h, *_blocks(x, h, *parameters), squash=torch.relu)


class RawCandidate:
    """Your candidate looks unsquashed; take its tanh before the update gate scales it."""

    caught_by = "test_forgotten"

    def gru_step(x, h, *parameters):
        return _step(h, *_blocks(x, h, *parameters), squash=lambda total: total)


class TanhGates:
    """Your gates look squashed by a tanh; they take a sigmoid, from 0 to 1."""

    caught_by = "test_halves"

    def gru_step(x, h, *parameters):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = _blocks(x, h, *parameters)
        r, z = torch.tanh(r_x + r_h), torch.tanh(z_x + z_h)
        return (1 - z) * torch.tanh(n_x + r * n_h) + z * h


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added, to all three blocks."""

    caught_by = "test_step"

    def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return _step(h, *_blocks(x, h, w_ih, w_hh, b_ih, torch.zeros_like(b_hh)))


class InputBiasForgotten:
    """Your b_ih seems to be missing: both biases are added, to all three blocks."""

    caught_by = "test_forgotten"

    def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return _step(h, *_blocks(x, h, w_ih, w_hh, torch.zeros_like(b_ih), b_hh))


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"

    def gru_step(x, h, *parameters):
        (r_x, z_x, n_x), (r_h, z_h, n_h) = _blocks(x, h, *parameters)
        r, z = (torch.exp(a) / (1 + torch.exp(a)) for a in (r_x + r_h, z_x + z_h))
        return (1 - z) * torch.tanh(n_x + r * n_h) + z * h
