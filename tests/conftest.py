"""What the tests share: a forkserver that knows no secret, and grading in process."""

import contextlib
import dataclasses
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import hypothesis
import pytest
import torch

from grader.course import model as course
from grader.judge.grading import grade
from grader.judge.processes.workers import Forkserver
from grader.report import Report
from grader.submission.text import Submission

GradeSource = Callable[..., Report]

FORKSERVER = pytest.StashKey[Forkserver]()
VALIDATION = pytest.StashKey[tuple[subprocess.Popen[bytes], IO[str], IO[str]]]()
SPARE_FORKSERVER = pytest.StashKey[Forkserver]()
HISTORIES = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the forkservers, which import torch while the tests are collected."""
    # What the tests grade is no attempt of whoever works in this checkout.
    session.config.stash[HISTORIES] = tempfile.TemporaryDirectory(prefix="histories-")
    os.environ["GRADE_HISTORY"] = session.config.stash[HISTORIES].name
    os.environ.pop("CI", None)  # on a CI server gradings draw a secret seed; these are compared
    os.environ["LC_ALL"] = "C.UTF-8"  # whoever runs the tests, the program speaks English in them
    torch.set_num_threads(1)
    session.config.stash[FORKSERVER] = Forkserver()
    session.config.stash[SPARE_FORKSERVER] = Forkserver()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask last for what takes longest and runs beside all others: the validation of the course."""
    items.sort(key=lambda item: "validation" in getattr(item, "fixturenames", ()))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to validate the course, where a test will ask for it; whatever else runs goes first."""
    if any("validation" in getattr(item, "fixturenames", ()) for item in session.items):
        # Files: a pipe that nobody reads would fill up.
        output, errors = (tempfile.TemporaryFile("w+") for _ in range(2))  # noqa: SIM115
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", "validate", "--seeds", "4"],
            cwd=Path(__file__).resolve().parent.parent,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # some tests look at every file
            stdout=output,
            stderr=errors,
        )
        os.setpriority(os.PRIO_PROCESS, process.pid, 10)
        session.config.stash[VALIDATION] = process, output, errors


@pytest.fixture(scope="session")
def validation(pytestconfig: pytest.Config) -> subprocess.CompletedProcess[str]:
    """`grade validate` of the whole course, on fewer seeds than its author takes."""
    process, *files = pytestconfig.stash[VALIDATION]
    process.wait()
    texts = []
    for file in files:
        file.seek(0)
        texts.append(file.read())
    return subprocess.CompletedProcess(process.args, process.returncode, *texts)


@pytest.fixture
def processes(pytestconfig: pytest.Config) -> Callable[[], set[int]]:
    """`processes()`: those that the tests have started, zombies too, the validation's apart."""
    for key in (FORKSERVER, SPARE_FORKSERVER):
        if pytestconfig.stash[key].is_alive:
            _ = pytestconfig.stash[key].pid  # there, with all that it began with
    validating = pytestconfig.stash.get(VALIDATION, None)
    apart = validating[0].pid if validating else None

    def descendants(pid: int) -> set[int]:
        found: set[int] = set()
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            for child in map(int, children.split()):
                if child != apart:
                    found |= {child} | descendants(child)
        return found

    return lambda: descendants(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the forkservers, and with them whatever a test left behind; remove the histories."""
    if (validating := config.stash.get(VALIDATION, None)) is not None:
        validating[0].terminate()
    for key in (FORKSERVER, SPARE_FORKSERVER):
        if (forkserver := config.stash.get(key, None)) is not None:
            forkserver.close()
    if (histories := config.stash.get(HISTORIES, None)) is not None:
        histories.cleanup()


@pytest.fixture(scope="session")
def forkserver(pytestconfig: pytest.Config) -> Forkserver:
    """The process that every worker of the tests is forked from."""
    return pytestconfig.stash[FORKSERVER]


@pytest.fixture(scope="session")
def spare_forkserver(pytestconfig: pytest.Config) -> Forkserver:
    """Another one, for the one test that ends it."""
    return pytestconfig.stash[SPARE_FORKSERVER]


@pytest.fixture(autouse=True)
def _own_hypothesis_profile() -> Iterator[None]:
    """Grading loads the profile `grade` for the whole process; give the tests their own back."""
    before = hypothesis.settings.get_current_profile_name()
    yield
    hypothesis.settings.load_profile(before)


@pytest.fixture
def grade_source(forkserver: Forkserver) -> GradeSource:
    """`grade_source(exercise_name, source)`: the report of a source text, graded in process.

    Further arguments go to `grade`, those that name a limit to the exercise's limits, `forbidden`
    to the exercise.
    """
    profile = hypothesis.settings.get_current_profile_name()

    def graded(exercise_name: str, source: str, **options: object) -> Report:
        exercise = course.find(course.bundled()).exercise(exercise_name)
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
