"""Exercise 49, batches of a long text: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""


class RowsDealtOut:
    """You seem to deal the tokens out to the rows in turn; row 0 is the first part of the text,
    row 1 the next, and so on."""

    caught_by = "test_consecutive"

    diff = """
    - begins = [offset + row * length + first for row in range(batch_size)]
    - windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    - yield windows[:, :-1], windows[:, 1:]
    + dealt = [corpus[offset + row :: batch_size] for row in range(batch_size)]
    + X = torch.tensor([each[first : first + num_steps] for each in dealt])
    + later = [corpus[offset + row + 1 :: batch_size] for row in range(batch_size)]
    + yield X, torch.tensor([each[first : first + num_steps] for each in later])
    """


class RowsInABatchGoOn:
    """Your rows seem to go on within a batch: row 1 where row 0 ended. Row i goes on in the next
    batch, and the rows of one batch lie far apart."""

    caught_by = "test_consecutive"

    diff = """
    - begins = [offset + row * length + first for row in range(batch_size)]
    + begins = [offset + first * batch_size + row * num_steps for row in range(batch_size)]
    """


class RowsOfWholeWindows:
    """Your rows seem to be cut to whole windows before they are laid one behind the other; row i
    begins at offset + i * L."""

    caught_by = "test_consecutive"

    diff = """
    - begins = [offset + row * length + first for row in range(batch_size)]
    + whole = length // num_steps * num_steps
    + begins = [offset + row * whole + first for row in range(batch_size)]
    """


class LengthWithoutOffset:
    """Your rows seem to be as long as without the offset; fewer tokens are left behind it."""

    caught_by = "test_offset"

    diff = """
    - length = (len(corpus) - offset - 1) // batch_size
    + length = (len(corpus) - 1) // batch_size
    """


class OffsetIgnored:
    """Your consecutive batches seem to begin at the first token, whatever the offset."""

    caught_by = "test_offset"

    diff = """
    - length = (len(corpus) - offset - 1) // batch_size
    + offset = 0
    + length = (len(corpus) - offset - 1) // batch_size
    """


class NoTargetForTheLast:
    """Your rows seem to count the last token as an input; it has no token after it, so one less is
    divided by batch_size."""

    caught_by = "test_consecutive"

    diff = """
    - length = (len(corpus) - offset - 1) // batch_size
    + length = (len(corpus) - offset) // batch_size
    """


class IncompleteKept:
    """Your consecutive batches seem to end with one that is narrower; what does not fill num_steps
    is left out."""

    caught_by = "test_consecutive"

    diff = """
    - for first in range(0, length - num_steps + 1, num_steps):
    + for first in range(0, length, num_steps):

    - windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    + width = min(num_steps, length - first)
    + windows = torch.tensor([corpus[begin : begin + width + 1] for begin in begins])
    """


class LastBatchMissed:
    """Your consecutive batches seem to stop too early: a last one that is just whole belongs to
    them."""

    caught_by = "test_consecutive"

    diff = """
    - for first in range(0, length - num_steps + 1, num_steps):
    + for first in range(0, length - num_steps, num_steps):
    """


class StepsOfOne:
    """Your consecutive batches seem to move on by one token; the next one begins num_steps later,
    where this one ended."""

    caught_by = "test_consecutive"

    diff = """
    - for first in range(0, length - num_steps + 1, num_steps):
    + for first in range(0, length - num_steps + 1):
    """


class TargetsAreInputs:
    """Your Y seems to be X itself; a target is the token that comes after."""

    caught_by = "test_consecutive"

    diff = """
      begins = [offset + row * length + first for row in range(batch_size)]
      windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
    - yield windows[:, :-1], windows[:, 1:]
    + yield windows[:, :-1], windows[:, :-1]
    """


class TargetsWrapRound:
    """Your Y seems to be X turned by one, so that the last target of a window is its own first
    token; it is the next one of the text."""

    caught_by = "test_windows"

    diff = """
      chosen = begins[first : first + batch_size]
      windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
    - yield windows[:, :-1], windows[:, 1:]
    + yield windows[:, :-1], windows[:, :-1].roll(-1, 1)
    """


class NotShuffled:
    """Your random windows come in the order of the text; draw their order from the generator."""

    caught_by = "test_order"

    diff = """
    - order = torch.randperm(count, generator=generator)
    + order = torch.arange(count)
    """


class OnlyBatchesShuffled:
    """You seem to draw the order of whole batches: their rows are neighbours in the text. Draw the
    order of the windows."""

    caught_by = "test_order"

    diff = """
    - order = torch.randperm(count, generator=generator)
    + whole = count // batch_size
    + batches = torch.randperm(whole, generator=generator)
    + order = (batches.unsqueeze(1) * batch_size + torch.arange(batch_size)).flatten()
    """


class ShuffledWithinBatches:
    """You seem to shuffle the rows of each batch, and the batches come in the order of the text;
    draw the order of all windows."""

    caught_by = "test_order"

    diff = """
    - order = torch.randperm(count, generator=generator)
    + parts = torch.arange(count).split(batch_size)
    + drawn = [part[torch.randperm(len(part), generator=generator)] for part in parts]
    + order = torch.cat(drawn) if drawn else torch.arange(0)
    """


class StartFixed:
    """Your windows seem to start at the first token in every pass; a start is drawn, from 0 to
    num_steps - 1."""

    caught_by = "test_start"

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + start = 0
    """


class StartNeverLast:
    """Your start seems never to be num_steps - 1: torch.randint leaves out its upper end, unlike
    random.randint."""

    caught_by = "test_start"

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + start = int(torch.randint(max(num_steps - 1, 1), (1,), generator=generator))
    """


class StartUpToSteps:
    """Your start seems to be num_steps at times: then a whole window in front is missed. It is
    num_steps - 1 at most."""

    caught_by = "test_once"

    diff = """
    - start = int(torch.randint(num_steps, (1,), generator=generator))
    + start = int(torch.randint(num_steps + 1, (1,), generator=generator))
    """


class WithReplacement:
    """You seem to draw each window by itself, so that some come twice and others never; draw an
    order of all of them (torch.randperm)."""

    caught_by = "test_once"

    diff = """
    - order = torch.randperm(count, generator=generator)
    + order = torch.randint(max(count, 1), (count,), generator=generator)
    """


class AnyBegin:
    """Your windows seem to begin at any token, and overlap; they lie side by side, num_steps
    apart."""

    caught_by = "test_once"

    diff = """
    - begins = [start + num_steps * number for number in order.tolist()]
    + any_begin = torch.randperm(max(len(corpus) - num_steps, 0), generator=generator)
    + begins = any_begin[:count].tolist()
    """


class SmallBatchKept:
    """Your random batches seem to end with one of fewer rows; windows that do not fill a batch are
    left out."""

    caught_by = "test_windows"

    diff = """
    - for first in range(0, count - batch_size + 1, batch_size):
    + for first in range(0, count, batch_size):
          chosen = begins[first : first + batch_size]
    """


class LastRandomBatchMissed:
    """Your random batches seem to be one too few where the windows just fill the last one."""

    caught_by = "test_once"

    diff = """
    - for first in range(0, count - batch_size + 1, batch_size):
    + for first in range(0, count - batch_size, batch_size):
          chosen = begins[first : first + batch_size]
    """


class WindowTooFew:
    """You seem to count one window too few: one that ends just before the last token has all its
    targets."""

    caught_by = "test_once"

    diff = """
    - count = max((len(corpus) - start - 1) // num_steps, 0)
    + count = max((len(corpus) - start - 2) // num_steps, 0)
    """


class WindowWithoutTarget:
    """You seem to count a window at the very end whose last token has no target; take one off the
    length before you divide."""

    caught_by = "test_windows"

    diff = """
    - count = max((len(corpus) - start - 1) // num_steps, 0)
    + count = max((len(corpus) - start) // num_steps, 0)
    """


class SameInEveryPass:
    """You seem to seed the generator anew, so that every pass has the same order; draw from it as
    it is."""

    caught_by = "test_generator"

    diff = """
    + generator.manual_seed(generator.initial_seed())
      start = int(torch.randint(num_steps, (1,), generator=generator))
    """
