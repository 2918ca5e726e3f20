"""What only IPython understands, passed over line for line: `%magic`, `!command`, `name?`."""

import re
import tokenize

_PYTHON_CELL_MAGICS = {"capture", "debug", "memit", "prun", "time", "timeit"}
_CELL_MAGIC = re.compile(r"%%(\w*)")
# What it times is Python, and is run: `%time fill(T)`, `T = %time f()`.
_TIMED = re.compile(r"((?:[\w\s.,*\[\]]+=\s*)?)%time[ \t]+(?=[^\s-])")
# Only ever matched where a statement begins: elsewhere `% n` is arithmetic.
_MAGIC = re.compile(
    r"""
      [%!?]                                # %matplotlib inline    !nvidia-smi    ?torch.cat
    | [\w\s.,*\[\]]+ = \s* (?: ! | %\w )   # files = !ls           now = %time
    | [\w.*\[\]]+ \?\??\s*$                # torch.cat?            torch.cat??
    | (?: pip | conda ) \s+ install \s     # IPython needs no % before these
    """,
    re.VERBOSE,
)


def without_magics(written: list[str]) -> list[str]:
    """A cell's lines with `pass` for what only IPython understands; blank, if in another language.
    Of `%time f(x)` the rest of the line stays.

    Magics are looked for where a statement begins, and nowhere else. Like IPython, take the first
    line's indentation off every line.
    """
    first = next((line for line in written if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip(" \t"))]
    lines = [line.removeprefix(margin) for line in written]
    if _is_foreign(lines):
        return [""] * len(lines)
    start = 0
    while start < len(lines):
        statement = lines[start].lstrip()
        if timed := _TIMED.match(statement):
            indent = lines[start].removesuffix(statement)
            lines[start] = indent + timed[1] + statement[timed.end() :]
            continue
        if _MAGIC.match(statement):
            end = _end_of_magic(lines, start)
            indent = lines[start].removesuffix(statement)
            lines[start:end] = [f"{indent}pass", *[""] * (end - start - 1)]
        elif statement and not statement.startswith("#"):
            end = _end_of_statement(lines, start)
        else:
            end = start + 1
        start = end
    return lines


def _is_foreign(lines: list[str]) -> bool:
    for line in filter(str.strip, lines):
        if not (magic := _CELL_MAGIC.match(line)):
            return False
        if magic[1] not in _PYTHON_CELL_MAGICS:
            return True
    return False


def _end_of_magic(lines: list[str], start: int) -> int:
    end = start + 1
    while end < len(lines) and lines[end - 1].endswith("\\"):
        end += 1
    return end


def _end_of_statement(lines: list[str], start: int) -> int:
    """The index after the last line of the statement (or block header) that begins at `start`."""
    following = (f"{lines[index]}\n" for index in range(start, len(lines)))
    try:
        for token in tokenize.generate_tokens(following.__next__):
            if token.type == tokenize.NEWLINE:
                return start + token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # left open to the end of the cell: parsing will say so
    return len(lines)
