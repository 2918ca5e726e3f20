"""Reports of every kind, built by hand, for the tests of formats."""

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema

from grader.report import (
    Interval,
    Misconception,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    TimingVerdict,
)

# What would end a fence, a cell, an element or a workflow command, steer a terminal, or is no text.
NASTY = (
    "100% ::error file=a,line=1::pwned\r\n::set-output name=result::x\n"
    "]]> <script>alert(1)</script>\n```` `a|b` | <!--"
    " \x00\x1b[31m\x85\u202e\ufffe\ud800 & *_~ [x](y) ,:\n=1+1"
)
# What systems that run a job take for an order to them, and what may stand before it in a line.
COMMANDS = (
    "::set-output name=result::100",
    "::stop-commands::token",
    "::add-mask::100",
    "::ERROR file=a,line=1::pwned",
    ":::warning::pwned",
    "##[error]pwned",
    "###[group]pwned",
    "##vso[task.setvariable variable=result]100",
    "##VSO[task.complete result=Succeeded]",
    "##teamcity[testFinished name='a']",
    "section_start:1560896352:name[collapsed=true]\r\x1b[0K",
    "travis_fold:start:a",
)
BEFORE = (
    *("", "\n", "text\n", "text\r\n", "text\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"),
    *("  ", "\t", "\xa0", "\u3000", "\u200b", "\ufeff", "\x1b[31m", " \x1b[1;31m ", "\x9b31m"),
    *("\x1b]8;;https://example.org\x07", "\x1b]52;c;cHduZWQ=\x07", "\x1b]0;title\x1b\\", "\b" * 9),
)
ORDERS = "\n".join(before + command for command in COMMANDS for before in BEFORE)
# Lines that are broken, wherever that is.
BROKEN = "\n".join(
    "x" * width + between + COMMANDS[0] for width in range(104) for between in ("", " ")
)
# As much as a submission may print, and more than most systems take.
HUGE = "é%<\n" * 220_000

TIMING = Timing(
    device="cpu",
    verdict=TimingVerdict.OK,
    limit=3.0,
    student_ms=1.5,
    reference_ms=1.2,
    builtin_ms=1.0,
    vs_reference=Interval(1.25, 1.1, 1.4),
    vs_builtin=Interval(1.5, 1.3, 1.7),
    rounds=12,
)


def result(
    status: PropertyStatus = PropertyStatus.PASSED, points: int = 50, **changes: object
) -> PropertyResult:
    """A property that ended so, with the texts that go with it."""
    texts = {
        PropertyStatus.PASSED: (None, None, None),
        PropertyStatus.FAILED: ("It is 1; it should be 2.", "f(\n    x = 1\n)", 3),
        PropertyStatus.ERROR: ("ValueError: no\nat line 4: raise ValueError", None, 4),
        PropertyStatus.SKIPPED: ("It needs this first: It adds up.", None, None),
        PropertyStatus.BROKEN: ("RuntimeError: the reference raised", None, None),
    }
    message, counterexample, line = texts[status]
    values = {
        "name": f"test_{status.value}",
        "title": f"It is {status.value}.",
        "status": status,
        "score": points if status is PropertyStatus.PASSED else 0,
        "max_score": points,
        "message": message,
        "counterexample": counterexample,
        "line": line,
        "seconds": 0.25,
    }
    return PropertyResult(**{**values, **changes})


def report(status: Status = Status.PASSED, **changes: object) -> Report:
    """A report on exercise 3 with that status, and what such a one holds."""
    passed, failed = result(), result(PropertyStatus.FAILED)
    whole = replace(failed, score=0, max_score=100)
    kinds = {
        Status.PASSED: {
            "score": 100,
            "properties": (passed, replace(passed, name="test_speed")),
            "timing": TIMING,
        },
        Status.PARTIAL: {
            "score": 50,
            "properties": (passed, failed),
            "misconception": Misconception("Unscaled", "Divide by sqrt(d)."),
            "next_step": "For a nudge: grade hint 3",
        },
        Status.FAILED: {"properties": (whole,), "printed": "hello\n"},
        Status.NOT_STARTED: {"reason": "You have not started.", "next_step": "Open it."},
        Status.REJECTED: {"reason": "Line 7 uses `f`, which is forbidden here.", "line": 7},
        Status.UNGRADED: {
            "properties": (passed, result(PropertyStatus.BROKEN)),
            "reason": "The grader itself is at fault here, not your code.",
        },
    }
    values = {
        "number": 3,
        "slug": "attention_scoring",
        "title": "Attention scoring",
        "path": "exercises/ex03_attention_scoring.py",
        "sha256": "ab" * 32,
        "status": status,
        "score": 0,
        "max_score": 100,
        "seed": 7,
        "environment": {"grade": "0.1.0", "python": "3.11.9"},
        "sandbox": {"seccomp": "active"},
        "seconds": 1.5,
    }
    return Report(**{**values, **kinds[status], **changes})


UNREADABLE = report(Status.FAILED, properties=(), reason="a.py is empty.", sha256="", printed="")
EVERY_PROPERTY = report(
    Status.PARTIAL,
    score=20,
    properties=tuple(result(status, 20) for status in PropertyStatus if status != "broken"),
)
EVERY = {
    **{status.value: report(status) for status in Status},
    "unreadable": UNREADABLE,
    "every_property": EVERY_PROPERTY,
    "every_property_ungraded": report(
        Status.UNGRADED, properties=tuple(result(status, 20) for status in PropertyStatus)
    ),
    "nasty": report(
        Status.PARTIAL,
        score=50,
        path="exercises/\udcff,:%.py",
        title=NASTY,
        properties=(result(title=NASTY), result(PropertyStatus.FAILED, message=NASTY, title=NASTY)),
        misconception=Misconception("Nasty", NASTY),
        note=NASTY,
        printed=NASTY,
    ),
    "orders": report(
        Status.PARTIAL,
        score=50,
        path="::add-mask::a\n##[error].py",
        title=ORDERS,
        properties=(
            result(title=ORDERS),
            result(PropertyStatus.FAILED, message=ORDERS, counterexample=ORDERS, title=ORDERS),
            result(PropertyStatus.ERROR, message="::set-output name=a::b", title="::debug::x"),
        ),
        misconception=Misconception("Orders", ORDERS),
        note=ORDERS,
        next_step=ORDERS,
        printed=ORDERS,
    ),
    "orders_reason": report(Status.REJECTED, reason=ORDERS, next_step=ORDERS, path="##vso[a]"),
    "nasty_reason": report(Status.REJECTED, reason=NASTY, next_step=NASTY, title=NASTY),
    "huge": report(
        Status.PARTIAL,
        score=50,
        properties=(result(), result(PropertyStatus.FAILED, message=HUGE, counterexample=HUGE)),
        printed=HUGE,
    ),
}
# An assignment of forty exercises in which everything goes wrong, at length.
FORTY = [
    report(
        Status.FAILED,
        number=number,
        properties=tuple(
            result(PropertyStatus.FAILED, 10, message=HUGE[:6_000], line=index)
            for index in range(1, 11)
        ),
        printed=HUGE[:6_000],
    )
    for number in range(1, 41)
]


def orders(log: str) -> list[str]:
    """The lines of a log that some system takes for an order, wherever it breaks lines."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", log)
    lines = [line.lstrip() for each in plain.split("\n") for line in (each, *each.splitlines())]
    order = r"::|.*##\w*\[|.*(?:section_(?:start|end)|travis_(?:fold|time)):"
    return [line for line in lines if re.match(order, line, re.IGNORECASE)]


def valid(schema: str, text: str) -> dict:
    """The JSON object in `text`, held against the schema of that name."""
    content = json.loads(text)
    path = Path(__file__).parent / "schemas" / f"{schema}.json"
    jsonschema.validate(content, json.loads(path.read_text()))
    return content
