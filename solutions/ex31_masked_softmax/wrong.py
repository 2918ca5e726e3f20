"""Exercise 31, a softmax that leaves out the padding: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AdditiveGradient:
    """Adds a mask of -inf to scores without nan: right weights, but nan gradients in empty rows."""

    diff = """
    - padding = torch.arange(keys, device=scores.device) >= lengths
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    - return weights.masked_fill(padding, 0.0)
    + valid = torch.arange(scores.shape[-1]) < lengths
    + mask = torch.where(valid, 0.0, -math.inf).to(scores.dtype)
    + cleaned = scores.nan_to_num(0.0, 0.0, 0.0)
    + return torch.softmax(cleaned + mask, dim=-1).nan_to_num(0.0)
    """


class AdditiveNanToNum:
    """Adds a mask of -inf and hides the nan of empty rows, but not in the gradient."""

    diff = """
    - padding = torch.arange(keys, device=scores.device) >= lengths
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    - return weights.masked_fill(padding, 0.0)
    + valid = torch.arange(scores.shape[-1]) < lengths
    + mask = torch.where(valid, 0.0, -math.inf).to(scores.dtype)
    + return torch.softmax(scores + mask, dim=-1).nan_to_num(0.0)
    """


class Contiguous:
    """Views the scores as rows, which works only for contiguous memory."""

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        rows = scores.view(-1, scores.shape[-1])
        lengths = valid_lens
        if lengths.dim() == 1:
            lengths = lengths.repeat_interleave(scores.shape[1])
        padding = torch.arange(scores.shape[-1]) >= lengths.view(-1, 1)
        weights = torch.softmax(rows.masked_fill(padding, -torch.inf), -1).masked_fill(padding, 0.0)
        return weights.view(scores.shape)


class Detached:
    """Masks numbers without their history, so that no gradient comes back."""

    diff = """
    + scores = scores.detach().clone()
      if valid_lens is None:
    """


class EmptyAsFull:
    """Takes a length of 0 for no length at all."""

    diff = """
    + lengths = torch.where(lengths == 0, scores.shape[-1], lengths)
      padding = torch.arange(keys, device=scores.device) >= lengths
    """


class Epsilon:
    """Keeps from dividing by 0 with an epsilon in the denominator."""

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
        scores = torch.where(valid, scores, torch.finfo(scores.dtype).min)
        greatest = scores.detach().amax(dim=-1, keepdim=True)
        exponentials = torch.where(valid, torch.exp(scores - greatest), 0.0)
        return exponentials / (exponentials.sum(dim=-1, keepdim=True) + 1e-8)


class FirstSample:
    """Takes the lengths of the first sample for the whole batch."""

    diff = """
    - batch, _, keys = scores.shape
    - lengths = valid_lens.reshape(batch, -1, 1)
    - padding = torch.arange(keys, device=scores.device) >= lengths
    + padding = torch.arange(scores.shape[-1]) >= valid_lens[:1].reshape(1, -1, 1)
    """


class Float32:
    """Always computes in float32."""

    def masked_softmax(scores, valid_lens=None):
        dtype, scores = scores.dtype, scores.float()
        if valid_lens is None:
            return torch.softmax(scores, dim=-1).to(dtype)
        padding = torch.arange(scores.shape[-1]) >= valid_lens.reshape(len(scores), -1, 1)
        weights = torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
        return weights.masked_fill(padding, 0.0).to(dtype)


class GlobalShift:
    """Shifts by the greatest valid score of all rows, so that distant rows underflow to 0."""

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
        scores = scores.masked_fill(~valid, -torch.inf)
        greatest = torch.nan_to_num(scores.detach().max(), neginf=0.0)
        exponentials = torch.exp(scores - greatest)
        total = exponentials.sum(dim=-1, keepdim=True)
        return exponentials / torch.where(total > 0, total, 1.0)


class InPlace:
    """Fills the scores in place."""

    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    - return weights.masked_fill(padding, 0.0)
    + padding = padding.expand_as(scores)
    + with torch.no_grad():
    +     scores[padding] = -math.inf
    + return torch.softmax(scores, dim=-1).masked_fill(padding, 0.0)
    """


class Minus_1e30:
    """Fills with -1e30, which is not small beside the least scores of float64."""

    diff = """
    - weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
    + fill = max(-1e30, torch.finfo(scores.dtype).min)
    + weights = torch.softmax(scores.masked_fill(padding, fill), dim=-1)
    """


class OtherDtype:
    """Multiplies by a float32 mask at the end, which promotes half precision to float32."""

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
        weights = torch.softmax(scores.masked_fill(~valid, -torch.inf), dim=-1)
        return weights.nan_to_num(0.0) * valid.float()


class ShiftByPadding:
    """Shifts by the greatest score of the row, the padding included: what is valid may
    underflow."""

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
        finite = scores.nan_to_num(0.0, 0.0, 0.0)
        exponentials = torch.exp(finite - finite.amax(dim=-1, keepdim=True)).masked_fill(
            ~valid, 0.0
        )
        total = exponentials.sum(dim=-1, keepdim=True)
        return exponentials / torch.where(total > 0, total, 1.0)


class WhereGradient:
    """Masks exp(scores - max) with `where`: nan in masked scores comes back in the gradient."""

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        valid = torch.arange(scores.shape[-1]) < valid_lens.reshape(len(scores), -1, 1)
        greatest = torch.where(valid, scores.detach(), -torch.inf).amax(dim=-1, keepdim=True)
        greatest = torch.where(greatest.isfinite(), greatest, 0.0)
        exponentials = torch.where(valid, torch.exp(scores - greatest), 0.0)
        total = exponentials.sum(dim=-1, keepdim=True)
        return exponentials / torch.where(total > 0, total, 1.0)
