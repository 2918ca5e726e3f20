"""The report as a Markdown page, as GitHub renders it."""

import re
from collections.abc import Iterator, Sequence

from grader.formats.cases import Case, cases, heading, joined, score
from grader.formats.terminal import MARKS
from grader.formats.text import clip
from grader.formats.words import waiting
from grader.language import say
from grader.report import PropertyStatus, Report, Status, clean

MOST_CHARACTERS = 20_000  # of each text
SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#]")
CODE = re.compile(r"(`[^`\n]+`)")


def render_all(reports: Sequence[Report]) -> str:
    """The page, whole."""
    return page(reports, MOST_CHARACTERS)


def page(reports: Sequence[Report], length: int) -> str:
    """The scores first, then each exercise; of each long text at most `length` characters, and with
    0 the scores alone."""
    blocks = [*(_overview(reports) if len(reports) > 1 else ())]
    for report in reports:
        blocks += _exercise(report, length) if length else [_title(report)]
    return "\n\n".join(blocks) + "\n"


def _overview(reports: Sequence[Report]) -> Iterator[str]:
    got, most = (sum(getattr(r, name) for r in reports) for name in ("score", "max_score"))
    yield f"# {got} / {most}"
    rows = [f"| {cell(heading(report))} | {score(report)} |" for report in reports]
    yield "\n".join([f"| {say('exercise')} | {say('points')} |", "|---|---|", *rows])


def _title(report: Report) -> str:
    return f"## {inline(heading(report))}: {score(report)}"


def _exercise(report: Report, length: int) -> Iterator[str]:
    yield _title(report)
    if report.path:
        yield fenced_inline(report.path)
    if report.misconception:
        yield f"**→ {inline(report.misconception.explanation)}**"
    if report.status is not Status.UNGRADED and report.properties:
        failed = [c for c in cases(report) if c.text and c.status is not PropertyStatus.SKIPPED]
        failed.sort(key=lambda case: case.name != report.look_first)
        for case in failed[:1]:
            yield from _failure(report, case, length)
        yield _table(report)
        for case in failed[1:]:
            yield from _failure(report, case, length)
    elif report.reason:
        yield fenced(clip(clean(report.reason), length))
    if report.timing:
        yield fenced(clip(clean(report.timing.in_words), length))
    if report.training:
        yield inline(report.training.in_words)
    if report.printed:
        yield say("Your code printed:")
        yield fenced(clip(clean(report.printed), length))
    if closing := joined(report.note, report.next_step):
        yield inline(closing)


def _failure(report: Report, case: Case, length: int) -> Iterator[str]:
    yield f"### {inline(case.title)}"
    yield fenced(clip(case.text, length))
    printed = "".join(p.printed for p in report.properties if p.name == case.name)
    if printed:
        yield say("Printed in this call:")
        yield fenced(clip(clean(printed), length))


def _table(report: Report) -> str:
    """The properties with their points; the ones that wait are one row."""
    rows = [
        f"| {MARKS[case.status][0]} | {case.score}/{case.max_score} | {cell(case.title)} |"
        for case in cases(report)
        if case.status is not PropertyStatus.SKIPPED
    ]
    if report.waiting:
        most = sum(result.max_score for result in report.waiting)
        rows.append(f"| {MARKS[PropertyStatus.SKIPPED][0]} | 0/{most} | {cell(waiting(report))} |")
    return "\n".join([f"| | {say('points')} | {say('property')} |", "|---|---:|---|", *rows])


def inline(text: str) -> str:
    """`text` on one line, with nothing in it taken for markup but `code` in backticks."""
    pieces = CODE.split(" ".join(clean(text).split()))
    pieces[::2] = [SPECIAL.sub(r"\\\g<0>", piece) for piece in pieces[::2]]
    return "".join(pieces)


def cell(text: str) -> str:
    """The same for a table, which is cut at every bar that is not escaped, in code as well."""
    return re.sub(r"(?<!\\)\|", r"\\|", inline(text))


def fenced(text: str) -> str:
    """`text` as it stands, in a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.strip(chr(10))}\n{fence}"


def fenced_inline(text: str) -> str:
    """`text` as code in a line."""
    text = " ".join(clean(text).split())
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text}`"
