"""Exercise 54, one epoch of training: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import copy


class BestKept:
    """Puts back the weights of the batch with the smallest loss at the end."""

    diff = """
    - total, count = 0.0, 0
    + total, count = 0.0, 0
    + best = math.inf, None

    - count += Y.numel()
    + count += Y.numel()
    + if loss.item() < best[0]:
    +     best = loss.item(), copy.deepcopy(model.state_dict())

    - return math.exp(total / count)
    + model.load_state_dict(best[1])
    + return math.exp(total / count)
    """


class ClippedAtOne:
    """Clips at a norm of 1, whatever max_norm is."""

    diff = """
    - _clip(model, max_norm)
    + _clip(model, 1.0)
    """


class ClippedBeforeBackward:
    """Clips before backward, when the gradients are not there yet."""

    diff = """
    - optimizer.zero_grad()
    - loss.backward()
    - _clip(model, max_norm)
    + optimizer.zero_grad()
    + for p in model.parameters():
    +     p.grad = torch.zeros_like(p)
    + _clip(model, max_norm)
    + loss.backward()
    """


class ClippedInfinity:
    """Takes the greatest element for the norm."""

    diff = """
    - norm = torch.stack([g.norm() for g in gradients]).norm()
    + norm = torch.stack([g.abs().max() for g in gradients]).max()
    """


class ClippedWithoutMatrices:
    """Takes the norm of the biases alone."""

    diff = """
    - norm = torch.stack([g.norm() for g in gradients]).norm()
    + norm = torch.stack([g.norm() for g in gradients if g.dim() == 1]).norm()
    """


class ClippedTwice:
    """Divides by the norm in place of multiplying by max_norm over it."""

    diff = """
    - g.mul_(max_norm / (norm + 1e-6))
    + g.div_(norm + 1e-6)
    """


class CopyTrained:
    """Trains a copy of the model."""

    diff = """
    - model.train()
    + model = copy.deepcopy(model)
    + model.train()
    """


class EveryOtherStep:
    """Makes a step after every other batch."""

    diff = """
    - optimizer.step()
    + if count % 2 == 0:
    +     optimizer.step()
    """


class FirstBatchOnly:
    """Stops after the first batch."""

    diff = """
    - count += Y.numel()
    + count += Y.numel()
    + break
    """


class LabelSmoothing:
    """Smooths the targets by a tenth."""

    diff = """
    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1), label_smoothing=0.1)
    """


class LastStepOnly:
    """Learns from the last step of each batch alone."""

    diff = """
    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + loss = nn.functional.cross_entropy(scores[-len(Y):], Y[:, -1])
    """


class LossAfterTheStep:
    """Takes the loss for the perplexity after the step, with the new weights."""

    diff = """
    - total += loss.item() * Y.numel()
    + with torch.no_grad():
    +     scores, _ = model(X, begun)
    +     loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + total += loss.item() * Y.numel()

    - scores, state = model(X, state)
    + begun = state
    + scores, state = model(X, state)
    """


class NoStep:
    """Never makes a step."""

    diff = """
    - optimizer.step()
    + pass
    """


class PerplexityOfTwo:
    """Takes the perplexity to base 2."""

    diff = """
    - return math.exp(total / count)
    + return 2 ** (total / count)
    """


class ReadTwice:
    """Reads the batches twice, to count the tokens first."""

    diff = """
    - model.train()
    + model.train()
    + tokens = sum(Y.numel() for _, Y in batches)
    """


class ReturnsTensor:
    """Returns a tensor."""

    diff = """
    - return math.exp(total / count)
    + return torch.tensor(total / count).exp()
    """


class Shuffled:
    """Takes the batches from the last to the first."""

    diff = """
    - for X, Y in batches:
    + for X, Y in list(batches)[::-1]:
    """


class SoftmaxFirst:
    """Hands cross_entropy probabilities in place of scores."""

    diff = """
    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + loss = nn.functional.cross_entropy(scores.softmax(1), Y.T.reshape(-1))
    """


class StateDetachedWithin:
    """Lets no gradient through the recurrence: reads one step at a time, and cuts the state off."""

    diff = """
    - scores, state = model(X, state)
    + rows = []
    + for step in X.T:
    +     row, state = model(step[:, None], state)
    +     rows.append(row)
    +     state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    + scores = torch.cat(rows)
    """


class StateOfZeros:
    """Begins with a state of ones."""

    diff = """
    - state = model.begin_state(len(X))
    + state = model.begin_state(len(X))
    + state = tuple(s + 1 for s in state) if isinstance(state, tuple) else state + 1
    """


class StateShapeFixed:
    """Makes the first state of the number of steps in place of the rows."""

    diff = """
    - state = model.begin_state(len(X))
    + state = model.begin_state(X.shape[1])
    """


class TrainedOnEach:
    """Makes two steps with each batch."""

    diff = """
    - optimizer.step()
    + optimizer.step()
    + optimizer.step()
    """


class WeightsDecayed:
    """Lets the weights decay a little with each step."""

    diff = """
    - optimizer.step()
    + optimizer.step()
    + with torch.no_grad():
    +     for p in model.parameters():
    +         p.mul_(0.99)
    """


class GivenStateNotCutOff:
    """Cuts off the states that come of a batch, so that gradients go into the one that is given."""

    diff = """
    - state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    - scores, state = model(X, state)
    + scores, state = model(X, state)
    + state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    """


class OneLevelOfModes:
    """Puts the model and its direct parts into training mode, and not what is inside of those."""

    diff = """
    - model.train()
    + for part in (model, *model.children()):
    +     part.training = True
    """


class HooksLeft:
    """Notes the norms by hooks on the parameters, which stay there."""

    diff = """
    - model.train()
    + model.train()
    + norms = {}
    + for p in model.parameters():
    +     p.register_post_accumulate_grad_hook(lambda p: norms.update({p: p.grad.norm()}))
    """


class PerplexityOfAnotherPass:
    """Takes the loss that it reports from a second pass, in which other elements are dropped."""

    diff = """
    - scores, state = model(X, state)
    + before = state
    + scores, state = model(X, state)

    - loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
    + with torch.no_grad():
    +     again, _ = model(X, before)
    +     cost = nn.functional.cross_entropy(again, Y.T.reshape(-1), reduction="sum")

    - total += loss.item() * Y.numel()
    + total += cost.item()
    """
