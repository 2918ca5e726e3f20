"""The files that students handed in: whose each is, when it came, and what is in it.

By default everything at the top of the folder is a student's: `ann/` with files, notebooks and
archives in it, `ann.zip`, `ann.ipynb`, `ann_ex03.py`. What a school's system exports flat is read
with a pattern: a regular expression that is searched in the path of each file below the folder. Its
groups are `student` (which must be there), `exercise`, `attempt`, `id` (as the school counts
students) and `file` (the name that the student gave it). `PRESETS` has those of some systems.
What says whose a file is stands outside of what the student handed in: at the top, or in what the
pattern finds first.

`submissions.csv` at the top says what files cannot: `path`, a file or folder as it stands there,
and `submitted_at`, with its offset from UTC. Without it, Canvas's mark in a name says who was late,
and in a clone the commit when. A file's own date is that of the last copying, as often as not.
Links are never followed: they could lead to another's
work, or to the solutions.
"""

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from grader.classroom.kept.gradebook import (
    BY_CANVAS,
    BY_CANVAS_LATE,
    BY_COMMIT,
    BY_FILE,
    BY_TABLE,
    Kept,
    Student,
)
from grader.classroom.received import archives, litter, table
from grader.classroom.received.commits import Commits
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.submission import limited, naming
from grader.submission import text as submission
from grader.submission.text import SUFFIXES, Submission

T = TypeVar("T")

DATES = "submissions.csv"
PRESETS = {
    # lovelaceada_LATE_2345_678901_ex03_attention_scoring-1.py: what comes first is the school's;
    # what a student's own file or folder is called cannot pass for it.
    "canvas": r"^(?P<student>[^/]+?)(?P<late>_LATE)?_(?P<id>[0-9]+)_[0-9]+_(?P<file>.+)$",
    # Ada Lovelace_2345_assignsubmission_file_/ex03.py, and the same without folders. In a folder's
    # name what comes last is the school's; a flat name that can be read in two ways is nobody's.
    "moodle": r"^(?!(?:[^/]*_[0-9]+_assignsubmission_file_){2}[^/]*$)"
    r"(?P<student>[^/]+?)_(?P<id>[0-9]+)_assignsubmission_file(?:_?/|_(?=[^/]+$))(?P<file>.+)$",
    # ex03/ann.py, ex03/ann/answer.py, ex03/ann.zip
    "by-exercise": r"^(?P<exercise>[^/]+)/(?P<student>[^/]+?)(?:/.+|(?:\.tar)?\.\w+)$",
}
GROUPS = ("student", "exercise", "attempt", "id", "late", "file")
MAX_ENTRIES = 20_000  # below one entry of the top


@dataclass(frozen=True)
class Place:
    """What the place of a file says; `file` tells its exercise, where `exercise` does not.

    `spelling` is the student's name exactly as the disk has it: two spellings may be printed alike.
    `is_late` is what a school's mark in the name says, None where there is no such mark.
    """

    student: Student
    file: str
    attempt: int = 0
    exercise: str = ""
    spelling: str = ""
    is_late: bool | None = None


@dataclass(frozen=True)
class File:
    """One file of a student's: read, or with the `problem` that it cannot be.

    `path` is below the folder of all submissions, an archive's name among its parts. `is_broken`:
    it should have been read; a PDF need not. `dated_by`: who says when it came; `raw`: what it is
    kept as. `chosen` says for which exercise it was taken instead of which others, where there was
    a choice.
    """

    place: Place
    path: str
    submitted_at: datetime
    dated_by: str = BY_FILE
    submission: Submission | None = None
    problem: UsageError | None = None
    is_broken: bool = False
    raw: Kept | None = None
    chosen: str = ""

    @property
    def is_dated(self) -> bool:
        """Whether somebody says when it came, and not its file alone."""
        return self.dated_by != BY_FILE

    @property
    def sha256(self) -> str:
        """Of its bytes; of the reason, where these could not be had."""
        if self.submission is not None:
            return self.submission.sha256
        return hashlib.sha256(f"{self.path}\n{self.problem}".encode()).hexdigest()


class Files:
    """All the files below `folder`.

    `notes` says what was passed over on the way, `owners` whose folders there were, empty or not,
    as they are spelled.
    """

    def __init__(self, folder: Path, exercises: Sequence[Exercise], pattern: str | None) -> None:
        self._folder = folder
        self._exercises = exercises
        self._pattern = compiled(pattern) if pattern else None
        self._dates = _dates(folder / DATES)
        self._matched: set[str] = set()  # of the paths in them
        self._commits = Commits(folder)
        self.notes: list[str] = []
        self.litter: list[str] = []
        self.owners: set[str] = set()
        self._allowances: dict[str, limited.Allowance] = defaultdict(limited.Allowance)

    def __iter__(self) -> Iterator[File]:
        """Every file of every student, in the order of their names."""
        for entry in sorted(os.listdir(self._folder)):
            if entry == DATES or naming.is_clutter(entry):
                continue
            if litter.is_litter(entry, is_folder=(self._folder / entry).is_dir()):
                self.litter.append(printable(entry))
                continue
            if self._pattern is None and (self._folder / entry).is_dir():
                self.owners.add(entry)
            yield from self._below(entry)
        for path, (line, _) in self._dates.items():
            if path not in self._matched and not (self._folder / path).exists():
                self.notes.append(f"{DATES}, line {line}: there is no {path}.")

    def _below(self, entry: str) -> Iterator[File]:
        for count, path in enumerate(_walk(self._folder, entry)):
            place = self._place(path.relative_to(self._folder).as_posix())
            if place is None:
                continue
            if count == MAX_ENTRIES:
                yield self._file(place, path, _problem(path.parent, "holds too many files."))
                return
            yield from self._read(place, path)

    def _place(self, spelling: str) -> Place | None:
        """What the path of a file says, None (and a note) where it names no student."""
        path = printable(spelling)
        if self._pattern is None:
            top, _, rest = spelling.partition("/")
            name = top if rest else self._owner(top)
            if name:
                return Place(Student(printable(name)), printable(rest or top), spelling=name)
            self.notes.append(f"{path} names an exercise but no student.")
            return None
        if (match := self._pattern.search(path)) is None or not match["student"].strip():
            self.notes.append(f"{path} does not match the pattern.")
            return None
        groups = {name: match.groupdict().get(name) or "" for name in GROUPS}
        details = {"id": groups["id"]} if groups["id"] else {}
        marks_late = "late" in self._pattern.groupindex
        return Place(
            Student(match["student"].strip(), details),
            file=groups["file"] or path,
            attempt=int(groups["attempt"]) if groups["attempt"].isdecimal() else 0,
            exercise=groups["exercise"],
            spelling=self._spelling(spelling, match["student"]),
            is_late=bool(groups["late"]) if marks_late else None,
        )

    def _spelling(self, path: str, name: str) -> str:
        """The name that a pattern found in a path as it is to be printed, as it is spelled."""
        match = self._pattern.search(path) if self._pattern else None
        if match and printable(match["student"]) == name:
            return match["student"]
        # Some patterns find nothing in a name whose accents stand apart.
        decomposed = unicodedata.normalize("NFD", name)
        return decomposed if path != unicodedata.normalize("NFC", path) else name

    def _owner(self, name: str) -> str:
        stem = archives.stem(name) if archives.is_archive(name) else PurePosixPath(name).stem
        return naming.without_exercise(stem, self._exercises)

    def _read(self, place: Place, path: Path) -> Iterator[File]:
        if os.path.islink(path):
            yield self._file(place, path, _problem(path, "is a link, and links are not followed."))
        elif archives.is_archive(path.name) and os.path.isfile(path):
            yield from self._unpacked(place, path)
        elif path.suffix.lower() in SUFFIXES:
            shown = self._shown(path)
            yield self._file(place, path, self._outcome(place, submission.read, path, shown))
        else:
            problem = _problem(path, "is neither a Python file nor a notebook.")
            yield self._file(place, path, problem, is_broken=False)

    def _unpacked(self, place: Place, path: Path) -> Iterator[File]:
        contents = _outcome(partial(archives.read, path))
        if isinstance(contents, UsageError):
            yield self._file(place, path, contents)
            return
        folder = PurePosixPath(place.file).with_name(archives.stem(PurePosixPath(place.file).name))

        def member(name: str, found: Submission | UsageError, *, is_broken: bool = True) -> File:
            within = replace(place, file=f"{folder}/{printable(name)}")
            return self._file(within, path, found, name, is_broken=is_broken)

        for name, data in contents.files.items():
            shown = self._shown(path) / printable(name)
            yield member(name, self._outcome(place, submission.parse, shown, data))
        for name, reason in contents.passed_over.items():
            is_code = name.lower().endswith(SUFFIXES)
            inside = f"{printable(path.name)}/{printable(name)}"
            problem = UsageError(f"{inside} is not read: {reason}.", "Hand in the file itself.")
            yield member(name, problem, is_broken=is_code)
        if not contents.files and not contents.passed_over:
            yield self._file(place, path, _problem(path, "holds no files."))

    def _outcome(
        self, place: Place, read: Callable[..., Submission], *arguments: object
    ) -> Submission | UsageError:
        """What `read` gives or says, as long as its owner has not had more than their share."""
        student = place.student
        with self._allowances[student.details.get("id") or place.spelling or student.name]:
            return _outcome(partial(read, *arguments))

    def _file(
        self,
        place: Place,
        path: Path,
        found: Submission | UsageError,
        member: str = "",
        *,
        is_broken: bool = True,
    ) -> File:
        shown = self._shown(path)
        moment, dated_by = self._date(place, path, shown)
        problem = found if isinstance(found, UsageError) else None
        raw = None
        if isinstance(found, Submission):
            read = partial(_member, path, member) if member else partial(_contents, path)
            name = f"{place.exercise}/{place.file}" if place.exercise else place.file
            raw = Kept(name, found.sha256, read)
        return File(
            place,
            path=(shown / printable(member) if member else shown).as_posix(),
            submitted_at=moment,
            dated_by=dated_by,
            submission=None if isinstance(found, UsageError) else found,
            problem=problem,
            is_broken=problem is not None and is_broken,
            raw=raw,
        )

    def _date(self, place: Place, path: Path, shown: Path) -> tuple[datetime, str]:
        """When a file came, and who says so."""
        for each in (shown, *shown.parents):
            if (entry := self._dates.get(each.as_posix())) is not None:
                self._matched.add(each.as_posix())
                return entry[1], BY_TABLE
        if place.is_late is not None:
            return _modified(path), BY_CANVAS_LATE if place.is_late else BY_CANVAS
        if (commit := self._commits.moment(path)) is not None:
            return commit, BY_COMMIT
        return _modified(path), BY_FILE

    def _shown(self, path: Path) -> Path:
        return Path(printable(path.relative_to(self._folder).as_posix()))


def printable(name: str) -> str:
    """A name from a disk or an archive as text that can be printed and stored anywhere."""
    text = os.fsencode(name).decode("utf-8", "replace")
    text = unicodedata.normalize("NFC", text)
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _walk(folder: Path, entry: str) -> Iterator[Path]:
    """Every file at or below `folder / entry`, links as they are, by name."""
    waiting = [folder / entry]
    while waiting:
        path = waiting.pop()
        # A path may be too long to be asked of: `os.path` says no there, and pathlib raises.
        if os.path.isdir(path) and not os.path.islink(path):
            try:
                names = sorted(os.listdir(path), reverse=True)
            except OSError:
                yield path
                continue
            waiting += [
                path / name
                for name in names
                if not (naming.is_clutter(name) or litter.is_systems(name))
            ]
        else:
            yield path


def _contents(path: Path) -> bytes | None:
    """The bytes of a file, to be kept; None where they are not to be had any more."""
    try:
        return submission.contents(path)
    except UsageError:
        return None


def _member(path: Path, name: str) -> bytes | None:
    """The same of a member of an archive. Members of one are asked for one after the other."""
    try:
        return _files_of(path).get(name)
    except UsageError:
        return None


@lru_cache(1)
def _files_of(path: Path) -> dict[str, bytes]:
    return archives.read(path).files


def _outcome(attempt: Callable[[], T]) -> T | UsageError:
    """What `attempt` gives, or says."""
    try:
        return attempt()
    except UsageError as problem:
        return problem


def _modified(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):  # gone, or of a year that is none
        return datetime.fromtimestamp(0, UTC)


def _problem(path: Path, what: str) -> UsageError:
    return UsageError(f"{printable(path.name)} {what}", "Hand in a .py file or a notebook.")


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern of that name, or that regular expression. UsageError where it cannot work."""
    try:
        found = re.compile(PRESETS.get(pattern, pattern))
    except re.error as error:
        raise UsageError(
            f"--pattern {pattern!r} is no regular expression: {error}.",
            f"There are ready ones: {', '.join(PRESETS)}.",
        ) from None
    unknown = found.groupindex.keys() - set(GROUPS)
    if "student" not in found.groupindex or unknown:
        what = f"has the group {min(unknown)!r}" if unknown else "has no group 'student'"
        raise UsageError(
            f"--pattern {pattern!r} {what}.",
            f"Write (?P<student>...); the others are {', '.join(GROUPS[1:])}."
            f" There are ready ones: {', '.join(PRESETS)}.",
        )
    return found


def _dates(path: Path) -> Mapping[str, tuple[int, datetime]]:
    """What `submissions.csv` says, by path, with the line; nothing where there is none.

    UsageError lists every line that cannot be meant.
    """
    if not path.exists():
        return {}
    read = table.read(path)
    if not {"path", "submitted_at"} <= set(read.headings):
        raise UsageError(f"{path} lacks a column `path` or `submitted_at` in its first line.")
    dates: dict[str, tuple[int, datetime]] = {}
    problems = []
    for number, row in read.rows:
        try:
            date = datetime.fromisoformat(row["submitted_at"])
        except ValueError:
            date = datetime.min
        # Windows writes paths so; no name in a hand-in has a backslash that means itself.
        named = row["path"].replace("\\", "/")
        parts = PurePosixPath(named).parts
        place = printable(PurePosixPath(named).as_posix())
        if not parts:
            problems.append(f"line {number}: the path is empty.")
        elif ".." in parts or named.startswith("/"):
            problems.append(f"line {number}: {named} is not a path below this folder.")
        elif date.tzinfo is None:
            problems.append(f"line {number}: {row['submitted_at']!r} is no date with its offset.")
        elif place in dates and dates[place][1] != date:
            problems.append(f"line {number}: line {dates[place][0]} has another date for {place}.")
        else:
            dates.setdefault(place, (number, date))
    if problems:
        raise UsageError(
            "\n".join(f"{path}, {problem}" for problem in problems),
            "A line is a path as it stands in this folder, and a date like"
            " 2026-10-01T23:59:00+02:00.",
        )
    return dates
