"""Exercise 50, a loss that leaves out the padding: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AverageOfBoth:
    """Divides by the mean of the valid lengths of the batch."""

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).sum(dim=1) / valid_len.double().mean().clamp(min=1).item()
    """


class BaseTwo:
    """Takes the logarithm to base 2."""

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log_softmax(logits, dim=2) / 0.6931471805599453
    """


class Contiguous:
    """Views the logits as rows, which works only for contiguous memory."""

    def masked_cross_entropy(logits, targets, valid_len):
        n, t, v = logits.shape
        padding = torch.arange(t) >= valid_len.view(n, 1)
        rows = logits.view(n * t, v).masked_fill(padding.view(-1, 1), 0.0)
        tokens = targets.view(-1).masked_fill(padding.view(-1), 0)
        losses = -rows.log_softmax(1).gather(1, tokens[:, None]).view(n, t)
        return losses.masked_fill(padding, 0.0).sum(1) / t


class CutToLongest:
    """Cuts the batch to its longest sentence, and divides by that length."""

    diff = """
    - steps = targets.shape[1]
    + steps = max(int(valid_len.max()), 1)
    + logits, targets = logits[:, :steps], targets[:, :steps]
    """


class Detached:
    """Lets no gradient through the sum of exponentials."""

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = logits - torch.logsumexp(logits, dim=2, keepdim=True).detach()
    """


class EmptyIsNan:
    """Divides a sum by the number of valid positions and multiplies by it again: nan for length 0."""

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + means = losses.masked_fill(padding, 0.0).sum(dim=1) / valid_len
    + return means * valid_len / steps
    """


class EmptyAsFull:
    """Takes a length of 0 for no length at all."""

    diff = """
    + valid_len = torch.where(valid_len == 0, steps, valid_len)
      padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    """


class EmptyAsOne:
    """Counts at least one position of every sample."""

    diff = """
    + valid_len = valid_len.clamp(min=1)
      padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    """


class FirstSample:
    """Takes the length of the first sample for the whole batch."""

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.arange(steps, device=logits.device) >= valid_len[:1].expand(len(logits)).unsqueeze(1)
    """


class Float32:
    """Always computes in float32."""

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log_softmax(logits.float(), dim=2).to(logits.dtype)
    """


class FromTheEnd:
    """Counts the last positions of each sample."""

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.arange(steps, device=logits.device) < steps - valid_len.unsqueeze(1)
    """


class HalfOfPrecision:
    """Returns float32, whatever the logits are."""

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return (losses.masked_fill(padding, 0.0).sum(dim=1) / steps).float()
    """


class InPlaceLogits:
    """Fills the logits in place."""

    diff = """
    - logits = logits.masked_fill(padding.unsqueeze(2), 0.0)
    + with torch.no_grad():
    +     logits[padding] = 0.0
    """


class InPlaceTargets:
    """Fills the targets in place."""

    diff = """
    - targets = targets.masked_fill(padding, 0)
    + targets = targets.masked_fill_(padding, 0)
    """


class LastAlways:
    """Always counts the last position."""

    diff = """
    + padding = padding & (torch.arange(steps, device=logits.device) < steps - 1)
      logits = logits.masked_fill(padding.unsqueeze(2), 0.0)
    """


class LabelSmoothing:
    """Smooths the targets by a tenth."""

    diff = """
    - losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    + losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    + losses = 0.9 * losses - 0.1 * log_probs.mean(dim=2)
    """


class LossesZeroedByNanToNum:
    """Turns nan into 0 instead of masking, so that ordinary logits in the padding still count."""

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    - logits = logits.masked_fill(padding.unsqueeze(2), 0.0)
    - targets = targets.masked_fill(padding, 0)
    + padding = (targets < 0) | (targets >= logits.shape[2])
    + logits = logits.nan_to_num(0.0, 0.0, 0.0)
    + targets = targets.masked_fill(padding, 0)
    """


class MinusHundredIsPadding:
    """Looks for -100 among the targets instead of at the lengths."""

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = targets == -100
    """


class NanInAll:
    """Fills logits by where on the result of log_softmax, so that nan returns in the gradient."""

    diff = """
    - logits = logits.masked_fill(padding.unsqueeze(2), 0.0)

    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.where(padding.unsqueeze(2), 0.0, log_probs)
    """


class NextTarget:
    """Holds every position against the target of the next."""

    diff = """
    - losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    + losses = -log_probs.gather(2, targets.roll(-1, 1).unsqueeze(2)).squeeze(2)
    """


class OneFewer:
    """Counts one position fewer than the length says."""

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1) - 1
    """


class PaddingDetached:
    """Cleans nan out of the losses at the end, which leaves it in the gradient."""

    diff = """
    - logits = logits.masked_fill(padding.unsqueeze(2), 0.0)

    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.nan_to_num(0.0).masked_fill(padding, 0.0).sum(dim=1) / steps
    """


class PositionsInDtype:
    """Counts the positions in the dtype of the logits: bfloat16 has no 257."""

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + places = torch.arange(steps, device=logits.device, dtype=logits.dtype)
    + padding = places >= valid_len.unsqueeze(1).to(logits.dtype)
    """


class TargetsTimesMask:
    """Multiplies the targets by a mask of the dtype of the logits: bfloat16 has no 257."""

    diff = """
    - targets = targets.masked_fill(padding, 0)
    + targets = (targets.masked_fill(padding, 0) * (~padding).to(logits.dtype)).long()
    """


class Perplexity:
    """Returns the exponential of the loss."""

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return (losses.masked_fill(padding, 0.0).sum(dim=1) / steps).exp()
    """


class PredictedToken:
    """Takes the greatest probability instead of that of the target."""

    diff = """
    - losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    + losses = -log_probs.amax(dim=2)
    """


class Scaled:
    """Divides the logits by the root of V."""

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + log_probs = torch.log_softmax(logits / logits.shape[2] ** 0.5, dim=2)
    """


class ShiftOfTheBatch:
    """Takes the greatest logit of the whole batch off, so that distant rows underflow."""

    diff = """
    - log_probs = torch.log_softmax(logits, dim=2)
    + shifted = logits - logits.detach().max()
    + log_probs = shifted - shifted.exp().sum(dim=2, keepdim=True).log()
    """


class SortedLengths:
    """Sorts the lengths, as packing does, but not the samples."""

    diff = """
    - padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    + padding = torch.arange(steps, device=logits.device) >= valid_len.sort(descending=True).values.unsqueeze(1)
    """


class TimesT:
    """Multiplies by T."""

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).sum(dim=1) * steps
    """


class TransposedTargets:
    """Reads the targets in the order of time first."""

    diff = """
    - losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    + targets = targets.t().reshape(targets.shape)
    + losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    """


class ValidMean:
    """Takes the mean over the valid positions of the whole batch."""

    diff = """
    - return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
    + return losses.masked_fill(padding, 0.0).sum(dim=1) / (~padding).sum().clamp(min=1) * len(logits)
    """
