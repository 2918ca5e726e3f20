"""What a person decides stands beside what grading found, and outlives it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from test_gradebook import EXERCISE, MOMENT, REPORT, SLUG, Class, hand_in

from grader import language
from grader.classroom.kept.decisions import Decision, Kind
from grader.classroom.kept.gradebook import (
    BY_CANVAS,
    BY_CANVAS_LATE,
    BY_COMMIT,
    BY_FILE,
    BY_MOODLE,
    Gradebook,
    Student,
)
from grader.classroom.shown import pages, sheets
from grader.classroom.shown.analysis import Analysis
from grader.classroom.shown.grades import Grade, gradesheet
from grader.course.model import Counts, Extension, Policy, TeamMarks
from grader.errors import UsageError

LATE = Policy(deadline=MOMENT - timedelta(hours=1), late_penalty=10)


@pytest.fixture
def klass(place):
    """Ada and Zoe, who have 40 of 100 each."""
    with Gradebook.open(place) as book:
        made = Class(book)
        made.graded(hand_in(dated_by="table"), hand_in("zoe", "b" * 64, dated_by="table"))
        yield made


def decide(klass: Class, kind: Kind, student: str = "ada", **fields: object) -> Decision:
    made = Decision(kind, student, **{"exercise": SLUG, "why": "because", "who": "ann", **fields})
    (added,) = klass.book.decisions.add([made])
    return added


def grade(klass: Class, student: str = "ada", policy: Policy | None = None) -> Grade:
    return gradesheet(klass.book, policy or Policy()).grades[student, SLUG]


@pytest.mark.slow
def test_a_persons_mark_is_what_counts(klass):
    """With author, time and reason; lateness takes nothing off it, the automatic one stays."""
    decide(klass, Kind.SCORE, points=80.0)
    found = grade(klass, policy=LATE)
    assert (found.score, found.automatic, found.raw) == (80, 36, 40)
    assert (found.mark.who, found.mark.why) == ("ann", "because")
    assert found.mark.made_at.tzinfo is not None
    assert grade(klass, "zoe", LATE).score == 36


def test_it_survives_every_grading(klass):
    """Another result, another attempt: the mark stays, until somebody takes it back."""
    made = decide(klass, Kind.SCORE, points=80.0)
    again = klass.begin()
    klass.graded(hand_in(), report=replace(REPORT, score=60), run=again)
    later = MOMENT + timedelta(days=1)
    klass.graded(hand_in(sha256="c" * 64, submitted_at=later, dated_by="table"), run=again)
    assert grade(klass).score == 80
    klass.book.decisions.undo(made.id, "a mistake")
    assert grade(klass).score == 40
    with pytest.raises(UsageError, match="undone already"):
        klass.book.decisions.undo(made.id, "again")
    kinds = [(each.kind, each.is_undone) for each in klass.book.decisions.all()]
    assert kinds == [(Kind.SCORE, True), (Kind.UNDO, False)]


def test_points_for_a_property_go_into_the_score(klass):
    """Instead of what it earned, before lateness; also in results that come later."""
    decide(klass, Kind.POINTS, property="test_b", points=30.0)
    assert grade(klass).score == 70
    assert grade(klass, policy=LATE).score == 63
    klass.graded(hand_in(), run=klass.begin())
    assert grade(klass).score == 70
    decide(klass, Kind.POINTS, property="test_b", points=500.0)
    assert grade(klass).score == 100


def test_points_for_a_property_are_those_of_its_report(klass):
    """What properties are worth together need not be what the exercise is worth."""
    half = replace(REPORT, score=20, max_score=50)
    klass.graded(hand_in(), report=half, run=klass.begin())
    klass.book.enrol([], [replace(EXERCISE, points=50)])
    decide(klass, Kind.POINTS, property="test_b", points=31.0)
    assert grade(klass).score == 35  # 71 of 100, of 50, rounded down


def test_an_excuse_takes_the_exercise_out_of_the_total(klass):
    """Whether or not anything was handed in; a mark that comes later holds."""
    klass.book.enrol([Student("bob")], [])
    for who in ("ada", "bob"):
        decide(klass, Kind.EXCUSE, who)
    sheet = gradesheet(klass.book, Policy())
    ada, bob, zoe = sheet.students
    assert [(sheet.total(each), sheet.most(each)) for each in (ada, bob, zoe)] == [
        (0, 0),
        (0, 0),
        (40, 100),
    ]
    assert grade(klass).score is None
    decide(klass, Kind.SCORE, points=10.0)
    assert (grade(klass).score, grade(klass).excuse) == (10, None)


def test_a_comment_and_a_mark_are_on_the_page_and_in_the_table(klass):
    """A student reads who set it, when, and why; the table has it too."""
    decide(klass, Kind.SCORE, points=80.0, why="The formula is <right>.")
    decide(klass, Kind.COMMENT, why="See me.")
    sheet = gradesheet(klass.book, Policy())
    page = pages.student_page(Analysis(sheet), sheet.students[0], "Course")
    assert "The formula is &lt;right&gt;." in page
    assert "ann, 20" in page
    assert "See me." in page
    assert "See me." not in pages.student_page(Analysis(sheet), sheet.students[1], "Course")
    assert "80 by ann" in sheets.render(sheet)
    for flavour in sheets.Flavour:
        assert ",80" in sheets.render(sheet, flavour)


def test_without_a_hand_in_a_mark_stands(klass):
    """Somebody was examined aloud."""
    klass.book.enrol([Student("bob")], [])
    decide(klass, Kind.SCORE, "bob", points=55.0)
    sheet = gradesheet(klass.book, Policy())
    bob = next(each for each in sheet.students if each.name == "bob")
    assert sheet.total(bob) == 55
    assert len(sheet.of(sheet.exercises[0])) == 2
    assert pages.class_page(Analysis(sheet), "Course")


def test_nobody_can_be_given_a_mark_who_is_not_there(klass):
    """Nor for an exercise that is not."""
    with pytest.raises(UsageError, match="no student 'eve'"):
        decide(klass, Kind.SCORE, "eve", points=1.0)
    with pytest.raises(UsageError, match="no exercise 'x'"):
        decide(klass, Kind.SCORE, exercise="x", points=1.0)
    assert klass.book.decisions.all() == []


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dated_by", "days"),
    [(BY_FILE, 0), (BY_CANVAS, 0), (BY_CANVAS_LATE, 1), (BY_MOODLE, 3), (BY_COMMIT, 3)],
)
def test_only_a_date_that_somebody_vouches_for_costs(klass, dated_by, days):
    """Canvas says that it was late, not by how much; a bare file says nothing."""
    moment = LATE.deadline + timedelta(days=2, hours=1)
    found = hand_in(sha256="d" * 64, submitted_at=moment, dated_by=dated_by)
    klass.graded(found, run=klass.begin())
    assert grade(klass, policy=LATE).days_late == days
    trusting = replace(LATE, file_dates=True)
    assert grade(klass, policy=trusting).days_late == (3 if dated_by == BY_FILE else days)


def test_more_time_moves_the_deadline_and_the_last_day(klass):
    """For one student, by a person or by the course; the others have none."""
    closing = replace(LATE, last_day=LATE.deadline)
    assert grade(klass, policy=closing).score == 0
    assert grade(klass, policy=closing).is_closed
    decide(klass, Kind.EXTENSION, exercise="", until=MOMENT)
    assert (grade(klass, policy=closing).score, grade(klass, policy=closing).days_late) == (40, 0)
    assert grade(klass, "zoe", closing).score == 0
    of_course = replace(closing, extensions=(Extension(MOMENT, student="zoe", exercise=SLUG),))
    assert grade(klass, "zoe", of_course).score == 40


def test_after_the_last_day_an_earlier_attempt_counts(klass):
    """What comes too late takes nothing from what came in time."""
    policy = replace(LATE, last_day=MOMENT, counts=Counts.BEST)
    too_late = hand_in(sha256="d" * 64, submitted_at=MOMENT + timedelta(days=1), dated_by="table")
    klass.graded(too_late, report=replace(REPORT, score=100), run=klass.begin())
    assert grade(klass, policy=policy).raw == 40


# --- teams, and the lowest -----------------------------------------------------------------------


@pytest.mark.parametrize("marks", TeamMarks)
def test_what_one_of_a_team_hands_in_is_everybodys(klass, marks):
    """Shared marks reach all of them, separate ones the one that they name; an excuse is one's."""
    klass.book.enrol([Student("bob")], [])
    klass.book.people.set_team(["ada", "bob"], "red")
    policy = Policy(team_marks=marks)
    assert grade(klass, "bob", policy).score == 40
    assert (grade(klass, "bob", policy).author, grade(klass, "ada", policy).author) == ("ada", "")
    decide(klass, Kind.SCORE, points=70.0)
    shared = marks is TeamMarks.SHARED
    assert grade(klass, "bob", policy).score == (70 if shared else 40)
    decide(klass, Kind.EXCUSE)
    assert grade(klass, "bob", policy).excuse is None


def test_teams_may_stand_in_the_course_file(klass):
    """By names or ids."""
    klass.book.enrol([Student("bob", {"id": "17"})], [])
    policy = Policy(teams={"red": ("ada", "17")})
    assert grade(klass, "bob", policy).score == 40


def test_the_lowest_are_left_out(place):
    """By the share of their points; what is missing is the lowest of all."""
    other = replace(EXERCISE, slug="other", number=9, points=50)
    third = replace(EXERCISE, slug="third", number=10)
    with Gradebook.open(place) as book:
        klass = Class(book)
        book.enrol([], [other, third])
        klass.graded(hand_in())
        report = replace(REPORT, slug="other", score=30, max_score=50)
        klass.graded(hand_in(exercise="other", sha256="e" * 64), report=report)
        sheet = gradesheet(book, Policy(drop_lowest=1))
        ada = sheet.students[0]
        assert (sheet.total(ada), sheet.most(ada)) == (70, 150)
        sheet = gradesheet(book, Policy(drop_lowest=2))
        assert (sheet.total(ada), sheet.most(ada)) == (30, 50)
        sheet = gradesheet(book, Policy(drop_lowest=9))
        assert sheet.most(ada) == 50


# --- people --------------------------------------------------------------------------------------


def test_a_student_may_be_called_otherwise(klass):
    """With all that is theirs; nobody gets the name of another."""
    klass.book.people.rename("ada", "Ada Lovelace")
    assert grade(klass, "Ada Lovelace").score == 40
    (student,) = [each for each in klass.book.students() if each.name == "Ada Lovelace"]
    assert student.aliases == (("ada", ""),)
    with pytest.raises(UsageError, match="already"):
        klass.book.people.rename("Ada Lovelace", "zoe")


def test_two_who_are_one_are_merged(klass):
    """Hand-ins, results and decisions of both; the same file twice is one attempt."""
    klass.graded(hand_in("zoe", "a" * 64, submitted_at=MOMENT - timedelta(days=1)))
    decide(klass, Kind.SCORE, "ada", points=77.0)
    klass.book.people.merge("ada", "zoe")
    assert [each.name for each in klass.book.students()] == ["zoe"]
    attempts = klass.book.attempts()
    assert [each.sha256[0] for each in attempts] == ["a", "b"]
    assert attempts[0].submitted_at == (MOMENT - timedelta(days=1))
    assert len(klass.book.history("zoe", SLUG)) == 3
    assert grade(klass, "zoe").score == 77
    assert klass.book.students()[0].aliases == (("ada", ""), ("", "7"))


def test_who_is_dropped_is_shown_no_more(klass):
    """And is there again when taken back, with everything."""
    klass.book.people.drop("ada")
    sheet = gradesheet(klass.book, Policy())
    assert [each.name for each in sheet.students] == ["zoe"]
    assert [each.name for each in sheet.dropped] == ["ada"]
    klass.book.people.restore("ada")
    assert grade(klass).score == 40


def test_books_of_one_database_know_nothing_of_each_other(klass, place):
    """The same names and exercises, other marks."""
    with Gradebook.open(place, "homework 2") as other:
        second = Class(other)
        second.graded(hand_in(), report=replace(REPORT, score=90))
        assert grade(second).score == 90
        assert grade(klass).score == 40
        assert [run.id for run in other.runs()] == [second.run.id]
        decide(second, Kind.SCORE, points=1.0)
    assert klass.book.decisions.all() == []
    with pytest.raises(UsageError, match="homework 2"):
        Gradebook.open(place, "homework 3", make=False)


def test_a_stale_result_is_told(klass):
    """Another exercise, another torch; and it is never more than there is to get."""
    klass.book.enrol([], [replace(EXERCISE, points=50)], {SLUG: "f" * 64})
    found = grade(klass)
    assert (found.stale, found.score) == ("the exercise has changed", 20)
    klass.book.enrol([], [EXERCISE], {SLUG: "e" * 64})
    assert grade(klass).stale == ""
    klass.begin(engine="grade 1")
    assert "grade 0" in grade(klass).stale


def test_the_page_of_the_class_says_who_is_missing(klass):
    """Not on the list, nothing handed in, not found this time, dropped; and how many are stale."""
    klass.book.enrol([Student("bob", is_listed=True), Student("eve", is_listed=False)], [])
    klass.book.people.drop("eve")
    klass.book.note(klass.begin(engine="grade 1"), [hand_in("zoe", "f" * 64, dated_by="table")])
    sheet = gradesheet(klass.book, Policy())
    assert (sheet.unlisted, sheet.absent, sheet.unseen) == (("ada", "zoe"), ("bob",), ("ada",))
    page = pages.class_page(Analysis(sheet), "Course")
    standing = page[page.index("Who and what else") : page.index("Students by property")]
    assert "<b>1</b> result from before" in standing
    for words in ("Not on the list", "Without any hand-in", "not found in the last run", "Dropped"):
        assert words in standing
    assert standing.count("eve") == 1


def test_a_student_reads_it_in_their_language(klass):
    """Who set the mark stays; the rest is Chinese."""
    decide(klass, Kind.SCORE, points=80.0)
    decide(klass, Kind.EXCUSE, "zoe")
    language.use("zh")
    try:
        sheet = gradesheet(klass.book, Policy())
        ada, zoe = (pages.student_page(Analysis(sheet), each, "课程") for each in sheet.students)
    finally:
        language.use("en")
    assert "由教师评定，原自动得分为 40 (because) – ann" in ada
    assert "已获准免做：不计分" in zoe
