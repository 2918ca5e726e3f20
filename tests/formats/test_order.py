"""What a report says first, what it folds, and what can be asked of it in full."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from rich.console import Console
from samples import report, result

from grader.formats import html, markdown, terminal
from grader.report import Interval, PropertyStatus, Report, Status, Timing, TimingVerdict

PASSED, FAILED, ERROR, SKIPPED = (
    result(status, 20, name=f"test_{status.value}", title=f"It is {status.value}.")
    for status in ("passed", "failed", "error", "skipped")
    for status in [PropertyStatus(status)]
)
LOST = report(
    Status.PARTIAL,
    score=20,
    properties=(
        PASSED,
        replace(FAILED, printed="step 1\nstep 2\n"),
        SKIPPED,
        ERROR,
        replace(SKIPPED, name="test_other", title="It is other."),
    ),
    printed="".join(f"line {number}\n" for number in range(2_000)),
    note="The running time was left out.",
)


def shown(of: Report, **options: object) -> str:
    """What a person at a terminal of 80 columns reads."""
    text = io.StringIO()
    terminal.show(of, Console(file=text, width=80, color_system=None), **options)
    return text.getvalue()


class Texts(HTMLParser):
    """The text of a page, and the tags around each piece."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self._hidden += tag == "style"

    def handle_endtag(self, tag):
        self._hidden -= tag == "style"

    def handle_data(self, data):
        self.text += "" if self._hidden else data


@pytest.fixture(params=["terminal", "markdown", "html"])
def page(request) -> str:
    """`LOST` as each format for people writes it."""
    if request.param == "terminal":
        return shown(LOST)
    if request.param == "markdown":
        return markdown.render_all([LOST]).replace("\\", "")
    return Texts(html.render(LOST)).text


def test_the_mistake_comes_first_then_the_example_then_the_list(page):
    """Score, mistake, the first failure with its line and what it printed; then the others."""
    place = 0
    for said in (
        "20 / 100",
        "Divide by sqrt",
        "It is failed.",
        "It is 1; it should be 2",
        "step 2",
    ):
        place = page.index(said, place)
    for said in ("It is passed.", "It is error.", "The running time was left out"):
        assert page.index(said) > place


def test_what_waits_is_one_line(page):
    """How many wait, and their points; a legend is no property."""
    assert "2 more to be tried once these pass." in page
    assert "0/40" in page
    assert "waits until" not in page


def test_one_failure_is_this_and_several_are_these():
    """What has to pass first is called by its number."""
    assert "2 more to be tried once these pass." in shown(LOST)
    alone = replace(LOST, properties=(FAILED, SKIPPED))
    assert "1 more to be tried once this passes." in shown(alone)
    assert "more to be tried" not in shown(replace(LOST, properties=(PASSED, FAILED)))


def test_the_line_to_look_at_is_a_place_that_editors_know():
    """`file:line`, which a terminal makes a link of."""
    assert "Look at exercises/ex03_attention_scoring.py:3\n" in shown(LOST)


def test_what_was_printed_in_the_call_stands_apart():
    """Of 2,000 lines before it, only how many they are."""
    text = shown(LOST)
    assert "  Printed in this call:\n    step 1\n    step 2\n" in text
    assert "In all calls together your code printed 2000 lines." in text
    assert "line 0\n" not in text
    silent = replace(LOST, properties=(PASSED, FAILED))
    assert "Your code printed:\n  line 0\n" in shown(silent)
    assert "(1994 more lines)" in shown(silent)


def test_everything_can_be_seen_in_full():
    """Every failure with its name, every property that waits, what was printed."""
    text = shown(LOST, in_full=True)
    for said in (
        "  test_failed\n",
        "  test_error\n",
        "ValueError: no",
        "It is other.",
        "line 399\n",
    ):
        assert said in text
    assert "more to be tried" not in text
    assert "--all" not in text


def test_the_way_to_the_others_is_told():
    """Where there is more than one failure, and only there."""
    said = "Every failure in full: --all. One alone: --only test_error."
    assert said in shown(LOST)
    assert "--all" not in shown(replace(LOST, properties=(PASSED, FAILED)))


def test_the_first_failure_is_shown_though_a_later_one_has_an_example():
    """A function that is missing comes before the NameError that this causes."""
    missing = replace(FAILED, message="Your file has no function `f`.", counterexample=None)
    caused = replace(ERROR, message="NameError: name 'f'", counterexample="g(\n    x = 1\n)")
    text = shown(replace(LOST, properties=(missing, caused)))
    assert "Your file has no function `f`." in text
    assert "NameError" not in text


# --- time in words --------------------------------------------------------------------------------


def timing(**changes: object) -> Timing:
    """A time that is too long, 150.7 times the reference's in the one round that it took."""
    values = {
        "device": "cpu",
        "verdict": TimingVerdict.SLOW,
        "limit": 3.0,
        "student_ms": 150.7,
        "reference_ms": 1.0,
        "builtin_ms": 1.0,
        "vs_reference": Interval(150.7, 150.7, 150.7),
        "vs_builtin": Interval(150.7, 150.7, 150.7),
        "rounds": 1,
    }
    return Timing(**{**values, **changes})


def test_one_round_is_no_rounds_and_no_interval():
    """Nothing stands in the plural that is one, and no interval has two equal ends."""
    text = shown(report(Status.PARTIAL, timing=timing()))
    assert "1 thread, one round)" in text
    assert "150.7x the reference, limit 3.0: too slow" in text
    assert "1 rounds" not in text
    assert "(150.7 to" not in text


@pytest.mark.parametrize("ratio", [0.96, 1.0, 1.04])
def test_who_is_as_fast_is_not_1_0_times_faster(ratio):
    """Neither the student nor the built-in is faster by nothing."""
    said = timing(vs_builtin=Interval(ratio, ratio, ratio)).in_words
    assert said.endswith("; as fast as the built-in")


# --- colours --------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Of a colour as `#rrggbb`, by WCAG."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), linear))


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


CSS = (files("grader") / "templates" / "report" / "report.css").read_text()
COLOURS = dict(re.findall(r"--(\w+): light-dark\((#\w{6}, #\w{6})\)", CSS))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "soft") for ground in ("sheet", "well", "zero")),
        *((text, "sheet") for text in ("good", "bad", "part", "ours", "call")),
        *((text, "well") for text in ("bad", "call")),
        *(("ink", shade) for shade in ("plus", "minus")),
    ],
)
def test_every_text_stands_out_from_its_ground(text, ground, scheme):
    """4.5 at least, in heatmaps of the deepest shade too."""
    ink, behind = (COLOURS[name].split(", ")[scheme] for name in (text, ground))
    assert contrast(ink, behind) >= 4.5


def test_a_call_is_read_to_its_last_bracket():
    """No box cuts a call: what bounds other boxes is lifted."""
    assert re.search(r"\.failure pre \{ max-height: none; \}", CSS)
