"""The gradebook as files: tables that spreadsheets and schools' systems read, and every report."""

import csv
import hashlib
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from grader.classroom.kept.decisions import Decision, Kind
from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.shown.grades import Grade, Gradesheet
from grader.formats.csv import cell
from grader.formats.json import text as report_text
from grader.writing import put

REPORTS = "reports"  # what is handed out
RECORDS = "records"  # what is not: reports name the seed


class Flavour(StrEnum):
    """Whose table of grades is written."""

    PLAIN = "plain"
    CANVAS = "canvas"
    MOODLE = "moodle"


FILES = {
    Flavour.PLAIN: "gradebook.csv",
    Flavour.CANVAS: "canvas.csv",
    Flavour.MOODLE: "moodle.csv",
}


def write(folder: Path, sheet: Gradesheet, flavours: Iterable[Flavour]) -> None:
    """Write the tables into `folder`, each at once or not at all."""
    for flavour in flavours:
        put(folder / FILES[flavour], render(sheet, flavour))


def render(sheet: Gradesheet, flavour: Flavour = Flavour.PLAIN) -> str:
    """A table of the class: a row for each student, a column for each exercise.

    A cell is the score that counts: after what lateness takes off, and empty where there is none.
    """
    rows = {Flavour.PLAIN: _plain, Flavour.CANVAS: _canvas, Flavour.MOODLE: _moodle}[flavour]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([cell(text) for text in row] for row in rows(sheet))
    return file.getvalue()


def _plain(sheet: Gradesheet) -> Iterable[Sequence[str]]:
    """Scores and their sum first, then how each came about."""
    known = sorted({name for student in sheet.students for name in student.details})
    stems = [_stem(exercise) for exercise in sheet.exercises]
    yield [
        "student",
        *known,
        *stems,
        "total",
        "of",
        "on the list",
        *(f"{stem} {about}" for stem in stems for about in ABOUT),
    ]
    for student in sheet.students:
        grades = [sheet.grade(student, exercise) for exercise in sheet.exercises]
        scores = [number(grade.score) if grade else "" for grade in grades]
        yield [
            student.name,
            *(student.details.get(name, "") for name in known),
            *scores,
            number(sheet.total(student)),
            str(sheet.most(student)),
            {None: "", True: "yes", False: "no"}[student.is_listed],
            *(text for grade in grades for text in _about(grade)),
        ]


ABOUT = (
    "status",
    "raw",
    "days late",
    "attempt",
    "submitted at",
    "date by",
    "without a person",
    "decided",
    "stale",
)


def _about(grade: Grade | None) -> list[str]:
    decided = "; ".join(_decided(grade)) if grade else ""
    if grade is None or not grade.is_handed_in:
        status = "excused" if grade and grade.excuse else "missing"
        return [status, "", "", "", "", "", "", decided, ""]
    status = grade.result.status.value if grade.result else "pending"
    return [
        "excused" if grade.excuse else "closed" if grade.is_closed else status,
        number(grade.raw),
        str(grade.days_late),
        f"{grade.attempt} of {grade.attempts}",
        grade.submitted_at.isoformat(timespec="seconds") if grade.submitted_at else "",
        grade.dated_by,
        number(grade.automatic),
        decided,
        grade.stale,
    ]


def _decided(grade: Grade) -> Iterable[str]:
    yield from map(in_words, grade.decisions)
    if grade.extended:
        yield f"more time {in_words(grade.extended)}"
    elif grade.more_time:
        yield f"more time until {grade.more_time:%Y-%m-%d %H:%M %Z} by the course"


def what(decision: Decision) -> str:
    """What a person decided, in a word or two."""
    return {
        Kind.SCORE: number(decision.points),
        Kind.POINTS: f"{number(decision.points)} for {decision.property}",
        Kind.COMMENT: "comment",
        Kind.EXCUSE: "excused",
        Kind.EXTENSION: f"until {decision.until:%Y-%m-%d %H:%M %Z}" if decision.until else "",
        Kind.UNDO: f"decision {decision.undoes} taken back",
    }[decision.kind]


def in_words(decision: Decision) -> str:
    """A person's decision, for those who teach."""
    why = f": {decision.why}" if decision.why else ""
    return f"{what(decision)} by {decision.who}, {decision.made_at:%Y-%m-%d}{why}"


def _canvas(sheet: Gradesheet) -> Iterable[Sequence[str]]:
    """What Canvas's gradebook imports, where `EX` stands for an excuse."""
    keys = ("id", "sis user id", "sis login id", "section")
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *_titles(sheet)]
    most = [str(exercise.max_score) for exercise in sheet.exercises]
    yield ["    Points Possible", "", "", "", "", *most]
    for student in sheet.students:
        details = [student.details.get(key, "") for key in keys]
        grades = [sheet.grade(student, exercise) for exercise in sheet.exercises]
        scores = _scores(sheet, student)
        cells = ["EX" if g and g.excuse else s for g, s in zip(grades, scores, strict=True)]
        yield [student.details.get("name", student.name), *details, *cells]


def _moodle(sheet: Gradesheet) -> Iterable[Sequence[str]]:
    """What Moodle's gradebook imports."""
    yield ["Identifier", "Full name", "ID number", "Email address", *_titles(sheet)]
    for student in sheet.students:
        details = student.details
        yield [
            f"Participant {details['id']}" if "id" in details else "",
            details.get("name", student.name),
            details.get("id number", ""),
            details.get("email", ""),
            *_scores(sheet, student),
        ]


def _titles(sheet: Gradesheet) -> list[str]:
    return [f"{exercise.number}. {exercise.title}" for exercise in sheet.exercises]


def _scores(sheet: Gradesheet, student: Student) -> list[str]:
    grades = (sheet.grade(student, exercise) for exercise in sheet.exercises)
    return [number(grade.score) if grade else "" for grade in grades]


def number(score: float | None) -> str:
    """A score as people write it: `85`, `66.5`; nothing for None."""
    return "" if score is None else f"{score:.2f}".rstrip("0").rstrip(".")


def _stem(exercise: Column) -> str:
    return f"ex{exercise.number:02d}_{exercise.slug}"


def write_reports(folder: Path, sheet: Gradesheet) -> None:
    """Write the report of each grade to `records/<student>/<exercise>.json`: it names the seed, and
    is not for the student."""
    places = folders(sheet.students)
    for exercise in sheet.exercises:
        for grade in sheet.of(exercise):
            if grade.result is not None:
                place = folder / RECORDS / places[grade.student]
                place.mkdir(parents=True, exist_ok=True)
                put(place / f"{_stem(exercise)}.json", report_text(grade.result.content))
    remove_others(folder / RECORDS, places.values(), _is_own_record)


def _is_own_record(path: Path) -> bool:
    """Whether `write_reports` wrote that file."""
    return re.fullmatch(r"ex\d+_\w+\.json", path.name) is not None


def remove_others(folder: Path, places: Iterable[str], is_own: Callable[[Path], bool]) -> None:
    """Remove from `folder` what stood there for students who have another name by now, or are in
    the class no more: the files that are `is_own`, and the folders that are empty then."""
    kept = {place.casefold(): place for place in places}
    if not folder.is_dir():
        return
    for place in folder.iterdir():
        if place.name in kept.values() or place.is_symlink() or not place.is_dir():
            continue
        same = kept.get(place.name.casefold())
        if same and (folder / same).exists() and (folder / same).samefile(place):
            continue  # one folder, on systems to which capitals are nothing
        for file in place.iterdir():
            if file.is_file() and not file.is_symlink() and is_own(file):
                file.unlink()
        if not any(place.iterdir()):
            place.rmdir()


def folders(students: Iterable[Student]) -> dict[str, str]:
    """A folder's name for each student, whatever characters theirs have, and no two alike on any
    system. Where two would be, each has a part that only its own name gives: a folder that was one
    student's is never another's."""
    names = {student.name: _folder(student.name) for student in students}
    length = 8
    while shared := _shared(names):
        for name in shared:
            digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
            names[name] = f"{_folder(name)}-{digest[:length]}".lstrip("-")
        length *= 2  # somebody is called what another's folder is
    return names


def _folder(name: str) -> str:
    return re.sub(r"[^\w.@ -]", "_", name).strip(" .")[:80].strip(" .")


def _shared(folders: Mapping[str, str]) -> list[str]:
    """Whose folders some file system takes for one, or takes not at all."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name, folder in folders.items():
        alike[unicodedata.normalize("NFKC", folder).casefold()].append(name)
    return [name for key, names in alike.items() if len(names) > 1 or not key for name in names]
