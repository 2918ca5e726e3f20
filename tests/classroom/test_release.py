"""What `grade release` gives out, and what it never does."""

import base64
import email
import gzip
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
import yaml
from commands import GRADE

from grader import __version__
from grader.classroom.given_out import wheel
from grader.classroom.given_out.release import Release, write
from grader.course import model as course
from grader.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
ROOM = EXAMPLE / "solutions" / "ex01_rms_norm"
WHEEL = f"torchgrade-{__version__}-py3-none-any.whl"
GRADER = "git+https://git.example.org/grade.git"


def run(*command: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program as a CI system runs it, without what whoever runs the tests has set."""
    ours = ("PYTEST", "GRADE_COURSE", "GITHUB", "CI")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=300,
        env={**kept, "PYTHON": sys.executable, "COLUMNS": "80", **variables},
    )  # fmt: skip


def grade(*arguments: object, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess:
    variables = {"PYTHONPATH": str(ROOT), **variables}
    return run(*GRADE, *arguments, cwd=cwd, **variables)


def made(folder: Path, home: Path = EXAMPLE, names: tuple[str, ...] = (), **options) -> Path:
    """A release of a course, made in process."""
    found = course.load(home)
    wanted = {found.exercise(name) for name in names}
    chosen = [each for each in found.exercises if each in wanted or not names]
    write(Release(found, chosen, **{"title": found.title, **options}), folder)
    return folder


def texts(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Path:
    """A release of the example course, as its teacher makes it."""
    folder = tmp_path_factory.mktemp("example") / "homework"
    done = grade("release", folder, "--course", EXAMPLE, "--title", "Homework 1")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def engine(example, tmp_path_factory) -> Path:
    """Where the wheel of the release is installed, by pip, and nothing else of ours is."""
    target = tmp_path_factory.mktemp("site")
    run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
        *("--target", target, example / "students" / "ci" / WHEEL),
        cwd=target,
    ).check_returncode()
    return target


@pytest.fixture
def a_course(tmp_path) -> Path:
    """A copy of the example course, to change."""
    return shutil.copytree(EXAMPLE, tmp_path / "course", ignore=shutil.ignore_patterns("__py*"))


@pytest.mark.slow
def test_students_get_what_they_work_with(example):
    """The stub, a README with the commands, a course file, workflows, and the grader to install."""
    files = texts(example / "students")
    assert set(files) == {
        "AGENTS.md", "README.md", ".gitignore", ".gitlab-ci.yml", ".github/workflows/grade.yml",
        "ci/grade.sh", "ci/requirements.txt", f"ci/{WHEEL}",
        "exercises/course.toml", "exercises/ex01_rms_norm.py",
    }  # fmt: skip
    assert (
        files["exercises/ex01_rms_norm.py"] == (EXAMPLE / "exercises/ex01_rms_norm.py").read_bytes()
    )
    readme = files["README.md"].decode()
    assert readme.startswith("# Homework 1\n")
    assert "[ex01_rms_norm.py](exercises/ex01_rms_norm.py)" in readme
    assert "pip install -r ci/requirements.txt" in readme
    told = " ".join(files["AGENTS.md"].decode().split())
    assert "never by answers" in told
    assert "grade hint 3" in told
    assert "grade exercise" not in told  # it is graded elsewhere


def test_the_notebook_edition_has_a_notebook_for_each_stub(example):
    """The same without stubs: what cannot be graded at home has no cells that would."""
    files, plain = texts(example / "students-notebooks"), texts(example / "students")
    assert files.keys() ^ plain.keys() == {
        "exercises/ex01_rms_norm.py",
        "exercises/ex01_rms_norm.ipynb",
        "exercises/.stubs/ex01_rms_norm.py",  # what `grade show` reads
    }
    notebook = nbformat.reads(files["exercises/ex01_rms_norm.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells]
    assert sources[0].startswith("# Homework 1\n")
    assert any("def rms_norm(x: Tensor" in source for source in sources)
    assert not any(source.startswith("%") for source in sources)
    assert "ex01_rms_norm.ipynb" in files["README.md"].decode()


def test_the_course_file_of_students_loads(example):
    """Title, exercise, limits, forbidden names are those of the course; the last hint is not among
    them, which holds a line of the answer."""
    before, after = course.load(EXAMPLE), course.load(example / "students")
    assert after.title == "Homework 1"
    (old,), (new,) = before.exercises, after.exercises
    for name in ("number", "slug", "title", "part", "functions", "forbidden", "limits", "points",
                 "speed_limit"):  # fmt: skip
        assert getattr(old, name) == getattr(new, name)
    assert new.hints == old.hints[: len(new.hints)]


def test_the_teacher_gets_the_answers(example):
    """The whole course, and Gradescope's archive with the scripts at its root."""
    files = texts(example / "teacher")
    assert files["course/solutions/ex01_rms_norm/reference.py"]
    assert (example / "teacher").stat().st_mode & 0o077 == 0
    assert course.load(example / "teacher" / "course").exercises[0].hints
    with zipfile.ZipFile(example / "teacher" / "gradescope.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["course/solutions/ex01_rms_norm/properties.py"] == 0o644
    assert WHEEL in modes


def test_hints_can_be_left_out(tmp_path):
    """`--hints none`: none in the course file, and none said to be had."""
    students = made(tmp_path / "out", hints=0) / "students"
    assert course.load(students).exercises[0].hints == ()
    assert "grade hint" not in (students / "README.md").read_text()


def test_hints_that_are_left_out_are_secret():
    """Then they are looked for like the answers; otherwise they are public, and are not."""
    found = course.load(EXAMPLE)
    hint = found.exercises[0].hints[1].text.encode()
    for hints, leaks in ((0, 1), (1, 1), (2, 0)):
        secrets = Release(found, found.exercises, found.title, hints=hints).secrets()
        assert len(list(secrets.found_in(Path("README.md"), hint))) == leaks


@pytest.mark.slow
def test_translations_are_given_out_without_what_is_the_teachers(a_course, tmp_path):
    """What students read in another language comes along; hints and title as in English."""
    folder = a_course / "exercises" / "zh"
    folder.mkdir()
    (folder / "course.toml").write_text(
        'title = "课程"\nnote = "x"\n[parts]\n"Part one" = "一"\n"Part two" = "二"\n'
    )
    (folder / "ex01_rms_norm.toml").write_text('title = "均方根"\nhints = ["想一想"]\n')
    (folder / "ex02_absent.toml").write_text('title = "无"\n')
    plain = made(tmp_path / "plain", a_course) / "students" / "exercises" / "zh"
    assert {path.name for path in plain.iterdir()} == {"course.toml", "ex01_rms_norm.toml"}
    given = tomllib.loads((plain / "course.toml").read_text())
    assert given == {"title": "课程", "parts": {"Part one": "一"}}
    other = made(tmp_path / "other", a_course, hints=0, title="Homework")
    given = texts(other / "students" / "exercises" / "zh")
    assert tomllib.loads(given["course.toml"].decode())["title"] == "Homework"
    assert tomllib.loads(given["ex01_rms_norm.toml"].decode()) == {"title": "均方根"}


def test_what_an_author_notes_in_the_course_file_stays_there(a_course, tmp_path):
    """Comments, and entries that are none of the course file's own, are not given out."""
    file = a_course / course.COURSE_FILE
    file.write_text(
        "# comment: divide by the root\n"
        + file.read_text().replace('slug = "rms', 'note = "my note: divide"\nslug = "rms')
    )
    given = (made(tmp_path / "out", a_course) / "students" / course.COURSE_FILE).read_text()
    assert "comment" not in given
    assert "note" not in given


def test_the_same_course_gives_the_same_bytes(example, tmp_path):
    """Released twice, every file is the same, archives too."""
    again = made(tmp_path / "out", title="Homework 1")
    assert texts(again) == texts(example)


@pytest.mark.slow
def test_nothing_is_overwritten(example, tmp_path):
    """A folder with anything in it, and a file, are left as they are."""
    before = texts(example)
    (tmp_path / "file").write_text("mine")
    for place in (example, tmp_path / "file"):
        done = grade("release", place, "--course", EXAMPLE)
        assert (done.returncode, done.stdout) == (2, "")
        assert "is there already" in done.stderr
    assert texts(example) == before
    (tmp_path / "empty").mkdir()
    assert made(tmp_path / "empty").joinpath("students", "README.md").is_file()


@pytest.mark.slow
def test_the_whole_course_of_this_repository_can_be_given_out(tmp_path):
    """The stubs and not a piece of their solutions, nor of any other file of their rooms."""
    out = made(tmp_path / "out", ROOT)
    given = texts(out / "students")
    exercises = course.load(ROOT).exercises
    files = {each.stub.name for each in exercises}
    files |= {f"{each.stem}/given.py" for each in exercises if each.given.is_file()}
    assert {name for name in given if name.startswith("exercises/ex")} == {
        f"exercises/{name}" for name in files
    }
    assert not [name for name in given if "solutions" in name or "reference" in name]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.slow
def test_some_exercises_of_a_course(tmp_path):
    """`--exercise`: the stubs, the entries, the policy and the answers of these alone."""
    home = shutil.copytree(ROOT / "exercises", tmp_path / "home" / "exercises").parent
    for name in ("ex01_lstm_step", "ex03_attention_scoring", "ex06_count_conv_params"):
        shutil.copytree(ROOT / "solutions" / name, home / "solutions" / name)
    file = home / course.COURSE_FILE
    deadlines = "[policy.deadlines]\n3 = 2026-10-01T23:59:00Z\n40 = 2026-12-01T23:59:00Z\n"
    last_days = deadlines.replace("deadlines", "last_days")
    people = '[policy.teams]\nred = ["Adalberta"]\n[[policy.extensions]]\nstudent = "Zoroaster"\n'
    people += "until = 2026-12-01T23:59:00Z\n"
    file.write_text(f"{file.read_text()}\n{deadlines}{last_days}{people}")
    out = made(tmp_path / "out", home, ("6", "attention_scoring"))
    found = course.load(out / "students")
    assert [exercise.number for exercise in found.exercises] == [3, 6]
    assert set(found.policy.deadlines) == set(found.policy.last_days) == {"attention_scoring"}
    students = (out / "students" / "exercises" / "course.toml").read_text()
    assert not [name for name in ("Adalberta", "Zoroaster") if name in students]
    rooms = {p.name for p in (out / "teacher" / "course" / "solutions").iterdir()}
    assert rooms == {"ex03_attention_scoring", "ex06_count_conv_params"}
    stubs = {p.name for p in (out / "students" / "exercises").glob("*.py")}
    assert stubs == {"ex03_attention_scoring.py", "ex06_count_conv_params.py"}


def test_a_leak_in_a_stub_stops_the_release(a_course, tmp_path):
    """The file and the line that give an answer away are named, and nothing is written."""
    stub = a_course / "exercises" / "ex01_rms_norm.py"
    stub.write_text(
        f"{stub.read_text()}    # mean_square = x.square().mean(dim=-1, keepdim=True)\n"
    )
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError) as caught:
        made(tmp_path / "out", a_course)
    *_, leak, secret = caught.value.problem.splitlines()
    assert leak.startswith("exercises/ex01_rms_norm.py, line 24: # mean_square = x.square()")
    assert secret.strip() == "is in solutions/ex01_rms_norm/reference.py, line 10"
    assert sorted(tmp_path.iterdir()) == before


def test_a_leak_in_any_file_stops_the_release(monkeypatch, tmp_path):
    """Whatever students would get is looked through: here a file that is none of ours."""
    answer = base64.b64encode(gzip.compress((ROOM / "right" / "by_norm.py").read_bytes()))
    files = Release.students
    monkeypatch.setattr(Release, "students", lambda self: {**files(self), "ci/data": answer})
    with pytest.raises(UsageError, match=r"ci/data, line 1 \(base64, gzip\): the whole file"):
        made(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_stub_that_answers_is_not_given_out(a_course, tmp_path):
    """Who tried the exercise in the stub itself, and kept no other, is told so."""
    stub = a_course / "exercises" / "ex01_rms_norm.py"
    stub.write_text(stub.read_text().replace("raise NotImplementedError", "return x"))
    with pytest.raises(UsageError, match=r"ex01_rms_norm\.py is no stub"):
        made(tmp_path / "out", a_course)


def test_the_workflows_are_what_github_and_gitlab_read(example):
    """Valid YAML that installs the grader and calls one script, with the least rights."""
    students = example / "students"
    github = yaml.safe_load((students / ".github" / "workflows" / "grade.yml").read_text())
    assert set(github[True]) == {"push", "pull_request", "workflow_dispatch"}  # YAML's `on`
    assert github["permissions"] == {"contents": "read"}
    *_, install, script = github["jobs"]["grade"]["steps"]
    assert "ci/requirements.txt" in install["run"]
    assert script["run"] == "bash ci/grade.sh --format github"
    assert script["env"]["GRADE_COURSE"] == "${{ vars.GRADE_COURSE }}"
    assert script["env"]["GRADE_COURSE_TOKEN"] == "${{ secrets.GRADE_COURSE_TOKEN }}"
    gitlab = yaml.safe_load((students / ".gitlab-ci.yml").read_text())["grade"]
    assert gitlab["script"][-1] == "bash ci/grade.sh --format junit --output grade.xml"
    assert gitlab["artifacts"]["reports"] == {"junit": "grade.xml"}


def test_the_scripts_are_valid(example, tmp_path):
    """Bash reads each of them to its end."""
    with zipfile.ZipFile(example / "teacher" / "gradescope.zip") as archive:
        for name in ("setup.sh", "run_autograder"):
            archive.extract(name, tmp_path)
    scripts = [*tmp_path.iterdir(), example / "students" / "ci" / "grade.sh"]
    for script in scripts:
        assert script.read_text().startswith("#!/usr/bin/env bash\n")
        assert run("bash", "-n", script, cwd=tmp_path).stderr == ""
    assert os.access(example / "students" / "ci" / "grade.sh", os.X_OK)


@pytest.mark.slow
def test_the_wheel_is_the_program_without_a_course(engine, tmp_path):
    """pip installs it; it has the same modules and dependencies, and says that it has no course."""
    here = {name for name in wheel.files() if name.endswith(".py")}
    found = [*(engine / "grader").rglob("*.py"), *engine.glob("torchgrade.py")]
    assert {path.relative_to(engine).as_posix() for path in found} == here
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (info,) = metadata.distributions(name="torchgrade", path=[str(engine)])
    assert info.requires == project["dependencies"]
    assert email.message_from_string(info.read_text("METADATA")).get_payload() == ""
    points = {point.name: point.value for point in info.entry_points}
    assert points == {"grade": "torchgrade:main", "grader": "grader.judge.plugin"}
    done = grade("list", cwd=tmp_path, PYTHONPATH=str(engine))
    assert done.returncode == 2
    assert "There is no course here" in done.stderr


@pytest.mark.slow
def test_students_read_and_are_told_where_grading_is_done(example, engine, tmp_path):
    """With the wheel alone they have statements and hints; a grading says why it cannot be."""
    work = shutil.copytree(example / "students", tmp_path / "work")
    own = {"cwd": work, "PYTHONPATH": str(engine)}
    assert "Homework 1" in grade("list", **own).stdout
    assert "rms(x)" in grade("show", "1", **own).stdout
    assert "Write the norm" in grade("hint", "1", **own).stdout
    done = grade("exercise", "1", **own)
    assert done.returncode == 2
    assert "this course has no answers" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_ci_grades_with_the_answers_that_it_fetches(example, engine, tmp_path):
    """`ci/grade.sh` clones the teacher's course, and its code is the push's: 0 for full marks."""
    course_folder = shutil.copytree(example / "teacher" / "course", tmp_path / "course")
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "answers")):
        run(*git, *arguments, cwd=course_folder).check_returncode()
    work = shutil.copytree(example / "students-notebooks", tmp_path / "work")
    notebook = nbformat.read(work / "exercises" / "ex01_rms_norm.ipynb", as_version=4)
    (answer,) = [cell for cell in notebook.cells if cell.id == "ex01-answer"]
    answer.source = (ROOM / "right" / "by_norm.py").read_text()
    nbformat.write(notebook, work / "exercises" / "ex01_rms_norm.ipynb")
    # What a student changes in the course file decides about nothing.
    (work / course.COURSE_FILE).write_text("broken")
    # Nor do files that are called as what the grader imports.
    for name in ("grader", "torch", "tomllib"):
        (work / f"{name}.py").write_text("raise SystemExit(0)\n")
    options = {"PYTHONPATH": str(engine), "GRADE_COURSE": course_folder.as_uri(),
               "GRADE_COURSE_TOKEN": "secret", "TMPDIR": str(tmp_path)}  # fmt: skip
    before = sorted(tmp_path.iterdir())
    junit = ("--format", "junit", "--output", "grade.xml", "--no-speed")
    done = run("ci/grade.sh", *junit, cwd=work, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'failures="0"' in (work / "grade.xml").read_text()
    answer.source = "def rms_norm(x, weight, eps=1e-6):\n    raise NotImplementedError\n"
    nbformat.write(notebook, work / "exercises" / "ex01_rms_norm.ipynb")
    assert run("ci/grade.sh", *junit, cwd=work, **options).returncode == 1
    assert sorted(tmp_path.iterdir()) == before  # the answers are gone again


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "GRADE_COURSE is not set"),
        ({"GRADE_COURSE": "file:///nowhere/at/all"}, "cannot be fetched"),
    ],
)
def test_ci_without_answers_is_no_pass(variables, said, example):
    """Where there are none to be had it says so, and the code is that of a grader that failed."""
    done = run("ci/grade.sh", cwd=example / "students", **variables)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.fixture(scope="module")
def image(example, tmp_path_factory) -> Path:
    """Gradescope's /autograder after setup.sh, but for what apt and the network would bring."""
    root = tmp_path_factory.mktemp("autograder")
    with zipfile.ZipFile(example / "teacher" / "gradescope.zip") as archive:
        archive.extractall(root / "source")
    programs = tmp_path_factory.mktemp("bin")
    (programs / "apt-get").write_text("#!/bin/sh\n")
    (programs / "apt-get").chmod(0o755)
    (programs / "python3").symlink_to(sys.executable)
    done = run(
        *("bash", root / "source" / "setup.sh"),
        cwd=root, AUTOGRADER_ROOT=str(root), PATH=f"{programs}:{os.environ['PATH']}",
        PIP_NO_INDEX="1", PIP_NO_DEPS="1", PIP_DISABLE_PIP_VERSION_CHECK="1",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (site,) = (root / "venv" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text("\n".join(p for p in sys.path if "site-packages" in p))
    shutil.copy(root / "source" / "run_autograder", root)
    return root


@pytest.mark.slow
def test_the_answers_on_gradescope_are_roots_alone(image):
    """Whoever is not the user who grades may not even list the folder that holds them."""
    assert image.joinpath("source").stat().st_mode & 0o077 == 0


@pytest.fixture
def autograder(image):
    """`autograder(fill)`: what Gradescope does with a submission: exit code, and results."""

    def graded(fill) -> tuple[int, dict]:
        for name in ("submission", "results"):
            shutil.rmtree(image / name, ignore_errors=True)
        (image / "submission").mkdir()
        fill(image / "submission")
        python = image / "venv" / "bin" / "python"
        command = ("bash", image / "run_autograder")
        done = run(*command, cwd=image, AUTOGRADER_ROOT=str(image), PYTHON=str(python))
        return done.returncode, json.loads((image / "results" / "results.json").read_text())

    return graded


@pytest.mark.slow
def test_gradescope_grades_a_right_answer(autograder):
    """In a folder, as a zip of the repository unpacks, beside an older one further down."""

    def fill(folder: Path) -> None:
        (folder / "hw" / "exercises").mkdir(parents=True)
        (folder / "hw" / "README.md").write_text("ex01_rms_norm.py is mine")
        shutil.copy(ROOM / "right" / "powers.py", folder / "hw" / "exercises" / "ex01_rms_norm.py")
        (folder / "hw" / "exercises" / "old").mkdir()
        (folder / "hw" / "exercises" / "old" / "ex01_rms_norm.py").write_text("x = (")

    code, results = autograder(fill)
    assert code == 0
    assert results["score"] == 100
    assert {test["status"] for test in results["tests"]} == {"passed"}


@pytest.mark.slow
def test_gradescope_is_told_of_a_missing_file(autograder):
    """Nothing handed in that answers: a zero with the reason, and no failure of the autograder."""
    code, results = autograder(lambda folder: (folder / "notes.txt").write_text("later"))
    assert code == 0
    assert results["score"] == 0
    assert "ex01_rms_norm" in json.dumps(results)


def test_gradescope_does_not_follow_links(autograder):
    """A link to the reference is not an answer: it is taken away, and the answer is missing."""

    def fill(folder: Path) -> None:
        reference = folder.parent / "source" / "course" / "solutions" / ROOM.name / "reference.py"
        assert reference.is_file()
        (folder / "ex01_rms_norm.py").symlink_to(reference)

    assert autograder(fill)[1]["score"] == 0


def test_a_grading_that_is_killed_is_no_pass(example, tmp_path):
    """Before anything is graded there is a result, and it is a zero."""
    with zipfile.ZipFile(example / "teacher" / "gradescope.zip") as archive:
        script = archive.extract("run_autograder", tmp_path)
    (tmp_path / "submission").mkdir()
    run("bash", script, cwd=tmp_path, AUTOGRADER_ROOT=str(tmp_path), PYTHON="/bin/false")
    results = json.loads((tmp_path / "results" / "results.json").read_text())
    assert results["score"] == 0
    assert "did not finish" in results["output"]


@pytest.mark.slow
def test_students_of_the_bundled_course_can_grade_at_home(tmp_path):
    """`--grader`: pip finds the program there, answers included; the course file points to them."""
    done = grade(
        *("release", tmp_path / "out", "-e", "6", "-e", "1", "--title", "Week 1"),
        *("--grader", GRADER),
    )
    assert done.returncode == 0, done.stderr
    work = tmp_path / "out" / "students"
    assert not list((work / "ci").glob("*.whl"))
    wanted = (work / "ci" / "requirements.txt").read_text()
    assert wanted.endswith(f"\n{GRADER}\n")
    assert "\ntorch>=2.6,<2.15\n" in wanted
    assert (work / ".vscode" / "tasks.json").is_file()
    notebooks = tmp_path / "out" / "students-notebooks" / "exercises"
    notebook = (notebooks / "ex06_count_conv_params.ipynb").read_text()
    assert "%load_ext grader" in notebook
    assert '"%grade 6"' in notebook
    listed = grade("list", cwd=work).stdout
    assert "Week 1" in listed
    assert "lstm_step" in listed
    assert "attention_scoring" not in listed
    answer = ROOT / "solutions" / "ex06_count_conv_params" / "right" / "gcd.py"
    shutil.copy(answer, work / "exercises" / "ex06_count_conv_params.py")
    done = run("ci/grade.sh", "--format", "json", cwd=work, PYTHONPATH=str(ROOT), CI="true")
    assert done.returncode == 1
    assert [each["status"] for each in json.loads(done.stdout)] == ["not_started", "passed"]


@pytest.mark.parametrize("requirement", ["grade", "grade==0.1", "Grade >= 1", "", "-r x", "a\nb"])
def test_another_program_is_not_installed(requirement, tmp_path):
    """The name `grade` alone is another project's on PyPI, and an option is no requirement."""
    done = grade("release", tmp_path / "out", "--course", EXAMPLE, f"--grader={requirement}")
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()
