"""A notebook's session: what has run in this kernel, and its grading.

The kernel knows what ran, not the file. What is graded is the text of the cells as they ran last,
put together as the cells of a file are (`program.py`): where a notebook has run from top to bottom,
that is what `grade exercise` finds in the saved file. A front end that names its cells (Jupyter,
VS Code) tells which text took the place of which; without names every run counts, in order.

Nothing is graded in the kernel: `grade_cells.py` says where, and why.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError
from grader.language import say
from grader.notebook.request import PROGRESS, Request, Run
from grader.report import Report

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


class Checked:
    """The report of a grading, which a notebook shows as HTML and a terminal as text."""

    def __init__(self, report: Report, text: str, html: str) -> None:
        self.report = report
        self._text = text
        self._html = html

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self._text, "text/html": self._html}


class _Line:
    """A line below the cell that runs, in the place of the one before; gone once it is empty."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, text: str) -> None:
        """Show it."""
        if not text and self._handle is None:
            return
        from IPython import display

        show: Any = display.display
        content = {"text/plain": text}
        if self._handle is None:
            self._handle = show(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)


class Session:
    """What has run in `shell`. `close` stops watching it."""

    def __init__(self, shell: "InteractiveShell") -> None:
        self._shell = shell
        self._cells: dict[int, str] = {}  # which cell a run was of
        self._now: str | None = None  # and which one runs now
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def close(self) -> None:
        """Watch no more."""
        self._shell.events.unregister("pre_run_cell", self._begin)
        self._shell.events.unregister("post_run_cell", self._end)

    @property
    def can_show(self) -> bool:
        """Whether a line can be shown that another one takes the place of."""
        return hasattr(self._shell, "kernel")

    def asked(self, request: Request) -> dict[str, Any]:
        """What becomes of a request; meanwhile the cell says how far it is."""
        return _answered_apart(request, _Line().show)

    def put_below(self, text: str) -> None:
        """A cell with this text below the one that runs."""
        self._shell.set_next_input(text)

    def _begin(self, info: "ExecutionInfo") -> None:
        self._now = info.cell_id if info.store_history else None

    def _end(self, result: "ExecutionResult") -> None:
        self._now = None
        info = result.info
        if info and info.store_history and info.cell_id and result.execution_count:
            self._cells[result.execution_count] = info.cell_id

    def runs(self) -> list[Run]:
        """Every text that ran, in order, with the one that runs now."""
        history = self._shell.history_manager
        texts = history.input_hist_raw if history else []
        cells = self._cells | ({len(texts) - 1: self._now} if self._now else {})
        latest = {cell: count for count, cell in sorted(cells.items())}
        return [
            Run(count, text, stale=count in cells and count != latest[cells[count]])
            for count, text in enumerate(texts)
            if text.strip()
        ]


class Stopped(KeyboardInterrupt):
    """The grading was interrupted; a notebook shows one line of it."""

    def _render_traceback_(self) -> list[str]:
        return [say("The grading was stopped.")]


_session: Session | None = None


def start(shell: "InteractiveShell") -> Session:
    """Watch `shell` from now on."""
    global _session
    if _session is None:
        _session = Session(shell)
    return _session


def stop() -> None:
    """Watch no more."""
    global _session
    if _session is not None:
        _session.close()
        _session = None


def check(
    exercise: int | str,
    *,
    speed: bool = True,
    seed: int | None = None,
    device: str = "auto",
    course: str | Path | None = None,
    lang: str | None = None,
) -> Checked:
    """Grade this notebook's own answer to `exercise`; `grader.check` says more."""
    session = _session or start(_shell())
    request = Request(
        exercise=str(exercise),
        runs=session.runs(),
        course=None if course is None else str(course),
        seed=seed,
        device=device,
        speed=speed,
        language=lang or "",
        tells=session.can_show,
    )
    answer = session.asked(request)
    return Checked(Report.from_json(answer["report"]), answer["text"], answer["html"])


def debug(
    exercise: str,
    *,
    only: str | None = None,
    seed: int | None = None,
    device: str = "auto",
    course: str | None = None,
    lang: str | None = None,
) -> None:
    """Put the call that fails into a cell below, and say what it is; or why there is none."""
    session = _session or start(_shell())
    request = Request(
        exercise=exercise,
        runs=session.runs(),
        course=course,
        seed=seed,
        device=device,
        speed=False,
        language=lang or "",
        debugs=True,
        only=only,
        tells=session.can_show,
    )
    answer = session.asked(request)
    print(answer["text"])
    if answer["cell"]:
        session.put_below(answer["cell"])


def told(command: str, words: Sequence[str]) -> str:
    """What `grade COMMAND` says, by this very Python, with what to type here. UsageError where it
    refuses."""
    plain = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "grader", command, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env={**plain, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", "NO_COLOR": "1"},
    )
    if done.returncode:
        problem, _, advice = done.stderr.strip().removeprefix("grade: ").partition("\n")
        raise UsageError(problem, advice)
    text = re.sub(r"\bgrade (hint|next)\b", r"%grade_\1", done.stdout)
    return re.sub(r"\bgrade exercise\b", "%grade", text).strip("\n")


def _shell() -> "InteractiveShell":
    """The shell that this code runs in; UsageError where it runs in none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        raise UsageError(
            say("grader.check grades the notebook that it is called in, and this is none."),
            say("At a command line: grade exercise 3 --submission FILE"),
        )
    found: InteractiveShell = shell
    return found


def _answered_apart(request: Request, show: Callable[[str], None]) -> dict[str, Any]:
    """What the program that grades cells answers; `show` is told how far it is."""
    # -P: what lies beside the notebook, perhaps as `random.py`, is none of the grader's modules.
    command = [sys.executable, "-P", "-m", "grader.notebook.grade_cells"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        output: list[str] = []
        reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
        errors = ""
        try:
            reader.start()
            with contextlib.suppress(BrokenPipeError):  # it has ended, which its output will say
                process.stdin.write(request.as_json())
                process.stdin.close()
            for line in process.stderr:
                if line.startswith(PROGRESS):
                    show(line.removeprefix(PROGRESS).rstrip("\n"))
                else:
                    errors = line.strip() or errors
            reader.join()
            process.wait()
        except KeyboardInterrupt:
            raise Stopped from None
        finally:
            process.terminate()
            show("")
    return _taken("".join(output), errors, process.returncode)


def _taken(output: str, last: str, code: int) -> dict[str, Any]:
    """The answer in what was put out; UsageError where it is a refusal, or there is none. `last`
    is the last line of the program's errors."""
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise UsageError(
            say("The grading ended before it had a result (exit code {code}).", code=code), last
        ) from None
    if "problem" in answer:
        raise UsageError(answer["problem"], answer["advice"])
    if answer.get("notice"):
        print(answer["notice"], file=sys.stderr)
    return answer
