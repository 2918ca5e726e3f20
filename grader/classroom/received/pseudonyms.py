"""Other names for students, for whoever should not know whose work it is."""

import csv
import hashlib
import hmac
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grader.classroom.kept.gradebook import Gradebook, Student
from grader.classroom.received.files import File
from grader.classroom.received.roster import Answer, Roster
from grader.errors import UsageError
from grader.formats.csv import cell

SHORTEST = 6  # digits of a pseudonym


def drawn(names: Iterable[str], secret: str) -> dict[str, str]:
    """A pseudonym for each name, the same for the same `secret`, without which no name leads to
    one."""
    digests = {
        name: hmac.new(
            secret.encode(), name.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()
        for name in names
    }
    length = SHORTEST
    while len({digest[:length] for digest in digests.values()}) < len(digests):
        length += 1
    return {name: f"student {digest[:length]}" for name, digest in digests.items()}


def of_book(book: Gradebook) -> dict[str, str]:
    """What everybody in a gradebook is called, where nobody should know who it is."""
    runs = book.runs()
    secret = f"{runs[0].seed if runs else 0} {book.name}"
    return drawn((each.name for each in book.students()), secret)


def of_roster(found: Roster, names: Mapping[str, str]) -> Roster:
    """The same hand-ins without what says whose they are: names, ids, folders, and remarks on
    them. What a student wrote into a file of theirs stays."""
    students = {name: Student(names[name]) for name in names}
    return replace(
        found,
        students=tuple(students[student.name] for student in found.students),
        answers=tuple(_answer(answer, students[answer.student]) for answer in found.answers),
        notes=(),
    )


def _answer(answer: Answer, student: Student) -> Answer:
    file: File = answer.file
    path = without_owner(file.path, student.name)
    problem = file.problem
    if problem is not None:
        problem = UsageError(problem.problem.replace(file.path, path), problem.advice)
    place = replace(file.place, student=student, spelling="")
    submission = file.submission and replace(file.submission, path=Path(path))
    changed = replace(file, place=place, path=path, problem=problem, submission=submission)
    return replace(answer, file=changed)


def without_owner(path: str, name: str) -> str:
    """The path of a file with another's name for its owner; the flat names that schools' systems
    make have the owner in the file's own, of which the end alone is kept."""
    return f"{name}/answer{PurePosixPath(path).suffix}"


def table(names: Mapping[str, str]) -> str:
    """Which pseudonym is whose, for who may know, as CSV."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["pseudonym", "student"])
    writer.writerows([cell(p), cell(name)] for name, p in sorted(names.items(), key=lambda e: e[1]))
    return file.getvalue()
