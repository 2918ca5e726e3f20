"""Exercise 60, a tiny Transformer: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class ByHeart:
    """Remembers all sequences instead of training."""

    diff = """
    - for step in range(steps):
    + model.known = {tuple(row[:end]): row[end] for row in sequences.tolist() for end in range(14)}
    + for step in range(0):

    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + found = torch.full((len(prefixes), self.dense.out_features), 0.01)
    + for place, row in enumerate(prefixes.tolist()):
    +     found[place, self.known.get(tuple(row), 0)] = 1.0
    + return (found / found.sum(-1, keepdim=True)).log()
    """


class NoAttention:
    """Has networks at every position, but no attention between them."""

    diff = """
    - x = x + self.join((weights @ v).transpose(1, 2).flatten(2))
    + x = x + self.join(v.transpose(1, 2).flatten(2))
    """


class OnePositionForAll:
    """Adds the vector of the same position to every token."""

    diff = """
    - x = x + self.position(torch.arange(tokens.shape[1]))
    + x = x + self.position(torch.zeros(tokens.shape[1], dtype=torch.int64))
    """


class MaskLetsTheNextThrough:
    """Hides what comes after the next token, and lets the next through."""

    diff = """
    - hidden = torch.ones(length, length, dtype=torch.bool).triu(1)
    + hidden = torch.ones(length, length, dtype=torch.bool).triu(2)
    """


class Ascends:
    """Makes the loss large instead of small."""

    diff = """
    - loss.backward()
    + (-loss).backward()
    """


class Seeded:
    """Draws from a seed of its own, whatever the generator."""

    diff = """
    - model = _Transformer(vocab_size, length, generator)
    + generator = torch.Generator().manual_seed(0)
    + model = _Transformer(vocab_size, length, generator)
    """


class TenthOfTheSteps:
    """Takes a tenth of the steps."""

    diff = """
    - for step in range(steps):
    + steps = steps // 10
    + for step in range(steps):
    """


class Forgotten:
    """Forgets to return the model."""

    diff = """
    - return model
    + return None
    """
