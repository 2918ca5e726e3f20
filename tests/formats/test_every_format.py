"""What holds for each format, whatever it is given."""

import base64
import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from rich.console import Console
from samples import BROKEN, COMMANDS, EVERY, NASTY, ORDERS, orders, report, result

from grader import formats
from grader.cli.options import Format
from grader.formats import github, terminal
from grader.report import Status, clean

FORMATS = [each.value for each in Format if each is not Format.TERMINAL]
SEVERAL = [name for name in FORMATS if formats.holds_several(name)]
CLASSROOM50 = {
    "CLASSROOM": "dl-2026",
    "ASSIGNMENT": "core-six",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "OWNER": "alice",
    "COMMIT_URL": "https://github.com/school/dl-2026-core-six-alice/commit/a1b2c3d",
    "RELEASE_URL": "https://github.com/school/dl-2026-core-six-alice/releases/tag/x",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name, value in CLASSROOM50.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("name", FORMATS)
def test_any_report_is_rendered_as_text(name, kind):
    """Every status, hostile text and text without end: what comes out is UTF-8, and ends a line."""
    text = formats.render(name, [EVERY[kind]])
    text.encode()
    assert text.endswith("\n")
    assert text.strip()


def strings(content: object) -> list[str]:
    """Every string in what JSON holds."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [*content, *strings(list(content.values()))]
    return [s for item in content for s in strings(item)] if isinstance(content, list) else []


@pytest.mark.parametrize("kind", ["orders", "orders_reason", "nasty", "nasty_reason"])
@pytest.mark.parametrize("name", [each.value for each in Format])
def test_no_log_takes_orders_from_a_student(name, kind):
    """Whatever a format says, and whatever is taken out of it: only our own annotations command."""
    found = [EVERY[kind]]
    texts = [terminal.plain(*found)] if name == Format.TERMINAL else [formats.render(name, found)]
    if name == Format.GITHUB_CLASSROOM:
        texts.append(base64.b64decode(texts[0]).decode())
    if texts[-1].startswith("{"):
        texts += strings(json.loads(texts[-1]))
    if name == Format.CSV:
        texts += [cell for row in csv.reader(io.StringIO(texts[0])) for cell in row]
    if name == Format.JUNIT:
        root = ElementTree.fromstring(texts[0])
        texts += [text for each in root.iter() for text in (each.text or "", *each.attrib.values())]
    if name == Format.GITHUB:
        commands = texts.pop().splitlines()
        shapes = [
            re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", each) for each in commands
        ]
        assert all(shapes)
        texts += [
            part for shape in shapes for part in re.split("%0A|,|=", f"{shape[2]},{shape[3]}")
        ]
        texts.append(github.summary(found))
    for text in texts:
        assert orders(text) == []
        assert not set("\x1b\x9b\x07\b\r\x0b\x0c\x85\u2028\u200b\u202e") & set(
            text.replace("\r\n", "")
        )


@pytest.mark.parametrize("width", [20, 40, 79, 80, 100, 200])
@pytest.mark.parametrize("system", [None, "truecolor"])
def test_no_width_makes_an_order(width, system):
    """A line that is broken begins another one, in colours too."""
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=system, force_terminal=bool(system))
    found = report(Status.PARTIAL, title=BROKEN, printed=ORDERS, note=ORDERS, next_step=BROKEN)
    terminal.show(replace(found, properties=(result(message=BROKEN, title=BROKEN),)), console)
    assert orders(file.getvalue()) == []


HONEST = (
    "x[::2] and a[1::3], torch::nn::Linear, std::vector",
    "# a comment\n## a heading\n### [a list]",
    "f(x): y\n  : no\nsection: 1",
    "E   ValueError: c10::Error at lib.cpp::12",
)


@pytest.mark.parametrize("text", HONEST)
def test_honest_text_stays_as_it_is(text):
    """What only looks a little like an order."""
    assert clean(text) == text


@pytest.mark.parametrize("text", [ORDERS, NASTY, *COMMANDS])
def test_what_is_clean_stays_as_it_is(text):
    """Texts pass through more than one hand."""
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("name", SEVERAL)
def test_several_exercises_make_one_report(name):
    """One text for all, longer than that for one."""
    reports = [report(), report(Status.PARTIAL, number=4)]
    assert len(formats.render(name, reports)) > len(formats.render(name, reports[:1]))


@pytest.mark.parametrize("name", FORMATS)
def test_no_reports_are_no_pass(name):
    """There is no empty result, which some systems take for a pass."""
    with pytest.raises(ValueError, match="no reports"):
        formats.render(name, [])


def test_several_reports_as_json_are_an_array():
    """One report is an object, as ever; two are an array of such objects."""
    reports = [report(), report(Status.PARTIAL)]
    assert json.loads(formats.render("json", reports)) == [each.as_json() for each in reports]
    assert json.loads(formats.render("json", reports[:1])) == reports[0].as_json()


def test_a_table_has_a_row_for_each_property():
    """The columns of the exercise stand in each row; a spreadsheet adds up property_score."""
    rows = list(csv.DictReader(io.StringIO(formats.render("csv", [EVERY["every_property"]]))))
    assert [row["property_status"] for row in rows] == ["passed", "failed", "skipped", "error"]
    assert {row["status"] for row in rows} == {"partial"}
    assert sum(int(row["property_score"]) for row in rows) == 20
    assert [row["line"] for row in rows] == ["", "3", "", "4"]


@pytest.mark.parametrize("kind", ["not_started", "rejected", "ungraded", "unreadable"])
def test_a_table_has_a_row_for_an_exercise_without_properties(kind):
    """It says why, with no points."""
    (row,) = csv.DictReader(io.StringIO(formats.render("csv", [EVERY[kind]])))
    assert (row["property"], row["property_score"]) == ("submission", "0")
    assert EVERY[kind].reason in row["message"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\uff1d1+1", "\n=1"]
)
def test_no_cell_is_a_formula(text):
    """What a spreadsheet would compute has an apostrophe before it."""
    content = formats.render("csv", [report(Status.REJECTED, reason=text, path=text)])
    (row,) = csv.DictReader(io.StringIO(content))
    for column in ("message", "submission"):
        assert not row[column].lstrip().startswith(("=", "+", "-", "@"))


def test_no_cell_is_longer_than_a_spreadsheet_takes():
    """Excel's cells end at 32,767 characters."""
    rows = csv.reader(io.StringIO(formats.render("csv", [EVERY["huge"]])))
    assert max(len(cell) for row in rows for cell in row) <= 32_767
