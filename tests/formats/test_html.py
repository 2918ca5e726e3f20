"""The HTML report in a real browser: what a student sees, and what a hostile answer cannot do."""

import math
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from browsing import PHONE, sync_api

from grader.formats import html
from grader.report import (
    Comparison,
    Excerpt,
    Interval,
    Misconception,
    Part,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    TimingVerdict,
)

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "solutions" / "ex03_attention_scoring" / "reference.py").read_text()
UNSCALED = REFERENCE.replace(" / math.sqrt(d)", "")
# --- reports --------------------------------------------------------------------------------------


def excerpt(shape, value, start=None, of=None) -> Excerpt:
    """An excerpt whose elements are `value(index)`."""

    def nested(at):
        if len(at) == len(shape):
            return value(at)
        return tuple(nested((*at, index)) for index in range(shape[len(at)]))

    return Excerpt("float64", of or shape, start or (0,) * len(shape), nested(()))


def part(shape, wrong, name="", **where) -> Part:
    """A part in which the elements at the indices `wrong` are too great by 1."""
    right = {at: i / 10 for i, at in enumerate(product(*map(range, shape)))}
    expected = excerpt(shape, right.__getitem__, **where)
    student = excerpt(shape, lambda at: right[at] + (at in wrong), **where)
    worst = tuple(a + s for a, s in zip(wrong[0], expected.start, strict=True))
    return Part(name, student, expected, worst, 1.0, 1e-9)


def report(*parts: Part, **changes) -> Report:
    """A report with one failing property, whose counterexample has these parts."""
    comparison = Comparison("f(\n    x = 1\n)", parts, changes.pop("agreeing", ()))
    failed = PropertyResult(
        "test_f", "It is right.", PropertyStatus.FAILED, 0, 60, "It is not.", "f(x = 1)", 0.1,
        comparison=comparison,
    )  # fmt: skip
    passed = PropertyResult("test_p", "It takes `x`.", PropertyStatus.PASSED, 40, 40)
    values = {
        "status": Status.PARTIAL,
        "score": 40,
        "properties": (passed, failed),
        "misconception": Misconception("Idea", "You seem to forget the scale."),
        "next_step": "For a nudge: grade hint 3",
        "note": "The running time was left out.",
        "printed": "hello\n",
    }
    return Report(3, "slug", "Title", "answer.py", "0" * 64, max_score=100, **{**values, **changes})


MATRIX = report(part((2, 3), [(1, 2), (0, 1)]))
SMALL_MULTIPLES = report(
    part((2, 2, 3, 4), [(1, 0, 2, 3)], "`result[0]`"),
    part((6,), [(2,)], "`result[1]`"),
    agreeing=("`result[2]`",),
)
LARGE = report(part((16, 16), [(3, 5)], start=(4, 40), of=(50, 64)))
ODD = report(
    Part(
        "",
        excerpt((2, 2), {(0, 0): math.nan, (0, 1): math.inf, (1, 0): -math.inf, (1, 1): 1.0}.get),
        excerpt((2, 2), lambda at: 1.0),
        (0, 0),
        math.inf,
        1e-9,
    )
)
SHAPES = report(
    Part("`result`", excerpt((2, 1, 2), lambda at: 1.0), excerpt((1, 2, 2), lambda at: 1.0))
)
TEXTS = report(Part("", "{'a': 1, 'bee': 2, 'c': 3}", "{'a': 1, 'bee': 7, 'c': 3}"))
TIMING = Timing(
    "cpu", TimingVerdict.OK, 3.0, 6.0, 4.0, 5.0, Interval(1.5, 1.2, 2.0), Interval(1.2, 1, 1.4), 12
)
TIMED = report(timing=TIMING, printed="line\n" * 5000)
REVIEWED = report(
    timing=replace(TIMING, verdict=TimingVerdict.REVIEW, student_ms=None, vs_reference=None)
)
BROKEN = report(
    status=Status.UNGRADED, score=0, reason="The grader itself is at fault here.\n    at fault"
)
SAMPLES = {
    "matrix": MATRIX,
    "small multiples": SMALL_MULTIPLES,
    "large": LARGE,
    "odd": ODD,
    "shapes": SHAPES,
    "texts": TEXTS,
    "timed": TIMED,
    "reviewed": REVIEWED,
    "broken": BROKEN,
}


# --- what is there --------------------------------------------------------------------------------


def test_a_real_report_is_told_in_full(window, grade_source):
    """Score, diagnosis, properties, counterexample, note and next step of a real wrong answer."""
    graded = grade_source("3", UNSCALED, speed=False)
    shown = window(html.render(graded))
    text = shown.page.inner_text("body")
    for said in (
        "Attention scoring",
        "0 / 100",
        "failed",
        "Your scores look unscaled",
        "grade hint 3",
        "0.58 where 0.410122 is right",
        "The result is 1.414 times what it should be, everywhere.",
        "queries = tensor([[[0.7, 0.3]]], dtype=float64)",
        "9 more to be tried once these pass.",
        "The running time was left out",
    ):
        assert said in text
    waiting = len(graded.waiting)
    assert shown.page.locator(".properties > li").count() == len(graded.properties) - waiting + 1
    assert shown.page.locator(".waiting li").count() == waiting
    assert [
        cell.split()[-2:] for cell in shown.page.locator("details[open] .heat").all_inner_texts()
    ] == [["0.58", "0.25"], ["0.41", "0.177"], ["+0.17", "+0.073"]]


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_the_page_stands_alone_and_fits_a_phone(window, sample):
    """Nothing is loaded, nothing is complained of, and nothing hangs over at 360 pixels."""
    shown = window(html.render(sample), width=PHONE)
    for details in shown.page.locator("summary").all():
        if not details.evaluate("it => it.parentElement.open"):
            details.click()
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert len(shown.requests) == 1
    assert shown.complaints == []


def test_dark_and_light_follow_the_system(window):
    """In both, text stands out from what is behind it, in heatmaps too."""
    grounds = []
    for scheme in ("light", "dark"):
        page = window(html.render(ODD), scheme).page
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        ratios = page.evaluate(
            CONTRASTS, [".message", ".points", ".state", ".next", ".role", ".p10"]
        )
        assert min(ratios) >= 4.5, ratios
    assert len(set(grounds)) == 2


# The contrast ratio of WCAG between the text of each selector's first element and its ground.
CONTRASTS = """selectors => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
  const light = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
    const linear = [r, g, b].map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return a ? 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] : null
  }
  return selectors.map(selector => {
    let at = document.querySelector(selector)
    const ink = light(getComputedStyle(at).color)
    let ground = null
    for (; ground === null; at = at.parentElement)
      ground = light(getComputedStyle(at).backgroundColor)
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)
  })
}"""


def test_bars_show_the_times_and_the_interval(window):
    """As long as the times; the student's has its interval, all have the limit; then in words."""
    page = window(html.render(TIMED)).page
    widths = [float(bar.get_attribute("width")) for bar in page.locator(".bars .bar").all()]
    assert widths[0] / widths[1] == pytest.approx(6 / 4, rel=1e-3)
    assert widths[2] / widths[1] == pytest.approx(5 / 4, rel=1e-3)
    low, high = map(float, re.findall(r"[\d.]+(?= 5H)|(?<=H)[\d.]+", interval(page))[:2])
    assert (low / widths[1], high / widths[1]) == pytest.approx((1.2, 2.0), rel=1e-3)
    assert page.locator(".bars .limit").count() == 3
    assert "6.000 ms" in page.inner_text(".bars")
    assert "1.5x the reference (1.2 to 2.0), limit 3.0: fine" in page.inner_text(".verdict")


def interval(page: sync_api.Page) -> str:
    return page.locator(".bars .interval").get_attribute("d")


def test_nothing_is_claimed_of_a_time_that_is_not_believed(window):
    """Then there is no bar of the student's, and no interval."""
    page = window(html.render(REVIEWED)).page
    assert page.locator(".bars li").all_inner_texts() == [
        "reference\n4.000 ms",
        "built-in\n5.000 ms",
    ]
    assert page.locator(".interval").count() == 0


def test_much_that_was_printed_is_cut_and_said_to_be(window):
    """A page is no place for a log."""
    printed = window(html.render(TIMED)).page.inner_text(".printed")
    assert len(printed) <= html.MOST_PRINTED
    assert "(cut: 24999 characters in all)" in printed


# --- heatmaps -------------------------------------------------------------------------------------


def reading(page: sync_api.Page) -> list[str]:
    """What is said of the elements that stand out."""
    return page.locator(".readings li").evaluate_all(
        "items => items.filter(li => getComputedStyle(li).opacity > 0).map(li => li.innerText)"
    )


def outlined(page: sync_api.Page) -> list[str]:
    """The cells that stand out."""
    return page.locator(".heat td").evaluate_all(
        "cells => cells.filter(td => getComputedStyle(td).outlineWidth == '2px')"
        ".map(td => td.innerText)"
    )


def test_the_greatest_difference_is_shown_first(window):
    """Before anything is pointed at, in all three tables."""
    page = window(html.render(MATRIX)).page
    assert reading(page) == ["[1, 2]: yours 1.5, expected 0.5, difference +1"]
    assert outlined(page) == ["1.5", "0.5", "+1"]


@pytest.mark.parametrize("table", ["student", "expected", "difference"])
def test_pointing_at_a_cell_reads_it(window, table):
    """In any of the three tables the same element stands out in all, while the pointer is there."""
    page = window(html.render(MATRIX)).page
    page.locator(f".{table} .heat tbody td").nth(1).hover()
    assert reading(page) == ["[0, 1]: yours 1.1, expected 0.1, difference +1"]
    assert outlined(page) == ["1.1", "0.1", "+1"]
    page.mouse.move(0, 0)
    assert reading(page) == ["[1, 2]: yours 1.5, expected 0.5, difference +1"]


def test_a_cell_that_is_tapped_stays_chosen(window):
    """On a screen that has no pointer to hover with."""
    page = window(html.render(MATRIX), width=PHONE).page
    page.locator(".difference .heat tbody td").nth(3).click()
    page.mouse.move(0, 0)
    assert reading(page) == ["[1, 0]: yours 0.3, expected 0.3, difference 0"]


def test_the_keyboard_reaches_every_cell(window):
    """One stop of the tab key, then arrows; each element has its reading as its name."""
    page = window(html.render(MATRIX)).page
    names = []
    page.locator(".failure > pre").first.focus()
    page.keyboard.press("Tab")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        chosen = page.locator(":focus")
        names.append(page.locator(f"#{chosen.get_attribute('aria-labelledby')}").inner_text())
        assert [names[-1]] == reading(page)
    assert [name.split(":")[0] for name in names] == [
        f"[{i}, {j}]" for i in (0, 1) for j in range(3)
    ]
    group = page.get_by_role("radiogroup", name="Elements of the result")
    assert group.get_by_role("radio", name=names[0]).count() == 1
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("type") != "radio"


def test_what_is_wrong_is_marked_beside_its_colour(window):
    """A mark, a sign and a number say what the colours say; nan and inf have patterns of their
    own, so that nothing rests on colour alone."""
    page = window(html.render(ODD)).page
    assert page.locator(".student .wrong").all_inner_texts() == ["nan", "∞", "-∞"]
    patterns = page.locator(".student tbody td").evaluate_all(
        "cells => cells.map(td => getComputedStyle(td).backgroundImage)"
    )
    assert patterns.pop() == "none"
    assert len(set(patterns)) == 3
    page.locator(".student tbody td").first.hover()
    assert reading(page) == ["[0, 0]: yours nan, expected 1, difference ≠"]


def test_a_large_tensor_is_cut_to_what_fits(window):
    """The window with its own indices, a scale for the shades, and a word on what is left out."""
    page = window(html.render(LARGE)).page
    assert (
        "Only [4:20, 40:56] of (50, 64) is shown; 2944 elements are left out."
        in page.inner_text(".figure")
    )
    assert page.locator(".student thead th").first.inner_text() == "40"
    assert page.locator(".student tbody th").first.inner_text() == "4"
    assert page.locator(".student .ramp").inner_text().split() == ["-25.5", "25.5"]
    assert reading(page) == ["[7, 45]: yours 6.3, expected 5.3, difference +1"]


def test_leading_axes_are_small_multiples(window):
    """One row of tables for each index of the leading axes; a vector is three rows; what is right
    is named."""
    page = window(html.render(SMALL_MULTIPLES)).page
    first, second = page.locator(".part").all()
    labels = first.locator(".student .role").all_inner_texts()
    assert labels == [f"yours [{i}, {j}, :, :]" for i in (0, 1) for j in (0, 1)]
    tops = second.locator("tbody").evaluate_all("it => it.map(t => t.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))
    assert "result[2]" in page.inner_text(".agreeing")


def test_shapes_that_differ_stand_side_by_side(window):
    """Each with its own shape, and no difference."""
    page = window(html.render(SHAPES)).page
    assert page.locator(".form.own").all_inner_texts() == ["(2, 1, 2) float64", "(1, 2, 2) float64"]
    assert page.locator(".difference").count() == 0
    assert page.locator(".heat").count() == 3  # two slices of the one, one of the other


def test_texts_are_marked_where_they_differ(window):
    """What is no tensor is shown as text, with what the other lacks marked."""
    page = window(html.render(TEXTS)).page
    assert page.locator(".student mark").all_inner_texts() == ["2"]
    assert page.locator(".expected mark").all_inner_texts() == ["7"]


# --- strangers' text ------------------------------------------------------------------------------

MARKUP = (
    "</pre></p></style></details><script>window.owned = 1</script>"
    "<img src='http://example.invalid/x' onerror='window.owned = 1'>"
    "<style>* { display: none !important }</style><base href='http://example.invalid/'>"
    "<a href='javascript:window.owned = 1'>\\\" onmouseover=window.owned=1 x=\\\""
    " `<i>` {{ 7 * 7 }}"
)
HOSTILE = f'''
print("{MARKUP}", "\\x1b[31m", "\\u202e", "\\ud800")
class Evil(Exception): pass
Evil.__name__ = "{MARKUP}"
def attention_scores(queries, keys):
    raise Evil("{MARKUP}")
def attention(queries, keys, values):
    return "{MARKUP}", {{"{MARKUP}": "{MARKUP}"}}
'''


def test_nothing_that_a_submission_writes_takes_effect(window, grade_source):
    """Exceptions, prints, results and a path full of markup are text to read, and no more."""
    graded = grade_source("3", HOSTILE, speed=False)
    graded = replace(graded, path=eval(f'"{MARKUP}"') + "\udc80.py", next_step=eval(f'"{MARKUP}"'))
    assert "<script>" in graded.printed
    assert "<script>" in "".join(p.message or "" for p in graded.properties)
    assert any(p.comparison and "<script>" in str(p.comparison.parts) for p in graded.properties)
    shown = window(html.render(graded))
    page = shown.page
    for details in page.locator("summary").all():
        details.hover()
        if not details.evaluate("it => it.parentElement.open"):
            details.click()
    assert page.evaluate("window.owned") is None
    assert page.locator("script, img, base, a, i, iframe, link").count() == 0
    assert page.locator("style").count() == 1
    assert page.locator("[onmouseover], [onerror], [style], [href]").count() == 0
    assert page.inner_text("body").count("<script>window.owned = 1</script>") >= 5
    assert "{{ 7 * 7 }}" in page.inner_text(".printed")
    assert not {"\x1b", "\u202e", "\ud800"} & set(page.inner_text("body"))
    assert len(shown.requests) == 1
    assert shown.complaints == []


def test_the_browser_itself_would_refuse(window):
    """Were a way found around the escaping, the page's policy lets nothing run or load."""
    shown = window(html.render(MATRIX))
    with shown.page.expect_event("requestfailed") as failed:
        shown.page.evaluate(
            """() => {
              const script = document.createElement('script')
              script.textContent = 'window.owned = 1'
              const image = document.createElement('img')
              image.src = 'http://example.invalid/x'
              document.body.append(script, image)
              document.body.insertAdjacentHTML('beforeend', '<p style="top: 1px" id="styled">')
            }"""
        )
    assert failed.value.failure == "csp"
    assert shown.page.evaluate("window.owned") is None
    assert shown.page.evaluate("getComputedStyle(styled).top") == "auto"


# --- in a notebook --------------------------------------------------------------------------------

HOST = """<!doctype html><html><head><style>
h3 {{ color: rgb(1, 2, 3) }} table, td {{ border: 3px solid red; padding: 9px }}
</style></head><body><h3>Mine</h3><table><tr><td>mine</td></tr></table><pre>mine</pre>
<details><summary>mine</summary></details><ul><li>mine</li></ul>{}</body></html>"""
OWN = "body > h3, body > table, body > table td, body > pre, body > ul, body > details > summary"
STYLES = """(selectors) => [...document.querySelectorAll(selectors)].map(
    it => JSON.stringify([...getComputedStyle(it)].map(name => getComputedStyle(it)[name])))"""


def test_a_fragment_leaves_the_page_around_it_alone(window):
    """Its style sheet touches nothing outside; two of them choose their elements apart."""
    other = replace(MATRIX, sha256="1" * 64)
    fragments = html.render_fragment(MATRIX) + html.render_fragment(other)
    bare = window(HOST.format("")).page
    page = window(HOST.format(fragments)).page
    assert page.evaluate(STYLES, OWN) == bare.evaluate(STYLES, OWN)
    assert page.locator("script").count() == 0
    ids = page.locator("[id]").evaluate_all("them => them.map(it => it.id)")
    assert len(ids) == len(set(ids))
    page.locator(".grade-report").nth(1).locator(".difference tbody td").first.click()
    page.mouse.move(0, 0)
    assert reading(page) == [
        "[1, 2]: yours 1.5, expected 0.5, difference +1",
        "[0, 0]: yours 0, expected 0, difference 0",
    ]


def test_a_fragment_is_read_without_its_style():
    """Where a site strips styles, the numbers are in plain tables, under plain words."""
    text = re.sub(r"<style>.*?</style>", "", html.render_fragment(MATRIX), flags=re.DOTALL)
    for said in ("<h3", "40</b> / 100", "It is not.", "<table", ">1.5<", ">+1<"):
        assert said in text
