"""When a hand-in came, who says so, and what is no hand-in at all."""

import os
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.classroom.kept.gradebook import (
    BY_CANVAS,
    BY_CANVAS_LATE,
    BY_COMMIT,
    BY_FILE,
    BY_MOODLE,
    BY_TABLE,
    Student,
)
from grader.classroom.received import commits, members, roster
from grader.classroom.received.commits import Commits
from grader.course import model as course
from grader.errors import UsageError

EXERCISES = course.load(course.bundled()).exercises
THREE = b"def attention_scores(q, k):\n    return q\n\ndef attention(q, k, v):\n    return v\n"
ZONE = timezone(timedelta(hours=2))


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def found(folder: Path, pattern: str | None = None) -> roster.Roster:
    return roster.discover(folder, EXERCISES, pattern=pattern)


def dated_by(found: roster.Roster) -> dict[str, str]:
    return {answer.student: answer.file.dated_by for answer in found.answers}


def test_canvas_says_who_was_late(tmp_path):
    """In the name; a file beside it says nothing."""
    write(tmp_path, {"ada_1_10_ex03.py": THREE, "bob_LATE_2_20_ex03.py": THREE + b"#"})
    assert dated_by(found(tmp_path, "canvas")) == {"ada": BY_CANVAS, "bob": BY_CANVAS_LATE}
    write(
        tmp_path,
        {"submissions.csv": b"path,submitted_at\nbob_LATE_2_20_ex03.py,2026-10-01T12:00Z\n"},
    )
    assert dated_by(found(tmp_path, "canvas"))["bob"] == BY_TABLE


@pytest.mark.parametrize(
    "written",
    [
        "Tuesday, 13 October 2026, 11:58 PM",
        "Tuesday, 13 October 2026, 23:58",
        "13 October 2026, 11:58 PM",
        "2026-10-13 23:58",
        "2026-10-13T21:58:00+00:00",
    ],
)
def test_moodles_worksheet_says_when(tmp_path, written):
    """In the zone of the course; for what nobody else dates."""
    write(tmp_path / "class", {"Ada/ex03.py": THREE, "Bob/ex03.py": THREE + b"#"})
    table = tmp_path / "sheet.csv"
    table.write_text(
        "Identifier,Full name,Status,Last modified (submission)\n"
        f'Participant 1,Ada,Submitted,"{written}"\nParticipant 2,Bob,No submission,-\n'
    )
    listed = members.read(table)
    assert listed.notes == ()
    joined = found(tmp_path / "class").with_members(listed, ZONE)
    (ada,) = [answer for answer in joined.answers if answer.student == "Ada"]
    assert (ada.file.submitted_at, ada.file.dated_by) == (
        datetime(2026, 10, 13, 23, 58, tzinfo=ZONE),
        BY_MOODLE,
    )
    assert dated_by(joined)["Bob"] == BY_FILE
    assert all(members.MOMENT not in student.details for student in joined.students)


def test_a_moment_that_cannot_be_read_is_said(tmp_path):
    """With its line; it decides about nothing."""
    write(tmp_path / "class", {"Ada/ex03.py": THREE})
    table = tmp_path / "sheet.csv"
    table.write_text('Full name,Last modified (submission)\nAda,"Dienstag, 13. Oktober"\n')
    joined = found(tmp_path / "class").with_members(members.read(table), ZONE)
    assert any("sheet.csv, line 2: 'Dienstag" in note for note in joined.notes)
    assert dated_by(joined) == {"Ada": BY_FILE}


def git(folder: Path, *words: str, date: str = "2026-10-01T12:00:00+02:00") -> None:
    own = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
        cwd=folder, env={**os.environ, **own}, check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def clone(tmp_path) -> Path:
    """Ada's repository, with two commits; the file of exercise 3 is of the first."""
    own = (
        write(tmp_path / "class", {"ada/ex03.py": THREE, "ada/sub/n\u00e4me.py": b"x = 1\n"})
        / "ada"
    )
    git(own, "init", "--quiet")
    git(own, "add", ".")
    git(own, "commit", "--quiet", "-m", "one")
    (own / "sub" / "n\u00e4me.py").write_text("x = 2\n")
    git(own, "commit", "--quiet", "-am", "two", date="2026-10-05T09:00:00Z")
    return own


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_clone_says_when_a_file_was_committed(clone, is_packed):
    """The newest commit that changed it, also in a clone that is packed, whatever its name."""
    if is_packed:
        git(clone, "gc", "--quiet")
        git(clone, "pack-refs", "--all")
    (answer,) = found(clone.parent).answers
    assert answer.file.dated_by == BY_COMMIT
    assert answer.file.submitted_at == datetime(2026, 10, 1, 10, tzinfo=UTC)
    other = Commits(clone.parent).moment(clone / "sub" / "n\u00e4me.py")
    assert other == datetime(2026, 10, 5, 9, tzinfo=UTC)


def test_nothing_that_a_clone_asks_for_is_run(clone, tmp_path):
    """Its configuration and its hooks are a stranger's."""
    marker = tmp_path / "marker"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\n")
    program.chmod(0o755)
    with (clone / ".git" / "config").open("a") as file:
        file.write(
            f"[core]\n fsmonitor = {program}\n pager = {program}\n hooksPath = {tmp_path}\n"
            f"[gpg]\n program = {program}\n[log]\n showSignature = true\n"
            f"[diff]\n external = {program}\n[pager]\n log = {program}\n"
        )
    (answer,) = found(clone.parent).answers
    assert answer.file.dated_by == BY_COMMIT
    assert not marker.exists()


@pytest.mark.parametrize("place", ["pack/pack-1.idx", "info/alternates", "ab"])
@pytest.mark.parametrize(
    "put", [os.mkfifo, lambda path: os.symlink("/", path)], ids=["pipe", "link"]
)
def test_git_is_not_asked_where_it_would_wait_or_go_elsewhere(clone, place, put, monkeypatch):
    """A pipe or a link among a clone's objects: the file's own date is what is left."""
    path = clone / ".git" / "objects" / place
    path.parent.mkdir(exist_ok=True)
    put(path)

    def refuse(*_):
        raise AssertionError("git was asked")

    monkeypatch.setattr(commits, "_git", refuse)
    assert dated_by(found(clone.parent)) == {"ada": BY_FILE}


@pytest.mark.parametrize("head", ["", "ref: refs/heads/none", "ref: refs/../../../x", "--help"])
def test_a_clone_without_a_commit_says_nothing(clone, head):
    """The file's own date is what is left."""
    (clone / ".git" / "HEAD").write_text(head + "\n")
    assert dated_by(found(clone.parent)) == {"ada": BY_FILE}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["", ""], "line 2: the path is empty"),
        ([",2026-10-01T12:00Z"], "line 2: the path is empty"),
        (["ada,2026-10-01T12:00Z", "ada,2026-10-02T12:00Z"], "line 3: line 2 has another date"),
        (["../ada,2026-10-01T12:00Z"], "line 2: ../ada is not a path below"),
        (["ada,2026-10-01T12:00Z", "bob,soon"], "line 3: 'soon' is no date"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(tmp_path, rows, says):
    """By its number, all of them at once."""
    text = "\n".join(["path,submitted_at", *(row or "  ,2026-10-01T12:00Z" for row in rows)])
    write(tmp_path, {"ada/ex03.py": THREE, "submissions.csv": text.encode()})
    with pytest.raises(UsageError) as caught:
        found(tmp_path)
    assert says in caught.value.problem


def test_a_line_of_nothing_is_said(tmp_path):
    """One with backslashes is Windows's way to write a path."""
    text = b"path,submitted_at\nada\\ex03.py,2026-10-01T12:00Z\nadda,2026-10-01T12:00Z\n"
    write(tmp_path, {"ada/ex03.py": THREE, "submissions.csv": text})
    seen = found(tmp_path)
    assert dated_by(seen) == {"ada": BY_TABLE}
    assert "submissions.csv, line 3: there is no adda." in seen.notes


def test_litter_is_nobodys(tmp_path):
    """It is named once; inside a hand-in it is passed over."""
    litter = ("Thumbs.db", "desktop.ini", "README.md", "readme.txt", "grades.xlsx", "class.csv",
              "gradebook.csv", "index.html", "link.lnk")  # fmt: skip
    write(tmp_path, dict.fromkeys(litter, b"x"))
    write(tmp_path, {"@eaDir/ada/x": b"x", "ada/ex03.py": THREE, "ada/@eaDir/ex03.py": b"x = 1"})
    write(tmp_path, {"ada/Thumbs.db": b"x", "zoe.pdf": b"%PDF"})
    seen = found(tmp_path)
    assert {student.name for student in seen.students} == {"ada", "zoe"}
    (note,) = [note for note in seen.notes if note.startswith("Not a submission")]
    assert all(name in note for name in (*litter, "@eaDir"))


# --- the list of the class -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ("ada,7,a@x\nzoe,7,b@x", "the id 7"),
        ("ada,007,a@x\nzoe,7,b@x", "the id 7"),
        ("ada,AB1,a@x\nzoe,ab1,b@x", "the id ab1"),
        ("ada,1,a@x.org\nzoe,2,A@X.org", "the email A@X.org"),
        ("ada,1,a@x\nzoe,1,b@x\nbob,2,c@x\neve,2,d@x", "the id 2"),
    ],
)
def test_nobody_has_two_rows_in_silence(tmp_path, rows, what):
    """One id twice, however it is written: every such pair is named."""
    table = tmp_path / "class.csv"
    table.write_text(f"student,id,email\n{rows}\n")
    with pytest.raises(UsageError) as caught:
        members.joined([], members.read(table))
    assert what in caught.value.problem


def test_an_id_without_its_zeros_is_the_same_id(tmp_path):
    """A spreadsheet dropped them; the hand-ins' way of writing stays."""
    table = tmp_path / "class.csv"
    table.write_text("student,id\nAda Lovelace,7\n")
    (ada,) = members.joined([Student("ada", {"id": "0007"})], members.read(table))
    assert (ada.name, ada.details["id"], ada.is_listed) == ("ada", "0007", True)


@pytest.mark.parametrize(
    "row", ["ada lovelace,S9", '"Lovelace, Ada",S9', "Adá Lovelace,", "LovelaceAda,"]
)
def test_who_may_have_two_rows_is_said(tmp_path, row):
    """With ids that differ, or a name that is written otherwise."""
    write(tmp_path / "class", {"Ada Lovelace_1_10_ex03.py": THREE, "Alan_2_20_ex03.py": THREE})
    table = tmp_path / "class.csv"
    table.write_text(f"student,id\n{row}\nZoe,3\n")
    joined = found(tmp_path / "class", "canvas").with_members(members.read(table), None)
    assert len(joined.students) == 4
    (note,) = [note for note in joined.notes if "student merge" in note]
    assert "Ada Lovelace (id 1)" in note
    assert "Alan" not in note
    assert "Zoe" not in note


def test_a_spreadsheet_of_another_country_is_read(tmp_path):
    """With semicolons, capitals in its headings, and the mark that such programs put before all."""
    text = "\ufeffPath;Submitted_at\nada;2026-10-01T12:00Z\n"
    write(tmp_path, {"ada/ex03.py": THREE, "submissions.csv": text.encode()})
    assert dated_by(found(tmp_path)) == {"ada": BY_TABLE}
