"""What holds for each format, whatever it is given."""

import csv
import io
import json

import pytest
from samples import EVERY, report

from grader import formats
from grader.cli.options import Format
from grader.report import Status

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


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1"])
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
