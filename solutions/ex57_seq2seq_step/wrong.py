"""Exercise 57, a training step of a translator: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import copy


class BosOfTwo:
    """Begins with the token 2."""

    diff = """
    - BOS = 1
    + BOS = 2
    """


class ClippedAtOne:
    """Clips at a norm of 1, whatever max_norm is."""

    diff = """
    - nn.utils.clip_grad_norm_(parameters, max_norm)
    + nn.utils.clip_grad_norm_(parameters, 1.0)
    """


class ClippedByValue:
    """Cuts each element of the gradients off at max_norm."""

    diff = """
    - nn.utils.clip_grad_norm_(parameters, max_norm)
    + nn.utils.clip_grad_value_(parameters, max_norm)
    """


class ClippedInfinity:
    """Takes the greatest element for the norm."""

    diff = """
    - nn.utils.clip_grad_norm_(parameters, max_norm)
    + nn.utils.clip_grad_norm_(parameters, max_norm, float("inf"))
    """


class CopiesTrained:
    """Trains copies of both."""

    diff = """
    - encoder.train()
    + encoder, decoder = copy.deepcopy(encoder), copy.deepcopy(decoder)
    + encoder.train()
    """


class CutToLongest:
    """Cuts the batch to its longest label, and divides by that length."""

    diff = """
    - encoder.train()
    + Y = Y[:, : int(Y_len.max())]
    + encoder.train()
    """


class EvalAtTheEnd:
    """Leaves both in eval()."""

    diff = """
    - optimizer.step()
    + optimizer.step()
    + encoder.eval()
    + decoder.eval()
    """


class FirstSampleOnly:
    """Masks every sample by the length of the first."""

    diff = """
    - padding = torch.arange(steps, device=Y.device) >= Y_len.unsqueeze(1)
    + padding = torch.arange(steps, device=Y.device).expand(len(Y), -1) >= Y_len[0]
    """


class LabelSmoothing:
    """Smooths the targets by a tenth."""

    diff = """
    - losses = nn.functional.cross_entropy(scores.transpose(1, 2), Y, reduction="none")
    + losses = nn.functional.cross_entropy(
    +     scores.transpose(1, 2), Y, reduction="none", label_smoothing=0.1
    + )
    """


class LastTokenOnly:
    """Learns from the last valid token of each sample alone."""

    diff = """
    - padding = torch.arange(steps, device=Y.device) >= Y_len.unsqueeze(1)
    + padding = torch.arange(steps, device=Y.device) != Y_len.unsqueeze(1) - 1
    """


class LossAfterTheStep:
    """Gives the loss of the new weights."""

    diff = """
    - return loss.item(), int(Y_len.sum())
    + with torch.no_grad():
    +     scores, _ = decoder(inputs, decoder.init_state(encoder(X), X_len))
    + losses = nn.functional.cross_entropy(scores.transpose(1, 2), Y, reduction="none")
    + loss = losses.masked_fill(padding, 0.0).sum() / steps
    + return loss.item(), int(Y_len.sum())
    """


class LossPerToken:
    """Gives the loss divided by the number of tokens."""

    diff = """
    - return loss.item(), int(Y_len.sum())
    + return loss.item() / int(Y_len.sum()), int(Y_len.sum())
    """


class LossOfAnotherPass:
    """Gives the loss of a second pass, in which dropout drops something else."""

    diff = """
    - loss = losses.masked_fill(padding, 0.0).sum() / steps
    + loss = losses.masked_fill(padding, 0.0).sum() / steps
    + with torch.no_grad():
    +     again, _ = decoder(inputs, decoder.init_state(encoder(X), X_len))
    +     costs = nn.functional.cross_entropy(again.transpose(1, 2), Y, reduction="none")
    +     told = costs.masked_fill(padding, 0.0).sum().item() / steps

    - return loss.item(), int(Y_len.sum())
    + return told, int(Y_len.sum())
    """


class LogOfClamped:
    """Bounds the probabilities before it takes their logarithm, which cuts large losses off."""

    diff = """
    - losses = nn.functional.cross_entropy(scores.transpose(1, 2), Y, reduction="none")
    + p = scores.softmax(dim=-1).gather(2, Y.unsqueeze(2)).squeeze(2)
    + losses = -p.clamp_min(1e-12).log()
    """


class LossAsTensor:
    """Gives the loss as a tensor."""

    diff = """
    - return loss.item(), int(Y_len.sum())
    + return loss.detach(), int(Y_len.sum())
    """


class NoStep:
    """Never makes a step."""

    diff = """
    - optimizer.step()
    + pass
    """


class PaddingWritten:
    """Fills the padding of the label in place."""

    diff = """
    - optimizer.zero_grad()
    + Y.masked_fill_(padding, 0)
    + optimizer.zero_grad()
    """


class PaddingOfInputs:
    """Replaces the last valid token that is read by the padding."""

    diff = """
    - inputs = torch.cat([first, Y[:, :-1]], dim=1)
    + inputs = torch.cat([first, Y[:, :-1]], dim=1)
    + places = torch.arange(Y.shape[1], device=Y.device)
    + inputs = inputs.masked_fill(places >= Y_len.unsqueeze(1) - 1, 0)
    """


class ResultsSwapped:
    """Gives the number of tokens first."""

    diff = """
    - return loss.item(), int(Y_len.sum())
    + return int(Y_len.sum()), loss.item()
    """


class SourceReversed:
    """Reads the source from its end."""

    diff = """
    - state = decoder.init_state(encoder(X), X_len)
    + state = decoder.init_state(encoder(X.flip(1)), X_len)
    """


class SourceUnmasked:
    """Takes the padding of the source for words."""

    diff = """
    - state = decoder.init_state(encoder(X), X_len)
    + state = decoder.init_state(encoder(X), torch.full_like(X_len, X.shape[1]))
    """


class SoftmaxFirst:
    """Hands cross_entropy probabilities in place of scores."""

    diff = """
    - losses = nn.functional.cross_entropy(scores.transpose(1, 2), Y, reduction="none")
    + losses = nn.functional.cross_entropy(
    +     scores.softmax(-1).transpose(1, 2), Y, reduction="none"
    + )
    """


class TokensOfTheSource:
    """Counts the tokens of the source."""

    diff = """
    - return loss.item(), int(Y_len.sum())
    + return loss.item(), int(X_len.sum())
    """


class TwoSteps:
    """Makes two steps."""

    diff = """
    - optimizer.step()
    + optimizer.step()
    + optimizer.step()
    """


class HooksLeft:
    """Looks for nan by hooks on the parameters, which stay there."""

    diff = """
    - optimizer.zero_grad()
    + for parameter in [*encoder.parameters(), *decoder.parameters()]:
    +     parameter.register_hook(torch.nan_to_num)
    + optimizer.zero_grad()
    """


class OneLevelOfModes:
    """Has both and their direct parts in training mode, not what is inside of those."""

    diff = """
    - encoder.train()
    - decoder.train()
    + for part in (encoder, *encoder.children(), decoder, *decoder.children()):
    +     part.training = True
    """


class DecoderTrainedLate:
    """Puts the decoder into training mode only after init_state."""

    diff = """
    - encoder.train()
    - decoder.train()
    + encoder.train()

    - state = decoder.init_state(encoder(X), X_len)
    + state = decoder.init_state(encoder(X), X_len)
    + decoder.train()
    """
