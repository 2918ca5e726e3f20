"""What hostile submissions get: no point that they did not earn, and nothing else is disturbed.

Each file in `attacks` is one submission to exercise 3. Its docstring says what it tries and where
that has worked. `EARNS` is the score of its honest part, `SAYS` a part of what its report tells
the student, `SECONDS` a time limit for what never comes back, `IN_ALL` that of all calls together
where it is not three times as long, `AGAINST` the layers of the sandbox that it is aimed at. What
it gets at and should not it prints as a line that begins with REACHED.
"""

import ast
import contextlib
import functools
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from quality import sample

from grader import formats
from grader.cli.options import Format
from grader.course import model as course
from grader.formats import terminal
from grader.judge.effort import Effort
from grader.report import PropertyStatus, Report, Status
from grader.worker.walls import layers

ATTACKS = {path.stem: path for path in sorted((Path(__file__).parent / "attacks").glob("*.py"))}
# Where attacks leave things if they can, and how those are named.
SHARED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/", str(Path.home()))
LEFT = "*grade-attack*"
PORT = 47321
EXERCISE = "3"
REFERENCE = course.bundled() / "solutions" / "ex03_attention_scoring" / "reference.py"
# What the solutions' room says and a worker must not know: comments, titles, names.
SECRETS = (
    "The dot product of two vectors of d independent entries",
    "softmax subtracts each row's greatest score first",
    "Shuffling keys and values together",
    "test_order_of_keys",
    "SoftmaxOverQueries",
)
# What is rejected wherever something is forbidden: `grader.submission.policy.DETOURS`, and torch's
# files.
REJECTED = re.compile(r"\b(?:ctypes|marshal|linecache|importlib|runpy)\b|torch\.__file__")


def constants(path: Path) -> dict[str, Any]:
    """The constants of an attack, read without running it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def told(report: Report) -> str:
    """Everything that the report tells the student about what happened."""
    messages = [result.message or "" for result in report.properties]
    shown = [result.counterexample or "" for result in report.properties]
    return "\n".join([report.reason or "", *messages, *shown])


def scratch_folders() -> set[Path]:
    """The scratch folders of workers that this process has started and not removed."""
    return set(Path(tempfile.gettempdir()).glob("grade-*"))


def rights() -> dict[str, tuple[int, ...]]:
    """Owner and rights of everything in the course, and of the grader."""
    root = course.bundled()
    pending = [str(root / name) for name in ("exercises", "solutions", "grader")]
    found = {}
    while pending:
        folder = pending.pop()
        with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # somebody else's, gone meanwhile
                    status = entry.stat(follow_symlinks=False)
                    found[entry.path] = (status.st_mode, status.st_uid, status.st_gid)
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
    return found


def left_behind() -> set[Path]:
    """Files of attacks in the places that everybody writes to, and beside the grader's own."""
    places = [Path(place) for place in SHARED_FOLDERS]
    root = course.bundled()
    places += [root, *(root / name for name in ("exercises", "solutions", "grader", "tests"))]
    return {path for place in places for path in place.glob(LEFT)}


def answers(port: int) -> bool:
    """Whether somebody waits at a port of this machine."""
    with socket.socket() as mine:
        return mine.connect_ex(("127.0.0.1", port)) == 0


def system_v() -> str:
    """Keys of shared memory, queues and semaphores that outlive processes."""
    names = ("shm", "msg", "sem")
    rows = [
        row.split() for n in names for row in Path(f"/proc/sysvipc/{n}").read_text().splitlines()
    ]
    return "\n".join(row[0] for row in rows if row[0] == str(0x67726164))


@pytest.fixture
def nothing_left(tmp_path, monkeypatch, processes) -> Iterator[None]:
    """After the test: no process more than before, no scratch folder, no file, no port, and the
    rights of course and grader as they were."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before, were = processes(), rights()
    yield
    assert processes() <= before
    assert not scratch_folders()
    assert not left_behind()
    assert not answers(PORT)
    assert not system_v()
    now = rights()
    assert {path: now[path] for path in were.keys() & now.keys()} == {
        path: were[path] for path in were.keys() & now.keys()
    }


def graded(grade_source, name: str, **options: Any) -> Report:
    """What an attack gets. One that uses what also leads to forbidden names, and is rejected for
    it, is tried where nothing is forbidden: here it is to meet the other walls."""
    path = ATTACKS[name]
    # Where the grader is: a student may know, or guess.
    text = path.read_text(encoding="utf-8").replace("@ROOT@", str(course.bundled()))
    if REJECTED.search(text):
        options["forbidden"] = ()
    if seconds := constants(path).get("SECONDS"):
        together = constants(path).get("IN_ALL", 3 * seconds)
        options |= {"property_seconds": seconds, "submission_seconds": together}
    return grade_source(EXERCISE, text, **options)


@pytest.fixture(scope="module")
def once(grade_source) -> Callable[[str], Report]:
    """`once(name)`: what an attack gets; graded once for all tests that ask for no more."""
    return functools.cache(functools.partial(graded, grade_source))


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_earns_only_what_is_honest_in_it(once, name):
    """It is graded like any wrong answer, the student is told why, and nothing of it goes on."""
    expected = constants(ATTACKS[name])
    report = once(name)
    assert report.score == expected["EARNS"]
    assert report.status is (Status.PARTIAL if expected["EARNS"] else Status.FAILED)
    assert PropertyStatus.BROKEN not in {result.status for result in report.properties}
    assert expected["SAYS"] in told(report)
    assert "/grader/" not in told(report)
    assert "REACHED" not in report.printed
    assert not layers.missing(report.sandbox)
    json.dumps(report.as_json()).encode()
    for pid in map(int, re.findall(r"^pid (\d+)$", report.printed, re.MULTILINE)):
        assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("name", ["foreign_memory", "poisoned_bytecode", "tampered_torch_files"])
def test_what_leads_to_forbidden_names_is_rejected_at_once(grade_source, name):
    """By the source or by the watch, whatever else is in it."""
    report = grade_source(EXERCISE, ATTACKS[name].read_text(encoding="utf-8"))
    assert (report.status, report.score) == (Status.REJECTED, 0)
    assert "it reaches what is forbidden here another way" in told(report)


AIMED = [
    (layer.name, name)
    for layer in layers.LAYERS
    for name, path in ATTACKS.items()
    if layer.name in constants(path).get("AGAINST", "").split()
]


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(("layer", "name"), sample(AIMED, 3))
def test_without_one_layer_an_attack_on_it_still_earns_nothing(grade_source, layer, name):
    """The marks do not depend on the sandbox; the report says which layer was off. Each property is
    tried, whatever the others say; no name is looked for."""
    report = graded(grade_source, name, without=(layer,), effort=Effort.EVERY)
    assert report.sandbox[layer] == layers.SWITCHED_OFF
    assert report.score == constants(ATTACKS[name])["EARNS"]
    assert report.status is Status.FAILED
    assert PropertyStatus.BROKEN not in {result.status for result in report.properties}


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("name", ["exit_in_call", "forged_report", "walked_process", "daemons"])
def test_without_any_layer_an_attack_still_earns_nothing(grade_source, name):
    """The boundary between judge and worker alone keeps the marks."""
    report = graded(grade_source, name, without=layers.NAMES)
    assert set(report.sandbox.values()) == {layers.SWITCHED_OFF}
    assert (report.score, report.status) == (0, Status.FAILED)


@pytest.mark.slow
def test_a_submission_that_kills_the_helper_process_has_failed(grade_source, spare_forkserver):
    """Where no layer keeps its signals back, it is told so."""
    report = graded(
        grade_source, "killed_parent", forkserver=spare_forkserver, without=layers.NAMES
    )
    assert (report.score, report.status) == (0, Status.FAILED)
    assert "killed" in told(report)


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("honest", [True, False])
def test_files_beside_a_submission_are_never_looked_at(grade_source, tmp_path, monkeypatch, honest):
    """A conftest.py, a torch.py or a pytest.ini in the submission's folder changes no mark."""
    names = ("conftest", "sitecustomize", "torch", "pytest", "hypothesis", "reference", "grader")
    folder = tmp_path / "handed-in"
    folder.mkdir()
    marker = tmp_path / "marker"
    for name in names:
        (folder / f"{name}.py").write_text(f"open({str(marker)!r}, 'w')\nimport os; os._exit(0)\n")
    (folder / "zz.pth").write_text(f"import os; open({str(marker)!r}, 'w')")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    answer = folder / "ex03_attention_scoring.py"
    source = REFERENCE.read_text(encoding="utf-8")
    answer.write_text(source if honest else source.replace(" / math.sqrt(d)", ""))
    monkeypatch.chdir(folder)
    run = subprocess.run(
        [sys.executable, "-m", "grader", "exercise", EXERCISE, "-s", answer, "-f", "json"],
        capture_output=True,
        text=True,
        # What runs `grade` is the installed program, not whatever lies in the working directory.
        env={
            **os.environ,
            "PYTHONSAFEPATH": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        timeout=100,
    )
    report = json.loads(run.stdout)
    assert report["score"] == (100 if honest else 0), run.stderr
    assert not marker.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_an_honest_answer_is_graded_as_ever_after_all_of_it(grade_source):
    """What hostile submissions did in their workers has no effect on the next one."""
    report = grade_source(EXERCISE, REFERENCE.read_text(encoding="utf-8"))
    assert (report.score, report.status) == (100, Status.PASSED)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["exit_in_call", "right_at_first", "patched_torch", "expanded"])
def test_an_attack_gets_the_same_report_each_time(once, grade_source, name):
    """Seconds aside, no word of the report changes from one grading to the next."""

    def without_seconds(report: Report) -> dict[str, Any]:
        content = report.as_json()
        for result in content["properties"]:
            del result["seconds"]
        return content | {"seconds": None}

    first, second = once(name), graded(grade_source, name)
    assert first is not second
    assert without_seconds(first) == without_seconds(second)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["right_at_first", "walked_process", "hostile_exception"])
def test_the_same_attack_through_the_command_line_earns_nothing(tmp_path, name):
    """`grade exercise` says one object on standard output, exits with 1, and tells no secret."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "grader", "exercise", EXERCISE),
            *("--submission", str(ATTACKS[name]), "--format", "json"),
        ],
        capture_output=True,
        text=True,
        cwd=REFERENCE.parents[2],
        timeout=100,
    )
    report = json.loads(run.stdout)
    assert (run.returncode, report["status"], report["score"]) == (1, "failed", 0)
    assert "SECRET" not in report["printed"]
    assert not [secret for secret in SECRETS if secret in report["printed"]]


# What a system that runs a job takes for an order, in a line as it reads it: without what nobody
# sees. Ours are those of the format for GitHub, of which the attacks' own speak of another file.
ORDER = re.compile(r"^\s*::\w|#{2}\w*\[", re.MULTILINE)
SHOWN_BY_NOBODY = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\u200b\ufeff]")
OURS = re.compile(r"^::(?:error|warning|notice) (?!file=a,)[^:]*::.*$", re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in ATTACKS if name.startswith("orders_in_")])
def test_no_format_hands_orders_to_whoever_keeps_the_log(once, name):
    """Printed, raised or returned: it is broken up wherever the report is shown."""
    report = once(name)
    assert "pwned" in report.printed + told(report) or "set-output" in told(report)
    for each in Format:
        if each is Format.TERMINAL:
            text = terminal.plain(report)
        elif each is Format.CLASSROOM50:  # takes more than a report
            continue
        else:
            text = formats.render(each, [report])
        lines = "\n".join(SHOWN_BY_NOBODY.sub("", OURS.sub("", text)).splitlines())
        assert not ORDER.findall(lines), each


def test_a_walk_through_the_process_finds_none_of_the_answer(once):
    """Neither the classes of the process, nor what their methods use, nor the loaded modules lead
    to the solutions; frames and the garbage collector are refused."""
    report = once("walked_process")
    looked_at = [int(count) for count in re.findall(r"looked at (\d+) objects", report.printed)]
    assert min(looked_at) > 10_000
    assert "2 functions of mine" in told(report)  # it finds what is there
    assert "out of bounds" in report.printed
    assert "SECRET" not in report.printed
    words = report.printed + "".join(result.message or "" for result in report.properties)
    hidden = [secret for secret in SECRETS if not secret.startswith("Shuffling")]
    assert not [secret for secret in hidden if secret in words]
