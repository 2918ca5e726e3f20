"""Text that others wrote, made fit to go anywhere, and cut to what there is room for."""

import difflib
import re

from grader.language import say

ALIKE = 0.4  # of two texts, below which everything differs and nothing is worth a mark
TOKENS = re.compile(r"\w+|\s+|[^\w\s]")


def clean(text: str) -> str:
    """`text` without what would steer a terminal, or could not be written as UTF-8 or XML.

    Control characters, lone surrogates and marks of direction become U+FFFD, tabs spaces.
    """
    return "".join(c if c == "\n" or c.isprintable() else "\ufffd" for c in text.expandtabs(4))


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
