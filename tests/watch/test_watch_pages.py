"""What stands on a page in a window of a certain size."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from grader.report import Misconception, PropertyResult, PropertyStatus, Report, Status
from grader.watch import pages

STATUSES = [PropertyStatus.PASSED] * 5 + [PropertyStatus.FAILED] + [PropertyStatus.SKIPPED] * 9
COUNTEREXAMPLE = "double(\n    x = [[1.]]\n)\n\nyours    = [[3.]]\nexpected = [[2.]]"


@pytest.fixture
def report():
    """One of fifteen properties fails, five pass, nine wait."""
    results = [
        PropertyResult(f"test_{n}", f"Law {n}.", status, 0, 5, "It is not so.", COUNTEREXAMPLE)
        if status is PropertyStatus.FAILED
        else PropertyResult(f"test_{n}", f"Law {n}.", status, 0, 5)
        for n, status in enumerate(STATUSES)
    ]
    return Report(1, "double", "Double", "a.py", "", Status.PARTIAL, 25, 75, tuple(results))


def shown(report, height, **options):
    """The lines of the verdict in a window of that many lines."""
    file = io.StringIO()
    console = Console(file=file, width=80, height=height, no_color=True, **options)
    pages.verdict(report, "For a nudge, press h.")(console)
    return file.getvalue()


@pytest.mark.parametrize(("height", "count", "left_out"), [(60, 6, 0), (28, 6, 0), (24, 1, 5)])
def test_score_reason_and_next_step_stand_together(report, height, count, left_out):
    """In a low window the properties that pass are left out, which is said; score, counterexample
    and next step then fit in with the footer. Those that wait are one line anyway."""
    text = shown(report, height, force_terminal=True)
    assert text.count("\n") + 2 <= height
    assert sum(f"Law {n}." in text for n in range(15)) == count
    for part in ("25 / 75", "expected = [[2.]]", "For a nudge"):
        assert part in text
    assert (f"In a higher window there are more properties: {left_out}." in text) == bool(left_out)


@pytest.mark.parametrize("height", [28, 22, 20, 18, 16])
def test_what_was_printed_goes_before_the_input_and_that_before_the_rest(report, height):
    """In a window that is lower still, score, mistake, message and next step stay."""
    call = "double(\n" + "".join(f"    x{n} = [[{n}.]]\n" for n in range(30)) + ")"
    large = COUNTEREXAMPLE.replace("double(\n    x = [[1.]]\n)", call)
    results = [replace(p, counterexample=p.counterexample and large) for p in report.properties]
    mistake = Misconception("Tripled", "You multiply by three.")
    printed = "noise\n" * 50
    whole = replace(report, properties=tuple(results), misconception=mistake, printed=printed)
    text = shown(whole, height, force_terminal=True)
    assert text.count("\n") + 2 <= height
    assert "noise" not in text
    for part in ("25 / 75", "You multiply by three.", "It is not so.", "For a nudge"):
        assert part in text
    assert ("expected = [[2.]]" in text) == (height > 20)


@pytest.mark.parametrize("height", [15, 14, 13])
def test_in_the_lowest_window_there_is_no_list(report, height):
    """A panel of an editor has few lines: the mistake and what is wrong are among them."""
    mistake = Misconception("Tripled", "You multiply by three.")
    two = tuple(
        replace(p, status=PropertyStatus.FAILED) if p.name == "test_9" else p
        for p in report.properties
    )
    whole = replace(report, properties=two, misconception=mistake)
    text = shown(whole, height, force_terminal=True)
    assert text.count("\n") + 2 <= height
    for part in ("25 / 75", "You multiply by three.", "It is not so.", "For a nudge"):
        assert part in text
    for part in ("0/5", "--all", "In a higher window"):
        assert part not in text


def test_a_pipe_gets_all_of_it(report):
    """Where no window bounds it, every property that was tried is there."""
    text = shown(report, 24)
    assert all(f"Law {n}." in text for n in range(6))
    assert "9 more to be tried once this passes." in text
