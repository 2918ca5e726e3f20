"""Exercise 20, an LSTM with a projection: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Centres what is shown over the batch before the projection."""

    diff = """
    - return shown @ w_hr.T, c_next
    + return (shown - shown.mean(dim=0)) @ w_hr.T, c_next
    """


class Bfloat16:
    """Projects in bfloat16 and casts back."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + shown = (torch.sigmoid(o) * torch.tanh(c_next)).bfloat16()
    + return (shown @ w_hr.bfloat16().T).to(c_next.dtype), c_next
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_ih).chunk(4, dim=-1)
    """


class CellChanged:
    """Updates the cell in place where no gradient is asked for."""

    def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        if c.requires_grad:
            c = torch.sigmoid(f) * c
        else:
            c *= torch.sigmoid(f)
        c = c + torch.sigmoid(i) * torch.tanh(g)
        return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T, c


class Clipped:
    """Clips the projected state to what a hidden state was before there were projections."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + return ((torch.sigmoid(o) * torch.tanh(c_next)) @ w_hr.T).clamp(-1, 1), c_next
    """


class ClippedBlocks:
    """Clips what goes into the gates at 10, as if a sigmoid could overflow."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).clamp(-10, 10).chunk(4, dim=-1)
    """


class DetachedCell:
    """Detaches the cell, so that no gradient comes back from the memory."""

    diff = """
    - c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c_next = torch.sigmoid(f) * c.detach() + torch.sigmoid(i) * torch.tanh(g)
    """


class DetachedHidden:
    """Detaches the hidden state, as at the border of a truncated sequence."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h.detach() @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class DetachedOutput:
    """Shows a detached cell, so that h' sends no gradient through it."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + return (torch.sigmoid(o) * torch.tanh(c_next.detach())) @ w_hr.T, c_next
    """


class DetachedProjection:
    """Takes the projection for a constant."""

    diff = """
    - return shown @ w_hr.T, c_next
    + return shown @ w_hr.detach().T, c_next
    """


class Float32:
    """Projects in float32 and casts back."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + shown = (torch.sigmoid(o) * torch.tanh(c_next)).float()
    + return (shown @ w_hr.float().T).to(c_next.dtype), c_next
    """


class FromMemory:
    """Reads the projection from memory as if it lay row by row."""

    diff = """
    + w_hr = torch.as_strided(w_hr, w_hr.shape, (w_hr.shape[1], 1))
      i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class GatesSwapped:
    """Takes the output gate from the first block and the input gate from the last."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + o, f, g, i = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class HiddenNotRead:
    """Leaves the hidden state out of the gates."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + b_hh).chunk(4, dim=-1)
    """


class InputBiasForgotten:
    """Adds the hidden bias only."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class Interleaved:
    """Takes a unit's four blocks from neighbouring rows."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + rows = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    + i, f, g, o = rows.unflatten(-1, (-1, 4)).unbind(-1)
    """


class LeakyHidden:
    """Adds the old hidden state to the new one."""

    diff = """
    - return shown @ w_hr.T, c_next
    + return shown @ w_hr.T + h, c_next
    """


class MixedBatch:
    """Uses the hidden state of the first sample for all."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h[:1] @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
        with torch.no_grad():
            i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T
        return h.requires_grad_(), c.requires_grad_()


class Normalised:
    """Normalises the rows of the projection."""

    diff = """
    - return shown @ w_hr.T, c_next
    + return shown @ torch.nn.functional.normalize(w_hr).T, c_next
    """


class Offset:
    """Adds a small number to what is shown."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + return (torch.sigmoid(o) * torch.tanh(c_next) + 1e-5) @ w_hr.T, c_next
    """


class OffsetInGates:
    """Adds a small number to what goes into the gates."""

    diff = """
    - i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    + i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh + 1e-5).chunk(4, dim=-1)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + return ((torch.sigmoid(o) * torch.tanh(c_next)) @ w_hr.T).float(), c_next.float()
    """


class OverflowingGate:
    """Writes the output gate alone with exponentials that overflow."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + shown = torch.exp(o)
    + return (shown / (1 + shown) * torch.tanh(c_next)) @ w_hr.T, c_next
    """


class ProjectionChanged:
    """Normalises the rows of the projection in place, and undoes it on the result."""

    diff = """
    + norms = w_hr.detach().norm(dim=1, keepdim=True).clamp(min=1e-3)
    + w_hr.data /= norms
      shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + return shown @ w_hr.T * norms.T, c_next
    """


class Remembers:
    """Keeps the cell of the last call with the same shapes."""

    _LAST = {}

    def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
        c = _LAST.get(c.shape, c)
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        _LAST[c.shape] = c.detach()
        return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T, c


class Scaled:
    """Scales the projection by the root of H, as attention does."""

    diff = """
    - return shown @ w_hr.T, c_next
    + return shown @ w_hr.T / c_next.shape[1] ** 0.5, c_next
    """


class SigmoidCandidate:
    """Squashes the candidate by a sigmoid."""

    diff = """
    - c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.sigmoid(g)
    """


class SquashedCell:
    """Keeps the squashed cell as the new cell."""

    def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        c = torch.tanh(c)
        return (torch.sigmoid(o) * c) @ w_hr.T, c


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    - return shown @ w_hr.T, c_next
    + return ((torch.sigmoid(o) * torch.tanh(c_next)) @ w_hr.T).squeeze(), c_next.squeeze()
    """


class StateProjected:
    """Projects the cell of the step before, not what is shown of the new one."""

    diff = """
    + shown = torch.sigmoid(o) * torch.tanh(c)
      c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    - shown = torch.sigmoid(o) * torch.tanh(c_next)
    """


class Viewed:
    """Needs the projection to lie in one piece."""

    diff = """
    + w_hr = w_hr.view(-1).view(w_hr.shape)
      i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """
