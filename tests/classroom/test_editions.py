"""What a released edition says to whoever works in it: rules, hints, another language, no dead
ends."""

import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
import tomli_w
from typer.main import get_command
from typer.testing import CliRunner

from grader import language
from grader.classroom.given_out import readme
from grader.classroom.given_out.release import Release, write
from grader.cli import LEARN, app
from grader.course import model as course
from grader.course.model import Counts, Policy
from grader.errors import UsageError
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.judge.prove.validate import validate_titles
from grader.learner.history import VARIABLE
from grader.submission.text import parse

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
ZH = """
title = "均方根"
statement = '''
练习 1：均方根

他说 "每个样本除以它的均方根"，用路径 C:\\temp 里的数字。

来源："Root Mean Square Layer Normalization" (2019)，第 3 节，作者 "Zhang" 等人。
'''
hints = ["先写下一个样本的范数。", "eps 在根号里面，靠着平均值，不在外面。", "{answer}", "末了"]
[functions]
rms_norm = "每个样本除以它的均方根，再乘以权重。"
"""
ANSWER = "mean_square = x.square().mean(dim=-1, keepdim=True)"


def made(folder: Path, home: Path = EXAMPLE, **options) -> Path:
    """A release of a course in the language in use, made in process."""
    found = course.load(home)
    write(Release(found, found.exercises, **{"title": found.title, **options}), folder)
    return folder


def said(words: str, folder: Path, monkeypatch) -> tuple[int, str]:
    """The exit code of a command in a folder, and all that it says."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv(VARIABLE, raising=False)
    done = CliRunner().invoke(app, words.split())
    if isinstance(done.exception, UsageError):
        return 2, f"{done.output}{done.exception.problem}\n{done.exception.advice}"
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("editions") / "out")


@pytest.fixture
def a_course(tmp_path) -> Path:
    """A copy of the example course that is translated, its third Chinese hint a line of the
    answer."""
    home = tmp_path / "course"
    for path in sorted(EXAMPLE.rglob("*.*")):
        if path.is_file() and "__pycache__" not in path.parts:
            there = home / path.relative_to(EXAMPLE)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes())
    folder = home / "exercises" / "zh"
    folder.mkdir()
    (folder / "course.toml").write_text('title = "课程"\n[parts]\n"Part one" = "一"\n')
    (folder / "ex01_rms_norm.toml").write_text(ZH.replace("{answer}", ANSWER))
    return home


# --- no dead end ----------------------------------------------------------------------------------

# In an edition without answers, what each command says; each names what to do next.
COMMANDS = {
    "list": "Begin: grade next",
    "next": "the README says where to hand it in",
    "show": "the README says where that is",
    "show 1": "the README says where that is",
    "show 1 --plot": "Read its statement again: grade show 1",
    "hint": "Read its statement again: grade show 1",  # after the last that is given out
    "exercise": "the README says where that is",
    "exercise 1": "the README says where that is",
    "debug 1": "the README says where that is",
    "watch": "the README says where that is",
    "watch 1": "the README says where that is",
    "solution 1": "Take a hint: grade hint 1",
    "solution 1 --give-up": "Take a hint: grade hint 1",
    "progress": "Go on: grade next",
    "reset 1": "",
    "init {there}": "Begin: cd",
    "notebook 1 -o {there}.ipynb": "it says how to go on",
    "validate": "Name the folder that has `solutions`",
    "validate 1": "Name the folder that has `solutions`",
    "strength 1": "Name the folder that has `solutions`",
    "class exercises -o {there}": "the README says where that is",
    "release {there}": "the README says where that is",
}


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("edition", ["students", "students-notebooks"])
def test_no_command_leads_to_a_dead_end(out, edition, words, tmp_path, monkeypatch):
    """Without answers it works, or says why not and what to do; never to do what cannot be done."""
    _, text = said(words.format(there=tmp_path / "there"), out / edition, monkeypatch)
    said_in_one = " ".join(text.split())
    expected = COMMANDS[words]
    if words == "reset 1":
        notebooks = edition == "students-notebooks"
        expected = "Have a new one: grade notebook 1" if notebooks else "grade show 1"
    assert expected in said_in_one
    for words_of_dead_ends in ("cannot be read", "missing", "nothing to draw", "grade exercise"):
        assert words_of_dead_ends not in said_in_one


@pytest.mark.slow
def test_a_report_names_no_command_that_students_do_not_have(out, forkserver):
    """What grades for those who cannot at home speaks of hints and the statement alone."""
    text = b"def rms_norm(x, weight, eps=1e-6):\n    return x * weight\n"
    wrong = parse(Path("ex01_rms_norm.py"), text)
    for home, named in ((EXAMPLE, True), (out / "teacher" / "course", False)):
        exercise = course.load(home).exercises[0]
        options = {"speed": False, "device": "cpu", "effort": Effort.VERDICT}
        step = grade(exercise, wrong, forkserver=forkserver, **options).next_step
        assert "grade hint 1" in step
        assert ("grade debug" in step) == named


def test_every_command_of_a_learner_is_tried():
    """One that is new is looked at too; but for `mcp`, which speaks to a program
    (`test_tutor.py`)."""
    tried = {words.split()[0] for words in COMMANDS}
    commands = get_command(app).commands
    assert {name for name, each in commands.items() if each.rich_help_panel == LEARN} <= {
        *tried,
        "mcp",
    }


def test_what_is_written_leads_on(out, tmp_path, monkeypatch):
    """The next exercise is one of which nothing is written; then it is time to hand in. Who gives
    up where there is no answer has not given up."""
    found = course.load(EXAMPLE)
    home = tmp_path / "work"
    for path in sorted((out / "students").rglob("*.*")):
        if path.is_file():
            there = home / path.relative_to(out / "students")
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(path.read_bytes())
    assert "Next: 1." in said("next", home, monkeypatch)[1]
    said("solution 1 --give-up", home, monkeypatch)
    assert "answer seen" not in said("list", home, monkeypatch)[1]
    (home / "exercises" / f"{found.exercises[0].stem}.py").write_text("def rms_norm(): return 1")
    text = said("next", home, monkeypatch)[1]
    assert "You have written something for every exercise." in text
    assert "the README says where" in text
    assert "Root mean square" in said("show", home, monkeypatch)[1]  # the one that one is at


def test_what_the_program_keeps_is_no_business_of_gits(out, tmp_path, monkeypatch):
    """Neither the history nor a stub that was set aside is pushed."""
    home = tmp_path / "repository"
    subprocess.run(["cp", "-r", out / "students", home], check=True)
    git = ("git", "-C", home, "-c", "user.name=t", "-c", "user.email=t@example.org")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "begun")):
        subprocess.run([*git, *arguments], check=True)
    said("hint 1", home, monkeypatch)
    stub = home / "exercises" / "ex01_rms_norm.py"
    stub.write_text("x = 1\n")
    said("reset 1", home, monkeypatch)
    assert list(home.glob(".grade.sqlite*"))
    assert list(home.rglob("*.kept-*"))
    status = subprocess.run([*git, "status", "--porcelain"], capture_output=True, check=True)
    assert status.stdout == b""


# --- hints ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_hints_are_looked_through(a_course, tmp_path, monkeypatch):
    """By default those are given out before the first that holds a piece of the answer in any
    language; the screen and the teacher's README say which do."""
    done, text = said(f"release {tmp_path / 'plain'} --course {a_course}", tmp_path, monkeypatch)
    assert done == 0
    told = "1 of 4 given out; 2, 3, 4 hold pieces of the answers"
    assert f"1. {told} (2: solutions/ex01_rms_norm/reference.py, line 10)" in text
    assert told in (tmp_path / "plain" / "teacher" / "README.md").read_text()
    for edition in ("students", "students-notebooks"):
        given = course.load(tmp_path / "plain" / edition)
        assert len(given.exercises[0].hints) == 1
        with language.speaking("zh"):
            hints = course.load(tmp_path / "plain" / edition).exercises[0].hints
        assert [hint.text for hint in hints] == ["先写下一个样本的范数。"]
    whole = course.load(tmp_path / "plain" / "teacher" / "course")
    assert whole.exercises[0].hints == course.load(a_course).exercises[0].hints


@pytest.mark.slow
@pytest.mark.parametrize(("hints", "count"), [("none", 0), ("1 --hints rms_norm=3", 3)])
def test_a_teacher_says_how_many_hints(hints, count, a_course, tmp_path, monkeypatch):
    """The first so many of each exercise, whatever is in them; what tells is told all the same."""
    words = f"release {tmp_path / 'out'} --course {a_course} --hints {hints}"
    done, text = said(words, tmp_path, monkeypatch)
    assert done == 0
    assert f"{count} of 4 given out; 2, 3, 4 hold pieces" in text
    students = tmp_path / "out" / "students"
    assert len(course.load(students).exercises[0].hints) == count
    assert ("grade hint" in (students / "README.md").read_text()) == bool(count)


@pytest.mark.parametrize(("most", "count"), [(None, 1), (0, 0), (1, 1), (9, 4)])
def test_no_more_hints_are_given_than_there_are(most, count):
    """Nor more than was asked for."""
    found = course.load(EXAMPLE)
    (looked,) = Release(found, found.exercises, found.title, hints=most).looked_through
    assert (looked.given, looked.count, looked.is_telling) == (count, 4, count > 1)


@pytest.mark.parametrize("hints", ["some", "-1", "1.5", "", "1=", "99=1", "1=some"])
def test_what_is_no_number_of_hints_is_refused(hints, tmp_path, monkeypatch):
    """Nothing is written then."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["release", "out", "--course", str(EXAMPLE), f"--hints={hints}"])
    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "out").exists()


def test_hints_that_come_with_the_grader_cannot_be_kept_back(tmp_path, monkeypatch):
    """Who installs the answers has all of them."""
    words = f"release out --course {ROOT} -e 6 --grader git+https://git.example.org/g --hints 1"
    _, text = said(words, tmp_path, monkeypatch)
    assert "The hints come with the grader" in text
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_by_default_no_hint_of_this_course_tells():
    """Not a piece of any solution is in the hints that students of it get, in either language."""
    found = course.load(ROOT)
    release = Release(found, found.exercises, found.title)
    looked = release.looked_through
    assert not any(each.is_telling for each in looked)
    assert sum(each.given for each in looked) > len(looked)
    given = {each.exercise.slug: each.given for each in looked}
    for name, data in release._public(given).items():
        assert list(release._answers.found_in(Path(name), data)) == []


# --- another language -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("home", ["course", "bundled"])
def test_an_edition_in_chinese(home, a_course, tmp_path):
    """It can be given out: stubs, README and notebooks are Chinese, the program speaks it there,
    and in CI. Quotes and backslashes of a statement are no secret for being written otherwise."""
    place = a_course
    if home == "bundled":  # with no more answers to hold it against than are given out
        place = shutil.copytree(ROOT / "exercises", tmp_path / "some" / "exercises").parent
        for each in course.load(ROOT).exercises[:3]:
            shutil.copytree(each.room, place / "solutions" / each.stem)
    with language.speaking("zh"):
        found = course.load(place)
        chosen = found.exercises[:3]
        write(Release(found, chosen, found.title), tmp_path / "out")
    students = tmp_path / "out" / "students"
    stub = (students / "exercises" / f"{chosen[0].stem}.py").read_text()
    assert "练习 1" in stub
    assert "## 分数与截止时间" in (students / "README.md").read_text()
    notebook = tmp_path / "out" / "students-notebooks" / "exercises" / f"{chosen[0].stem}.ipynb"
    assert "练习 1" in notebook.read_text()
    assert 'language = "zh"' in (students / course.COURSE_FILE).read_text()
    assert "--submission exercises --lang zh" in (students / "ci" / "grade.sh").read_text()
    with language.speaking("en"):  # the teacher's course is the author's
        titles = validate_titles(tmp_path / "out" / "teacher" / "course")
        assert all(check.holds for _, checks in titles for check in checks)
    own = found.exercises[0].stub.read_text()
    teachers = tmp_path / "out" / "teacher" / "course" / "exercises" / f"{chosen[0].stem}.py"
    assert teachers.read_text() == own


@pytest.mark.slow
def test_what_exercises_are_given_is_given_out(a_course, tmp_path):
    """A `given.py` that the statement speaks of goes to students, and to what grades."""
    given = a_course / "exercises" / "ex01_rms_norm" / "given.py"
    given.parent.mkdir()
    given.write_text("SCALE = 3\n")
    out = made(tmp_path / "out", a_course)
    for place in ("students", "students-notebooks", "teacher/course"):
        assert (out / place / given.relative_to(a_course)).read_text() == "SCALE = 3\n"


# --- the README -----------------------------------------------------------------------------------

DUE = datetime.fromisoformat("2026-10-01T23:59:00+02:00")
LAST = datetime.fromisoformat("2026-10-08T12:00:00+02:00")
RULES = {
    "nothing is said": ({}, ["Your teacher says when to hand in.", "the last of your attempts"]),
    "a deadline": ({"deadline": DUE}, ["Due: 2026-10-01, 23:59 (UTC+02:00).", "lose no points"]),
    "a penalty": (
        {"deadline": DUE, "late_penalty": 10, "late_penalty_most": 40, "grace_minutes": 15},
        ["costs 10 % of the points earned, 40 % at most", "Up to 15 minutes after"],
    ),
    "a penalty without end": (
        {"deadline": DUE, "late_penalty": 25},
        ["Each day begun after the deadline costs 25 % of the points earned."],
    ),
    "a last day": ({"last_day": LAST}, ["What comes after 2026-10-08, 12:00 (UTC+02:00) counts"]),
    "each its deadline": (
        {"deadlines": {"rms_norm": DUE}, "deadline": LAST},
        ["Due: 2026-10-01, 23:59 (UTC+02:00)."],  # of one exercise there is one deadline
    ),
    "attempts": (
        {"max_attempts": 3, "counts": Counts.BEST, "drop_lowest": 1, "teams": {"red": ("ada",)}},
        ["the first 3", "the best of your attempts", "1 of them", "In a team one hands in"],
    ),
}


def read_by_students(policy: Policy, exercises: Sequence[course.Exercise]) -> str:
    return readme.of_students(
        "Homework", exercises, policy, suffix=".py", hints=True, at_home=False
    )


@pytest.mark.parametrize("rule", RULES)
def test_the_readme_says_the_rules(rule):
    """Deadline, points, what lateness costs and which attempt counts, as the course file has it."""
    options, sentences = RULES[rule]
    text = read_by_students(Policy(**options), course.load(EXAMPLE).exercises)
    assert "Full marks: 100 points." in text
    for sentence in sentences:
        assert sentence in text


def test_deadlines_that_differ_stand_in_the_table():
    """Each exercise has its own, and those that have none have an empty cell."""
    found = course.load(ROOT)
    policy = Policy(
        deadlines={found.exercises[0].slug: DUE}, last_days={found.exercises[1].slug: LAST}
    )
    text = read_by_students(policy, found.exercises[:2])
    rows = [line.split(" | ") for line in text.split("\n") if line.startswith("|")]
    assert rows[0][1:-1] == ["exercise", "points", "due", "last day"]
    assert rows[2][2:-1] == ["100", "2026-10-01, 23:59 (UTC+02:00)", ""]
    assert rows[3][2:-1] == ["100", "", "2026-10-08, 12:00 (UTC+02:00)"]
    assert "stands in the table above" in text


@pytest.mark.slow
def test_the_rules_are_those_of_the_course_file(a_course, tmp_path):
    """Every edition has them."""
    file = a_course / course.COURSE_FILE
    policy = tomli_w.dumps({"policy": {"deadline": DUE, "late_penalty": 10}})
    file.write_text(f"{file.read_text()}\n{policy}")
    out = made(tmp_path / "out", a_course)
    for edition in ("students", "students-notebooks"):
        text = (out / edition / "README.md").read_text()
        assert "Due: 2026-10-01, 23:59 (UTC+02:00)." in text
        assert "costs 10 %" in text
