"""JUnit XML as pytest writes it: a suite for each exercise, a test case for each property.

It keeps to the schema of Jenkins's xUnit plugin, `junit-10.xsd`. There a test case has no
properties of its own: what is known of each stands with those of its suite.
"""

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.formats.cases import Case, cases, stem
from grader.formats.text import clip
from grader.report import PropertyStatus, Report, clean

MOST_CHARACTERS = 20_000  # of each text
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
SKIPPED_TYPE = "pytest.skip"


def render_all(reports: Sequence[Report]) -> str:
    """A `testsuites` element. What went wrong in the student's code is a `failure`; an `error`, as
    in pytest, is what hindered the test itself: a fault of the grader's."""
    suites = Element("testsuites", name="grade")
    for report in reports:
        _suite(suites, report)
    return f"{DECLARATION}{tostring(suites, encoding='unicode')}\n"


def _suite(suites: Element, report: Report) -> None:
    found = cases(report)
    kinds = [_kind(case) for case in found]
    suite = SubElement(
        suites,
        "testsuite",
        name=stem(report),
        errors=str(kinds.count("error")),
        failures=str(kinds.count("failure")),
        skipped=str(kinds.count("skipped")),
        tests=str(len(found)),
        time=f"{report.seconds:.3f}",
        timestamp=datetime.now().astimezone().isoformat(),
        hostname=platform.node(),
    )
    facts: dict[str, object] = {
        "status": report.status.value,
        "score": report.score,
        "max_score": report.max_score,
    }
    if report.misconception:
        facts["misconception"] = clean(report.misconception.explanation)
    for case in found:
        facts |= {
            f"{case.name}.title": case.title,
            f"{case.name}.score": case.score,
            f"{case.name}.max_score": case.max_score,
        }
    _properties(suite, facts)
    for case, kind in zip(found, kinds, strict=True):
        _case(suite, case, kind)


def _case(suite: Element, case: Case, kind: str | None) -> None:
    element = SubElement(
        suite,
        "testcase",
        classname=stem(case.report),
        name=case.name,
        time=f"{case.seconds:.3f}",
    )
    if kind is None:
        return
    text = clip(case.text, MOST_CHARACTERS)
    outcome = SubElement(element, kind)
    if kind == "skipped":
        outcome.set("type", SKIPPED_TYPE)
    outcome.set("message", text.partition("\n")[0])
    outcome.text = text


def _properties(parent: Element, facts: Mapping[str, object]) -> None:
    properties = SubElement(parent, "properties")
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=str(value))


def _kind(case: Case) -> str | None:
    return {
        PropertyStatus.FAILED: "failure",
        PropertyStatus.ERROR: "failure",
        PropertyStatus.SKIPPED: "skipped",
        PropertyStatus.BROKEN: "error",
    }.get(case.status)
