"""What a teacher types between two runs: marks, time, people, upkeep; and what nobody else sees."""

import re
import shutil
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest
from test_class import COURSE, HALF, ONE, RIGHT, environment, grade, write
from test_migrations import OLD, copy_to
from typer.testing import CliRunner

from grader.classroom.kept import database
from grader.classroom.kept.gradebook import Gradebook
from grader.cli import app
from grader.errors import UsageError

TEXTS = (".csv", ".html", ".json", ".log")


@pytest.fixture
def output(tmp_path, monkeypatch) -> Path:
    """A folder with a gradebook, in the working directory."""
    folder = tmp_path / "graded"
    folder.mkdir()
    shutil.copy(OLD, folder / "gradebook.sqlite3")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_GRADEBOOK", raising=False)
    return folder


def teach(*words: object) -> str:
    """What a command prints. UsageError as it raises it."""
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)
    if isinstance(done.exception, UsageError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def published(output: Path) -> str:
    teach("gradebook", "publish", "-o", output, "--course", COURSE)
    return (output / "gradebook.csv").read_text()


def test_a_mark_goes_from_the_command_to_every_table(output):
    """And is taken back; both stand in the history."""
    said = teach("mark", "ada", 1, "--score", 85.5, "--why", "she explained it", "--by", "ann")
    assert "85.5 by ann" in said
    assert "ada,85.5,100,185.5,200" in published(output)
    teach("mark", "ada", 1, "--undo", "--why", "of another")
    assert "ada,100,100,200,200" in published(output)
    history = teach("history", "ada")
    for words in ("handed in 1. Twice as much", "graded 1. Twice as much: 100/100 passed",
                  "85.5 by ann", "she explained it", "taken back since", "of another"):  # fmt: skip
        assert words in history


def test_points_comments_and_excuses(output):
    """In one command or in several."""
    teach("mark", "alan", "double", "--points", "test_one=10", "--comment", "Well done")
    teach("mark", "zoe", 1, "--excuse", "--why", "ill")
    table = published(output)
    assert "alan,70,," in table
    assert "Well done" in table
    assert "zoe,,,0,100" in table


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mark", "ada", 1], "Say what is decided"),
        (["mark", "eve", 1, "--score", 5], "no student 'eve'"),
        (["mark", "ada", 7, "--score", 5], "no exercise '7'"),
        (["mark", "ada", 1, "--score", -5], "no score of 100"),
        (["mark", "ada", 1, "--score", "nan"], "no score of 100"),
        (["mark", "ada", 1, "--points", "test_x=5"], "no property 'test_x'"),
        (["mark", "ada", 1, "--points", "test_one=500"], "from 0 to 40"),
        (["mark", "ada", 1, "--points", "test_one"], "not what or how many"),
        (["mark", "grace", 1, "--points", "test_one=5"], "No property"),
        (["mark", "ada", 1, "--undo"], "Nothing has been decided for ada in exercise 1"),
        (["mark", "ada", 1, "--undo", "--score", 5], "takes back"),
        (["extend", "ada", "--until", "tomorrow"], "not a date with a time zone"),
        (["extend", "--until", "2026-10-08T23:59:00Z"], "Say who"),
        (["extend", "ada", "--undo"], "ada has no extension to take back"),
        (["student", "rename", "ada", "zoe"], "already"),
        (["student", "merge", "ada", "ada"], "one student already"),
        (["history", "nobody"], "no student"),
        (["history", "ada", "--book", "x"], "no book 'x'"),
        (["history", "ada", "--gradebook", "nowhere"], "no gradebook"),
        (["history", "ada", "--gradebook", "@nowhere"], "There is no file nowhere"),
        (["gradebook", "backup", "graded/gradebook.sqlite3"], "is there already"),
    ],
)
def test_what_cannot_be_meant_is_said(output, words, says):
    """And nothing is changed."""
    with pytest.raises(UsageError, match=says):
        teach(*words)
    with Gradebook.open(output / "gradebook.sqlite3") as book:
        assert book.decisions.all() == []


def test_more_time_for_many_in_a_table(output, tmp_path):
    """All of it or nothing, with the lines that cannot be meant."""
    table = tmp_path / "time.csv"
    table.write_text("student,exercise,until,why\nada,1,2026-10-08T23:59:00Z,ill\neve,1,soon,\n")
    with pytest.raises(UsageError, match="line 3"):
        teach("extend", "--table", table)
    table.write_text(
        "student,exercise,until,why\nada,1,2026-10-08T23:59:00Z,ill\nzoe,,2026-10-09T00:00Z,\n"
    )
    assert "zoe, every exercise: until 2026-10-09 00:00 UTC" in teach("extend", "--table", table)
    assert "took back decision 2" in teach("extend", "zoe", "--undo")


def test_people_are_put_right(output):
    """Renamed, merged, in teams, dropped and back."""
    teach("student", "rename", "ada", "Ada Lovelace")
    teach("student", "merge", "zoe", "ada")  # by the old name, too
    teach("student", "team", "red", "Ada Lovelace", "alan")
    teach("student", "drop", "grace")
    table = published(output)
    names = [line.split(",")[0] for line in table.splitlines()[1:]]
    assert names == ["Ada Lovelace", "alan", "kathleen"]
    teach("student", "drop", "grace", "--undo")
    assert "grace" in published(output)


def test_a_gradebook_is_copied_checked_and_upgraded(output, tmp_path):
    """The copy is whole, and for its owner alone."""
    assert "gradebook.format1.sqlite3" in teach("gradebook", "upgrade")
    assert "today's format" in teach("gradebook", "upgrade")
    teach("gradebook", "backup", tmp_path / "copy.sqlite3")
    assert stat.S_IMODE((tmp_path / "copy.sqlite3").stat().st_mode) == 0o600
    assert "It is whole: 8 attempts of 5" in teach(
        "gradebook", "check", "--gradebook", tmp_path / "copy.sqlite3"
    )
    with sqlite3.connect(tmp_path / "copy.sqlite3") as connection:
        connection.execute("UPDATE results SET score = 500 WHERE id = 1")
    done = CliRunner().invoke(
        app, ["gradebook", "check", "--gradebook", str(tmp_path / "copy.sqlite3")]
    )
    assert (done.exit_code, "1 scores are more" in done.output) == (2, True)


@pytest.mark.slow
def test_a_backup_of_postgresql_can_be_restored(
    postgres_database, postgres_path, tmp_path, monkeypatch
):
    """With PostgreSQL's own programs; the dump is for its owner alone."""
    monkeypatch.setenv("PATH", postgres_path)
    url, empty = postgres_database(), postgres_database()
    copy_to(OLD, url)
    teach("gradebook", "upgrade", "--gradebook", url)
    target = tmp_path / "copy.dump"
    teach("gradebook", "backup", target, "--gradebook", url)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    subprocess.run(["pg_restore", f"--dbname={empty}", target], check=True, capture_output=True)
    assert "It is whole: 8 attempts of 5" in teach("gradebook", "check", "--gradebook", empty)
    with pytest.raises(UsageError, match="pg_dump fails") as caught:
        teach("gradebook", "backup", tmp_path / "none.dump", "--gradebook",
              "postgresql://ann:secret@/none?host=/nowhere")  # fmt: skip
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "none.dump").exists()


def test_nothing_is_made_by_looking(postgres_database, tmp_path):
    """An empty database stays empty, and so does one that lacks the book."""
    url = postgres_database()
    write(tmp_path / "class", {f"ada/{ONE}.py": RIGHT})
    rehearsal = ["class", tmp_path / "class", "-o", tmp_path / "out", "--course", COURSE,
                 "--gradebook", url, "--dry-run"]  # fmt: skip
    for _ in range(2):
        assert "1 answer of 1 student" in teach(*rehearsal)
        with pytest.raises(UsageError, match="no gradebook yet"):
            teach("history", "ada", "--gradebook", url)
    Gradebook.open(url).close()
    assert "1 answer of 1 student" in teach(*rehearsal, "--book", "other")
    with pytest.raises(UsageError, match="no book 'other'"):
        Gradebook.open(url, "other", make=False)


def test_the_gradebook_is_the_one_here_or_the_one_that_is_named(output, tmp_path, monkeypatch):
    """By an option, in the environment, or in a file; of two here none is guessed."""
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(OLD, other / "gradebook.sqlite3")
    with pytest.raises(UsageError, match="2 gradebooks"):
        teach("history", "ada")
    named = tmp_path / "place"
    named.write_text(f"{other}\n")
    assert "ada" in teach("history", "ada", "--gradebook", f"@{named}")
    monkeypatch.setenv("GRADE_GRADEBOOK", f"@{named}")
    assert "ada" in teach("history", "ada")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann:secret@db/grades",
        "postgresql://ann:se:cr@et@db/grades",
        "--gradebook=postgresql://ann:secret@db/grades?host=x",
        "postgresql://db/grades?user=ann&password=secret",
    ],
)
def test_a_password_is_never_printed(text):
    """Whatever an address looks like."""
    shown = database.without_password(text)
    assert "secret" not in shown
    assert "cr@et" not in shown
    with pytest.raises(UsageError) as caught:
        Gradebook.open(text.replace("postgresql", "postgresq").removeprefix("--gradebook="))
    assert "secret" not in str(caught.value)


@pytest.mark.slow
def test_what_a_run_writes_is_for_its_owner_alone(tmp_path):
    """Folders 0700, files 0600; what is handed out has no seed, and the log has times."""
    write(tmp_path / "class", {f"ada/{ONE}.py": RIGHT, f"zoe/{ONE}.py": HALF})
    output = tmp_path / "out"
    done = grade(tmp_path / "class", "-o", output, "--course", COURSE, "-j", 1, "--seed", 98765432)
    assert done.returncode == 0, done.stderr
    for path in (output, *output.rglob("*")):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    for path in (output / "reports").rglob("*"):
        assert path.is_dir() or "98765432" not in path.read_text()
    assert "98765432" in (output / "records" / "ada" / f"{ONE}.json").read_text()
    log = (output / "grader.log").read_text().splitlines()
    assert all(line[:2] == "20" for line in log)
    assert "2 to grade" in log[0]
    assert "ended, 2 graded" in log[-1]


@pytest.mark.slow
def test_no_name_is_a_command_however_the_table_is_folded(tmp_path):
    """Names that are folded begin lines that they had not before; colons stay what they are."""
    names = {f"{'a' * length}::error::now :warning:" for length in range(8, 32)}
    write(tmp_path / "class", {f"{name}/{ONE}.py": RIGHT for name in names})
    done = grade(tmp_path / "class", "-o", tmp_path / "out", "--course", COURSE, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"{len(names)} answers of {len(names)} students." in done.stdout
    assert not re.findall(r"^\s*::.*", done.stdout, re.MULTILINE)
    assert not [sign for sign in done.stdout if sign == "\N{WARNING SIGN}"]


def test_a_dry_run_shows_all_and_writes_nothing(tmp_path):
    """Who, what, which file, when, late or not; litter, and who is missing."""
    files = {f"ada/{ONE}.py": RIGHT, f"zoe/{ONE}.py": HALF, "README.txt": b"hello"}
    write(tmp_path / "class", files)
    dates = "path,submitted_at\nada,2026-10-02T01:00:00Z\n"
    (tmp_path / "class" / "submissions.csv").write_text(dates)
    shutil.copytree(COURSE, tmp_path / "course")
    file = tmp_path / "course" / "exercises" / "course.toml"
    policy = "[policy]\ndeadline = 2026-10-01T00:00:00Z\n[[parts]]"
    file.write_text(file.read_text().replace("[[parts]]", policy, 1))
    table = tmp_path / "people.csv"
    table.write_text("student\nada\nbob\n")
    done = grade(tmp_path / "class", "-o", tmp_path / "out", "--course", tmp_path / "course",
                 "--dry-run", "--students", table)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "out").exists()
    ada, zoe = (
        next(line for line in done.stdout.splitlines() if line.startswith(who))
        for who in ("ada", "zoe")
    )
    assert "2026-10-02 01:00 UTC" in ada
    assert "2 days" in ada
    assert "table" in ada
    assert "file" in zoe
    assert "Not a submission: README.txt." in done.stdout
    assert "Without a hand-in: bob." in done.stdout
    assert "Not on the list: zoe." in done.stdout
    assert environment()


@pytest.mark.slow
def test_an_anonymous_run_names_nobody(tmp_path):
    """Neither on the screen nor in what it writes, but for the table that says who is who."""
    files = {f"Adalberta/{ONE}.py": RIGHT, f"Zoroaster/{ONE}.py": HALF, "Xanthippe.zip": b"PK"}
    write(tmp_path / "class", files)
    output = tmp_path / "out"
    done = grade(tmp_path / "class", "-o", output, "--course", COURSE, "-j", 1, "--anonymous")
    assert done.returncode == 0, done.stderr
    said = [done.stdout, *(p.read_text() for p in output.rglob("*") if p.suffix in TEXTS)]
    said += [path.as_posix() for path in output.rglob("*")]
    who = (output / "pseudonyms.csv").read_text()
    said.remove(who)
    for name in ("Adalberta", "Zoroaster", "Xanthippe"):
        assert name in who
        assert not [text for text in said if name in text]
    assert done.stdout.count("student ") >= 2


def test_similar_pairs_without_names(tmp_path):
    """Pseudonyms in every format; a file for its owner alone says whose they are."""
    source = b"def double(x):\n    a = [v for v in x]\n    b = {}\n" + b"".join(
        b"    b[%d] = a[%d] * %d - a[0] // (2 + %d)\n" % (n, n, n, n) for n in range(9)
    )
    write(tmp_path / "class", {f"Adalberta/{ONE}.py": source, f"Zoroaster/{ONE}.py": source + b"#"})
    who = tmp_path / "who.csv"
    for form in ("terminal", "json", "html"):
        said = teach("similar", tmp_path / "class", "--course", COURSE, "-f", form,
                     "--anonymous", who)  # fmt: skip
        assert "student " in said
        assert "Adalberta" not in said
        assert "Zoroaster" not in said
    assert "Adalberta" in who.read_text()
    assert stat.S_IMODE(who.stat().st_mode) == 0o600
