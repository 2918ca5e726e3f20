"""Exercise 59, a translator, trained: other wrong answers.

Each class is one, told by what differs from the reference.
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
    - model = _Translator(vocabs, generator)
    + generator = torch.Generator().manual_seed(0)
    + model = _Translator(vocabs, generator)
    """


class TenthOfTheSteps:
    """Takes a tenth of the steps."""

    diff = """
    - for step in range(steps):
    + for step in range(steps // 10):
    """


class ByHeart:
    """Looks sentences up that it was trained on, and says nothing for others."""

    diff = """
    - model = _Translator(vocabs, generator)
    + model = _Translator(vocabs, generator)
    + model.pairs = {tuple(words): to for words, to in pairs} if steps else {}

    - numbers = [self.numbers.get(word, UNK) for word in source]
    + return list(self.pairs.get(tuple(source), []))
    + numbers = [self.numbers.get(word, UNK) for word in source]
    """


class Forgotten:
    """Forgets to return the model."""

    diff = """
    - return model
    + return None
    """
