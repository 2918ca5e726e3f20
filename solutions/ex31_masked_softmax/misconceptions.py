"""Exercise 31, a softmax that leaves out the padding: what people really write, and what helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

import torch


def _padding(scores, valid_lens):
    if valid_lens is None:
        valid_lens = torch.full_like(scores[:, 0, 0], scores.shape[-1])
    lengths = valid_lens.reshape(len(scores), -1, 1)
    return torch.arange(scores.shape[-1], device=scores.device) >= lengths


class SoftmaxOverQueries:
    """Your softmax seems to run over the queries; each query's weights must sum to 1 over keys."""

    caught_by = "test_no_lengths"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=1)
        return weights.masked_fill(padding, 0.0)


class MaskedAfter:
    """You seem to mask after the softmax, so that rows sum to less than 1; mask the scores."""

    caught_by = "test_samples"

    def masked_softmax(scores, valid_lens=None):
        return torch.softmax(scores, dim=-1).masked_fill(_padding(scores, valid_lens), 0.0)


class FilledWithZero:
    """You seem to fill masked scores with 0 or nearly 0, but exp(0) is 1; fill with -inf."""

    caught_by = "test_samples"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        return torch.softmax(scores.masked_fill(padding, 0.0), dim=-1)


class MaskInverted:
    """Your mask looks the wrong way round: the keys before the valid length are those to keep."""

    caught_by = "test_samples"

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is None:
            return torch.softmax(scores, dim=-1)
        valid = ~_padding(scores, valid_lens)
        weights = torch.softmax(scores.masked_fill(valid, -math.inf), dim=-1)
        return weights.masked_fill(valid, 0.0)


class OneTooMany:
    """You seem to keep one key too many: with length 2, keys 0 and 1 count (`<`, not `<=`)."""

    caught_by = "test_samples"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, None if valid_lens is None else valid_lens + 1)
        weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
        return weights.masked_fill(padding, 0.0)


class LengthsOfQueries:
    """You seem to mask queries beyond the length; a length per sample says how many keys count."""

    caught_by = "test_samples"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        if valid_lens is not None and valid_lens.dim() == 1:
            padding = _padding(scores.transpose(1, 2), valid_lens).transpose(1, 2)
        padding = padding.expand(scores.shape)
        weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
        return weights.masked_fill(padding, 0.0)


class LengthsTiled:
    """Your lengths meet the wrong rows: repeat each one Tq times (`repeat_interleave`), not all."""

    caught_by = "test_samples"

    def masked_softmax(scores, valid_lens=None):
        batch, queries = scores.shape[:2]
        if valid_lens is not None and valid_lens.dim() == 1:
            valid_lens = valid_lens.repeat(queries).reshape(batch, queries)
        padding = _padding(scores, valid_lens)
        weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
        return weights.masked_fill(padding, 0.0)


class FirstQueryForAll:
    """You seem to take one length per sample where there is one for each query: shape (N, Tq)."""

    caught_by = "test_queries"

    def masked_softmax(scores, valid_lens=None):
        if valid_lens is not None:
            valid_lens = valid_lens.reshape(len(scores), -1)[:, 0]
        padding = _padding(scores, valid_lens)
        weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)
        return weights.masked_fill(padding, 0.0)


class NanRow:
    """A row with no valid key is nan: a softmax of nothing but -inf. Make these weights 0."""

    caught_by = "test_empty"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1)


class UniformRow:
    """A row with no valid key shares its weight among the padding; set masked weights to 0."""

    caught_by = "test_empty"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        return torch.softmax(scores.masked_fill(padding, torch.finfo(scores.dtype).min), dim=-1)


class FillTooSmall:
    """Your fill, a number like -1e4, is no less than scores can be; fill with -inf."""

    caught_by = "test_extreme"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        return torch.softmax(scores.masked_fill(padding, -1e4), dim=-1).masked_fill(padding, 0.0)


class MaskAdded:
    """You seem to add the mask to the scores, but nan - inf is nan; replace them: `masked_fill`."""

    caught_by = "test_padding"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        mask = torch.zeros_like(scores).masked_fill(padding, -math.inf)
        return torch.softmax(scores + mask, dim=-1).masked_fill(padding, 0.0)


class MaskMultiplied:
    """You seem to multiply by the mask, but nan * 0 is nan; replace the scores: `masked_fill`."""

    caught_by = "test_padding"

    def masked_softmax(scores, valid_lens=None):
        valid = (~_padding(scores, valid_lens)).to(scores.dtype)
        exponentials = torch.exp(scores - scores.amax(dim=-1, keepdim=True)) * valid
        total = exponentials.sum(dim=-1, keepdim=True)
        return exponentials / torch.where(total > 0, total, 1.0)


class NoShift:
    """Your softmax overflows for large scores: subtract each row's greatest score before `exp`."""

    caught_by = "test_extreme"

    def masked_softmax(scores, valid_lens=None):
        padding = _padding(scores, valid_lens)
        exponentials = torch.exp(scores.masked_fill(padding, -math.inf))
        total = exponentials.sum(dim=-1, keepdim=True)
        return exponentials / torch.where(total > 0, total, 1.0)
