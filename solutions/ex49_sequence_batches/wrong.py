"""Exercise 49, batches of a long text: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import random

import numpy as np


class GlobalOrder:
    """Draws the order from torch's global generator."""

    diff = """
    - order = torch.randperm(count, generator=generator)
    + order = torch.randperm(count)
    """


class GlobalStart:
    """Draws the start from torch's global generator."""

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + start = int(torch.randint(num_steps, (1,)))
    """


class PythonRandom:
    """Draws the order with Python's own random numbers."""

    diff = """
    - order = torch.randperm(count, generator=generator)
    + order = torch.tensor(random.sample(range(count), count), dtype=torch.int64)
    """


class NumpyRandom:
    """Draws the order with NumPy's random numbers."""

    diff = """
    - order = torch.randperm(count, generator=generator)
    + order = torch.from_numpy(np.random.permutation(count))
    """


class StartByPython:
    """Draws the start with Python's own random numbers."""

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + start = random.randrange(num_steps)
    """


class OwnGenerator:
    """Draws from a new generator with a fixed seed."""

    diff = """
    + generator = torch.Generator().manual_seed(0)
      start = int(torch.randint(num_steps, (1,), generator=generator))
    """


class SeedsTheGlobal:
    """Seeds torch's global generator from the one that is given, and draws from that."""

    diff = """
    + torch.manual_seed(int(torch.randint(1 << 30, (1,), generator=generator)))
    + generator = None
      start = int(torch.randint(num_steps, (1,), generator=generator))
    """


class Reversed:
    """Gives the windows in the reverse order."""

    diff = """
    - order = torch.randperm(count, generator=generator)
    + order = torch.arange(count).flip(0)
    """


class Rotated:
    """Begins at a random window, and goes on in the order of the text."""

    diff = """
    - order = torch.randperm(count, generator=generator)
    + turn = int(torch.randint(max(count, 1), (1,), generator=generator))
    + order = torch.arange(count).roll(turn)
    """


class SpreadOverTheText:
    """Takes the rows of a batch at equal distances, from a random place."""

    diff = """
    - order = torch.randperm(count, generator=generator)
    + turn = int(torch.randint(max(count, 1), (1,), generator=generator))
    + order = torch.arange(count).roll(turn)
    + whole = count // batch_size
    + order = order[: whole * batch_size].view(batch_size, whole).T.flatten()
    """


class Sattolo:
    """Shuffles by hand, and never lets a window stay: of two the second always comes first."""

    diff = """
    - order = torch.randperm(count, generator=generator)
    - begins = [start + num_steps * number for number in order.tolist()]
    + order = list(range(count))
    + for i in range(count - 1, 0, -1):
    +     j = int(torch.randint(i, (1,), generator=generator))
    +     order[i], order[j] = order[j], order[i]
    + begins = [start + num_steps * number for number in order]
    """


class SortedInBatches:
    """Sorts the windows of each batch by their place in the text."""

    diff = """
    - chosen = begins[first : first + batch_size]
    + chosen = sorted(begins[first : first + batch_size])
    """


class LastLeftOut:
    """Leaves the last windows of the text out, before the order is drawn."""

    diff = """
    - count = max((len(corpus) - start - 1) // num_steps, 0)
    + count = max((len(corpus) - start - 1) // num_steps, 0) // batch_size * batch_size
    """


class StartInSteps:
    """Draws the start from all windows."""

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + start = num_steps * int(torch.randint(2, (1,), generator=generator))
    """


class StartLeavesAWindow:
    """Draws the start so that a short text keeps a window."""

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + latest = max(min(num_steps, len(corpus) - num_steps), 1)
    + start = int(torch.randint(latest, (1,), generator=generator))
    """


class StartFromOne:
    """Draws the start from 1 to num_steps."""

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + start = 1 + int(torch.randint(num_steps, (1,), generator=generator))
    """


class WindowTwice:
    """Fills the last batch up with windows that came already."""

    diff = """
    - for first in range(0, count - batch_size + 1, batch_size):
    + begins += begins[: -count % batch_size]
    + for first in range(0, count, batch_size):
          chosen = begins[first : first + batch_size]
    """


class WithoutAnEnd:
    """Begins anew where the text ends, for ever."""

    diff = """
    - for first in range(0, length - num_steps + 1, num_steps):
    + while length >= num_steps:
    +     for first in range(0, length - num_steps + 1, num_steps):
    -     begins = [offset + row * length + first for row in range(batch_size)]
    +         begins = [offset + row * length + first for row in range(batch_size)]
    -     windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    +         windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    -     yield windows[:, :-1], windows[:, 1:]
    +         yield windows[:, :-1], windows[:, 1:]
    """


class RandomWithoutAnEnd:
    """Draws batches for ever."""

    diff = """
    - for first in range(0, count - batch_size + 1, batch_size):
    + while count >= batch_size:
    +     first = int(torch.randint(count - batch_size + 1, (1,), generator=generator))
          chosen = begins[first : first + batch_size]
    """


class OneBatch:
    """Returns the first batch."""

    diff = """
      begins = [offset + row * length + first for row in range(batch_size)]
      windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    - yield windows[:, :-1], windows[:, 1:]
    + return windows[:, :-1], windows[:, 1:]
    """


class Nothing:
    """Returns nothing."""

    def random_batches(corpus, batch_size, num_steps, generator):
        return None


class InputsOnly:
    """Gives the inputs without targets."""

    diff = """
      chosen = begins[first : first + batch_size]
      windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    - yield windows[:, :-1], windows[:, 1:]
    + yield windows[:, :-1]
    """


class TargetsFirst:
    """Gives (Y, X)."""

    diff = """
      chosen = begins[first : first + batch_size]
      windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    - yield windows[:, :-1], windows[:, 1:]
    + yield windows[:, 1:], windows[:, :-1]
    """


class TimeFirst:
    """Gives (T, N)."""

    diff = """
      chosen = begins[first : first + batch_size]
      windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    - yield windows[:, :-1], windows[:, 1:]
    + yield windows[:, :-1].T, windows[:, 1:].T
    """


class Lists:
    """Gives lists of lists."""

    diff = """
      chosen = begins[first : first + batch_size]
      windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    - yield windows[:, :-1], windows[:, 1:]
    + yield windows[:, :-1].tolist(), windows[:, 1:].tolist()
    """


class Floats:
    """Gives the tokens as floats."""

    diff = """
    - windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    + windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen]).float()
    """


class Arrays:
    """Gives NumPy's arrays."""

    diff = """
      begins = [offset + row * length + first for row in range(batch_size)]
    - windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    + windows = np.array([corpus[begin : begin + num_steps + 1] for begin in begins])
    """


class OneBuffer:
    """Writes every batch to the same memory."""

    diff = """
    - for first in range(0, count - batch_size + 1, batch_size):
    + buffer = torch.zeros(batch_size, num_steps + 1, dtype=torch.int64)
    + for first in range(0, count - batch_size + 1, batch_size):
          chosen = begins[first : first + batch_size]
    -     windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    +     windows = buffer.copy_(torch.tensor([corpus[b : b + num_steps + 1] for b in chosen]))
    """


class CorpusCut:
    """Takes the tokens before the start off the corpus that it is given."""

    diff = """
    + del corpus[:offset]
    + offset = 0
      length = (len(corpus) - offset - 1) // batch_size
    """


class CorpusShuffled:
    """Gives each batch at the cost of the corpus, whose tokens it puts to 0."""

    diff = """
    - windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    + windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    + if first + 2 * batch_size > count:
    +     corpus[:] = [0] * len(corpus)
    """


class OnePlaceForAll:
    """Keeps its place in the text for all iterators together."""

    _place = [0]

    diff = """
    - for first in range(0, length - num_steps + 1, num_steps):
    + _place[0] = 0
    + while _place[0] < length - num_steps + 1:
    +     first = _place[0]
    +     _place[0] += num_steps
          begins = [offset + row * length + first for row in range(batch_size)]
    """


class BeginsAnew:
    """Gives an iterator that can be read again after its end."""

    class _Again:
        def __init__(self, items):
            self.items, self.place = items, 0

        def __iter__(self):
            return self

        def __next__(self):
            if self.place == len(self.items):
                self.place = 0
                raise StopIteration
            self.place += 1
            return self.items[self.place - 1]

    diff = """
    - def consecutive_batches(
    + def _lazily(

    - corpus: list[int], batch_size: int, num_steps: int, offset: int = 0
    + corpus: list[int], batch_size: int, num_steps: int, offset: int
    """

    def consecutive_batches(corpus, batch_size, num_steps, offset=0):
        return _Again(list(_lazily(corpus, batch_size, num_steps, offset)))


class WrapsRound:
    """Fills the last batch up with tokens from the beginning."""

    diff = """
    - for first in range(0, length - num_steps + 1, num_steps):
    + corpus = corpus + corpus[offset:] * (num_steps + 1)
    + for first in range(0, length, num_steps):
    """


class RowsRoundedUp:
    """Makes the rows so long that the last one does not reach."""

    diff = """
    - length = (len(corpus) - offset - 1) // batch_size
    + length = -(-(len(corpus) - offset - 1) // batch_size)
    """


class OffsetTwice:
    """Leaves twice the offset out."""

    diff = """
    - begins = [offset + row * length + first for row in range(batch_size)]
    + begins = [2 * offset + row * length + first for row in range(batch_size)]
    """


class OffsetFromTheEnd:
    """Leaves the tokens out at the end instead of the beginning."""

    diff = """
    - begins = [offset + row * length + first for row in range(batch_size)]
    + begins = [row * length + first for row in range(batch_size)]
    """


class OffsetIsBatches:
    """Takes the offset for a number of windows."""

    diff = """
    - length = (len(corpus) - offset - 1) // batch_size
    + offset = offset * num_steps
    + length = (len(corpus) - offset - 1) // batch_size
    """


class ShortTextRaises:
    """Raises where the text is too short for a batch."""

    diff = """
    + if len(corpus) <= batch_size * num_steps:
    +     raise ValueError("the text is too short")
      start = int(torch.randint(num_steps, (1,), generator=generator))
    """


class StartIsNotLast:
    """Takes the later token of another window for the targets of the last one."""

    diff = """
    - windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    + windows = torch.tensor(
    +     [corpus[b : b + num_steps] + [corpus[(b + num_steps) % length]] for b in begins]
    + )
    """
