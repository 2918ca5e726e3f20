"""What attempts come to: lateness, the attempt that counts, and the tables that say so."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from grader.classroom.kept.gradebook import Attempt, Column, Gradebook, HandIn, Result, Student
from grader.classroom.shown import sheets
from grader.classroom.shown.grades import Gradesheet, chosen, days_late, gradesheet
from grader.classroom.shown.sheets import Flavour
from grader.course import model as course
from grader.course.model import Counts, Policy
from grader.errors import UsageError
from grader.grading.keys import Key
from grader.report import Report, Status

DEADLINE = datetime(2026, 10, 1, 23, 59, tzinfo=timezone(timedelta(hours=2)))
SLUG = "rms_norm"


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(days=-3), 0),
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, microseconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, microseconds=1), 2),
        (timedelta(days=10), 10),
    ],
)
def test_every_day_that_has_begun_is_a_day_late(after, days):
    """Counted from the deadline; who is within the grace is in time."""
    policy = Policy(deadline=DEADLINE, grace_minutes=15)
    moment = (DEADLINE + after).astimezone(UTC)
    assert days_late(replace(attempt(1), submitted_at=moment), policy) == days


def test_an_exercise_may_have_a_deadline_of_its_own():
    """It goes before the course's; without any, nothing is late."""
    policy = Policy(deadline=DEADLINE, deadlines={SLUG: DEADLINE + timedelta(days=7)})
    handed_in = attempt(1, 5)
    assert days_late(handed_in, policy) == 0
    assert days_late(replace(handed_in, exercise="other"), policy) == 5
    assert days_late(handed_in, Policy()) == 0


def attempt(number: int, days: float = 0, seen: int = 1) -> Attempt:
    moment = DEADLINE + timedelta(days=days)
    return Attempt(number, "ada", SLUG, f"{number}" * 64, f"ada/{number}.py", moment, 0, seen)


def result(number: int, score: int, status: Status = Status.PARTIAL) -> Result:
    content = {"schema": 1}
    return Result(number, number, 1, "k", DEADLINE, "me", "", status, score, 100, 7, False, "grade",
                  "e", content)  # fmt: skip


@pytest.mark.parametrize(
    ("days", "penalty", "raw", "score"),
    [(0, 0, 87, 87.0), (0.5, 10, 87, 78.3), (3, 30, 87, 60.9), (9, 50, 87, 43.5), (9, 50, 0, 0.0)],
)
def test_lateness_takes_a_percentage_for_each_day(days, penalty, raw, score):
    """At most so much in all; the raw score stays beside the one that counts."""
    policy = Policy(deadline=DEADLINE, late_penalty=10, late_penalty_most=50)
    grade = chosen([attempt(1, days)], {1: result(1, raw)}, policy)
    assert (grade.penalty, grade.raw, grade.score) == (penalty, raw, score)


def test_the_last_attempt_counts_or_the_best():
    """As the course says; of equals the first."""
    attempts = [attempt(1, -3), attempt(2, -2), attempt(3, -1)]
    results = {1: result(1, 50), 2: result(2, 80), 3: result(3, 60)}
    assert chosen(attempts, results, Policy()).raw == 60
    best = chosen(attempts, results, Policy(counts=Counts.BEST))
    assert (best.raw, best.attempt, best.attempts) == (80, 2, 3)
    results[3] = result(3, 80)
    assert chosen(attempts, results, Policy(counts=Counts.BEST)).attempt == 2


def test_the_best_is_the_one_that_is_worth_most_after_lateness():
    """A better answer that came too late may count for less."""
    policy = Policy(deadline=DEADLINE, late_penalty=30, counts=Counts.BEST)
    results = {1: result(1, 75), 2: result(2, 100)}
    grade = chosen([attempt(1, -1), attempt(2, 0.5)], results, policy)
    assert (grade.raw, grade.score) == (75, 75.0)


def test_attempts_beyond_the_allowed_count_for_nothing():
    """The first ones are the allowed ones."""
    attempts = [attempt(1, -3), attempt(2, -2), attempt(3, -1)]
    results = {n: result(n, 30 * n) for n in (1, 2, 3)}
    for counts in Counts:
        assert chosen(attempts, results, Policy(max_attempts=2, counts=counts)).raw == 60


def test_who_goes_back_to_an_earlier_file_has_handed_it_in_again():
    """The last attempt is the one that was found last, with the moment of its first coming."""
    attempts = [attempt(1, -3, seen=2), attempt(2, -2, seen=1)]
    grade = chosen(attempts, {1: result(1, 50), 2: result(2, 80)}, Policy())
    assert (grade.raw, grade.attempt) == (50, 1)


def test_what_has_no_verdict_has_no_score():
    """Neither what is not graded yet, nor what could not be; another attempt does not stand in."""
    attempts = [attempt(1, -3), attempt(2, -2)]
    for results in ({1: result(1, 50)}, {1: result(1, 50), 2: result(2, 0, Status.UNGRADED)}):
        grade = chosen(attempts, results, Policy())
        assert (grade.score, grade.raw, grade.is_graded) == (None, None, False)
        assert chosen(attempts, results, Policy(counts=Counts.BEST)).score == 50.0


COURSE_FILE = """
title = "Tiny"
{policy}
[[parts]]
title = "One"
exercises = [{{ number = 2, slug = "twice", title = "Twice", functions = ["twice"] }}]
"""


def policy_of(tmp_path, text: str) -> Policy:
    (tmp_path / "exercises").mkdir(exist_ok=True)
    (tmp_path / "exercises" / "course.toml").write_text(COURSE_FILE.format(policy=text))
    return course.load(tmp_path).policy


def test_the_policy_stands_in_the_course_file(tmp_path):
    """Deadlines by number or slug, a penalty, attempts; without any of it nothing is late."""
    text = """
    [policy]
    deadline = 2026-10-01T23:59:00+02:00
    grace_minutes = 15
    late_penalty = 10
    late_penalty_most = 50
    max_attempts = 3
    counts = "best"
    [policy.deadlines]
    2 = 2026-10-08T23:59:00Z
    """
    assert policy_of(tmp_path, text) == Policy(
        deadline=DEADLINE,
        deadlines={"twice": datetime(2026, 10, 8, 23, 59, tzinfo=UTC)},
        grace_minutes=15,
        late_penalty=10,
        late_penalty_most=50,
        max_attempts=3,
        counts=Counts.BEST,
    )
    assert policy_of(tmp_path, "") == Policy()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("deadline = 2026-10-01T23:59:00", "offset"),
        ("deadline = 2026-10-01", "offset"),
        ('deadline = "tomorrow"', "offset"),
        ("deadlines = { twice = 2026-10-01 }", "deadlines.twice"),
        ("deadlines = { thrice = 2026-10-01T23:59:00Z }", "no exercise 'thrice'"),
        ("late_penalty = 110", "from 0 to 100"),
        ("late_penalty = 2.5", "whole number"),
        ("max_attempts = 0", "from 1"),
        ('max_attempts = "three"', "whole number"),
        ('counts = "mean"', "last, best"),
        ("late_penatly = 10", "late_penatly"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(tmp_path, line, says):
    """The message names the file, the entry, and what it takes."""
    with pytest.raises(UsageError) as caught:
        policy_of(tmp_path, f"[policy]\n{line}")
    assert says in str(caught.value)
    assert "course.toml" in caught.value.problem


@pytest.fixture
def sheet(tmp_path) -> Gradesheet:
    """A class of four and the bundled course's exercises 3 and 6."""
    whole = course.load(course.bundled())
    three, six = whole.exercise("3"), whole.exercise("6")
    people = [
        Student("ada", {"id": "17", "email": "ada@example.org"}),
        Student('=HYPERLINK("http://evil")'),
        Student("Zoë, the 1st"),
        Student("absent", {"section": 'b; =1+1;"@A1"\n-2+3'}),
    ]
    scores = {("ada", three): 87, ("ada", six): 100, (people[1].name, three): 0,
              (people[2].name, six): 33}  # fmt: skip
    with Gradebook.open(tmp_path / "book.sqlite3") as book:
        run = book.begin(seed=7, engine="grade", why="", options={})
        book.enrol(people, [three, six])
        for (who, exercise), score in scores.items():
            days = 1 if score == 33 else -1
            moment = DEADLINE + timedelta(days=days)
            found = HandIn(who, exercise.slug, "a" * 64, f"{who}/x.py", moment, dated_by="table")
            report = Report(exercise.number, exercise.slug, exercise.title, found.path, "a" * 64,
                            Status.PARTIAL, score, 100)  # fmt: skip
            key = Key("a" * 64, "s" * 64, "x.py", "e" * 64, 7, False, "cpu", "grade")
            book.record(run, book.note(run, [found])[0], key, report, "")
        return gradesheet(book, Policy(deadline=DEADLINE, late_penalty=50))


def rows(sheet: Gradesheet, flavour: Flavour = Flavour.PLAIN) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheets.render(sheet, flavour))))


def test_the_table_has_a_row_a_student_and_a_column_an_exercise(sheet):
    """The score that counts, the sum, then how each came about; nothing where nothing came."""
    head, *body = rows(sheet)
    stems = ["ex03_attention_scoring", "ex06_count_conv_params"]
    assert head[:7] == ["student", "email", "id", "section", *stems, "total"]
    by_name = {row[0]: dict(zip(head, row, strict=True)) for row in body}
    assert len(body) == 4
    ada, zoe = by_name["ada"], by_name["Zoë, the 1st"]
    assert (ada[stems[0]], ada[stems[1]], ada["total"], ada["id"]) == ("87", "100", "187", "17")
    assert (zoe[stems[1]], zoe["total"]) == ("16.5", "16.5")
    assert (zoe[f"{stems[1]} raw"], zoe[f"{stems[1]} days late"]) == ("33", "1")
    assert by_name["absent"][stems[0]] == ""
    assert by_name["absent"][f"{stems[0]} status"] == "missing"
    assert by_name["absent"]["total"] == "0"


@pytest.mark.parametrize("flavour", list(Flavour))
def test_no_cell_is_a_formula(sheet, flavour):
    """What a spreadsheet would run is made text: students choose their files' names."""
    cells = [cell for row in rows(sheet, flavour) for cell in row]
    text = sheets.render(sheet, flavour)
    split = [cell for row in csv.reader(text.split("\n"), delimiter=";") for cell in row]
    assert "b" in text  # what only a spreadsheet that parts cells otherwise would run
    for cell in (*cells, *split):
        assert not cell.lstrip(' "').startswith(("=", "+", "-", "@")), cell
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)


def test_canvas_and_moodle_have_their_own_tables(sheet):
    """Their first columns, the points possible, and a column for each exercise's title."""
    head, points, *body = rows(sheet, Flavour.CANVAS)
    titles = ["3. Attention scoring", "6. Counting the parameters of a convolution"]
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles]
    assert points == ["    Points Possible", "", "", "", "", "100", "100"]
    assert ["ada", "17", "", "", "", "87", "100"] in body
    head, *body = rows(sheet, Flavour.MOODLE)
    assert head[:4] == ["Identifier", "Full name", "ID number", "Email address"]
    assert ["Participant 17", "ada", "", "ada@example.org", "87", "100"] in body


def test_reports_lie_in_a_folder_for_each_student(sheet, tmp_path):
    """Whatever a student is called, no file is written anywhere else."""
    folder = tmp_path / "out"
    folder.mkdir()
    sheets.write_reports(folder, sheet)
    found = sorted(folder.rglob("*.json"))
    assert len(found) == 4
    assert all(path.parent.parent == folder / "records" for path in found)
    assert {json.loads(path.read_text())["score"] for path in found} == {0, 33, 87, 100}


@pytest.mark.parametrize("names", [["../../up", "a/b", ".."], ["A", "a", "a "], ["x" * 300, "y"]])
def test_folders_of_reports_never_meet(names):
    """Names that differ have folders that differ, below the one of all reports."""
    given = sheets.folders([Student(name) for name in names])
    assert len({folder.lower() for folder in given.values()}) == len(names)
    assert all("/" not in folder and folder not in ("", ".", "..") for folder in given.values())


def test_a_score_is_written_as_people_do():
    """No trailing zeros, at most two digits."""
    written = [sheets.number(score) for score in (None, 0.0, 100.0, 66.5, 33.33, 10)]
    assert written == ["", "0", "100", "66.5", "33.33", "10"]


def test_a_total_waits_for_every_verdict(sheet):
    """While something handed in has no verdict, there is no sum to mistake for one."""
    place = ("ada", "count_conv_params")
    grades = {**sheet.grades, place: replace(sheet.grades[place], result=None)}
    head, *body = rows(replace(sheet, grades=grades))
    ada = dict(zip(head, next(row for row in body if row[0] == "ada"), strict=True))
    assert (ada["total"], ada["ex06_count_conv_params"]) == ("", "")
    assert ada["ex06_count_conv_params status"] == "pending"


def test_a_class_knows_who_has_what(sheet):
    """The read API of pages and tables: a grade, or nothing where nothing was handed in."""
    ada = next(student for student in sheet.students if student.name == "ada")
    three = Column("attention_scoring", 3, "Attention scoring", 100)
    grade = sheet.grade(ada, three)
    assert grade is not None
    assert grade.result is not None
    assert grade.result.report.score == 87
    assert sheet.grade(Student("absent"), three) is None
    assert len(sheet.of(three)) == 2
