"""What a run leaves alone, what it grades again, and what it writes down of both."""

import os
import shutil
from pathlib import Path

import pytest
import synthetic
from sqlalchemy import select, update

from grader.classroom import run
from grader.classroom.kept.gradebook import Gradebook, Student
from grader.classroom.kept.schema import contents, submissions
from grader.classroom.received import identity, members
from grader.classroom.run import ClassRun, Options
from grader.classroom.shown.changes import changes, snapshot
from grader.classroom.shown.grades import gradesheet
from grader.course import model as course
from grader.errors import UsageError
from grader.report import Status

COURSE = Path(__file__).resolve().parent / "odd_course"
RIGHT = "def double(x):\n    return x + x\n"
HALF = "def double(x):\n    return x + 1\n"
NAME = "ex01_double.py"


class Class:
    """Two students, a course of their own that may change, and a gradebook."""

    def __init__(self, folder: Path, judges) -> None:
        self.submissions, self.course = folder / "submissions", folder / "course"
        is_new = not self.course.exists()
        if is_new:
            shutil.copytree(COURSE, self.course)
        self.book = Gradebook.open(folder / "gradebook.sqlite3")
        self.properties = self.course / "solutions" / "ex01_double" / "properties.py"
        self.judges = judges
        if is_new:
            self.hand_in("ada", RIGHT)
            self.hand_in("zoe", HALF)

    def hand_in(self, who: str, source: str, moment: int = 1_790_000_000) -> None:
        path = self.submissions / who / NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        os.utime(path, (moment, moment))

    def grade(self, most: int | None = None, **options: object) -> run.Plan:
        """One run, cut off after `most` results."""
        this = ClassRun(self.book, Options(**options))
        whole = course.load(self.course)
        plan = this.plan(run.discover(whole, this.options, self.submissions), whole)
        for count, _ in enumerate(this.grade(plan, self.judges), 1):
            if count == most:
                return plan
        this.end(plan)
        return plan

    def history(self, who: str) -> list[tuple[int, str]]:
        return [(result.score, result.why) for result in self.book.history(who, "double")]

    def sheet(self):
        return gradesheet(self.book, course.load(self.course).policy)

    def seeds(self) -> list[int]:
        return [each.seed for each in self.book.runs()]


@pytest.fixture(scope="module")
def begun(tmp_path_factory, judges):
    """The folder of two students who have been graded once."""
    folder = tmp_path_factory.mktemp("begun")
    made = Class(folder, judges)
    assert made.grade().count == 2
    made.book.close()
    return folder


@pytest.fixture
def klass(begun, tmp_path, judges):
    """Two students who have been graded once, in a copy of that folder."""
    made = Class(shutil.copytree(begun, tmp_path / "klass"), judges)
    yield made
    made.book.close()


@pytest.mark.slow
def test_what_has_not_changed_is_not_graded_again(klass):
    """A second run does nothing, and says that it knows."""
    plan = klass.grade()
    assert (plan.count, plan.known) == (0, 2)
    assert klass.history("ada") == [(100, "first graded")]


def test_another_file_is_another_attempt(klass):
    """Only that student is graded, and both attempts stay."""
    klass.hand_in("zoe", RIGHT + "\n")
    plan = klass.grade()
    assert (plan.count, plan.known) == (1, 1)
    assert klass.history("zoe") == [(40, "first graded"), (100, "first graded")]
    grade = klass.sheet().grades["zoe", "double"]
    assert (grade.raw, grade.attempt, grade.attempts) == (100, 2, 2)


def test_what_somebody_else_handed_in_is_known(klass):
    """The same file, under the same name: the result is taken over, with the student's own path."""
    klass.hand_in("zoe", RIGHT)
    plan = klass.grade()
    assert (plan.count, len(plan.settled)) == (0, 1)
    result = klass.book.history("zoe", "double")[-1]
    assert (result.score, result.report.path) == (100, f"zoe/{NAME}")


def test_a_changed_exercise_is_graded_again(klass):
    """With the reason, and what was found before stays in the history."""
    klass.properties.write_text(klass.properties.read_text().replace("points(40)", "points(30)"))
    assert klass.grade(why="typo").count == 2
    assert klass.history("zoe") == [(40, "first graded"), (33, "typo; the exercise changed")]


def test_a_hint_is_no_reason_to_grade_again(klass):
    """What no grading reads decides about nothing."""
    file = klass.course / "exercises" / "course.toml"
    file.write_text(file.read_text() + 'hints = [{ text = "Think." }]\n')
    (klass.properties.parent / "plot.py").write_text("# a picture\n")
    assert klass.grade().count == 0


def test_what_is_asked_for_is_graded_again(klass):
    """`--regrade`, with who, when and why in the history."""
    assert klass.grade(regrade=True, why="Zoe asked").count == 2
    assert klass.history("zoe")[-1] == (40, "Zoe asked; asked for again")
    newest = klass.book.history("zoe", "double")[-1]
    assert newest.who
    assert newest.run == klass.book.runs()[-1].id


def test_a_gradebook_keeps_its_seed(klass):
    """Drawn in secret by its first run; another one grades again, and stays."""
    klass.grade()
    first, second = klass.seeds()
    assert first == second
    assert klass.grade(seed=first + 1).count == 2
    assert klass.history("ada")[-1][1] == "another seed"
    assert klass.grade().count == 0
    assert klass.seeds()[-1] == first + 1
    # What was once graded on that seed is known.
    plan = klass.grade(seed=first)
    assert (plan.count, len(plan.settled)) == (0, 2)


def test_two_gradebooks_draw_two_seeds(klass, tmp_path, judges):
    """Nobody can know one from the other."""
    other = Class(tmp_path / "other", judges)
    other.grade()
    assert other.seeds() != klass.seeds()
    other.book.close()


def test_a_run_that_was_cut_off_goes_on_as_it_began(klass):
    """Its seed and its choices are its own; what it has done is not done again."""
    klass.hand_in("tony", HALF + "\n")
    plan = klass.grade(most=1, regrade=True, exercises=("double",), why="again")
    cut = plan.run
    assert klass.book.runs()[-1].ended_at is None
    done = sum(result.run == cut.id for result in klass.book.latest().values())
    resumed = klass.grade(resume=True, regrade=True, why="again")
    assert resumed.run.id == cut.id
    assert (resumed.known, resumed.count) == (done, 3 - done)
    assert klass.book.runs()[-1].ended_at is not None
    assert len(klass.book.runs()) == 2


def test_a_resumed_run_has_no_other_seed(klass):
    """It would not be the same run."""
    with pytest.raises(UsageError, match="not 3"):
        klass.grade(resume=True, seed=3)


def test_there_must_be_something_to_resume(tmp_path, judges):
    """An empty gradebook holds no run."""
    made = Class(tmp_path, judges)
    with pytest.raises(UsageError, match="no run to resume"):
        made.grade(resume=True)
    made.book.close()


def test_what_could_not_be_graded_is_tried_again(klass):
    """A fault of the properties is no verdict; when it is mended there is one."""
    good = klass.properties.read_text()
    klass.properties.write_text(good.replace("torch.arange(5.0)", "torch.no_such_thing()"))
    klass.grade()
    assert {grade.score for grade in klass.sheet().grades.values()} == {None}
    assert len(klass.sheet().ungraded) == 2
    assert klass.grade().count == 2
    assert klass.history("ada")[-1][1] == "it could not be graded before"
    klass.properties.write_text(good)
    klass.grade()
    assert klass.sheet().grades["ada", "double"].score == 100
    statuses = [result.status for result in klass.book.history("ada", "double")]
    assert statuses == [Status.PASSED, Status.UNGRADED, Status.UNGRADED, Status.PASSED]


def test_lateness_is_the_courses_to_say(klass):
    """A deadline that moves needs no grading; the raw score stays beside the one that counts."""
    file = klass.course / "exercises" / "course.toml"
    policy = "[policy]\ndeadline = 2026-09-20T12:00:00Z\nlate_penalty = 10\n"
    policy += "file_dates = true\n\n[[parts]]"
    file.write_text(file.read_text().replace("[[parts]]", policy, 1))
    assert klass.grade().count == 0
    grade = klass.sheet().grades["ada", "double"]
    assert (grade.score, grade.raw, grade.days_late) == (80, 100, 2)


def test_touching_a_file_does_not_make_it_late(klass):
    """When it was handed in is written down once."""
    before = klass.book.attempts()[0].submitted_at
    klass.hand_in("ada", RIGHT, moment=1_890_000_000)
    assert klass.grade().count == 0
    assert klass.book.attempts()[0].submitted_at == before


# --- what was handed in is kept ------------------------------------------------------------------


def test_what_is_no_longer_in_the_folder_is_graded_again(klass):
    """A course that is mended, and a folder of another week: every attempt that counts has its
    score of today, from the content that was kept."""
    shutil.rmtree(klass.submissions / "zoe")
    klass.properties.write_text(klass.properties.read_text().replace("points(40)", "points(30)"))
    assert klass.grade().count == 1
    assert klass.sheet().grades["zoe", "double"].stale == "the exercise has changed"
    plan = klass.grade(regrade=True, why="typo")
    assert plan.count == 2
    assert klass.history("zoe")[-1] == (33, "typo; the exercise changed")
    assert klass.sheet().stale == []


@pytest.mark.slow
def test_what_is_kept_is_graded_like_what_was_found(klass):
    """To the byte: an archive's member, a notebook of two exercises, a file with a module of its
    own in another encoding, one of many exercises."""
    helper = "# -*- coding: latin-1 -*-\ndef twice(x):\n    return x + x  # \u00e9\n"
    both = RIGHT + "\ndef negate(x):\n    return -x\n"
    for name, data in {
        "bob.zip": synthetic.zipped({f"hw/{NAME}": RIGHT.encode(), "hw/x.txt": b"?"}),
        "cleo/all.ipynb": synthetic.notebook(RIGHT, "def negate(x):\n    return -x\n"),
        f"dan/hw/{NAME}": b"from lib.more import twice\n\ndef double(x):\n    return twice(x)\n",
        "dan/hw/lib/__init__.py": b"",
        "dan/hw/lib/more.py": b"from helper import twice\n",
        "dan/hw/helper.py": helper.encode("latin-1"),
        "eve/ex01-02.py": both.encode(),
    }.items():
        path = klass.submissions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    klass.grade()
    found = {
        who: [
            (each.key, each.content["properties"], each.report.path)
            for each in klass.book.history(who, "double")
        ]
        for who in ("ada", "bob", "cleo", "dan", "eve")
    }
    assert {len(each) for each in found.values()} == {1}
    shutil.rmtree(klass.submissions)
    klass.submissions.mkdir()
    klass.hand_in("new", HALF)
    klass.grade(regrade=True)
    for who, (first,) in found.items():
        _, second = (
            (each.key, each.content["properties"], each.report.path)
            for each in klass.book.history(who, "double")
        )
        assert (second[0], second[2]) == (first[0], first[2]), who
        assert [p["score"] for p in second[1]] == [p["score"] for p in first[1]]
        assert klass.book.history(who, "double")[1].score == 100
    assert klass.book.history("cleo", "negate")[1].score == 100
    assert klass.book.problems() == []


def test_each_content_is_kept_once(klass):
    """However many hand it in."""
    for number in range(5):
        klass.hand_in(f"s{number}", RIGHT)
    klass.grade()
    with klass.book._engine.connect() as connection:
        digests = list(connection.scalars(select(contents.c.sha256)))
    assert len(digests) == 2


def test_of_the_best_every_one_that_may_count_is_graded_again(klass):
    """After a mending another attempt may be the best."""
    file = klass.course / "exercises" / "course.toml"
    file.write_text(
        file.read_text().replace("[[parts]]", '[policy]\ncounts = "best"\n[[parts]]', 1)
    )
    klass.hand_in("ada", HALF)
    klass.grade()
    klass.properties.write_text(klass.properties.read_text().replace("points(40)", "points(30)"))
    klass.grade(regrade=True)
    first, second = klass.history("ada")[:2], klass.history("ada")[2:]
    assert [score for score, _ in first] == [100, 40]
    assert sorted(score for score, _ in second) == [33, 100]
    assert klass.sheet().grades["ada", "double"].score == 100


def test_what_was_not_kept_is_said(klass):
    """A gradebook of an older format has no contents; nothing is invented."""
    with klass.book._engine.begin() as connection:
        connection.execute(update(submissions).values(files=None))
    shutil.rmtree(klass.submissions / "zoe")
    plan = klass.grade(regrade=True)
    assert plan.count == 1
    assert any("not kept" in note and "zoe" in note for note in plan.notes)


def test_whose_score_moved_is_said_with_the_reason(klass):
    """Also where the run that moved it was cut off in between."""
    klass.book.tell(snapshot(klass.book, klass.sheet()))
    klass.properties.write_text(klass.properties.read_text().replace("points(40)", "points(30)"))
    klass.grade(most=1, why="typo")
    klass.grade(resume=True)
    (moved,) = changes(klass.book, klass.sheet())
    assert (moved.student, moved.before, moved.now) == ("zoe", 40, 33)
    assert moved.why == "regraded: typo; the exercise changed"
    klass.book.tell(snapshot(klass.book, klass.sheet()))
    klass.grade()
    assert changes(klass.book, klass.sheet()) == []


def test_resuming_keeps_every_choice(klass):
    """Of a run that was cut off; one that has ended is not asked to grade again what it graded."""
    klass.grade(most=1, regrade=True, why="Zoe asked", more={"students": "/class.csv"})
    this = ClassRun(klass.book, Options(resume=True))
    assert (this.options.regrade, this.options.why) == (True, "Zoe asked")
    assert this.options.more == {"students": "/class.csv"}
    klass.grade(resume=True)
    assert [len(klass.history(who)) for who in ("ada", "zoe")] == [2, 2]
    assert klass.history("zoe")[-1][1] == "Zoe asked; asked for again"
    assert klass.grade(resume=True).count == 0


def test_seeds_of_ones_own_are_the_courses_to_say(klass):
    """The same file of two students is then graded twice, on other inputs, and always on those."""
    file = klass.course / "exercises" / "course.toml"
    text = file.read_text().replace("[[parts]]", '[policy]\nseeds = "student"\n[[parts]]', 1)
    file.write_text(text)
    klass.hand_in("zoe", RIGHT)
    assert klass.grade().count == 2
    seeds = [klass.book.history(who, "double")[-1].seed for who in ("ada", "zoe")]
    assert len(set(seeds)) == 2
    assert klass.grade().count == 0


# --- people --------------------------------------------------------------------------------------


def test_hand_ins_under_an_old_name_are_still_theirs(klass):
    """After a renaming and a merging, week after week; the dropped are not graded."""
    klass.book.people.rename("ada", "Ada Lovelace")
    klass.book.people.merge("zoe", "Ada Lovelace")
    klass.hand_in("ada", RIGHT + "# again\n")
    klass.hand_in("zoe", RIGHT + "# and again\n")
    assert klass.grade().count == 2
    assert {student.name for student in klass.book.students()} == {"Ada Lovelace"}
    assert klass.sheet().grades["Ada Lovelace", "double"].attempts == 4
    klass.book.people.drop("Ada Lovelace")
    klass.hand_in("bob", HALF)
    klass.hand_in("ada", HALF)
    plan = klass.grade()
    assert (plan.count, len(plan.settled)) == (1, 0) or plan.count == 0
    assert any("Dropped" in note for note in plan.notes)
    assert [each.name for each in klass.sheet().students] == ["bob"]


def test_a_folder_of_a_team_is_its_members(klass):
    """Called as the team is, in the course file or in the gradebook."""
    klass.book.people.set_team(["ada", "zoe"], "Red Team")
    klass.hand_in("red team", HALF + "# ours\n")
    klass.grade()
    assert {student.name for student in klass.book.students()} == {"ada", "zoe"}
    assert klass.sheet().grades["zoe", "double"].attempts == 3


def test_who_was_not_found_this_time_is_said(klass):
    """Of those who had handed in what others hand in now."""
    shutil.rmtree(klass.submissions / "zoe")
    klass.grade()
    assert klass.sheet().unseen == ("zoe",)


def test_another_course_needs_a_book_of_its_own(klass):
    """So that no two courses meet in one table."""
    other = course.load(course.bundled())
    found = run.discover(course.load(klass.course), Options(), klass.submissions)
    with pytest.raises(UsageError, match="another course"):
        ClassRun(klass.book, Options()).plan(found, other)
    assert len(klass.book.runs()) == 1


def test_a_team_of_the_course_file_may_hand_in_the_first_time(klass):
    """Before the gradebook knows its members, from the list of the class."""
    file = klass.course / "exercises" / "course.toml"
    teams = '[policy.teams]\nblue = ["17", "bob"]\n[[parts]]'
    file.write_text(file.read_text().replace("[[parts]]", teams, 1))
    klass.hand_in("blue", HALF + "# ours\n")
    whole = course.load(klass.course)
    this = ClassRun(klass.book, Options())
    listed = members.Listed([{"student": "bob"}, {"student": "eve", "id": "17"}])
    found = run.discover(whole, this.options, klass.submissions).with_members(listed, None)
    plan = this.plan(found, whole)
    assert len(list(this.grade(plan, klass.judges))) == 1
    scores = {who: grade.score for (who, _), grade in klass.sheet().grades.items()}
    assert scores == {"ada": 100, "zoe": 40, "bob": 40, "eve": 40}


def test_an_old_name_with_another_id_is_somebody_else(klass):
    """A new student may be called as one was who is called otherwise now."""
    klass.book.enrol([Student("ada", {"id": "7"})], [])
    klass.book.people.rename("ada", "Ada Lovelace")
    known = klass.book.students()
    assert identity.aliased([Student("ada", {"id": "9"})], known, {}) == {}
    assert identity.aliased([Student("ada", {"id": "7"})], known, {})["ada"].name == "Ada Lovelace"
    assert identity.aliased([Student("ADA")], known, {})["ADA"].name == "Ada Lovelace"
