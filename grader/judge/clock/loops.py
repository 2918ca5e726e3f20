"""Where a slow answer spends its time: the loops that stand in its source."""

import contextlib
import io
import tokenize
from collections.abc import Callable

from grader.language import say

MOST_READ = 200_000  # characters of a source
MOST_SHOWN = 80  # of a line
_BEGINNINGS = frozenset(
    {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT}
)


def innermost(source: str) -> int | None:
    """The line of the innermost loop, counted from 1: of a `for` or a `while` that stands furthest
    to the right, else of the first comprehension. None where there is no loop."""
    statements: list[tuple[int, int]] = []
    comprehensions: list[int] = []
    begins = True
    with contextlib.suppress(SyntaxError, tokenize.TokenError):
        for token in tokenize.generate_tokens(io.StringIO(source[:MOST_READ]).readline):
            line, column = token.start
            if token.type == tokenize.NAME and token.string in ("for", "while"):
                if begins:
                    statements.append((-column, line))
                else:
                    comprehensions.append(line)
            begins = token.type in _BEGINNINGS
    if statements:
        return min(statements)[1]
    return comprehensions[0] if comprehensions else None


def advice(source: str, where: Callable[[int], str], line_of: Callable[[int], str]) -> str:
    """What to do about a slow answer: the loop to look at, in words for its place."""
    lineno = innermost(source)
    if lineno is None:
        return say(
            "It has no loop of its own: look for work that is done twice, and for large tensors"
            " that are copied or repeated."
        )
    return say(
        "Look at the loop at {where}: {line}\nCan one operation on whole tensors take its place?",
        where=where(lineno),
        line=line_of(lineno).strip()[:MOST_SHOWN],
    )
