"""A course of two small exercises, and a terminal in which the real program runs."""

import os
import re
import sys
from pathlib import Path

import pexpect
import pyte
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS, COLUMNS = 48, 80
PATIENCE_SECONDS = 60
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")
COURSE = """
title = "Tiny"
[[parts]]
title = "One"
[[parts.exercises]]
number = 1
slug = "double"
title = "Double"
functions = ["double"]
hints = [{ text = "What is x + x?" }, { text = "return 2 * x" }]
[[parts.exercises]]
number = 2
slug = "triple"
title = "Triple"
functions = ["triple"]
hints = [{ text = "What is x + x + x?" }]
"""
STUB = '''"""Exercise {number}. {title}

The result is {factor} times x.
"""


def {name}(x):
    """x: (N, D). Returns (N, D)."""
    # TODO: how often?
    raise NotImplementedError
'''
REFERENCE = "def {name}(x):\n    return {factor} * x\n"
PROPERTIES = '''
import pytest
from hypothesis import given, strategies as st
from grader.judge import laws
from grader.judge.compare import agree
from grader.judge.strategies import sizes, tensors

@st.composite
def cases(draw):
    return draw(tensors(draw(sizes(2))))

@pytest.mark.points(60)
@given(cases())
def test_values(student, reference, case):
    """Every element is multiplied."""
    agree(student.{name}(case), reference.{name}(case))

@pytest.mark.points(30)
@given(cases())
def test_negative(student, reference, case):
    """What is negative stays negative."""
    agree(student.{name}(-case.abs()), reference.{name}(-case.abs()))
'''
SPEED = """
import torch

FUNCTION = "double"


def inputs(generator, device):
    return [torch.randn(512, 1024, generator=generator)]


def builtin(x):
    return x.mul(2)
"""


@pytest.fixture(scope="session")
def write_course():
    """`write_course(folder)`: a course of two exercises, of which the first has a running time."""

    def write(folder: Path) -> Path:
        (folder / "exercises").mkdir(parents=True)
        (folder / "exercises" / "course.toml").write_text(COURSE)
        for number, name in enumerate(("double", "triple"), start=1):
            words = {"number": number, "title": name.title(), "name": name, "factor": number + 1}
            stem = f"ex{number:02d}_{name}"
            (folder / "exercises" / f"{stem}.py").write_text(STUB.format(**words))
            room = folder / "solutions" / stem
            room.mkdir(parents=True)
            (room / "reference.py").write_text(REFERENCE.format(**words))
            (room / "properties.py").write_text(PROPERTIES.format(**words))
            (room / "misconceptions.py").write_text("")
        timed = folder / "solutions" / "ex01_double"
        (timed / "speed.py").write_text(SPEED)
        with (timed / "properties.py").open("a") as properties:
            properties.write("\ntest_speed = laws.speed(points=10)\n")
        return folder

    return write


class Terminal:
    """The real `grade watch` in a terminal of 80 columns; what it writes, and what stands there.

    `save`, `press` and `resize` forget what was written so far; `until` waits for what comes after.
    """

    def __init__(self, course: Path, *arguments: str, **variables: str) -> None:
        self.course = course
        self.file = course / "exercises" / "ex01_double.py"
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.written = b""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FORCE"))}
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        self.program = pexpect.spawn(
            sys.executable,
            ["-m", "grader", "watch", *arguments, "--course", str(course)],
            cwd=ROOT,
            env={**environment, "TERM": "xterm", **variables},
            dimensions=(ROWS, COLUMNS),
            timeout=120,
        )

    def until(self, text: str) -> str:
        """Read until `text` was written; all that was written since the last save or key."""
        while text not in (seen := self.seen()):
            try:
                new = self.program.read_nonblocking(1 << 16, PATIENCE_SECONDS)
            except (pexpect.TIMEOUT, pexpect.EOF):
                raise AssertionError(f"{text!r} does not come; there is:\n{seen}") from None
            self.written += new
            self._stream.feed(new)
        return seen

    def seen(self) -> str:
        """What was written since the last save or key, without what steers the terminal."""
        return CONTROL.sub("", self.written.decode("utf-8", "ignore"))

    def shown(self) -> str:
        """What stands on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display).strip()

    def save(self, source: str) -> None:
        """Write the file anew."""
        self.written = b""
        self.file.write_text(source)

    def press(self, key: str) -> None:
        """Press a key."""
        self.written = b""
        self.program.send(key)

    def resize(self, columns: int) -> None:
        """Make the window narrower or wider."""
        self.written = b""
        self._screen.resize(ROWS, columns)
        self.program.setwinsize(ROWS, columns)

    def ended(self) -> int:
        """Wait for the end of the program; its exit code."""
        self.program.expect(pexpect.EOF, timeout=PATIENCE_SECONDS)
        self.written += self.program.before
        return self.program.wait()


@pytest.fixture(scope="module")
def watched(tmp_path_factory, write_course):
    """One `grade watch 1 --no-speed` for the tests of a module; each begins with a save."""
    terminal = Terminal(write_course(tmp_path_factory.mktemp("tiny")), "1", "--no-speed")
    terminal.until("Each save is graded.")
    yield terminal
    terminal.program.close(force=True)


@pytest.fixture
def start(tmp_path, write_course):
    """`start(*arguments, **variables)`: a `grade watch` of its own."""
    begun = []

    def begin(*arguments: str, **variables: str) -> Terminal:
        begun.append(Terminal(write_course(tmp_path / "course"), *arguments, **variables))
        return begun[-1]

    yield begin
    for terminal in begun:
        terminal.program.close(force=True)
