"""Text that others wrote, made fit to go anywhere, and cut to what there is room for."""

import difflib
import re
from collections.abc import Callable

from grader.language import say

ALIKE = 0.4  # of two texts, below which everything differs and nothing is worth a mark
TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
LENGTHS = (100_000, 20_000, 4_000, 1_000, 200, 0)


def clip(text: str, most: int) -> str:
    """`text` in at most `most` characters; what is cut is said to be, where that has room."""
    if len(text) <= most:
        return text
    mark = "\n" + say("(cut: {count} characters in all)", count=len(text))
    kept = most - len(mark)
    return text[:kept] + mark if kept > 0 else text[: max(most, 0)]


def marked(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Two texts in pieces, each with whether the other text lacks it."""
    mine, right = TOKENS.findall(one), TOKENS.findall(other)
    matcher = difflib.SequenceMatcher(None, mine, right, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [(one, False)], [(other, False)]
    left, beside = [], []
    for kind, a, b, c, d in matcher.get_opcodes():
        left.append(("".join(mine[a:b]), kind != "equal"))
        beside.append(("".join(right[c:d]), kind != "equal"))
    return [p for p in left if p[0]], [p for p in beside if p[0]]


def fitted(render: Callable[[int], str], most: int) -> str:
    """What `render(length)` gives in at most `most` bytes of UTF-8, for the greatest length there.

    `length` is how much of each long text is shown; with 0, all that can be spared is left out.
    """
    for length in LENGTHS:
        text = render(length)
        if len(text.encode()) <= most:
            break
    return text
