"""Exercise 58, a language model, trained: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Counts:
    """Counts triples of tokens instead of training."""

    diff = """
    - for _ in range(steps):
    + model.counts = torch.ones(vocab_size, vocab_size, vocab_size)
    + for a, b, c in zip(corpus[:-2], corpus[1:-1], corpus[2:]):
    +     model.counts[a, b, c] += 1
    + for _ in range(0):

    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + if prefixes.shape[1] < 2:
    +     return self(prefixes)[:, -1].log_softmax(dim=-1)
    + rows = self.counts[prefixes[:, -2], prefixes[:, -1]]
    + return (rows / rows.sum(-1, keepdim=True)).log()
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
    - model = _LanguageModel(vocab_size, generator)
    + generator = torch.Generator().manual_seed(0)
    + model = _LanguageModel(vocab_size, generator)
    """


class TenthOfTheSteps:
    """Takes a tenth of the steps."""

    diff = """
    - for _ in range(steps):
    + for _ in range(steps // 10):
    """


class Forgotten:
    """Forgets to return the model."""

    diff = """
    - return model
    + return None
    """
