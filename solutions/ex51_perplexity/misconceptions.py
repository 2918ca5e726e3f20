"""Exercise 51, perplexity: what people really write, and the sentence that helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class MeanOfMeans:
    """You seem to average the means of the batches, so that a small batch counts as much as a large
    one; add up all costs, and divide by all tokens at the end."""

    caught_by = "test_sizes"

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    - count += Y.numel()
    + total -= log_p.gather(2, Y.unsqueeze(2)).mean().item()
    + count += 1
    """


class MeanOfPerplexities:
    """You seem to average the perplexities of the batches; average the costs of all tokens, and
    take exp once, at the end."""

    caught_by = "test_sizes"

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    - count += Y.numel()
    + total += math.exp(-log_p.gather(2, Y.unsqueeze(2)).mean().item())
    + count += 1

    - return math.exp(total / count)
    + return total / count
    """


class WeightedPerplexities:
    """You seem to average perplexities, weighted by tokens; exp comes last, after the mean over all
    tokens."""

    caught_by = "test_sizes"

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    + total += math.exp(-log_p.gather(2, Y.unsqueeze(2)).mean().item()) * Y.numel()

    - return math.exp(total / count)
    + return total / count
    """


class MeanOfRows:
    """You seem to divide by the number of rows; every token counts, N * T of them in a batch."""

    caught_by = "test_one_batch"

    diff = """
    - count += Y.numel()
    + count += len(Y)
    """


class MeanOfSteps:
    """You seem to divide by the number of steps; a batch has N * T tokens."""

    caught_by = "test_one_batch"

    diff = """
    - count += Y.numel()
    + count += Y.shape[1]
    """


class CountOfTheLast:
    """You seem to divide by the tokens of the last batch; count those of all batches."""

    caught_by = "test_sizes"

    diff = """
    - count += Y.numel()
    + count = Y.numel()
    """


class LastBatchOnly:
    """You seem to judge the last batch alone: what the others cost belongs to the sum."""

    caught_by = "test_sizes"

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    - count += Y.numel()
    + total = -log_p.gather(2, Y.unsqueeze(2)).sum().item()
    + count = Y.numel()
    """


class WithoutExp:
    """You seem to return the mean cost of a token; the perplexity is exp of it."""

    caught_by = "test_uniform"

    diff = """
    - return math.exp(total / count)
    + return total / count
    """


class PowerOfTwo:
    """You seem to raise 2 to a mean that was taken with the natural logarithm; exp undoes that."""

    caught_by = "test_uniform"

    diff = """
    - return math.exp(total / count)
    + return 2 ** (total / count)
    """


class SignForgotten:
    """You seem to get 1 / perplexity: the costs are -log p, with a minus."""

    caught_by = "test_uniform"

    diff = """
    - return math.exp(total / count)
    + return math.exp(-total / count)
    """


class SoftmaxTwice:
    """You seem to take a softmax of probabilities: log_softmax, and cross_entropy too, want the
    scores as the model gives them."""

    caught_by = "test_one_batch"

    diff = """
    - log_p = torch.log_softmax(model(X), dim=-1)
    + log_p = torch.log_softmax(torch.softmax(model(X), dim=-1), dim=-1)
    """


class SoftmaxOverTime:
    """Your softmax seems to run over the steps; it runs over the vocabulary, the last axis."""

    caught_by = "test_uniform"

    diff = """
    - log_p = torch.log_softmax(model(X), dim=-1)
    + log_p = torch.log_softmax(model(X), dim=1)
    """


class InputsForTargets:
    """You seem to look up the tokens of X; what the model should have said is Y."""

    caught_by = "test_one_batch"

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    + total -= log_p.gather(2, X.unsqueeze(2)).sum().item()
    """


class ShiftedAgain:
    """You seem to move the targets by one more step: Y is one token later already."""

    caught_by = "test_one_batch"

    diff = """
    - total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
    - count += Y.numel()
    + total -= log_p[:, :-1].gather(2, Y[:, 1:].unsqueeze(2)).sum().item()
    + count += max(Y[:, 1:].numel(), 1)
    """


class SoftmaxThenLog:
    """A token of probability 0 costs infinity in your code: take log_softmax, which never rounds a
    probability to 0."""

    caught_by = "test_extreme"

    diff = """
    - log_p = torch.log_softmax(model(X), dim=-1)
    + log_p = torch.softmax(model(X), dim=-1).log()
    """


class NotInEval:
    """You seem to judge the model as it comes: in training mode it drops what it reads. Call
    model.eval() first."""

    caught_by = "test_eval"

    diff = """
    - model.eval()
    """


class LeftInEval:
    """Your code leaves the model in eval mode; note the mode at the beginning, and bring it
    back."""

    caught_by = "test_mode"

    diff = """
    - for module, training in modes:
    -     module.training = training
    + pass
    """


class AlwaysToTraining:
    """Your code puts the model into training mode at the end, even if it was not; bring back the
    mode that it came in."""

    caught_by = "test_mode"

    diff = """
    - for module, training in modes:
    -     module.training = training
    + model.train()
    """


class ModeOfTheWhole:
    """You bring back the mode of the model as a whole; a part that was in another mode gets that of
    the rest. Note the mode of every module in model.modules()."""

    caught_by = "test_parts"

    diff = """
    - for module, training in modes:
    -     module.training = training
    + model.train(modes[0][1])
    """


class ModesOfChildren:
    """You seem to bring back the modes of the parts, and not that of the model itself."""

    caught_by = "test_mode"

    diff = """
    - modes = [(module, module.training) for module in model.modules()]
    + modes = [(module, module.training) for module in model.children()]
    """


class LostByAnException:
    """Where the model raises, your code leaves it in eval mode: bring the modes back in
    `finally`."""

    caught_by = "test_raises"

    diff = """
    - finally:
    + except ZeroDivisionError:
    +     raise
    + else:
    """


class GradientsRecorded:
    """Your code records gradients that nobody needs: judge under torch.no_grad()."""

    caught_by = "test_no_gradients"

    diff = """
    - with torch.no_grad():
    + with torch.enable_grad():
    """


class ReadTwice:
    """You seem to read the batches twice; a generator has nothing left the second time."""

    caught_by = "test_iterables"

    diff = """
    - total, count = 0.0, 0
    + total, count = 0.0, sum(Y.numel() for _, Y in batches)

    - count += Y.numel()
    """
