"""Exercise 54, one epoch of training: what people really write, and the sentence that helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class NotZeroed:
    """You seem never to zero the gradients, so that those of earlier batches are still in them:
    optimizer.zero_grad(), before each backward."""

    caught_by = "test_batches"
    diff = """
    - optimizer.zero_grad()
    + pass
    """


class ZeroedBetween:
    """You seem to zero the gradients between backward and the step, which then has nothing to go
    by: zero_grad stands before backward."""

    caught_by = "test_one_batch"
    diff = """
    - optimizer.zero_grad()
    - loss.backward()
    + loss.backward()
    + optimizer.zero_grad()
    """


class ZeroedOnce:
    """You seem to zero the gradients once, before the first batch; they are zeroed for each."""

    caught_by = "test_batches"
    diff = """
    - model.train()
    + model.train()
    + optimizer.zero_grad()

      scores, state = model(X, state)
    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    - optimizer.zero_grad()
    + loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    """


class ZeroedAfterTheStep:
    """You seem to zero the gradients after the step alone, so that what something else has left
    before your first batch is in its gradients: zero them before backward."""

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
    - _clip(model, max_norm)
    - optimizer.step()
    + optimizer.step()
    + _clip(model, max_norm)
    """


class ClippedEach:
    """You seem to clip each parameter's gradient by its own norm, which turns the direction of the
    whole: there is one norm, of all gradients together."""

    caught_by = "test_clipped"
    diff = """
    - norm = torch.stack([g.norm() for g in gradients]).norm()
    - if norm > max_norm:
    -     for g in gradients:
    + for g in gradients:
    +     norm = g.norm()
    +     if norm > max_norm:
    """


class ClippedByValue:
    """You seem to cut each element off at max_norm; the gradients are scaled, all by one number."""

    caught_by = "test_clipped"
    diff = """
    - if norm > max_norm:
    -     for g in gradients:
    -         g.mul_(max_norm / (norm + 1e-6))
    + for g in gradients:
    +     g.clamp_(-max_norm, max_norm)
    """


class SumOfNorms:
    """Your norm seems to be the sum of the parameters' norms; it is the root of the sum of their
    squares."""

    caught_by = "test_clipped"
    diff = """
    - norm = torch.stack([g.norm() for g in gradients]).norm()
    + norm = torch.stack([g.norm() for g in gradients]).sum()
    """


class NotClipped:
    """The gradients that your step is made with seem not to be clipped: where their norm is above
    max_norm, scale them by max_norm / (norm + 1e-6), between backward and step."""

    caught_by = "test_clipped"
    diff = """
    - _clip(model, max_norm)
    + pass
    """


class ScaledAlways:
    """You seem to bring every gradient to the length of max_norm, shorter ones too; only those that
    are longer are scaled."""

    caught_by = "test_one_batch"
    diff = """
    - if norm > max_norm:
    + if True:
    """


class StateNotDetached:
    """You seem not to cut the state off: the second batch's backward goes back into the first
    batch, whose graph is gone, and keeping it with retain_graph does not help. Detach the state
    between batches."""

    caught_by = "test_batches"
    diff = """
    - state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    + pass
    """


class StateBegunAnew:
    """You seem to begin every batch with begin_state; the batches are consecutive, so the state
    goes on from one to the next."""

    caught_by = "test_batches"
    diff = """
    - if state is None:
    + if True:
    """


class StateIgnored:
    """You seem to take no notice of the state that is given; the first batch begins with it."""

    caught_by = "test_state"
    diff = """
    - total, count = 0.0, 0
    + total, count = 0.0, 0
    + state = None
    """


class StateNotAPair:
    """Your code seems to take the state for one tensor; an LSTM's is a pair, of which each is
    detached."""

    caught_by = "test_lstm"
    diff = """
    - state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    + state = state.detach()
    """


class LossSummed:
    """Your loss seems to be the sum over the tokens; it is their mean."""

    caught_by = "test_one_batch"
    diff = """
    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1), reduction="sum")

    - total += loss.item() * Y.numel()
    + total += loss.item()
    """


class AveragedTwice:
    """You seem to average twice: cross_entropy gives the mean already, and you divide it by the
    number of tokens again."""

    caught_by = "test_one_batch"
    diff = """
    - loss.backward()
    + (loss / Y.numel()).backward()
    """


class DividedByBatch:
    """You seem to divide the mean loss by the batch size again; cross_entropy gives the mean over
    all tokens already."""

    caught_by = "test_one_batch"
    diff = """
    - loss.backward()
    + (loss / len(Y)).backward()
    """


class SummedOverTime:
    """Your loss seems to be a sum over the steps; it is the mean over all tokens."""

    caught_by = "test_one_batch"
    diff = """
    - loss.backward()
    + (loss * Y.shape[1]).backward()
    """


class TargetsBySample:
    """Your targets seem to be ordered by sample, and the rows of the scores are time first:
    Y.T.reshape(-1)."""

    caught_by = "test_one_batch"
    diff = """
    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + loss = nn.functional.cross_entropy(scores, Y.reshape(-1))
    """


class TargetsNotShifted:
    """You seem to hold the scores against X, the tokens that went in; the targets are Y, the ones
    that come next."""

    caught_by = "test_one_batch"
    diff = """
    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + loss = nn.functional.cross_entropy(scores, X.T.reshape(-1))
    """


class LossReturned:
    """You seem to return the mean loss; the perplexity is its exponential."""

    caught_by = "test_one_batch"
    diff = """
    - return math.exp(total / count)
    + return total / count
    """


class MeanOfPerplexities:
    """You seem to return the mean of the batches' perplexities; it is the exponential of the mean
    loss over all tokens."""

    caught_by = "test_batches"
    diff = """
    - total += loss.item() * Y.numel()
    - count += Y.numel()
    + total += math.exp(loss.item())
    + count += 1

    - return math.exp(total / count)
    + return total / count
    """


class BatchesAllAlike:
    """Your perplexity seems to weigh all batches alike; each weighs by its tokens."""

    caught_by = "test_batches"
    diff = """
    - total += loss.item() * Y.numel()
    - count += Y.numel()
    + total += loss.item()
    + count += 1
    """


class LastBatchOnly:
    """Your perplexity seems to be that of the last batch; it is over all tokens of the epoch."""

    caught_by = "test_batches"
    diff = """
    - total += loss.item() * Y.numel()
    - count += Y.numel()
    + total = loss.item() * Y.numel()
    + count = Y.numel()
    """


class EvalLeftOn:
    """You seem to train a model that came in eval() as it is: model.train() comes first."""

    caught_by = "test_training_mode"
    diff = """
    - model.train()
    + pass
    """


class EvalAtTheEnd:
    """You seem to leave the model in eval(); it stays in training mode."""

    caught_by = "test_training_mode"
    diff = """
    - return math.exp(total / count)
    + model.eval()
    + return math.exp(total / count)
    """
