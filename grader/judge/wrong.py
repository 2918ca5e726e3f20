"""The wrong answers of an exercise's room, each as a whole program.

`misconceptions.py` and `wrong.py` tell them by what differs from the reference: a class for each,
whose docstring says what is wrong, which defines what takes the place of the reference's functions
and constants, or changes lines of the reference by a `diff`:

    class LeakyRelu:
        \"\"\"Lets a hundredth of what is negative through.\"\"\"

        diff = \"\"\"
        - hidden = torch.relu(x @ w1.T + b1)
        + hidden = leaky_relu(x @ w1.T + b1)
        \"\"\"

What stands in the file beside the classes, imports and helpers, belongs to each of them. A folder
`wrong/` holds whole files.
"""

import ast
import functools
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from grader.errors import UsageError

MISCONCEPTIONS = "misconceptions.py"
WRONG = "wrong.py"
FOLDER = "wrong"


@dataclass(frozen=True)
class WrongAnswer:
    """One wrong answer: its name, what is wrong with it, and the program that it stands for.

    `caught_by` is the property that must fail, where the file says so; `sign` what a model shows
    that was trained with this mistake (`capstone`).
    """

    name: str
    explanation: str
    source: str
    caught_by: str = ""
    sign: str = ""


def misconceptions(room: Path) -> list[WrongAnswer]:
    """What people really write, in the order of the file. UsageError as for `told`."""
    return told(room / MISCONCEPTIONS)


def wrong_answers(room: Path) -> list[WrongAnswer]:
    """The other wrong answers, by name as a file has it: `leaky_relu` for `class LeakyRelu`.

    UsageError as for `told`.
    """
    found = [
        WrongAnswer(_file_name(each.name), each.explanation, each.source)
        for each in told(room / WRONG)
    ]
    for path in (room / FOLDER).glob("*.py"):
        source = path.read_text(encoding="utf-8")
        found.append(WrongAnswer(path.stem, _sentence(ast.parse(source)), source))
    return sorted(found, key=lambda each: each.name)


def told(path: Path) -> list[WrongAnswer]:
    """The classes of the file at `path`, none where it is missing, as programs.

    Each is the reference beside it with the lines of the `diff` changed, then what the file has
    beside its classes, then what the class defines. UsageError where a class defines nothing, or a
    diff does not fit the reference at exactly one place.
    """
    if not path.is_file():
        return []
    reference = path.with_name("reference.py").read_text(encoding="utf-8")
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    beside = [ast.unparse(node) for node in tree.body if not isinstance(node, ast.ClassDef)]
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return [_program(node, reference, beside, path) for node in classes]


def _program(node: ast.ClassDef, reference: str, beside: Sequence[str], path: Path) -> WrongAnswer:
    where = f"{path.parent.name}/{path.name}, {node.name}"
    explanation = _sentence(node)
    said: dict[str, str] = {}
    own: list[str] = []
    for statement in node.body[bool(explanation) :]:
        match statement:
            case ast.Assign(
                [ast.Name("caught_by" | "diff" | "sign" as name)], ast.Constant(str(text))
            ):
                said[name] = text
            case ast.Pass():
                pass
            case _:
                own.append(ast.unparse(statement))
    if not own and "diff" not in said:
        raise UsageError(f"{where} is the reference itself.", "Define what differs, or a diff.")
    if "diff" in said:
        reference = changed(reference, said["diff"], where)
    source = "\n\n\n".join([reference.rstrip("\n"), *beside, *own]) + "\n"
    marks = {name: said.get(name, "") for name in ("caught_by", "sign")}
    return WrongAnswer(node.name, explanation, source, **marks)


def changed(source: str, diff: str, where: str) -> str:
    """`source` with the lines of `diff` changed: `- ` before what goes, `+ ` before what comes, two
    spaces before what only says where; an empty line between two places.

    Comments and empty lines of the source do not count. UsageError, beginning with `where`, for a
    hunk that fits nowhere, or in several places.
    """
    lines = source.split("\n")
    code = _code(source)
    places = []
    for hunk in re.split(r"\n\s*\n", textwrap.dedent(diff).strip("\n")):
        before, after = _sides(hunk, where)
        found = list(_places(code, before))
        if len(found) != 1:
            times = f"{len(found)} times; say more lines" if found else "nowhere"
            quoted = textwrap.indent("\n".join(before), "    ")
            raise UsageError(
                f"{where}: the reference has these lines {times}.\n{quoted}",
                "Comments do not count: leave them out.",
            )
        ((first, last, shift),) = found
        places.append((first, last, [" " * shift + line for line in after]))
    places.sort()
    for (_, end, _), (begin, _, _) in pairwise(places):
        if begin <= end:
            raise UsageError(f"{where}: two hunks change line {begin + 1}.", "Make them one.")
    for first, last, after in reversed(places):
        lines[first : last + 1] = after
    return "\n".join(lines)


def _sides(hunk: str, where: str) -> tuple[list[str], list[str]]:
    """The lines of a hunk before the change, and after it."""
    marks = [(line[:2], line[2:]) for line in hunk.split("\n")]
    if bad := [mark + rest for mark, rest in marks if mark not in ("- ", "+ ", "  ")]:
        raise UsageError(
            f"{where}: a line of a diff begins with '- ', '+ ' or two spaces: {bad[0]}"
        )
    before = [rest for mark, rest in marks if mark != "+ "]
    after = [rest for mark, rest in marks if mark != "- "]
    if not before:
        raise UsageError(f"{where}: a hunk says where it belongs by a line of the reference.")
    return before, after


def _places(
    code: Sequence[tuple[int, str]], before: Sequence[str]
) -> Iterator[tuple[int, int, int]]:
    """Where `before` stands in the code: its first and last line, and how much further right."""
    for begin in range(len(code) - len(before) + 1):
        window = code[begin : begin + len(before)]
        shift = len(window[0][1]) - len(before[0])
        if shift >= 0 and all(
            line == " " * shift + wanted for (_, line), wanted in zip(window, before, strict=True)
        ):
            yield window[0][0], window[-1][0], shift


@functools.lru_cache(maxsize=4)  # of one reference, for each of its wrong answers
def _code(source: str) -> tuple[tuple[int, str], ...]:
    """The lines that are not empty once comments are off, with their index."""
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return tuple((i, line.rstrip()) for i, line in enumerate(lines) if line.strip())


def _sentence(node: ast.ClassDef | ast.Module) -> str:
    return " ".join((ast.get_docstring(node) or "").split())


def _file_name(name: str) -> str:
    return re.sub(r"(?<=[^_])(?=[A-Z])", "_", name).lower()
