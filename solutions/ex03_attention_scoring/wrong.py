"""Exercise 3, attention scoring: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    def attention_scores(queries, keys):
        product = queries.bfloat16() @ keys.bfloat16().transpose(-2, -1)
        return (product / queries.shape[-1] ** 0.5).to(queries.dtype)


class Detached:
    """Detaches the weights, so that no gradient reaches queries and keys."""

    diff = """
    - weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    + weights = torch.softmax(attention_scores(queries, keys), dim=-1).detach()
    """


class Epsilon:
    """Adds an epsilon to the softmax's denominator."""

    diff = """
    - weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    + scores = attention_scores(queries, keys)
    + exponentials = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    + weights = exponentials / (exponentials.sum(dim=-1, keepdim=True) + 1e-6)
    """


class GlobalShift:
    """Shifts the softmax by the greatest score of all, so that distant rows underflow to nan."""

    diff = """
    - weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    + scores = attention_scores(queries, keys)
    + exponentials = torch.exp(scores - scores.max())
    + weights = exponentials / exponentials.sum(dim=-1, keepdim=True)
    """


class InputsChanged:
    """Scales the queries in place."""

    diff = """
    + with torch.no_grad():
    +     if not queries.requires_grad:
    +         queries /= queries.shape[-1] ** 0.5
    +         weights = torch.softmax(queries @ keys.transpose(-2, -1), dim=-1)
    +         return weights @ values, weights
      weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    """


class LogOfSum:
    """Takes exp(scores - logsumexp(scores)): beside large scores the sum is lost, and weights that
    are equal are all 1."""

    diff = """
    - weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    + scores = attention_scores(queries, keys)
    + weights = torch.exp(scores - scores.logsumexp(dim=-1, keepdim=True))
    """


class MixedBatch:
    """Scores every query against the keys of the first sample."""

    def attention_scores(queries, keys):
        return queries @ keys[:1].transpose(-2, -1) / queries.shape[-1] ** 0.5


class Offset:
    """Adds a small number to the scores, as if to avoid a division by zero."""

    def attention_scores(queries, keys):
        return queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5 + 1e-5


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return weights @ values, weights
    + return (weights @ values.float()), weights
    """

    def attention_scores(queries, keys):
        return (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).float()


class SeedsAnew:
    """Seeds torch's random numbers anew."""

    diff = """
    - weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    + torch.manual_seed(0)
    + weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    """


class WritesAndPutsBack:
    """Scales the queries in place, and back again."""

    diff = """
    - weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    + with torch.no_grad():
    +     queries.mul_(2).div_(2)
    + weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    """
