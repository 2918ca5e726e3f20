"""What the analysis of a class finds, against numbers worked out by hand."""

from datetime import UTC, datetime
from math import sqrt
from pathlib import Path

import pytest

from grader import language
from grader.classroom.kept.gradebook import Column, Result, Student
from grader.classroom.shown.alike import Alike
from grader.classroom.shown.analysis import (
    Analysis,
    Concern,
    difficulty,
    discrimination,
    is_lost,
    is_outlying,
)
from grader.classroom.shown.grades import Grade, Gradesheet
from grader.course import model as course
from grader.grading.engine import Task
from grader.report import (
    Interval,
    Misconception,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    TimingVerdict,
)
from grader.submission import text as submission

ONE, TWO = Column("one", 1, "One", 100), Column("two", 2, "Two", 100)
NOW = datetime(2026, 10, 1, tzinfo=UTC)
P, F, E, S = (PropertyStatus(name) for name in ("passed", "failed", "error", "skipped"))


def report(column: Column = ONE, statuses: str = "", **changes: object) -> Report:
    """A report on properties `a`, `b`, ... whose statuses begin so."""
    ends = dict(zip("pfes", (P, F, E, S), strict=True))
    properties = tuple(
        PropertyResult(name, f"{name}.", ends[end], 10 if end == "p" else 0, 10, None)
        for name, end in zip("abcdefghij", statuses, strict=False)
    )
    score = 10 * statuses.count("p")
    values = {"status": Status.PARTIAL, "sha256": "", "properties": properties, "score": score}
    given = {**values, **changes}
    return Report(column.number, column.slug, column.title, "x.py", max_score=100, **given)


def sheet(reports: dict[str, list[Report]]) -> Gradesheet:
    """What those students have; a file without a sha256 is like no other."""
    grades = {}
    for name, own in reports.items():
        for number, each in enumerate(own):
            content = each.as_json()
            content["submission"]["sha256"] = each.sha256 or f"{name}{number}"
            result = Result(1, 1, 1, "k", NOW, "me", "", each.status, each.score, 100, 7, False,
                            "grade", "e", content)  # fmt: skip
            grades[name, each.slug] = Grade(name, each.slug, 1, 1, NOW, 0, 0, "x.py", result)
    return Gradesheet(tuple(map(Student, sorted(reports))), (ONE, TWO), grades)


def analysis(**reports: list[Report]) -> Analysis:
    return Analysis(sheet(reports))


# --- items ----------------------------------------------------------------------------------------


def test_difficulty_is_the_share_who_pass():
    """The mean of the shares earned; nothing is said of nobody."""
    assert difficulty([1, 1, 1, 0]) == 0.75
    assert difficulty([0.5, 0]) == 0.25
    assert difficulty([]) is None


def test_discrimination_is_a_correlation():
    """Five fail and five pass, the rest of their points from 1 to 10: 12.5 / sqrt(2.5 * 82.5)."""
    scores, rests = [0.0] * 5 + [1.0] * 5, [float(n) for n in range(1, 11)]
    assert discrimination(scores, rests) == pytest.approx(12.5 / sqrt(2.5 * 82.5))
    assert discrimination(scores, rests[::-1]) == pytest.approx(-12.5 / sqrt(2.5 * 82.5))


def test_discrimination_needs_students_who_differ():
    """Neither fewer than ten, nor an item that all pass, nor a rest that is the same for all."""
    rests = [float(n) for n in range(10)]
    assert discrimination([0.0, 1.0] * 4, rests[:8]) is None
    assert discrimination([1.0] * 10, rests) is None
    assert discrimination([0.0, 1.0] * 5, [3.0] * 10) is None


def test_an_item_is_not_compared_with_itself():
    """Ten students, two items that have nothing to do with each other: 0, where the total, of
    which the item is a half, would correlate."""
    reports = {f"s{n}": [report(ONE, "pppff"[n % 5] + "pf"[n % 2])] for n in range(10)}
    first, second = analysis(**reports).statistics
    # Of a: 6 pass, 3 of these pass b. Of b: 5 pass, 3 of these pass a.
    assert (first.difficulty, second.difficulty) == (0.6, 0.5)
    assert first.discrimination == pytest.approx(0)
    assert second.discrimination == pytest.approx(0)


def test_the_rest_is_what_was_earned_in_all_exercises():
    """Who passes the one item of exercise 1 has 30 points in exercise 2, the others 10."""
    reports = {
        f"s{n}": [report(ONE, "pf"[n % 2]), report(TWO, ("ppp", "pff")[n % 2])] for n in range(10)
    }
    of_one, *_ = analysis(**reports).statistics
    assert of_one.item.exercise == ONE
    assert of_one.discrimination == pytest.approx(1)


def test_who_waits_has_not_reached_an_item():
    """Of six, one waits and one was not tried at all: of the other four, three pass."""
    found = analysis(
        ann=[report(ONE, "p")],
        bob=[report(ONE, "p")],
        cat=[report(ONE, "p")],
        dan=[report(ONE, "e")],
        eve=[report(ONE, "s")],
        fay=[report(ONE, status=Status.NOT_STARTED)],
    )
    (item,) = found.statistics
    assert (item.reached, item.difficulty) == (4, 0.75)
    assert item.counts == {P: 3, E: 1, S: 1}


# --- misconceptions -------------------------------------------------------------------------------

UNSCALED, SUMMED = Misconception("Unscaled", "Divide."), Misconception("Summed", "Average.")


def test_misconceptions_are_counted_by_exercise():
    """The most common first, with who holds it; a share of those who have a verdict."""
    found = analysis(
        ann=[report(ONE, "f", misconception=UNSCALED), report(TWO, "f", misconception=UNSCALED)],
        bob=[report(ONE, "f", misconception=SUMMED), report(TWO, "f")],
        cat=[report(ONE, "f", misconception=SUMMED)],
        dan=[report(ONE, "p")],
        eve=[report(ONE, status=Status.UNGRADED, score=0)],
    ).misconceptions
    told = [(each.exercise.slug, each.name, each.students, each.share) for each in found]
    assert told == [
        ("one", "Summed", ("bob", "cat"), 0.5),
        ("one", "Unscaled", ("ann",), 0.25),
        ("two", "Unscaled", ("ann",), 0.5),
    ]


# --- what to look at ------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "far"), [(100.0, True), (18.5, True), (18.4, False)])
def test_far_is_beyond_three_and_a_half_modified_z_scores(last, far):
    """1 to 9 and another: the median is 5.5, the median distance 2.5, and 3.5 * 2.5 / 0.6745 is
    12.97."""
    assert is_outlying([*map(float, range(1, 10)), last]) == [False] * 9 + [far]


def test_where_half_are_equal_their_mean_distance_counts():
    """Nine ones and a two: 3.5 * 0.1 / 0.7979 is 0.44; of ten ones, none is far."""
    assert is_outlying([1.0] * 9 + [2.0]) == [False] * 9 + [True]
    assert is_outlying([1.0] * 10) == [False] * 10
    assert is_outlying([1.0] * 8 + [99.0]) == [False] * 9


def timed(ratio: float, verdict: TimingVerdict = TimingVerdict.OK) -> Timing:
    within = None if verdict is TimingVerdict.REVIEW else Interval(ratio, ratio, ratio)
    why = "it came back sooner than an empty call does" if within is None else None
    return Timing("cpu", verdict, 5.0, ratio, 1.0, None, within, None, 12, why)


def looked_at(found: Analysis) -> list[tuple[Concern, tuple[str, ...], list[int]]]:
    return [
        (each.concern, each.students, [exercise.number for exercise in each.exercises])
        for each in found.lookouts
    ]


def test_what_has_no_verdict_or_no_believable_time_is_looked_at():
    """With the reason that the report gives."""
    found = analysis(
        ann=[report(ONE, status=Status.UNGRADED, score=0, reason="The grader is at fault.")],
        bob=[report(ONE, "p", timing=timed(0.1, TimingVerdict.REVIEW))],
    )
    assert looked_at(found) == [
        (Concern.UNGRADED, ("ann",), [1]),
        (Concern.REVIEW, ("bob",), [1]),
    ]
    assert [each.what for each in found.lookouts] == [
        "The grader is at fault.",
        "it came back sooner than an empty call does",
    ]


def test_the_same_file_is_looked_at_once():
    """Ann and Bob share two files: one line. An untouched stub is like every other."""
    stub = {"status": Status.NOT_STARTED, "sha256": "stub"}
    found = analysis(
        ann=[report(ONE, "p", sha256="1"), report(TWO, "p", sha256="2")],
        bob=[report(ONE, "p", sha256="1"), report(TWO, "p", sha256="2")],
        cat=[report(ONE, **stub), report(TWO, "p", sha256="1")],
        dan=[report(ONE, **stub)],
    )
    assert looked_at(found) == [(Concern.SAME, ("ann", "bob"), [1, 2])]


def test_far_slower_than_the_rest_is_looked_at():
    """Times by the clock: 30 among tens of 1 to 1.9, not 3 among equals of 2."""
    ratios = [1 + n / 10 for n in range(10)]
    reports = {f"s{n}": [report(ONE, "p", timing=timed(r))] for n, r in enumerate([*ratios, 30.0])}
    assert looked_at(analysis(**reports)) == [(Concern.SLOW, ("s10",), [1])]
    (slow,) = analysis(**reports).lookouts
    assert slow.what == "30.0 times the reference's time; the median is 1.5."
    reports = {f"s{n}": [report(ONE, "p", timing=timed(r))] for n, r in enumerate([2.0] * 10 + [3])}
    assert looked_at(analysis(**reports)) == []


def test_without_a_clock_the_seconds_of_grading_must_differ_more():
    """Thirty among ones and twos is looked at, four is not."""
    for last, expected in ((30.0, [(Concern.SLOW, ("s10",), [1])]), (4.0, [])):
        seconds = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, last]
        reports = {f"s{n}": [report(ONE, "p", seconds=s)] for n, s in enumerate(seconds)}
        assert looked_at(analysis(**reports)) == expected


COURSE = course.load(Path(__file__).resolve().parent / "odd_course")
CRASHES = "import os\ndef double(x):\n    os._exit(3)\n"
RAISES = "def double(x):\n    raise ValueError('Your code crashed')\n"


@pytest.mark.slow
def test_a_process_that_ends_is_known_in_every_language(judges):
    """By what real reports say; an exception is an error as any other."""
    tasks = []
    for number, (source, name) in enumerate(
        (source, name) for name in language.available() for source in (CRASHES, RAISES)
    ):
        found = submission.parse(Path(f"{number}/ex01_double.py"), source.encode())
        tasks.append(Task(number, COURSE.exercise("double"), found, seed=7, language=name))
    graded = sorted(judges.run(tasks), key=lambda each: each.number)
    messages = [each.report.properties[0].message for each in graded]
    assert [is_lost(message) for message in messages] == [True, False] * (len(tasks) // 2)
    reports = {f"s{each.number}": [each.report] for each in graded}
    own = Gradesheet(
        tuple(Student(name) for name in reports),
        (Column("double", 1, "Twice as much", 100),),
        sheet(reports).grades,
    )
    concerns = [each.students for each in Analysis(own).lookouts if each.concern is Concern.LOST]
    assert concerns == [(f"s{number}",) for number in range(0, len(tasks), 2)]


# --- who to help ----------------------------------------------------------------------------------


def test_the_undiagnosed_are_grouped_by_what_they_fail_first():
    """A known misconception has its own group; so has each property, the most common first."""
    known = Misconception("swapped", "The gates are swapped.")
    found = analysis(
        ann=[report(ONE, "pfe")],
        bob=[report(ONE, "pef")],
        cat=[report(ONE, "fpp")],
        dan=[report(ONE, "fff", misconception=known)],
        eve=[report(ONE, "ppp")],
        fay=[report(ONE, "ppp"), report(TWO, "sef")],
    )
    groups = [(each.item.exercise, each.item.name, each.students) for each in found.stuck]
    assert groups == [(ONE, "b", ("ann", "bob")), (ONE, "a", ("cat",)), (TWO, "b", ("fay",))]
    assert [each.share for each in found.stuck] == [2 / 6, 1 / 6, 1.0]


def test_behind_is_who_lacks_what_half_of_the_class_has():
    """Of four, two have exercise 1, and one has exercise 2: nobody is behind with that. An
    untouched stub is nothing to grade."""
    found = analysis(
        ann=[report(ONE, "p"), report(TWO, "p")],
        bob=[report(ONE, "f")],
        cat=[report(ONE, status=Status.NOT_STARTED)],
        dan=[],
    )
    assert [(each.student, each.missing) for each in found.behind] == [
        ("cat", (ONE,)),
        ("dan", (ONE,)),
    ]
    assert analysis().behind == ()


def test_who_lacks_most_is_behind_first():
    """Then by name."""
    both = [report(ONE, "p"), report(TWO, "p")]
    found = analysis(ann=[report(ONE, "p")], bob=[], cat=both, dan=both, eve=both)
    assert [(each.student, len(each.missing)) for each in found.behind] == [("bob", 2), ("ann", 1)]


def test_what_was_not_tried_is_looked_at():
    """What cannot be read, what is rejected, with the reason; a crash is one of its own."""
    found = analysis(
        ann=[report(ONE, status=Status.FAILED, reason="It is no text.")],
        bob=[report(ONE, status=Status.REJECTED, reason="Line 3 uses `torch.nn.LSTM`.")],
        cat=[report(ONE, status=Status.FAILED, reason="Your code crashed.")],
        dan=[report(ONE, "ff", status=Status.FAILED)],
    )
    assert looked_at(found) == [
        (Concern.UNREAD, ("ann",), [1]),
        (Concern.REJECTED, ("bob",), [1]),
        (Concern.LOST, ("cat",), [1]),
    ]
    assert found.lookouts[1].what == "Line 3 uses `torch.nn.LSTM`."


def test_similar_pairs_are_looked_at():
    """The most alike first; one of an exercise that the class does not have is left out."""
    pairs = [
        Alike(("ann", "bob"), "one", 0.5),
        Alike(("cat", "bob"), "two", 0.75),
        Alike(("ann", "bob"), "other", 0.9),
    ]
    found = Analysis(sheet({"ann": [], "bob": [], "cat": []}), pairs)
    assert looked_at(found) == [
        (Concern.SIMILAR, ("cat", "bob"), [2]),
        (Concern.SIMILAR, ("ann", "bob"), [1]),
    ]
    assert [each.what for each in found.lookouts] == ["75% shared", "50% shared"]
