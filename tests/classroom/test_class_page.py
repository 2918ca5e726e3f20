"""The page of a class, read as a program reads it: who is on it, under what heading."""

import json
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.classroom import run
from grader.classroom.kept.gradebook import Column, Gradebook, Student
from grader.classroom.received import members, roster
from grader.classroom.shown import alike, pages
from grader.classroom.shown.analysis import Analysis
from grader.classroom.shown.grades import Grade, Gradesheet, gradesheet
from grader.cli import app
from grader.cli.published import Publisher
from grader.course import model as course
from grader.course.model import Policy

EXAMPLE = Path(__file__).resolve().parent.parent / "example_course"
ROOM = EXAMPLE / "solutions" / "ex01_rms_norm"
RIGHT = (ROOM / "right" / "powers.py").read_text()
COURSE = course.load(EXAMPLE)
VOID = {"meta", "link", "br", "input", "img", "hr", "rect", "path", "line"}


class Page(HTMLParser):
    """What stands under each heading, and how often each kind of element is there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.under: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.open: list[str] = []
        self._heading = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] += 1
        if tag in ("h1", "h2", "h3"):
            self._heading = ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag
        if tag in ("h1", "h2", "h3"):
            self.under.setdefault(self._heading.strip(), "")

    def handle_data(self, data: str) -> None:
        if set(self.open) & {"h1", "h2", "h3"}:
            self._heading += data
        elif not set(self.open) & {"script", "style", "h1"}:
            self.under[self._heading.strip()] = self.under.get(self._heading.strip(), "") + data

    def said(self, heading: str) -> str:
        """The text below the first heading that begins so, in one line."""
        (found,) = [text for name, text in self.under.items() if name.startswith(heading)]
        return " ".join(found.split())


def handed_in(folder: Path) -> Path:
    """Ann has two files for one exercise, Bob one that nobody can read, Cat none."""
    for name, text in {
        "ann/ex01_rms_norm.py": RIGHT,
        "ann/old/ex01_rms_norm.py": f"{RIGHT}\nx = 1\n",
        "bob/ex01_rms_norm.py": "\0",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def book(tmp_path):
    """A gradebook of that class, whose list has neither Bob nor anything of Cat's; what can be
    settled without grading is."""
    (tmp_path / "class.csv").write_text("Student,ID\nann,1\ncat,3\n")
    (tmp_path / "out").mkdir()
    with Gradebook.open(tmp_path / "out" / "gradebook.sqlite3") as opened:
        found = roster.discover(handed_in(tmp_path / "in"), COURSE.exercises)
        found = found.with_members(members.read(tmp_path / "class.csv"), None)
        this = run.ClassRun(opened, run.Options(more={"title": "Homework <3>"}))
        this.end(this.plan(found, COURSE))
        yield opened


def written(book: Gradebook, folder: Path) -> Page:
    Publisher.as_before(book, COURSE, folder).publish()
    return Page((folder / "index.html").read_text())


def test_the_page_lists_what_a_teacher_looks_after(book, tmp_path):
    """Unreadable, chosen among several, not on the list, without a hand-in, behind; the homework's
    name on top."""
    page = written(book, tmp_path / "out")
    assert "Homework <3>" in page.under
    assert "bob" in page.said("Could not be read")
    said = page.said("One of several files")
    assert "ann 1. Root mean square normalisation" in said
    assert "ann/ex01_rms_norm.py is graded for exercise 1; not ann/old/ex01_rms_norm.py." in said
    assert page.said("Not on the list of the class") == "bob"
    assert page.said("Without any hand-in") == "cat"
    assert page.said("Behind the class").endswith("cat 1: 1")
    student = next((tmp_path / "out" / "reports").glob("ann*/index.html")).read_text()
    assert "Homework &lt;3&gt;" in student


def test_a_choice_is_of_the_run_that_made_it(book, tmp_path):
    """Once there is one file, nothing is said of others."""
    (tmp_path / "in" / "ann" / "old" / "ex01_rms_norm.py").unlink()
    this = run.ClassRun(book, run.Options())
    this.plan(roster.discover(tmp_path / "in", COURSE.exercises), COURSE)
    sheet = gradesheet(book, Policy())
    assert [grade.chosen for grade in sheet.grades.values()] == ["", ""]


PAIRS = {
    "exercises": [
        {
            "exercise": {"slug": "rms_norm"},
            "pairs": [{"students": ["ann", "bob"], "share": 0.75}],
        }
    ]
}


def test_similar_pairs_are_on_the_page_once_they_were_looked_for(book, tmp_path):
    """Not before; under pseudonyms where the class is anonymous, and nobody else's name then."""
    assert "were not compared with each other" in written(book, tmp_path / "out").said("One of")
    (tmp_path / "out" / alike.FILE).write_text(json.dumps(PAIRS))
    page = written(book, tmp_path / "out")
    assert "ann, bob 1. Root mean square normalisation 75% shared" in page.said("Much alike")
    assert "compared with each other on" in page.said("Much alike")
    hidden = Publisher(book, COURSE, tmp_path / "hidden", [], anonymous=True)
    others = json.loads(json.dumps(PAIRS).replace("bob", "somebody"))
    for pairs, count in ((PAIRS, 1), (others, 0)):
        (tmp_path / "hidden").mkdir(exist_ok=True)
        (tmp_path / "hidden" / alike.FILE).write_text(json.dumps(pairs))
        hidden.publish()
        text = (tmp_path / "hidden" / "index.html").read_text()
        assert text.count("75% shared") == count
        assert not [name for name in ("ann", "bob", "somebody") if f">{name}<" in text]


def test_an_anonymous_class_stays_so(book, tmp_path):
    """Whoever writes its pages anew, by `grade gradebook publish` or `grade similar --class`."""
    this = run.ClassRun(book, run.Options(more={"anonymous": True, "title": "Homework 4"}))
    this.end(this.plan(roster.discover(tmp_path / "in", COURSE.exercises), COURSE))
    page = written(book, tmp_path / "out")
    assert "Homework 4" in page.under
    text = (tmp_path / "out" / "index.html").read_text()
    assert not [name for name in ("ann", "bob", "cat") if f">{name}<" in text or f"{name}/" in text]
    assert "One of several files was taken." in text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exercises": [{"pairs": [1]}]}', "null"])
def test_what_is_no_list_of_pairs_is_none(text, tmp_path):
    """A file of that name that holds something else takes nothing from the page."""
    (tmp_path / alike.FILE).write_text(text)
    assert alike.read(tmp_path) is None


def test_comparing_puts_the_pairs_on_the_page(book, tmp_path, monkeypatch):
    """`grade similar --class`: a page of the pairs side by side, and the class's anew."""
    copied = f"{RIGHT}\n\ndef one_more(x):\n    return [each * 3 + 1 for each in x if each > 2]\n"
    (tmp_path / "in" / "bob" / "ex01_rms_norm.py").write_text(copied)
    (tmp_path / "in" / "ann" / "ex01_rms_norm.py").write_text(copied.replace("each", "it"))
    monkeypatch.chdir(tmp_path)
    words = ["similar", "in", "--course", str(EXAMPLE), "--share", "10", "--class", "out"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    for name in ("similar.html", "similar.json"):
        assert (tmp_path / "out" / name).stat().st_mode & 0o077 == 0
    page = Page((tmp_path / "out" / "index.html").read_text())
    assert "compared with each other on" in " ".join(page.under.values())


def of_many(students: int) -> Gradesheet:
    """A class of which every fifth student has nothing, out of a few results."""
    column = Column("rms_norm", 1, "One", 100)
    names = [f"student {number:04d}" for number in range(students)]
    grades = {
        (name, column.slug): Grade(name, column.slug, 1, 1, path=f"{name}/x.py", max_score=100)
        for number, name in enumerate(names)
        if number % 5
    }
    return Gradesheet(tuple(map(Student, names)), (column,), grades)


def test_a_page_grows_with_the_class_and_no_faster():
    """Twice as many students are at most twice the page: 2,000 fit where 100 do."""
    small, large = (
        pages.class_page(Analysis(of_many(students)), "Homework") for students in (250, 500)
    )
    few, many = Page(small), Page(large)
    assert len(large) < 2 * len(small)
    assert sum(many.counts.values()) < 2 * sum(few.counts.values())
    assert many.counts["tr"] - few.counts["tr"] == 250
    assert len(large) / 500 < 2000
    everybody = replace(of_many(1), students=())
    assert Page(pages.class_page(Analysis(everybody), "Homework")).counts["tr"]
