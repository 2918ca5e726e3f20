"""What the tests share: a forkserver that knows no secret, and grading in process.

With GRADE_WORKERS=executed in the environment they are graded by workers that are executed.
"""

import contextlib
import dataclasses
import functools
import gc
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# One thread before torch is there: another one crowds the cores, and keeps this process from being
# forked, so that a program has to be started for each file that is read.
os.environ["OMP_NUM_THREADS"] = "1"
gc.disable()  # looking for garbage among all that is imported takes a fifth of the time

import commands
import hypothesis
import pytest
import torch
from quality import WHOLE
from xdist.scheduler import LoadScopeScheduling

from grader import language, wire
from grader.course import model as course
from grader.judge.grading import grade
from grader.judge.harness import declare_marks
from grader.judge.processes.forked import Forked
from grader.judge.processes.workers import Forkserver
from grader.report import Report
from grader.submission import limited
from grader.submission.text import Submission
from grader.systems.here import SYSTEM

GradeSource = Callable[..., Report]

FORKSERVER = pytest.StashKey[Forkserver]()
JUDGES = pytest.StashKey[Forked]()
HISTORIES = pytest.StashKey[tempfile.TemporaryDirectory[str]]()

_reading = contextlib.ExitStack()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the forkserver, which imports torch while the tests are collected."""
    # What the tests grade is no attempt of whoever works in this checkout.
    session.config.stash[HISTORIES] = tempfile.TemporaryDirectory(prefix="histories-")
    os.environ["GRADE_HISTORY"] = session.config.stash[HISTORIES].name
    os.environ.pop("CI", None)  # on a CI server gradings draw a secret seed; these are compared
    os.environ["LC_ALL"] = "C.UTF-8"  # whoever runs the tests, the program speaks English in them
    torch.set_num_threads(1)
    # What tests hand in is read in this process: a fork of one that has grown costs thirty
    # thousandths of a second. Where the limits matter, see `within_limits`.
    if not WHOLE:
        _reading.enter_context(limited.own())
    if "PYTEST_XDIST_WORKER" in os.environ:  # with others, on the same cores
        wire.SPIN_SECONDS = 0.0
        # Its second thread waits for tests to be sent and holds nothing that a fork would miss; or
        # an interpreter would be started for each file that is read.
        limited._can_fork = lambda: SYSTEM.forks and len(os.listdir(limited._TASKS)) <= 2
    if session.config.pluginmanager.has_plugin("dsession"):  # this process only shares tests out
        gc.enable()
    else:
        session.config.stash[FORKSERVER] = forkserver = Forkserver()
        if isinstance(forkserver._origin, Forked):
            session.config.stash[JUDGES] = commands.Prepared()
            commands.lend(forkserver._origin, session.config.stash[JUDGES])


def pytest_collection_finish() -> None:
    """What is there by now stays: no look for garbage goes through it again, and there are few."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 10, 10)


class ByFile(LoadScopeScheduling):
    """With `-n`, whoever is free takes a file, which shares what it has set up; of the course's
    exercises, which take long and share nothing, one."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return nodeid if file.endswith("test_exercises.py") else file


@pytest.hookimpl(optionalhook=True)
def pytest_configure(config: pytest.Config) -> None:
    """Know the marks of properties: some tests load files of them in this process."""
    declare_marks(config)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """With `-n auto`, four processes for two cores: what is tested spends a part of its time
    waiting for programs to start, and for limits. None where it is said otherwise."""
    if config.option.numprocesses != "auto" or "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = os.cpu_count() or 1
    return cores + max(2, cores // 2)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """How tests are shared out among several processes."""
    return ByFile(config, log)


@pytest.fixture
def processes(pytestconfig: pytest.Config) -> Callable[[], set[int]]:
    """`processes()`: those that the tests have started, zombies too."""
    _ = pytestconfig.stash[FORKSERVER].pid  # there, with all that it began with

    def descendants(pid: int) -> set[int]:
        found: set[int] = set()
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            for child in map(int, children.split()):
                found |= {child} | descendants(child)
        return found

    def waits(pid: int) -> bool:
        """Whether it is an interpreter that no submission has been in: others come and go."""
        with contextlib.suppress(OSError):
            program = Path(f"/proc/{pid}/cmdline").read_bytes()
            walls = Path(f"/proc/{pid}/status").read_text()
            return b"grader.worker.executed" in program and "Seccomp:\t0" in walls
        return False

    return lambda: {pid for pid in descendants(os.getpid()) if not waits(pid)}


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the forkserver, and with it whatever a test left behind; remove the histories."""
    if (forkserver := config.stash.get(FORKSERVER, None)) is not None:
        forkserver.close()
    if (judges := config.stash.get(JUDGES, None)) is not None:
        judges.close()
    if (histories := config.stash.get(HISTORIES, None)) is not None:
        histories.cleanup()


@pytest.fixture(scope="session")
def forkserver(pytestconfig: pytest.Config) -> Forkserver:
    """The process that every worker of the tests is forked from."""
    return pytestconfig.stash[FORKSERVER]


@pytest.fixture
def spare_forkserver() -> Iterator[Forkserver]:
    """Another one, for the one test that ends it."""
    with Forkserver() as forkserver:
        yield forkserver


@pytest.fixture
def within_limits() -> Iterator[None]:
    """What is handed in is read as the program reads it: in a process of its own, which ends."""
    before = limited._is_own.set(False)
    yield
    limited._is_own.reset(before)


@pytest.fixture(autouse=True)
def _own_hypothesis_profile() -> Iterator[None]:
    """Grading loads the profile `grade` for the whole process; give the tests their own back."""
    before = hypothesis.settings.get_current_profile_name()
    yield
    hypothesis.settings.load_profile(before)


@pytest.fixture(scope="session")
def grade_source(forkserver: Forkserver) -> GradeSource:
    """`grade_source(exercise_name, source)`: the report of a source text, graded in process.

    Further arguments go to `grade`, those that name a limit to the exercise's limits, `forbidden`
    to the exercise.
    """

    @functools.cache
    def bundled(_: str) -> course.Course:  # whose texts are of the language that is spoken
        return course.find(course.bundled())

    def graded(exercise_name: str, source: str, **options: object) -> Report:
        exercise = bundled(language.current()).exercise(exercise_name)
        names = {field.name for field in dataclasses.fields(course.Limits)}
        limits = {name: options.pop(name) for name in names & options.keys()}
        exercise = dataclasses.replace(
            exercise,
            limits=dataclasses.replace(exercise.limits, **limits),
            forbidden=options.pop("forbidden", exercise.forbidden),
        )
        submission = Submission(
            path=Path(f"{exercise.stem}.py"),
            sha256=hashlib.sha256(source.encode()).hexdigest(),
            source=source,
        )
        options = {"device": "cpu", "forkserver": forkserver, **options}
        profile = hypothesis.settings.get_current_profile_name()
        try:
            return grade(exercise, submission, **options)
        finally:
            hypothesis.settings.load_profile(profile)

    return graded


# --- pages in a browser: see tests/browsing.py ----------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Headless Chromium."""
    import browsing

    with browsing.sync_api.sync_playwright() as playwright:
        browser = browsing.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def contexts(browser):
    """Light and dark, on a laptop and on a phone."""
    import browsing

    return {
        (scheme, width): browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}
        )
        for scheme in ("light", "dark")
        for width in (browsing.LAPTOP, browsing.PHONE)
    }


@pytest.fixture
def window(contexts, tmp_path):
    """`window(text)`: a page with that HTML, or of that path, opened as a file; `scheme` and
    `width` as wanted."""
    import browsing

    windows = []

    def opened(page, scheme="light", width=browsing.LAPTOP):
        path = page
        if isinstance(page, str):
            path = tmp_path / f"{len(windows)}.html"
            path.write_text(page, encoding="utf-8")
        windows.append(browsing.Window(contexts[scheme, width].new_page()))
        windows[-1].page.goto(path.as_uri())
        return windows[-1]

    yield opened
    for each in windows:
        each.page.close()
