"""Marks go by the rules of the course that a gradebook is of, and whoever's moves is told why."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_a_teachers_week import teach
from test_gradebook import EXERCISE, REPORT, SLUG, hand_in, key

from grader.classroom.kept.gradebook import BY_FILE, BY_TABLE, Gradebook, Student
from grader.classroom.run import described
from grader.classroom.shown.grades import gradesheet
from grader.course import model as course
from grader.course.model import Counts, Policy
from grader.errors import UsageError
from grader.report import Status

DEADLINE = datetime(2026, 3, 1, 12, tzinfo=UTC)
COURSE = """\
format = 1
title = "Deep Learning"
{policy}
[[parts]]
title = "Part"

[[parts.exercises]]
number = {number}
slug = "{slug}"
title = "Attention"
points = {points}
functions = ["attention_scores", "attention"]
hints = []
"""


def a_course(folder: Path, policy: str = "", points: int = 100, slug: str = SLUG) -> Path:
    """A course of exercise 3 alone, with a `[policy]` of its own."""
    (folder / "exercises").mkdir(parents=True, exist_ok=True)
    text = f"[policy]\n{policy}\n" if policy else ""
    text = COURSE.format(policy=text, number=3, slug=slug, points=points)
    (folder / course.COURSE_FILE).write_text(text)
    stub = course.load(course.bundled()).exercise("3").stub.read_text()
    (folder / "exercises" / f"ex03_{slug}.py").write_text(stub)
    room = folder / "solutions" / f"ex03_{slug}"
    room.mkdir(parents=True, exist_ok=True)
    (room / "reference.py").write_text("")
    return folder


def late(days: int, **more: object) -> str:
    """A policy of ten per cent a day, by which what came on `DEADLINE` is so many days late."""
    moment = (DEADLINE - timedelta(days=days) + timedelta(minutes=1)).isoformat()
    lines = [f"deadline = {moment}", "late_penalty = 10"]
    return "\n".join(lines + [f"{name} = {value}" for name, value in more.items()])


class Kept:
    """A gradebook whose run went by a course, and the folder of its tables."""

    def __init__(self, folder: Path, place: Path | None) -> None:
        self.output = folder / "graded"
        self.output.mkdir()
        self.place = place
        with Gradebook.open(self.output / "gradebook.sqlite3") as book:
            options = {"course": described(course.load(place))} if place else {}
            run = book.begin(seed=7, engine="grade 0", why="", options=options)
            book.enrol([Student("ada"), Student("zoe")], [EXERCISE])
            moments = {"ada": DEADLINE, "zoe": DEADLINE - timedelta(days=9)}
            for name, moment in moments.items():
                found = hand_in(name, name[0] * 64, submitted_at=moment, dated_by=BY_TABLE)
                (attempt,) = book.note(run, [found])
                book.record(run, attempt, key(found.sha256), REPORT, "first graded")
            book.end(run)

    def open(self) -> Gradebook:
        return Gradebook.open(self.output / "gradebook.sqlite3")

    def publish(self, *more: object) -> str:
        return teach("gradebook", "publish", "-o", self.output, *more)

    def marks(self) -> dict[str, str]:
        with (self.output / "gradebook.csv").open() as table:
            return {row["student"]: row["total"] for row in csv.DictReader(table)}

    def changes(self) -> dict[str, tuple[str, str, str]]:
        with (self.output / "changes.csv").open() as table:
            rows = list(csv.DictReader(table))
        return {row["student"]: (row["before"], row["now"], row["why"]) for row in rows}


@pytest.fixture
def make(tmp_path, monkeypatch) -> Callable[..., Kept]:
    """Makes a gradebook in a folder that is in no course, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_GRADEBOOK", raising=False)
    return lambda place=None: Kept(tmp_path, place)


# --- the course ----------------------------------------------------------------------------------


def test_a_gradebook_goes_by_its_own_course(make, tmp_path, monkeypatch):
    """Wherever one stands, unless that is a course of other rules; then somebody must say."""
    own = a_course(tmp_path / "dl", late(2))
    kept = make(own)
    kept.publish()
    assert kept.marks() == {"ada": "32", "zoe": "40"}
    given = tmp_path / "canvas.csv"
    given.write_text("Student,ID,SIS User ID,SIS Login ID,Section,Attention (5)\n"
                     "    Points Possible,,,,,100\nada,1,,ada,,\n")  # fmt: skip
    teach("gradebook", "fill", given, "-o", tmp_path / "filled.csv", "-c", "3")
    assert ",32" in (tmp_path / "filled.csv").read_text()
    monkeypatch.chdir(a_course(tmp_path / "same", late(2)))
    kept.publish()
    assert kept.marks()["ada"] == "32"
    other = a_course(tmp_path / "other", late(3))
    monkeypatch.chdir(other)
    with pytest.raises(UsageError, match=r"graded by .*dl\); here is .* other rules") as said:
        kept.publish()
    assert "--course FOLDER" in said.value.advice
    assert kept.marks()["ada"] == "32"
    kept.publish("--course", other)
    assert kept.marks()["ada"] == "28"
    assert kept.changes() == {"ada": ("32", "28", "the deadline was moved")}
    monkeypatch.chdir(tmp_path)
    kept.publish()  # by what was named last
    assert kept.marks()["ada"] == "28"


def test_a_course_that_is_gone_must_be_named(make, tmp_path, monkeypatch):
    """Where it went to, it is told by its rules."""
    own = a_course(tmp_path / "dl", late(2))
    kept = make(own)
    moved = own.rename(tmp_path / "moved")
    for words in (["publish"], ["fill", given_table(tmp_path)], ["feedback", "--canvas"]):
        with pytest.raises(UsageError, match="not there any more") as said:
            teach("gradebook", *words, "-o", tmp_path / "out", "--gradebook", kept.output)
        assert "--course FOLDER" in said.value.advice
    kept.publish("--course", moved)
    assert kept.marks()["ada"] == "32"
    monkeypatch.chdir(moved)
    kept.publish()
    assert kept.marks()["ada"] == "32"


def given_table(folder: Path) -> Path:
    table = folder / "given.csv"
    table.write_text("Student,ID,SIS User ID,SIS Login ID,Section,Attention (5)\nada,1,,ada,,\n")
    return table


def test_nobody_guesses_a_course(make, tmp_path):
    """Neither for a gradebook of an older version, nor by another's."""
    kept = make()
    with pytest.raises(UsageError, match="does not say which course"):
        kept.publish()
    with pytest.raises(UsageError, match="none of the exercises"):
        kept.publish("--course", a_course(tmp_path / "other", slug="another"))
    kept.publish("--course", a_course(tmp_path / "dl", late(2)))
    assert kept.marks()["ada"] == "32"
    kept.publish()
    assert kept.marks()["ada"] == "32"


def test_a_class_goes_by_the_course_of_its_gradebook(make, tmp_path, monkeypatch):
    """Also from outside of it; where it is another's, that is said, and whose marks it moves."""
    own = a_course(tmp_path / "dl", late(2))
    kept = make(own)
    (tmp_path / "in" / "eve").mkdir(parents=True)
    (tmp_path / "in" / "eve" / "ex03.py").write_bytes(b"\xff\xfe\xfa no text")
    (tmp_path / "in" / "submissions.csv").write_text(f"path,submitted_at\neve,{DEADLINE}\n")
    words = ["class", tmp_path / "in", "-o", kept.output]
    assert " 2 days" in teach(*words, "--dry-run")
    assert "another course" not in teach(*words)
    assert kept.marks() == {"ada": "32", "eve": "0", "zoe": "40"}
    monkeypatch.chdir(a_course(tmp_path / "other", late(3)))
    said = flat(teach(*words))
    assert f"graded by another course: {own}; now it is {tmp_path / 'other'}." in said
    assert "ada, Attention: 32 to 28 (the deadline was moved)" in said
    assert kept.changes() == {"ada": ("32", "28", "the deadline was moved")}
    (tmp_path / "other").rename(tmp_path / "gone")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="not there any more"):
        teach(*words)


# --- whose mark moved ----------------------------------------------------------------------------


def test_a_moved_deadline_is_told(make, tmp_path):
    """On the screen and in the table, and once."""
    own = a_course(tmp_path / "dl", late(2))
    kept = make(own)
    kept.publish()
    assert kept.changes() == {}
    a_course(own, late(3))
    said = kept.publish()
    assert "ada, Attention: 32 to 28 (the deadline was moved)" in flat(said)
    assert kept.changes() == {"ada": ("32", "28", "the deadline was moved")}
    assert "Scores that moved" not in kept.publish()
    assert kept.changes() == {}


def flat(said: str) -> str:
    return " ".join(said.split())


@pytest.mark.parametrize(
    ("before", "after", "student", "moved"),
    [
        ((1, {}), (1, {"grace_minutes": 1440}), "ada",
         ("36", "40", "grace_minutes is 1440, and was 0")),
        ((2, {}), (2, {"late_penalty_most": 5}), "ada",
         ("32", "38", "late_penalty_most is 5, and was 100")),
        ((2, {}), (2, {"last_day": "2026-02-28T00:00:00Z"}), "ada",
         ("32", "0", "the last day was set")),
        ((2, {"last_day": "2026-02-28T00:00:00Z"}), (2, {}), "ada",
         ("0", "32", "the last day was dropped")),
    ],
)  # fmt: skip
def test_a_changed_rule_is_told(make, tmp_path, before, after, student, moved):
    """By its name in the course file."""
    own = a_course(tmp_path / "dl", late(before[0], **before[1]))
    kept = make(own)
    kept.publish()
    a_course(own, late(after[0], **after[1]))
    kept.publish()
    assert kept.changes() == {student: moved}


@pytest.mark.parametrize(
    ("words", "moved"),
    [
        (["mark", "ada", 3, "--score", 85, "--why", "oral", "--by", "ann"],
         {"ada": ("32", "85", "a decision: 85 by ann")}),
        (["mark", "ada", 3, "--points", "test_b=30", "--by", "ann"],
         {"ada": ("32", "56", "a decision: 30 for test_b by ann")}),
        (["mark", "zoe", 3, "--excuse", "--by", "ann"],
         {"zoe": ("40", "", "a decision: excused by ann")}),
        (["mark", "zoe", 3, "--comment", "Well done"], {}),
        (["extend", "ada", 3, "--until", "2026-03-02T00:00:00Z", "--by", "ann"],
         {"ada": ("32", "40", "a decision: until 2026-03-02 00:00 UTC by ann")}),
        (["extend", "zoe", 3, "--until", "2026-03-02T00:00:00Z"], {}),
        (["student", "team", "red", "ada", "zoe"],
         {"zoe": ("40", "32", "in the team red; attempt 2 counts")}),
        (["student", "drop", "ada"], {"ada": ("32", "", "dropped from the class")}),
    ],
)  # fmt: skip
def test_what_a_person_decided_is_told(make, tmp_path, words, moved):
    """Whoever's mark it moves; and when it is taken back."""
    kept = make(a_course(tmp_path / "dl", late(2)))
    kept.publish()
    teach(*words)
    kept.publish()
    found = kept.changes()
    assert found.keys() == moved.keys()
    for name, (before, now, why) in moved.items():
        assert found[name][:2] == (before, now)
        assert found[name][2].startswith(why)
    if words[0] in ("mark", "extend") and moved:
        teach(*words[:3], "--undo")
        kept.publish()
        ((name, (before, now, why)),) = kept.changes().items()
        assert (now, before) == moved[name][:2]
        assert why.startswith("taken back: ")
    if "drop" in words:
        teach(*words, "--undo")
        kept.publish()
        assert kept.changes() == {"ada": ("", "32", "in the class again")}


def test_a_first_verdict_moves_nothing_and_a_regrading_says_why(make, tmp_path):
    """Another date of the same hand-in, another attempt, and a score that a regrading changed."""
    kept = make(a_course(tmp_path / "dl", late(2)))
    kept.publish()
    moment = DEADLINE - timedelta(days=1)
    with kept.open() as book:
        run = book.begin(seed=7, engine="grade 0", why="", options={}, before=book.told())
        book.enrol([Student("eve")], [])
        found = [
            hand_in("eve", "e" * 64),
            hand_in("zoe", "f" * 64, submitted_at=moment, dated_by=BY_TABLE),
            hand_in("ada", "a" * 64, submitted_at=moment, dated_by=BY_TABLE),
        ]
        attempts = book.note(run, found)
        for each, attempt in zip(found[:2], attempts, strict=False):
            book.record(run, attempt, key(each.sha256), REPORT, "first graded")
    kept.publish()
    assert kept.changes() == {
        "ada": ("32", "36", "it came at another time, by its date (table)"),
        "zoe": ("40", "36", "attempt 2 counts"),
    }
    with kept.open() as book:
        better = replace(REPORT, score=50)
        book.record(run, attempts[1], key("f" * 64), better, "typo; asked for again")
    kept.publish()
    assert kept.changes() == {"zoe": ("36", "45", "regraded: typo; asked for again")}


def test_the_lowest_that_count_no_more_are_told_as_the_total(make, tmp_path):
    """A rule that moves no single score."""
    own = a_course(tmp_path / "dl")
    kept = make(own)
    with kept.open() as book:
        run = book.runs()[-1]
        other = course.load(course.bundled()).exercise("1")
        book.enrol([], [other])
        found = replace(hand_in("ada", "c" * 64), exercise=other.slug)
        (attempt,) = book.note(run, [found])
        book.record(run, attempt, key("c" * 64), REPORT, "first graded")
    kept.publish()
    a_course(own, "drop_lowest = 1")
    kept.publish()
    assert kept.changes() == {"ada": ("80", "40", "drop_lowest is 1, and was 0")}


def test_what_is_told_of_an_anonymous_class_names_nobody(make, tmp_path):
    """Neither on the screen nor in the table; and only the last run keeps what was told."""
    own = a_course(tmp_path / "dl", late(2))
    kept = make(own)
    kept.publish()
    with kept.open() as book:
        options = {**book.runs()[-1].options, "more": {"anonymous": True}}
        book.begin(seed=7, engine="grade 0", why="", options=options, before=book.told())
    a_course(own, late(3))
    said = kept.publish()
    assert "Attention: 32 to 28 (the deadline was moved)" in flat(said)
    assert "ada" not in said.partition("wrote")[0]
    assert [each[:2] for each in kept.changes().values()] == [("32", "28")]
    assert "ada" not in kept.changes()
    with kept.open() as book:
        assert [run.before is not None for run in book.runs()] == [False, True]


# --- stale ---------------------------------------------------------------------------------------


def test_publishing_and_exporting_know_what_is_stale(make, tmp_path):
    """The course is worth other points since; a page says no more than is true."""
    own = a_course(tmp_path / "dl")
    kept = make(own)
    with kept.open() as book:
        exercise = course.load(own).exercise("3")
        book.enrol([], [exercise], {SLUG: "e" * 64})
    a_course(own, points=50)
    said = kept.publish()
    assert "2 results are stale: the exercise has changed." in flat(said)
    assert "--regrade" in said
    assert kept.marks() == {"ada": "20", "zoe": "20"}
    assert ",the exercise has changed" in (kept.output / "gradebook.csv").read_text()
    page = next(kept.output.glob("reports/ada/index.html")).read_text()
    assert "graded before the exercise was changed" in page
    a_course(own, points=10)
    teach("gradebook", "fill", given_table(tmp_path), "-o", tmp_path / "filled.csv", "-c", "3")
    assert ",4" in (tmp_path / "filled.csv").read_text().splitlines()[1]


def test_what_is_one_is_said_of_one(make, tmp_path):
    """Marks, lines, results; and two gradebooks are several."""
    kept = make(a_course(tmp_path / "dl"))
    teach("student", "drop", "zoe")
    table = given_table(tmp_path)
    said = flat(teach("gradebook", "fill", table, "-o", tmp_path / "filled.csv", "-c", "3"))
    assert "Canvas: 1 mark for 1 of 1 line, 1 of them new" in said
    assert "1 result is stale: " in flat(kept.publish())
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "gradebook.sqlite3").write_bytes(
        (kept.output / "gradebook.sqlite3").read_bytes()
    )
    with pytest.raises(UsageError, match="There are 2 gradebooks here"):
        teach("history", "ada")


# --- dates and files -----------------------------------------------------------------------------


def test_a_moment_is_printed_in_the_zone_that_is_named(tmp_path):
    """By whoever's word it came: a table's, Moodle's or a commit's own offset."""
    own = a_course(tmp_path / "dl")
    handed_in = tmp_path / "in"
    (handed_in / "ada").mkdir(parents=True)
    answer = "def attention_scores(q, k):\n    return q\n\ndef attention(q, k, v):\n    return v\n"
    (handed_in / "ada" / "ex03.py").write_text(answer)
    (handed_in / "zoe_ex03.py").write_text(answer)
    (handed_in / "submissions.csv").write_text("path,submitted_at\nada,2026-11-25T22:10:00+01:00\n")
    people = tmp_path / "people.csv"
    people.write_text("Identifier,Full name,Last modified (submission)\n"
                      "Participant 1,zoe,2026-11-25T00:30:00+01:00\n")  # fmt: skip
    said = flat(teach("class", handed_in, "-o", tmp_path / "out", "--course", own, "--dry-run",
                      "--students", people))  # fmt: skip
    assert "2026-11-25 21:10 UTC" in said
    assert "2026-11-24 23:30 UTC" in said


UNREADABLE = replace(REPORT, status=Status.FAILED, score=0, properties=(), misconception=None)


@pytest.mark.parametrize("counts", list(Counts))
@pytest.mark.parametrize("first", [BY_FILE, BY_TABLE])
def test_a_bare_file_date_does_not_say_which_attempt_counts(make, first, counts):
    """What somebody dates goes before; a course may trust the dates of files."""
    kept = make()
    dated = hand_in("ada", "c" * 64, submitted_at=DEADLINE + timedelta(days=1), dated_by=BY_TABLE)
    bare = hand_in("ada", "d" * 64, submitted_at=DEADLINE + timedelta(days=270), dated_by=BY_FILE)
    reports = {dated: replace(REPORT, score=70), bare: UNREADABLE}
    with kept.open() as book:
        run = book.begin(seed=7, engine="grade 0", why="", options={})
        found = sorted(reports, key=lambda each: each.dated_by != first)
        for each, attempt in zip(found, book.note(run, found), strict=True):
            book.record(run, attempt, key(each.sha256), reports[each], "first graded")

        def score(**rules: object) -> float | None:
            policy = Policy(counts=counts, **rules)
            return gradesheet(book, policy).grades["ada", SLUG].score

        assert score() == 70
        assert score(max_attempts=2) == 70
        assert score(file_dates=True) == (0 if counts is Counts.LAST else 70)


def test_of_bare_file_dates_the_order_of_handing_in_decides(make):
    """The school's count first, then what was noted first."""
    kept = make()
    days = {"c": 3, "d": 1, "e": 2}
    found = [
        hand_in("zoe", name * 64, submitted_at=DEADLINE + timedelta(days=day), attempt=number)
        for number, (name, day) in enumerate(days.items(), 1)
    ]
    found = [replace(each, student="eve") for each in found]
    with kept.open() as book:
        book.enrol([Student("eve")], [])
        run = book.begin(seed=7, engine="grade 0", why="", options={})
        for place, attempt in enumerate(book.note(run, found[::-1])):
            report = replace(REPORT, score=10 * place)
            book.record(run, attempt, key(found[::-1][place].sha256), report, "first graded")
        grade = gradesheet(book, Policy()).grades["eve", SLUG]
        assert (grade.score, grade.attempt) == (0, 3)
        trusted = gradesheet(book, Policy(file_dates=True)).grades["eve", SLUG]
        assert trusted.score == 20
