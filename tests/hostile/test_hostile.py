"""What hostile submissions get: no point that they did not earn, and nothing else is disturbed.

Each file in `attacks` is one submission to exercise 3. Its docstring says what it tries and where
that has worked. `EARNS` is the score of its honest part, `SAYS` a part of what its report tells
the student, `SECONDS` a time limit for what never comes back.
"""

import ast
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.report import PropertyStatus, Report, Status

ATTACKS = {path.stem: path for path in sorted((Path(__file__).parent / "attacks").glob("*.py"))}
# They end the process that all workers are forked from, which nobody can start again.
FATAL = {"killed_parent"}
MENDABLE = sorted(ATTACKS.keys() - FATAL)
# Not defended against yet; each takes its mark away with its fix.
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


def descendants(pid: int) -> set[int]:
    """The processes that descend from `pid`, zombies too."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        for child in map(int, children.split()):
            found |= {child} | descendants(child)
    return found


def scratch_folders() -> set[Path]:
    """The scratch folders of workers that this process has started and not removed."""
    return set(Path(tempfile.gettempdir()).glob("grade-*"))


@pytest.fixture
def nothing_left(tmp_path, monkeypatch) -> Iterator[None]:
    """After the test: no process more than before, and no scratch folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = descendants(os.getpid())
    yield
    assert descendants(os.getpid()) <= before
    assert not scratch_folders()


def graded(grade_source, name: str, **options: Any) -> Report:
    path = ATTACKS[name]
    if seconds := constants(path).get("SECONDS"):
        options |= {"property_seconds": seconds, "submission_seconds": 3 * seconds}
    return grade_source(EXERCISE, path.read_text(encoding="utf-8"), **options)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("name", MENDABLE)
def test_an_attack_earns_only_what_is_honest_in_it(grade_source, name):
    """It is graded like any wrong answer, the student is told why, and nothing of it goes on."""
    expected = constants(ATTACKS[name])
    report = graded(grade_source, name)
    assert report.score == expected["EARNS"]
    assert report.status is (Status.PARTIAL if expected["EARNS"] else Status.FAILED)
    assert PropertyStatus.BROKEN not in {result.status for result in report.properties}
    assert expected["SAYS"] in told(report)
    assert "/grader/" not in told(report)
    json.dumps(report.as_json()).encode()
    for pid in map(int, re.findall(r"^pid (\d+)$", report.printed, re.MULTILINE)):
        assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("name", FATAL)
def test_an_attack_on_the_helper_process_earns_nothing(grade_source, spare_forkserver, name):
    """A submission that kills the process it was forked from is told so, and has failed."""
    expected = constants(ATTACKS[name])
    report = graded(grade_source, name, forkserver=spare_forkserver)
    assert (report.score, report.status) == (0, Status.FAILED)
    assert expected["SAYS"] in told(report)


@pytest.mark.usefixtures("nothing_left")
def test_an_honest_answer_is_graded_as_ever_after_all_of_it(grade_source):
    """What hostile submissions did in their workers has no effect on the next one."""
    report = grade_source(EXERCISE, REFERENCE.read_text(encoding="utf-8"))
    assert (report.score, report.status) == (100, Status.PASSED)


@pytest.mark.parametrize("name", ["exit_in_call", "right_at_first", "patched_torch", "expanded"])
def test_an_attack_gets_the_same_report_each_time(grade_source, name):
    """Seconds aside, no word of the report changes from one grading to the next."""

    def without_seconds(report: Report) -> dict[str, Any]:
        content = report.as_json()
        for result in content["properties"]:
            del result["seconds"]
        return content | {"seconds": None}

    first, second = (without_seconds(graded(grade_source, name)) for _ in range(2))
    assert first == second


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


def test_a_walk_through_the_process_finds_none_of_the_answer(grade_source):
    """Neither frames, nor the garbage collector, nor the loaded modules lead to the solutions."""
    report = graded(grade_source, "walked_process")
    looked_at = [int(count) for count in re.findall(r"looked at (\d+) objects", report.printed)]
    assert min(looked_at) > 10_000
    assert "2 functions of mine" in told(report)  # it finds what is there
    assert "SECRET" not in report.printed
    words = report.printed + "".join(result.message or "" for result in report.properties)
    hidden = [secret for secret in SECRETS if not secret.startswith("Shuffling")]
    assert not [secret for secret in hidden if secret in words]


# Each is what a worker under a student's control may put in a reply instead of an honest one.
FORGED = {
    "id a tensor": '{"id": torch.ones(3)}',
    "id a float": '{"id": float(number)}',
    "id True": '{"id": True}',
    "no outcome": '{"id": number}',
    "outcome a tensor": '{"id": number, "outcome": torch.ones(3)}',
    "outcome a text": '{"id": number, "outcome": "passed"}',
    "outcome a list": '{"id": number, "outcome": [1]}',
    "outcome a stream": '{"id": number, "outcome": wire.Stream((1,))}',
    "outcome without parts": '{"id": number, "outcome": {"value": 1}}',
    "gradients a tensor": '{"id": number, "outcome": {**honest, "gradients": torch.ones(3, 3)}}',
    "gradients a text": '{"id": number, "outcome": {**honest, "gradients": "abc"}}',
    "gradients an int": '{"id": number, "outcome": {**honest, "gradients": 7}}',
    "gradients a dict": '{"id": number, "outcome": {**honest, "gradients": {None: 1}}}',
    "backwards a tensor": '{"id": number, "outcome": {**honest, "backwards": torch.ones(3, 3)}}',
    "changes an int": '{"id": number, "outcome": {**honest, "changes": 7}}',
    "changes a tensor": '{"id": number, "outcome": {**honest, "changes": torch.ones(3, 3)}}',
    "changes of numbers": '{"id": number, "outcome": {**honest, "changes": [[1, 2, 3]]}}',
    "no devices": '{"id": number, "outcome": {**honest, "devices": None}}',
    "devices a tensor": '{"id": number, "outcome": {**honest, "devices": torch.ones(3)}}',
    "value a stream": '{"id": number, "outcome": {**honest, "value": wire.Stream((1,))}}',
    "value odd keys": '{"id": number, "outcome": {**honest, "value": {float("nan"): torch.ones(2),'
    " None: wire.Stream(()), (1, 2): {}}}}",
    "value a pair of streams": '{"id": number, "outcome": {**honest, "value":'
    " (wire.Stream((torch.ones(2),)), wire.Stream((torch.ones(2),)))}}",
    "raised a text": '{"id": number, "raised": "passed"}',
    "raised a tensor": '{"id": number, "raised": torch.ones(2)}',
    "raised of tensors": '{"id": number, "raised": {"type": torch.ones(3), "message": {}}}',
    "raised at no line": '{"id": number, "raised": {"type": "E", "lines": [10**1000]}}',
    "raised before the first line": '{"id": number, "raised": {"type": "E", "lines": [-5]}}',
    "raised at great length": '{"id": number, "raised": {"type": "E", "message": "m" * 4_000_000}}',
    "unsendable a tensor": '{"id": number, "unsendable": torch.ones(3)}',
    "unsendable at great length": '{"id": number, "unsendable": "m" * 4_000_000}',
    "tripped an int": '{"id": number, "tripped": 5}',
    "tripped of nothing": '{"id": number, "tripped": [[]]}',
    "tripped by a tensor": '{"id": number, "tripped": [[torch.ones(3), torch.ones(3)]]}',
    "tripped at no line": '{"id": number, "tripped": [["torch.x", 10**1000]]}',
}
FORGER = """
import sys
import torch
from grader import wire

pack = wire.pack
honest = {"value": None, "devices": [], "gradients": None, "changes": None, "backwards": None}


def forged(message, **options):
    number = message["id"]
    return pack(FORGED)


def attention_scores(queries, keys):
    wire.pack = forged


def attention(queries, keys, values):
    wire.pack = forged
"""
LONGEST = 20_000


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("when", ["in a call", "at import"])
@pytest.mark.parametrize("what", FORGED)
def test_a_forged_reply_costs_its_own_submission_and_nothing_else(grade_source, what, when):
    """Whatever stands in a reply, there is a verdict, it is not a pass, and it fits a screen."""
    source = FORGER.replace("FORGED", FORGED[what])
    if when == "at import":
        source += "\nwire.pack = forged\n"
    report = grade_source(EXERCISE, source)
    assert report.score == 0
    assert report.status in (Status.FAILED, Status.REJECTED)
    assert len(told(report)) < LONGEST
