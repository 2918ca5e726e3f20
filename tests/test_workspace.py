"""A workspace brought up to date: what is new comes, nothing that a learner wrote is touched."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from commands import GRADE

from grader import language
from grader.course import model as course
from grader.course import tutors
from grader.errors import UsageError
from grader.learner import workspace

ROOT = Path(__file__).resolve().parent.parent
STUB = (ROOT / "tests" / "example_course" / "exercises" / "ex01_rms_norm.py").read_text()


class Made:
    """A course of exercises that are named here, and a workspace of it."""

    def __init__(self, folder: Path) -> None:
        self.course, self.mine = folder / "course", folder / "mine"
        (self.course / "exercises").mkdir(parents=True)

    def has(self, **slugs: int) -> None:
        """The course has these exercises, by their numbers, and no others."""
        entries = "".join(
            f'[[parts.exercises]]\nnumber = {number}\nslug = "{slug}"\ntitle = "T {slug}"\n'
            'functions = ["rms_norm"]\nforbidden = []\nhints = []\n'
            for slug, number in slugs.items()
        )
        text = f'format = 1\ntitle = "C"\n[[parts]]\ntitle = "P"\n{entries}'
        (self.course / course.COURSE_FILE).write_text(text)
        for slug, number in slugs.items():
            path = self.stub(f"ex{number:02d}_{slug}")
            if not path.exists():
                path.write_text(STUB)

    def stub(self, stem: str) -> Path:
        return self.course / "exercises" / f"{stem}.py"

    def own(self, stem: str) -> Path:
        return self.mine / "exercises" / f"{stem}.py"

    def says(self, stem: str, what: str) -> None:
        """The course's stub says something else from now on."""
        self.stub(stem).write_text(STUB.replace('"""', f'"""{what} ', 1))

    def begin(self) -> None:
        workspace.create(course.load(self.course), self.mine)

    def update(self) -> workspace.Updated:
        return workspace.update(self.mine)


@pytest.fixture
def made(tmp_path):
    found = Made(tmp_path)
    found.has(a=1, b=2, c=3, d=4, e=5)
    return found


def names(paths) -> list[str]:
    return [path.name for path in paths]


def test_an_update_brings_what_is_new_and_touches_nothing_edited(made):
    """Each stub by what has become of it: on the learner's side, and on the course's."""
    made.begin()
    made.own("ex02_b").write_text(STUB.replace("raise NotImplementedError", "return x"))
    made.own("ex03_c").write_text(STUB + "# an idea of mine\n")  # a stub still, and edited
    made.own("ex04_d").unlink()
    for stem in ("ex01_a", "ex02_b", "ex03_c", "ex04_d"):
        made.says(stem, "Mended.")
    (made.mine / "helpers.py").write_text("x = 1\n")
    mine = {path: path.read_bytes() for path in made.mine.rglob("*") if path.is_file()}
    made.has(a=1, b=2, c=3, d=4, f=6)  # without e
    done = made.update()
    assert names(done.renewed) == ["ex01_a.py"]
    assert names(done.new) == ["ex06_f.py"]
    assert [each.stem for each in done.left] == ["ex02_b", "ex03_c"]
    assert [each.stem for each in done.removed] == ["ex04_d"]
    assert names(done.gone) == ["ex05_e.py"]
    changed = {path for path in mine if path.read_bytes() != mine[path]}
    assert changed == {made.own("ex01_a"), made.mine / workspace.WRITTEN}
    assert made.own("ex01_a").read_text() == made.stub("ex01_a").read_text()
    again = made.update()
    assert (again.new, again.renewed) == ((), ())
    assert [each.stem for each in again.left] == ["ex02_b", "ex03_c"]


def test_what_was_reset_is_brought_up_to_date_again(made):
    """An update that finds today's stub knows it from then on as untouched."""
    made.begin()
    made.own("ex01_a").write_text("x = 1\n")
    made.says("ex01_a", "Mended.")
    assert [each.stem for each in made.update().left] == ["ex01_a"]
    made.own("ex01_a").write_text(made.stub("ex01_a").read_text())
    assert made.update().left == ()
    made.says("ex01_a", "Mended twice.")
    assert names(made.update().renewed) == ["ex01_a.py"]
    assert "Mended twice." in made.own("ex01_a").read_text()


def test_a_workspace_of_before_is_left_as_it_is(made):
    """Where nobody kept what was written, what differs may be a learner's; new ones still come."""
    made.begin()
    (made.mine / workspace.WRITTEN).unlink()
    made.own("ex02_b").write_text("def rms_norm(x, weight, eps):\n    return x\n")
    made.says("ex01_a", "Mended.")
    made.has(a=1, b=2, c=3, d=4, e=5, f=6)
    done = made.update()
    assert names(done.new) == ["ex06_f.py"]
    assert done.renewed == ()
    assert [each.stem for each in done.left] == ["ex01_a"]
    assert "Mended." not in made.own("ex01_a").read_text()


def test_who_works_in_notebooks_gets_no_stub_beside_them(made):
    """The stub would be graded in its place."""
    made.begin()
    made.own("ex01_a").rename(made.own("ex01_a").with_suffix(".ipynb"))
    made.update()
    assert not made.own("ex01_a").exists()


def test_the_language_of_a_workspace_stays(made):
    """Its stubs and what assistants are told are in that language, whoever brings it up to date."""
    folder = made.course / "exercises" / "zh"
    folder.mkdir()
    (folder / "course.toml").write_text('title = "归一化"\n')
    with language.speaking("zh"):
        made.begin()
    made.has(a=1, b=2, c=3, d=4, e=5, f=6)
    made.says("ex01_a", "Mended.")
    done = made.update()
    assert names(done.new) == ["ex06_f.py"]
    assert names(done.renewed) == ["ex01_a.py"]
    told = (made.mine / tutors.FILE).read_text(encoding="utf-8")
    assert "你是辅导老师" in told
    assert "You are their tutor" in told
    assert language.current() == language.ENGLISH


def test_only_a_workspace_is_brought_up_to_date(made, tmp_path):
    """Neither a course, whose stubs are the original ones, nor what is nothing."""
    with pytest.raises(UsageError, match="is a course itself"):
        workspace.update(made.course)
    with pytest.raises(UsageError, match="no workspace"):
        workspace.update(tmp_path)


def test_what_stands_beside_the_stubs(made):
    """Assistants are told how to help; of files that were there, and of changed ones, none is
    replaced."""
    made.mine.mkdir()
    (made.mine / ".gitignore").write_text("mine\n")
    made.begin()
    told = (made.mine / tutors.FILE).read_text()
    assert "never by answers" in " ".join(told.split())
    assert "grade solution" in told
    (made.mine / tutors.FILE).write_text("Be kind.\n")
    (made.mine / ".vscode" / "tasks.json").unlink()
    kept = json.loads((made.mine / workspace.WRITTEN).read_text())
    kept[".vscode/settings.json"] = workspace._digest("{}")
    (made.mine / workspace.WRITTEN).write_text(json.dumps(kept))
    (made.mine / ".vscode" / "settings.json").write_text("{}")
    made.update()
    assert (made.mine / ".gitignore").read_text() == "mine\n"
    assert (made.mine / tutors.FILE).read_text() == "Be kind.\n"
    assert not (made.mine / ".vscode" / "tasks.json").exists()
    assert "files.exclude" in (made.mine / ".vscode" / "settings.json").read_text()


@pytest.mark.slow
def test_the_command_says_what_became_of_each(tmp_path):
    """`grade init --update`, from inside the workspace, in its language."""

    def grade(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*GRADE, *words], cwd=cwd, capture_output=True, text=True)

    refused = grade("init", cwd=tmp_path)
    assert refused.returncode == 2
    assert "grade init my-exercises" in refused.stderr
    assert grade("init", "mine", "--lang", "zh", cwd=tmp_path).returncode == 0
    mine = tmp_path / "mine"
    assert "没有新的内容" in grade("init", "--update", cwd=mine).stdout
    stub = mine / "exercises" / "ex03_attention_scoring.py"
    today = stub.read_text(encoding="utf-8")
    old = today.replace("\n\n", "\n\n\n", 1)
    stub.write_text(old, encoding="utf-8")
    kept = json.loads((mine / workspace.WRITTEN).read_text())
    kept["exercises/ex03_attention_scoring.py"] = workspace._digest(old)
    del kept["exercises/ex04_positional_encoding.py"]
    (mine / workspace.WRITTEN).write_text(json.dumps(kept))
    (mine / "exercises" / "ex04_positional_encoding.py").unlink()
    (mine / "exercises" / "ex05_clip_grad_norm.py").unlink()
    said = grade("init", "--update", cwd=mine / "exercises").stdout
    assert "你已删除，没有恢复：ex05" in said
    assert "grade reset 5" in said
    assert "没有新的内容" not in grade("init", "--update", cwd=mine).stdout
    assert "新增：ex04_positional_encoding.py" in said
    assert "ex03_attention_scoring.py" in said
    assert stub.read_text(encoding="utf-8") == today
    assert "注意力" in today
    shutil.rmtree(mine)


def test_what_an_exercise_gives_is_there_to_be_read(made):
    """Its `given.py` comes with the stubs, and with an update where it is new or has changed; what
    a learner wrote into theirs stays."""
    made.has(one=1, two=2)
    given = made.course / "exercises" / "ex01_one" / "given.py"
    mine = made.mine / "exercises" / "ex01_one" / "given.py"
    given.parent.mkdir()
    given.write_text("A = 1\n")
    made.begin()
    assert mine.read_text() == "A = 1\n"
    other = made.course / "exercises" / "ex02_two" / "given.py"
    other.parent.mkdir()
    other.write_text("B = 1\n")
    given.write_text("A = 2\n")
    assert made.update().gone == ()
    assert mine.read_text() == "A = 2\n"
    assert (made.mine / "exercises" / "ex02_two" / "given.py").read_text() == "B = 1\n"
    mine.write_text("A = 3\n")
    given.write_text("A = 4\n")
    made.update()
    assert mine.read_text() == "A = 3\n"
