"""Exercise 57, a training step of a translator: what people really write.

Each class is one wrong idea, told by what differs from the reference.
"""


class NotShifted:
    """Your decoder seems to read the label as it is, with the very word that it is asked for before
    its eyes: it reads <bos>, and then the label without its last token."""

    caught_by = "test_one_step"
    diff = """
    - inputs = torch.cat([first, Y[:, :-1]], dim=1)
    + inputs = Y
    """


class ShiftedWithoutBos:
    """Your decoder seems to read the label from its first token on, so that it is never asked for
    that one: it reads <bos> first."""

    caught_by = "test_one_step"
    diff = """
    - inputs = torch.cat([first, Y[:, :-1]], dim=1)
    + inputs = Y[:, :-1]
    + Y, Y_len = Y[:, 1:], Y_len - 1
    """


class BosIsZero:
    """Your decoder seems to begin with token 0, the padding; it begins with <bos>."""

    caught_by = "test_one_step"
    diff = """
    - first = torch.full_like(Y[:, :1], BOS)
    + first = torch.zeros_like(Y[:, :1])
    """


class Rolled:
    """Your decoder seems to read the label's last token first; that place is for <bos>."""

    caught_by = "test_one_step"
    diff = """
    - inputs = torch.cat([first, Y[:, :-1]], dim=1)
    + inputs = Y.roll(1, dims=1)
    """


class OwnWords:
    """Your decoder seems to read what it wrote itself; with teacher forcing it reads what it should
    have written."""

    caught_by = "test_one_step"
    diff = """
    - scores, _ = decoder(inputs, state)
    + token, rows = first, []
    + for _ in range(Y.shape[1]):
    +     row, state = decoder(token, state)
    +     token = row.argmax(dim=-1)
    +     rows.append(row)
    + scores = torch.cat(rows, dim=1)
    """


class PaddingCounts:
    """Your loss seems to count the padding too: only the first Y_len[n] places of sample n
    count."""

    caught_by = "test_one_step"
    diff = """
    - loss = losses.masked_fill(padding, 0.0).sum() / steps
    + loss = losses.sum() / steps
    """


class PaddingByToken:
    """You seem to take token 0 for padding; it may be a word, and behind the lengths may stand
    another: only Y_len says what counts."""

    caught_by = "test_one_step"
    diff = """
    - padding = torch.arange(steps, device=Y.device) >= Y_len.unsqueeze(1)
    + padding = Y == 0
    """


class OneTooMany:
    """Your mask seems to keep one place too many: with a length of 2, places 0 and 1 count."""

    caught_by = "test_one_step"
    diff = """
    - padding = torch.arange(steps, device=Y.device) >= Y_len.unsqueeze(1)
    + padding = torch.arange(steps, device=Y.device) > Y_len.unsqueeze(1)
    """


class MaskedByTheSource:
    """Your mask seems to come from the lengths of the source; it comes from those of the label."""

    caught_by = "test_one_step"
    diff = """
    - padding = torch.arange(steps, device=Y.device) >= Y_len.unsqueeze(1)
    + padding = torch.arange(steps, device=Y.device) >= X_len.unsqueeze(1)
    """


class LengthsOfTheLabel:
    """You seem to hand init_state the lengths of the label; it wants those of the source."""

    caught_by = "test_one_step"
    diff = """
    - state = decoder.init_state(encoder(X), X_len)
    + state = decoder.init_state(encoder(X), Y_len)
    """


class NotDivided:
    """Your loss seems to be the sum over all tokens; each sample's sum is divided by T."""

    caught_by = "test_one_step"
    diff = """
    - loss = losses.masked_fill(padding, 0.0).sum() / steps
    + loss = losses.masked_fill(padding, 0.0).sum()
    """


class MeanOverTokens:
    """Your loss seems to be the mean over the tokens that count; each sample's sum is divided by T,
    and the samples are added up."""

    caught_by = "test_one_step"
    diff = """
    - loss = losses.masked_fill(padding, 0.0).sum() / steps
    + loss = losses.masked_fill(padding, 0.0).sum() / Y_len.sum()
    """


class MeanOverTheBatch:
    """Your loss seems to be a mean over the samples; their losses are added up."""

    caught_by = "test_one_step"
    diff = """
    - loss = losses.masked_fill(padding, 0.0).sum() / steps
    + loss = losses.masked_fill(padding, 0.0).mean()
    """


class DividedByLength:
    """You seem to divide each sample's loss by its own length; it is divided by T, the padded
    one."""

    caught_by = "test_one_step"
    diff = """
    - loss = losses.masked_fill(padding, 0.0).sum() / steps
    + loss = (losses.masked_fill(padding, 0.0).sum(dim=1) / Y_len).sum()
    """


class NotZeroed:
    """You seem never to zero the gradients, so that earlier ones are still in them:
    optimizer.zero_grad(), before backward."""

    caught_by = "test_steps"
    diff = """
    - optimizer.zero_grad()
    + pass
    """


class ZeroedBetween:
    """You seem to zero the gradients between backward and the step, which then has nothing to go
    by: zero_grad stands before backward."""

    caught_by = "test_one_step"
    diff = """
    - optimizer.zero_grad()
    - loss.backward()
    + loss.backward()
    + optimizer.zero_grad()
    """


class ZeroedAfterTheStep:
    """You seem to zero the gradients after the step alone, so that what something else has left
    before is in them: zero them before backward."""

    caught_by = "test_stale"
    diff = """
    - optimizer.zero_grad()
    + pass

    - optimizer.step()
    + optimizer.step()
    + optimizer.zero_grad()
    """


class ClippedAfterTheStep:
    """You seem to clip after the step, when it is too late: clip between backward and step."""

    caught_by = "test_clipped"
    diff = """
    - nn.utils.clip_grad_norm_(parameters, max_norm)
    - optimizer.step()
    + optimizer.step()
    + nn.utils.clip_grad_norm_(parameters, max_norm)
    """


class ClippedApart:
    """You seem to clip encoder and decoder each by its own norm; there is one norm, of all
    gradients together."""

    caught_by = "test_clipped"
    diff = """
    - nn.utils.clip_grad_norm_(parameters, max_norm)
    + nn.utils.clip_grad_norm_(encoder.parameters(), max_norm)
    + nn.utils.clip_grad_norm_(decoder.parameters(), max_norm)
    """


class ClippedEach:
    """You seem to clip each parameter's gradient by its own norm; there is one norm, of all
    gradients together."""

    caught_by = "test_clipped"
    diff = """
    - nn.utils.clip_grad_norm_(parameters, max_norm)
    + for parameter in parameters:
    +     nn.utils.clip_grad_norm_(parameter, max_norm)
    """


class DecoderClipped:
    """You seem to clip the decoder's gradients alone; those of the encoder belong to them."""

    caught_by = "test_clipped"
    diff = """
    - parameters = [*encoder.parameters(), *decoder.parameters()]
    + parameters = [*decoder.parameters()]
    """


class NotClipped:
    """The gradients that your step is made with seem not to be clipped: where their norm is above
    max_norm, scale them, between backward and step."""

    caught_by = "test_clipped"
    diff = """
    - nn.utils.clip_grad_norm_(parameters, max_norm)
    + pass
    """


class EvalLeftOn:
    """You seem to leave encoder and decoder in the mode in which they came: encoder.train() and
    decoder.train() come first."""

    caught_by = "test_training_mode"
    diff = """
    - encoder.train()
    - decoder.train()
    + pass
    """


class EncoderLeftInEval:
    """You seem to bring the decoder alone into training mode; the encoder learns too."""

    caught_by = "test_training_mode"
    diff = """
    - encoder.train()
    + pass
    """


class EncoderCutOff:
    """Your encoder seems to learn nothing: no gradient goes through its results, which something
    detaches (`detach`, `torch.no_grad`)."""

    caught_by = "test_one_step"
    diff = """
    - state = decoder.init_state(encoder(X), X_len)
    + with torch.no_grad():
    +     state = decoder.init_state(encoder(X), X_len)
    """


class AllPlacesCounted:
    """Your number of tokens seems to count the padding too: it is the sum of Y_len."""

    caught_by = "test_tokens"
    diff = """
    - return loss.item(), int(Y_len.sum())
    + return loss.item(), Y.numel()
    """


class SamplesCounted:
    """Your second result seems to be the number of samples; it is that of the tokens that count."""

    caught_by = "test_tokens"
    diff = """
    - return loss.item(), int(Y_len.sum())
    + return loss.item(), len(Y)
    """
