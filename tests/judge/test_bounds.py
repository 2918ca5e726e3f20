"""Whatever a submission returns, the judge's memory, its time and its report stay small.

It is graded in a process of its own, which has no more memory than that and is killed when it takes
too long: a judge without bounds would take the tests with it.
"""

import json
import subprocess
import sys
from typing import Any

import pytest
import torch
from quality import sample

from grader import report
from grader.judge.compare import CHUNK, Mismatch, agree, gap, is_larger, short
from grader.judge.explain.counterexample import MOST_TEXT, describe
from grader.report import Comparison, Excerpt, Part, PropertyResult, PropertyStatus, Report, Status
from grader.wire import DTYPES, Stream

MOST_MIB = 500
MOST_BYTES = 200_000  # of a report as JSON
MOST_RENDERED = 400_000  # in any other format
# What each function of a submission returns.
VALUES = {
    "axes of four": "torch.zeros((4,) * 12, dtype=torch.bool)",
    "more axes of four than a message holds": "torch.zeros((4,) * 13, dtype=torch.bool)",
    "axes of two": "torch.zeros((2,) * 24, dtype=torch.bool)",
    "different elements": "torch.rand((4,) * 11)",
    "eight bits each": "torch.zeros((32,) * 5).to(torch.float8_e5m2)[:16]",
    "one long axis": "torch.zeros(30_000_000, dtype=torch.bool)",
    "no number": "torch.full((30_000, 64), float('nan'))",
    "axes of one": "torch.zeros((1,) * 60 + (4,) * 4)",
    "no element": "torch.zeros(0, 1 << 39, 256)",
    "empty dicts": "[{}] * 19_000",
    "more empty dicts than a message holds": "[{}] * 199_000",
    "empty lists": "[[[]]] * 9_000",
    "pairs of pairs": "paired(1.5, 13)",
    "more pairs than a message holds": "paired(1.5, 18)",
    "pairs of tensors": "paired(torch.ones(2), 10)",
    "one tensor everywhere": "[torch.zeros(4_000_000)] * 1_900",
    "many tensors": "[torch.zeros(3) for _ in range(1_900)]",
    "tensors by name": "{str(i) * 20: torch.zeros(3) for i in range(1_500)}",
    "keys that are tuples": "{(i, (i,)): i for i in range(2_000)}",
    "long keys": "{'k' * 300_000: 1, 'l' * 300_000: [2]}",
    "a text": "'a' * 1_000_000",
    "a text of what JSON escapes": "chr(0) * 160_000",
    "texts": "['a' * 1_000] * 1_000",
    "great ints": "[1 << 4000] * 800",
    "a great int": "-(1 << 4000)",
    "a deep list": "deep(40)",
}
# An int where one is wanted, two where two are, and a dict.
OTHERS = {
    "6": ["1 << 4000", "-(1 << 4000)", "True"],
    "10": ["(1 << 4000, -(1 << 4000))", "(1,) * 15_000", "([{}] * 15_000, 'a' * 900_000)"],
    "17": ["{'k' * 300_000: (1,)}", "{str(i): (i, i) for i in range(4_000)}"],
}
JUDGE = '''
import dataclasses, json, resource, sys
from pathlib import Path
from grader.judge.processes.workers import Forkserver

HEAD = """
import torch

def paired(value, times):
    for _ in range(times):
        value = [value, value]
    return value

def deep(times):
    value = ["x" * 200] * 4
    for _ in range(times):
        value = [value, {"y" * 300: [1]}]
    return value

"""

def main(asked):
    with Forkserver() as forkserver:
        from grader import formats; from grader.course import model as course
        from grader.judge.grading import grade
        from grader.submission.text import Submission

        def graded(number, source):
            exercise = course.find(course.bundled()).exercise(number)
            path = Path(exercise.stem + ".py")
            return grade(exercise, Submission(path, "0" * 64, source), device="cpu", speed=False,
                         forkserver=forkserver)

        exercise = course.find(course.bundled()).exercise("3")
        honest = graded("3", (exercise.room / "reference.py").read_text(encoding="utf-8"))
        assert honest.score == 100
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limit = size + (1536 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for number, functions, value in asked:
            before = resource.getrusage(resource.RUSAGE_SELF)
            lines = (f"def {name}(*args, **kwargs): return {value}\\n" for name in functions)
            source = HEAD + "".join(lines)
            report = graded(number, source)
            names = ("html", "junit", "gradescope", "github", "markdown", "csv", "prairielearn",
                     "github-classroom", "json")
            after = resource.getrusage(resource.RUSAGE_SELF)
            print(json.dumps({
                "status": report.status,
                "score": report.score,
                "properties": [result.status for result in report.properties],
                "json": len(json.dumps(report.as_json())),
                "formats": {name: len(formats.render(name, [report])) for name in names},
                "mib": (after.ru_maxrss - before.ru_maxrss) / 1024,
                "seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            }), flush=True)

main(json.loads(sys.argv[1]))
'''
PLACES = [
    *(("3", ("attention_scores", "attention"), value) for value in VALUES.values()),
    *(("6", ("count_conv_params",), value) for value in OTHERS["6"]),
    *(("10", ("conv_output_shape",), value) for value in OTHERS["10"]),
    *(("17", ("recurrent_param_shapes",), value) for value in OTHERS["17"]),
]
TRIED = sample(PLACES, 5)


@pytest.fixture(scope="module")
def graded() -> list[dict[str, Any]]:
    """What came of grading each of `TRIED`, one after another, in one process."""
    run = subprocess.run(
        [sys.executable, "-c", JUDGE, json.dumps(TRIED)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured by /proc")
@pytest.mark.parametrize("number", range(len(TRIED)), ids=lambda n: TRIED[n][2][:40])
def test_a_value_costs_the_judge_little_whatever_it_is(graded, number):
    """A normal failure, in a report that a browser and a school's system can take."""
    found = graded[number]
    assert (found["status"], found["score"]) == ("failed", 0)
    assert set(found["properties"]) <= {"failed", "skipped", "error"}
    assert found["mib"] < MOST_MIB
    assert found["json"] < MOST_BYTES
    assert max(found["formats"].values()) < MOST_RENDERED


# --- what is shown ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        1.5,
        "a'b",
        [],
        (),
        {},
        (1,),
        [1, (2, [3])],
        {"a": [1], (2, 3): {"b": ()}},
        "x" * 119,
        ["x"] * 20,
    ],
    ids=repr,
)
def test_short_is_repr_where_that_is_short(value):
    """What fits is written as Python does."""
    text = repr(value)
    assert short(value, len(text)) == text
    assert short(value, len(text) - 1) == text[: len(text) - 2] + "…"


def test_what_is_cut_is_not_looked_at():
    """A value is not written out to be cut: the rest of it is never touched."""

    class Touchy:
        def __repr__(self) -> str:
            raise AssertionError("written out, to be cut")

    value = ["x" * 50, {"y": ("z" * 50, Touchy())}, Touchy()]
    assert short(value, 60).endswith("…")
    assert len(short("x" * 10**6, 60)) == 60
    assert short(Stream((1, "x" * 10**6)), 60).startswith("(1, 'xxx")


def test_a_dict_of_long_keys_is_told_in_a_line():
    """Keys are a student's text like any other."""
    with pytest.raises(Mismatch) as caught:
        agree({"k" * 10**6: 1, **{str(i): i for i in range(10_000)}}, {"a": 1})
    assert len(caught.value.message) < 400
    assert caught.value.message == "The result lacks the key 'a'."
    with pytest.raises(Mismatch) as caught:
        agree({"a": 1, "k" * 10**6: 1, **{str(i): i for i in range(10_000)}}, {"a": 1})
    assert len(caught.value.message) < 400


def nested(width: int, depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = [leaf] * width
    return leaf


@pytest.mark.parametrize(
    "value",
    [
        nested(20, 4, torch.ones(2, 2)),
        nested(2, 12, torch.arange(9.0)),
        nested(24, 3, {"k" * 1_000: torch.rand(3, 3)}),
        [torch.rand(3, 4, 4, 4, 4, 4)] * 20,
        torch.rand((4,) * 9),
        torch.rand(3, 1_000, 1_000),
        {("k",) * 1_000: torch.ones(1)},
        "x" * 10**6,
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_described_in_a_page(value):
    """One budget for all its levels together."""
    text = describe(value)
    assert len(text) <= MOST_TEXT
    assert len(text.splitlines()) < 300


def test_of_many_axes_the_first_part_is_shown():
    """And where it lies in the whole is said."""
    text = describe(torch.arange(4.0**6).reshape((4,) * 6))
    assert text.startswith("# (4, 4, 4, 4, 4, 4) float32, of which [0, 0] is\n[[[[  0.,   1.")


@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_can_be_shown_and_compared(name):
    """Also those that torch hardly computes with."""
    raw = torch.arange(12 * DTYPES[name].itemsize, dtype=torch.int64).remainder(60).to(torch.uint8)
    one = raw.view(DTYPES[name]) if name != "bool" else raw % 2 == 0
    assert describe(one.reshape(3, 4))
    assert describe(torch.zeros(64, dtype=torch.uint8).view(one.dtype))
    assert gap(one, one.clone(), 0.0).count == 0
    other = one.clone()
    other.view(torch.uint8)[-1] ^= 1
    assert gap(one, other, 0.0).count == 1


def test_a_gap_is_found_in_any_piece():
    """Piece by piece or as a whole, it is the same elements, the same place and difference."""
    right = torch.zeros(3, CHUNK, dtype=torch.float64)
    mine = right.clone()
    mine[0, 5], mine[1, 7], mine[2, 9], mine[2, 10] = 1.0, -3.0, 3.0, 0.25
    found = gap(mine, right, 0.5)
    assert (found.count, found.place, found.difference) == (3, (1, 7), 3.0)
    assert gap(mine, right, 4.0).count == 0
    mine[2, 11] = torch.nan
    assert gap(mine, right, 4.0).place == (2, 11)
    assert gap(mine.bool(), right.bool(), 0.0).count == 5


def test_size_is_counted_over_all_levels():
    """Items, characters and elements, no further than need be."""
    assert not is_larger([1, [2, "abc"], torch.ones(2, 2)], 20)
    assert is_larger([1, [2, "abc"], torch.ones(4, 4)], 20)
    assert is_larger("a" * 21, 20)
    assert is_larger(nested(2, 48, 1), 20)
    assert is_larger({"a" * 30: 1}, 20)


@pytest.mark.parametrize("character", ["a", "\0", "é"])
def test_a_report_is_bounded_where_it_is_made(character):
    """Whoever fills in its fields, and however many properties there are."""
    long = character * 10**6
    part = Part(long, long, Excerpt("float64", (1,), (0,), (1.0,)))
    comparison = Comparison(long, (part,) * 12)
    results = tuple(
        PropertyResult(
            f"p{n}", "P.", PropertyStatus.FAILED, 0, 5, long, long, comparison=comparison
        )
        for n in range(20)
    )
    whole = Report(1, "s", "S", "s.py", "", Status.FAILED, 0, 100, properties=results, reason=long)
    assert len(json.dumps(whole.as_json())) < 2 * report.MOST_OF_ALL + 10_000
    assert (whole.properties[0].comparison is not None) == (character == "a")
    assert all(result.message and result.counterexample for result in whole.properties)
    assert Report.from_json(json.loads(json.dumps(whole.as_json()))) == whole
