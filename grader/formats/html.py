"""The report as HTML: a page that stands alone, or a fragment for a notebook's cell.

Neither has a script. What a pointer or the keyboard chooses in a heatmap is shown by the style
sheet alone, and the page's policy lets the browser load and run nothing else.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from textwrap import dedent
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.formats import curve, heatmap, words
from grader.formats.text import clip
from grader.language import current, say
from grader.report import PropertyResult, PropertyStatus, Report, Timing, Training, clean

MOST_PRINTED = 10_000  # characters
LIMIT_SHOWN = 4.0  # how many times longer than the longest bar the axis may grow for the limit
CODE = re.compile(
    r"`(?P<quoted>[^`\n]+)`"
    r"|(?P<command>\bgrade [a-z]+ \d+(?: --[a-z-]+(?: \d+)?)*)"
    r"|(?P<lines>(?:\n {4}[^\n]*)+)\n?"
)
INLINE = Markup("<code>{}</code>")
LINES = Markup('<code class="lines">{}</code>')

MARKS = {
    PropertyStatus.PASSED: "✓",
    PropertyStatus.FAILED: "✗",
    PropertyStatus.ERROR: "!",
    PropertyStatus.SKIPPED: "·",
    PropertyStatus.BROKEN: "?",
}


def render(report: Report) -> str:
    """A whole page, which loads nothing from anywhere."""
    view = _view(report, level=1)
    style = asset("page.css") + view["style"]
    view |= {"style": style, "style_hash": digest(style)}
    return environment().get_template("page.html.j2").render(view) + "\n"


def render_fragment(report: Report) -> str:
    """The report as one `<div>` with a style sheet of its own that touches nothing else."""
    return environment().get_template("fragment.html.j2").render(_view(report, level=3))


def render_together(reports: Sequence[Report], level: int) -> tuple[str, list[str]]:
    """Reports for one page: their one style sheet, and each as a `<div>`, without its seed.

    The first heading of each has that `level`. Who reads it may hand in again, on the same seed.
    """
    views = [_view(report, level) for report in reports]
    for view in views:
        view["grounds"].pop(say("seed"), None)
    template = environment().get_template("report.html.j2")
    style = max((view["style"] for view in views), key=len, default=asset("report.css"))
    return style, [template.render(view) for view in views]


@cache
def environment(folder: str = "report") -> Environment:
    """Templates of that folder of `grader/templates`, which escape what they are given."""
    environment = Environment(
        loader=PackageLoader("grader", f"templates/{folder}"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_fit,
    )
    environment.filters["code"] = _code
    return environment


@cache
def asset(name: str, folder: str = "report") -> str:
    """A style sheet or a script that lies beside the templates."""
    return (files("grader") / "templates" / folder / name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """What a page's policy names a style sheet or script by, to let it in."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _fit(value: Any) -> Any:
    """What a template writes, without what a page cannot hold."""
    return clean(value) if type(value) is str else value


def _code(text: str) -> Markup:
    """`text` with its backticks, the commands in it, and the lines that are indented as code."""
    text, parts, end = clean(text), [], 0
    for found in CODE.finditer(text):
        code = dedent(found[found.lastgroup or 0]).strip("\n")
        form = LINES if found["lines"] else INLINE
        parts += [escape(text[end : found.start()]), form.format(code)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


# --- what the templates are given ----------------------------------------------------------------


def _view(report: Report, level: int) -> dict[str, Any]:
    """The values of a template; `level` is that of its first heading."""
    said = report.timing.in_words if report.timing else None
    properties = [_property(result, said, report.path) for result in report.properties]
    waiting = [each for each in properties if each["result"] in report.waiting]
    tried = [each for each in properties if each not in waiting]
    for each in properties:
        each["is_open"] = each["result"] is report.first_failure
    figures = [each["figure"] for each in properties if each["figure"]]
    elements = max((len(figure.readings) for figure in figures), default=0)
    key = hashlib.sha256(f"{report.path}{report.sha256}{report.seconds}".encode("utf-8", "replace"))
    return {
        "report": report,
        "level": level,
        "language": current(),
        "key": f"g{key.hexdigest()[:8]}",
        "words": _words(report),
        "state": words.state(report.status),
        "in_order": properties,
        "properties": sorted(tried, key=lambda each: not each["has_details"]),
        "waiting": waiting,
        "timing": report.timing and _timing(report.timing, report.environment.get("torch")),
        "training": report.training and _training(report.training),
        "printed": clip(report.printed.rstrip("\n"), MOST_PRINTED),
        "grounds": _grounds(report),
        "style": asset("report.css") + _pointing(elements),
    }


def _pointing(elements: int) -> str:
    """The rules by which an element that is pointed at, or else the chosen one, stands out."""
    rule = (
        ".grade-report .figure:has(td.e{0}:hover) .e{0},"
        ".grade-report .figure:not(:has(td:hover)):has(.e{0} :checked) .e{0}{{--on:1}}\n"
    )
    return "".join(rule.format(element) for element in range(elements))


def _property(result: PropertyResult, said_of_timing: str | None, path: str) -> dict[str, Any]:
    """One property; what its status says already, or the timing below will, is not repeated."""
    waits = result.status is PropertyStatus.SKIPPED
    message = None if waits or result.message == said_of_timing else result.message
    return {
        "result": result,
        "mark": MARKS[result.status],
        "status": words.property_state(result.status),
        "message": message,
        "figure": heatmap.draw(result.comparison) if result.comparison else None,
        "counterexample": result.counterexample,
        "place": say("Look at {place}", place=f"`{path}:{result.line}`") if result.line else None,
        "printed": result.printed.rstrip("\n"),
        "has_details": bool(message or result.counterexample or result.comparison),
    }


def _timing(timing: Timing, torch: str | None) -> dict[str, Any]:
    """Bars as shares of the axis, with the interval of the student's and the limit on it."""
    rows = [
        (say("you"), timing.student_ms),
        (say("reference"), timing.reference_ms),
        (say("built-in"), timing.builtin_ms),
    ]
    bars = [(name, ms) for name, ms in rows if ms is not None]
    ends = [ms for _, ms in bars]
    against = timing.vs_reference
    if against:
        ends.append(against.high * timing.reference_ms)
    limit = timing.limit * timing.reference_ms
    shows_limit = limit <= LIMIT_SHOWN * max(ends)
    axis = max([*ends, limit] if shows_limit else ends) * 1.02 or 1.0
    return {
        "heading": words.timing_heading(timing, torch),
        "bars": [
            {
                "name": name,
                "is_student": index == 0 and timing.student_ms is not None,
                "time": f"{ms:.3f} ms",
                "share": max(0.0, 100 * ms / axis),
            }
            for index, (name, ms) in enumerate(bars)
        ],
        "interval": [100 * end * timing.reference_ms / axis for end in (against.low, against.high)]
        if against
        else None,
        "limit": 100 * limit / axis if shows_limit else None,
        "limit_in_words": say("limit: {limit}x the reference", limit=f"{timing.limit:.1f}"),
        "verdict": timing.verdict.value,
        "in_words": timing.in_words,
    }


def _training(training: Training) -> dict[str, Any]:
    """The curve of a model that was trained, and the lines across it, in a box of 100 by 50."""
    curves = {"reference": training.reference, "student": training.student}
    said = {"reference": say("reference"), "student": say("yours")}
    return {
        "heading": training.kind.heading,
        "levels": [
            {
                "name": level.name,
                "title": level.title,
                "value": training.kind.written(level.value),
                "y": round(50 - 50 * level.height, 2),
            }
            for level in curve.levels(training)
        ],
        "curves": [
            {
                "name": name,
                "title": said[name],
                "value": training.kind.written(values[-1]),
                "points": " ".join(
                    f"{100 * x:.2f},{50 - 50 * y:.2f}" for x, y in curve.points(training, values)
                ),
            }
            for name, values in curves.items()
            if values
        ],
        "steps": say("{count} steps", count=training.steps[-1]),
        "in_words": training.in_words,
    }


def _grounds(report: Report) -> dict[str, str]:
    """What the result rests on: versions, seed, walls."""
    named = {
        say("seed"): report.seed,
        say("sha256 of the file"): report.sha256,
        say("seconds"): f"{report.seconds:.1f}",
        **report.environment,
        say("sandbox"): ", ".join(f"{layer} {state}" for layer, state in report.sandbox.items()),
    }
    return {name: str(value) for name, value in named.items() if value not in (None, "")}


# --- words ---------------------------------------------------------------------------------------


def _words(report: Report) -> dict[str, str]:
    return {
        "exercise": say("Exercise {number}", number=report.number),
        "points": say(
            "{score} of {max_score} points", score=report.score, max_score=report.max_score
        ),
        "properties": say("What a right answer does"),
        "waiting": words.waiting(report),
        "printed_here": say("Printed in this call:"),
        "call": say("The call"),
        "student": say("yours"),
        "expected": say("expected"),
        "difference": say("difference"),
        "nothing": say("no elements"),
        "choose": say("Elements of the result; choose one to read it in full"),
        "as_text": say("The same as text"),
        "agreeing": say("The other parts are as they should be."),
        "left_out": say("More parts are wrong; the first are shown."),
        "interval": say("the interval of your ratio"),
        "printed": say("Your code printed:"),
        "grounds": say("How this was graded"),
    }
