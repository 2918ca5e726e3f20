"""The students' pages in a zip that Canvas or Moodle hands out to everybody at once.

Both know whose a file is by the name that it had when the hand-ins were downloaded. Nothing is in
it but pages: what names the seed stays with the teacher.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.classroom.exported.people import Matched
from grader.classroom.exported.systems import System, participant
from grader.classroom.kept.gradebook import Attempt, Student
from grader.classroom.received import identity
from grader.classroom.received.files import PRESETS, compiled

NAME = "feedback.html"
# lovelaceada_LATE_2345_678901_ex03.py: the student's number, and that of what was handed in.
_CANVAS = re.compile(r"_(?P<student>[0-9]+)_(?P<file>[0-9]+)_")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages make the same file


@dataclass
class Places:
    """By student, where in the zip the page lies; and what is to be said of the others."""

    paths: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def for_moodle(system: System, people: Matched, students: Iterable[Student]) -> Places:
    """A folder for each participant of a worksheet, as in the zip of all submissions.

    Moodle (`assignfeedback_file`) parts its name at `_`, and knows the participant by the second
    part.
    """
    found = Places()
    present = {student.name for student in students}
    for index, line in enumerate(system.lines):
        if line.number in people.notes:
            found.notes.append(f"line {line.number}: {people.notes[line.number]}")
        student = people.students.get(index)
        if student is None or student.name not in present:
            continue
        person = system.person(line)
        number = participant(person["id"])
        name = _file_part(person.get("name", "")) or "Participant"
        found.paths[student.name] = f"{name}_{number}_assignsubmission_file_/{NAME}"
    found.notes += [f"{n}: has no line in the worksheet" for n in sorted(present - {*found.paths})]
    return found


def for_canvas(attempts: Iterable[Attempt], students: Iterable[Student]) -> Places:
    """A file for each who handed in a file through Canvas, named as Canvas names it.

    Canvas (`generate_comments_from_files`) takes the first two parts of a name between `_` that are
    numbers, the student's and the hand-in's, which has to be one of the student's.
    """
    found = Places()
    newest: dict[str, tuple[tuple[int, object], re.Match[str]]] = {}
    preset = compiled(PRESETS["canvas"])
    for attempt in attempts:
        top = attempt.path.split("/")[0]
        match = _CANVAS.search(top) if preset.search(top) else None
        moment = (attempt.seen, attempt.submitted_at)
        if match and moment >= newest.get(attempt.student, (moment,))[0]:
            newest[attempt.student] = (moment, match)
    for student in students:
        if student.name not in newest:
            found.notes.append(f"{student.name}: no hand-in of theirs has a name of Canvas's")
            continue
        match = newest[student.name][1]
        letters = "".join(s for s in identity.called(student).casefold() if s.isalpha())
        name = letters or "student"
        found.paths[student.name] = f"{name}_{match['student']}_{match['file']}_{NAME}"
    return found


def _file_part(name: str) -> str:
    """A name without what would part it."""
    return " ".join(re.sub(r'[_/\\:*?"<>|\x00-\x1f]', " ", name).split()).strip(".")


def packed(places: Mapping[str, str], pages: Mapping[str, str]) -> bytes:
    """The zip, of each student's page under the path that is theirs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(places.items(), key=lambda each: each[1]):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, pages[name])
    return file.getvalue()
