"""The pytest entry point: `pytest solutions/<room>/properties.py --submission FILE` grades FILE.

It is loaded into every pytest run where this package is installed, so it imports nothing heavy
and does nothing unless a file of properties is named.
"""

from pathlib import Path
from typing import Any

import pytest

PROPERTIES = "properties.py"
DEVICES = ("auto", "cpu", "cuda", "mps", "simulated")
GRADING = pytest.StashKey[Any]()
REPORT = pytest.StashKey[Any]()
TRIED = pytest.StashKey[tuple[int, int]]()  # of the properties that pytest was to try


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--submission`, `--grade-seed`, `--grade-device` and `--no-speed`."""
    group = parser.getgroup("grade", "grading a submission against an exercise's properties")
    group.addoption("--submission", metavar="FILE", help="the .py or .ipynb file to grade")
    group.addoption("--grade-seed", type=int, metavar="S", help="default: the exercise's own")
    group.addoption("--no-speed", action="store_true", help="leave the running time out")
    group.addoption("--grade-device", default="auto", choices=DEVICES)


def pytest_configure(config: pytest.Config) -> None:
    """Where a file of properties is named, start the grading before anything of it is loaded."""
    rooms = _rooms(config)
    if not rooms:
        if config.getoption("submission"):
            raise pytest.UsageError("--submission needs one solutions/<room>/properties.py")
        return
    from grader import language
    from grader.course import model as course
    from grader.errors import UsageError
    from grader.judge.grading import Grading
    from grader.submission import finding

    if len(rooms) > 1:
        raise pytest.UsageError("One submission is graded against one file of properties.")
    (room,) = rooms
    language.use(language.from_environment())
    try:
        within = course.find(room.parent.parent)
        exercise = within.exercise(room.name)
        wanted = config.getoption("submission")
        path = Path(wanted) if wanted else exercise.stub
        found, _ = finding.read(path, exercise, within.exercises)
        grading = Grading(
            exercise,
            found,
            seed=config.getoption("grade_seed"),
            device=config.getoption("grade_device"),
            speed=not config.getoption("no_speed"),
            remembers=False,  # pytest is run once
        )
        config.stash[GRADING] = grading
        if grading.verdict is None:
            grading.start()
    except UsageError as error:
        from grader.report import clean

        raise pytest.UsageError(clean(str(error))) from None
    if grading.verdict is None:
        config.pluginmanager.register(grading.harness, "grade-harness")
        config.pluginmanager.register(_Shown(), "grade-shown")


class _Shown:
    """Keeps what a student wrote from steering the log that a failure is printed to."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Show the text of a failure clean, where it is not."""
        from grader.report import clean

        text = report.longreprtext
        if clean(text) != text:
            report.longrepr = clean(text)
        report.sections = [(clean(title), clean(content)) for title, content in report.sections]


def _rooms(config: pytest.Config) -> set[Path]:
    paths = (Path(str(argument).partition("::")[0]) for argument in config.args)
    return {path.resolve().parent for path in paths if path.name == PROPERTIES}


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> bool | None:
    """Collect nothing where the verdict is known already."""
    grading = session.config.stash.get(GRADING, None)
    if grading is None or grading.verdict is None:
        return None
    session.items = []
    session.testscollected = 0
    return True


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Make the exit code that of `grade`."""
    from grader.errors import ExitCode

    grading = session.config.stash.get(GRADING, None)
    if grading is None or session.config.option.collectonly:
        return
    if grading.verdict is None and (tried := _left_out(grading)) is not None:
        session.config.stash[TRIED] = tried  # pytest's own exit code says the rest
        return
    report = session.config.stash[REPORT] = grading.report()
    session.exitstatus = ExitCode.of(report.status.value)


def _left_out(grading: Any) -> tuple[int, int] | None:
    """How many properties were tried, and of how many, where whoever runs pytest wanted no more
    (`-k`, `-x`); None where all were, or something of ours is broken."""
    from grader.report import PropertyStatus

    harness = grading.harness
    results = harness.results.values()
    if harness.uncollected or any(r.status is PropertyStatus.BROKEN for r in results):
        return None
    tried, wanted = len(results), len(harness.collected)
    return (tried, wanted) if tried < wanted or not wanted else None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say the score, and the diagnosis where there is one."""
    report = config.stash.get(REPORT, None)
    if (tried := config.stash.get(TRIED, None)) is not None:
        terminalreporter.section("grade")
        count, wanted = tried
        said = f"{count} of {wanted} properties were tried" if wanted else "No property was chosen"
        terminalreporter.line(f"{said}: there is no score.")
    if report is None:
        return
    from grader.report import clean

    terminalreporter.section("grade")
    terminalreporter.line(f"{report.score} of {report.max_score} points: {report.status.value}")
    for text in (report.reason, report.misconception and report.misconception.explanation):
        if text:
            terminalreporter.line(clean(text))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End every process of the grading."""
    if grading := config.stash.get(GRADING, None):
        grading.close()
