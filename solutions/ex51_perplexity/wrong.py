"""Exercise 51, perplexity: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Tensor0:
    """Returns a tensor."""

    diff = """
    - return math.exp(total / count)
    + return torch.tensor(math.exp(total / count))
    """


class BaseTwo:
    """Takes the logarithm to base 2 and exp of it."""

    diff = """
    - return math.exp(total / count)
    + return math.exp(total / count / math.log(2))
    """


class Rounded:
    """Rounds the perplexity to three digits."""

    diff = """
    - return math.exp(total / count)
    + return round(math.exp(total / count), 3)
    """


class Half:
    """Computes in float16."""

    diff = """
    - log_p = torch.log_softmax(model(X), dim=-1)
    + log_p = torch.log_softmax(model(X), dim=-1).half().double()
    """


class Smoothed:
    """Adds a little to each probability, so that none is 0."""

    diff = """
    - log_p = torch.log_softmax(model(X), dim=-1)
    + log_p = (torch.softmax(model(X), dim=-1) + 1e-8).log()
    """


class FirstBatchOnly:
    """Judges the first batch only."""

    diff = """
    - count += Y.numel()
    + count += Y.numel()
    + break
    """


class SmallBatchDropped:
    """Leaves batches out that are smaller than the first."""

    diff = """
    - log_p = torch.log_softmax(model(X), dim=-1)
    + size = len(X) if count == 0 else size
    + if len(X) < size:
    +     continue
    + log_p = torch.log_softmax(model(X), dim=-1)
    """


class LastStepOnly:
    """Judges the last step of every row only."""

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    - count += Y.numel()
    + total -= log_p[:, -1].gather(1, Y[:, -1:]).sum().item()
    + count += len(Y)
    """


class FirstStepLeftOut:
    """Leaves the first step of every row out."""

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    - count += Y.numel()
    + total -= log_p[:, 1:].gather(2, Y[:, 1:].unsqueeze(2)).sum().item()
    + count += max(Y[:, 1:].numel(), 1)
    """


class TransposedTargets:
    """Flattens the targets by step and the scores by row."""

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    + total -= log_p.flatten(0, 1).gather(1, Y.T.flatten().unsqueeze(1)).sum().item()
    """


class MostLikely:
    """Takes the cost of the likeliest token, whatever the target."""

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    + total -= log_p.max(2).values.sum().item()
    """


class Entropy:
    """Takes the entropy of the predictions."""

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    + total -= (log_p * log_p.exp()).sum().item()
    """


class TokenZeroIgnored:
    """Leaves token 0 out, as if it were padding."""

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    - count += Y.numel()
    + total -= (log_p.gather(2, Y.unsqueeze(2)).squeeze(2) * (Y != 0)).sum().item()
    + count += max(int((Y != 0).sum()), 1)
    """


class LossesClipped:
    """Lets no token cost more than 20."""

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    + total -= log_p.gather(2, Y.unsqueeze(2)).clamp(min=-20).sum().item()
    """


class OnlyTheRoot:
    """Puts the model itself into eval mode, and none of its parts."""

    diff = """
    - model.eval()
    + model.training = False
    """


class TrainThenEval:
    """Judges in training mode."""

    diff = """
    - model.eval()
    + model.train()
    """


class DropoutTakenOut:
    """Puts the rate of dropout to 0 instead of using the mode, and leaves it there."""

    diff = """
    - model.eval()
    + for module, _ in modes:
    +     if isinstance(module, torch.nn.Dropout):
    +         module.p = 0.0
    + model.eval()
    """


class Flipped:
    """Leaves each part in the other mode."""

    diff = """
    - module.training = training
    + module.training = not training
    """


class DirectPartsOnly:
    """Brings the mode back by train(), to training only if every part was."""

    diff = """
    - for module, training in modes:
    -     module.training = training
    + modes[0][0].train(all(training for _, training in modes))
    """


class Swallowed:
    """Returns infinity where the model raises."""

    diff = """
    - finally:
    + except IndexError:
    +     return math.inf
    + finally:
    """


class Learns:
    """Makes a step of gradient descent on each batch."""

    diff = """
    - with torch.no_grad():
    + with torch.enable_grad():
          for X, Y in batches:
              log_p = torch.log_softmax(model(X), dim=-1)
    +         log_p.gather(2, Y.unsqueeze(2)).sum().backward()
    +         with torch.no_grad():
    +             for parameter in model.parameters():
    +                 parameter += 1e-3 * parameter.grad
    +                 parameter.grad = None
    """


class GradientsLeft:
    """Computes gradients that it leaves in the parameters."""

    diff = """
    - with torch.no_grad():
    + with torch.enable_grad():
          for X, Y in batches:
              log_p = torch.log_softmax(model(X), dim=-1)
    +         log_p.gather(2, Y.unsqueeze(2)).sum().backward()
    """


class Frozen:
    """Takes the gradients away from the parameters, for good."""

    diff = """
    - model.eval()
    + model.eval().requires_grad_(False)
    """


class LengthAsked:
    """Asks how many batches there are."""

    diff = """
    - total, count = 0.0, 0
    + total, count = 0.0 / len(batches), 0
    """


class FixedSize:
    """Takes every batch for as large as the first."""

    diff = """
    - count += Y.numel()
    + first = Y.numel() if count == 0 else first
    + count += first
    """


class GradientsEmptied:
    """Sets the gradients of the model to None, which an unfinished step had gathered."""

    diff = """
    - model.eval()
    + model.eval().zero_grad()
    """


class DropoutsOnly:
    """Puts the dropout layers alone into eval mode, and nothing else that draws in training."""

    diff = """
    - model.eval()
    + for module, _ in modes:
    +     if isinstance(module, torch.nn.Dropout):
    +         module.eval()
    """


class OffWhereItRaises:
    """Leaves gradients off where the model raises an exception."""

    diff = """
    + recording = torch.is_grad_enabled()
    + torch.set_grad_enabled(False)
      try:
    -     with torch.no_grad():
    -         for X, Y in batches:
    -             log_p = torch.log_softmax(model(X), dim=-1)
    -             total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    -             count += Y.numel()
    +     for X, Y in batches:
    +         log_p = torch.log_softmax(model(X), dim=-1)
    +         total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    +         count += Y.numel()

    - return math.exp(total / count)
    + torch.set_grad_enabled(recording)
    + return math.exp(total / count)
    """
