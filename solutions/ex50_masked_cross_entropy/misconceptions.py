"""Exercise 50, a loss that leaves out the padding: what people really write, and what helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""


class Summed:
    """Your loss of a sample seems to be the sum over its tokens; divide it by T, the padded
    length."""

    caught_by = "test_full"

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).sum(dim=1)
    """


class DividedByValid:
    """You seem to divide by the number of valid positions; here it is T, the padded length."""

    caught_by = "test_lengths"

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).sum(dim=1) / valid_len.clamp(min=1)
    """


class DividedByNone:
    """You seem to divide by the number of valid positions, which is 0 for a sample without any and
    makes it nan; here it is T, the padded length."""

    caught_by = "test_lengths"

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).sum(dim=1) / valid_len
    """


class MeanOverBatch:
    """You seem to take the mean over the whole batch; return one loss for each sample, (N,)."""

    caught_by = "test_full"

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).mean()
    """


class PerPosition:
    """You return a loss for every position; add those of a sample up, and divide by T."""

    caught_by = "test_full"

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0)
    """


class MeanOverTheVocabulary:
    """You seem to divide by V too, as a mean over all scores does; a position has one loss."""

    caught_by = "test_full"

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).sum(dim=1) / steps / logits.shape[2]
    """


class NoMask:
    """You seem to count the padding: positions from valid_len[n] on must add nothing."""

    caught_by = "test_lengths"

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.zeros_like(targets, dtype=torch.bool)
    """


class PaddingCostsLogV:
    """You blank the logits of the padding, but scores of 0 still cost log V each: set the losses
    there to 0 as well."""

    caught_by = "test_lengths"

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.sum(dim=1) / steps
    """


class MaskInverted:
    """Your mask looks the wrong way round: positions before the valid length are those to count."""

    caught_by = "test_full"

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.arange(steps, device=logits.device) < valid_len.unsqueeze(1)
    """


class OneTooMany:
    """You seem to count one position too many: with length 2, positions 0 and 1 count (`<`)."""

    caught_by = "test_lengths"

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.arange(steps, device=logits.device) > valid_len.unsqueeze(1)
    """


class LengthsTiled:
    """Your lengths meet the wrong samples: each sample's own holds for all of its positions, so
    give valid_len a second axis, (N, 1)."""

    caught_by = "test_lengths"

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + lengths = valid_len.repeat(steps).reshape(targets.shape)
    + padding = torch.arange(steps, device=logits.device) >= lengths
    """


class LongestForAll:
    """You seem to take one length for the whole batch, the greatest; each sample has its own."""

    caught_by = "test_lengths"

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.arange(steps, device=logits.device) >= valid_len.max()
    + padding = padding.expand(targets.shape)
    """


class PadIsTokenZero:
    """You seem to take target 0 for padding; it may be a token: only valid_len says what counts."""

    caught_by = "test_full"

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = targets == 0
    """


class SoftmaxOverSteps:
    """Your softmax seems to run over the T positions; it belongs over the vocabulary, the last
    axis."""

    caught_by = "test_full"

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log_softmax(logits, dim=1)
    """


class NoSoftmax:
    """You seem to take the logits for log-probabilities; log_softmax over the vocabulary makes
    them that."""

    caught_by = "test_full"

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = logits
    """


class SoftmaxTwice:
    """You seem to take a softmax of what has been through one already: log_softmax wants logits."""

    caught_by = "test_full"

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log_softmax(torch.softmax(logits, dim=2), dim=2)
    """


class NoLogarithm:
    """You seem to add up minus the probabilities; the loss is minus their logarithms."""

    caught_by = "test_full"

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.softmax(logits, dim=2)
    """


class WrongSign:
    """Your loss has the wrong sign: logarithms of probabilities are negative, the loss is not."""

    caught_by = "test_full"

    diff = """
    - losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    + losses = log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    """


class LogOfSoftmax:
    """The logarithm of your softmax is -inf where a probability is too small for its dtype: take
    log_softmax, which makes one of the two."""

    caught_by = "test_extreme"

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log(torch.softmax(logits, dim=2))
    """


class LogWithEpsilon:
    """You seem to add a little to the probabilities before the logarithm, or to bound them, which
    cuts large losses off; log_softmax needs neither."""

    caught_by = "test_extreme"

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log(torch.softmax(logits, dim=2).clamp(min=1e-12))
    """


class NoShift:
    """Your exponentials overflow for large logits: take the greatest off first, or log_softmax."""

    caught_by = "test_extreme"

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = logits - logits.exp().sum(dim=2, keepdim=True).log()
    """


class MaskMultiplied:
    """You seem to multiply the losses by the mask, but nan * 0 is nan; fill the logits of the
    padding first: `masked_fill`."""

    caught_by = "test_padding"

    diff = """
    - logits = logits.masked_fill(padding.unsqueeze(2), 0.0)

    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return (losses * ~padding).sum(dim=1) / steps
    """


class MaskedTooLate:
    """Your losses are right, but nan in the padding comes back in the gradient, where 0 * nan is
    nan: fill the logits there before log_softmax, not the losses alone."""

    caught_by = "test_padding_gradients"

    diff = """
    - logits = logits.masked_fill(padding.unsqueeze(2), 0.0)
    """


class TargetsInPadding:
    """A target in the padding, such as -100 or V, is no place among the scores: fill it with any
    token, say 0, before you look up."""

    caught_by = "test_targets"

    diff = """
    - targets = targets.masked_fill(padding, 0)
    """


class OnlyMinusHundred:
    """You mend negative targets in the padding only, but there may stand anything, V or more too:
    fill by valid_len, not by what stands there."""

    caught_by = "test_targets"

    diff = """
    - targets = targets.masked_fill(padding, 0)
    + targets = targets.clamp(min=0)
    """


class OneHotTargets:
    """Your one-hot vectors fail for targets that are no token, such as -100 or V in the padding:
    fill these with any token first."""

    caught_by = "test_targets"

    diff = """
    - targets = targets.masked_fill(padding, 0)

    - losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    + chosen = torch.nn.functional.one_hot(targets, logits.shape[2]).bool()
    + losses = -log_probs.masked_fill(~chosen, 0.0).sum(dim=2)
    """
