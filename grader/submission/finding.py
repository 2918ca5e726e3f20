"""The one rule by which the file is found that answers an exercise, among what was handed in.

It is that of `grade exercise --submission FOLDER`, of Gradescope's autograder, and, for what each
student handed in, of `grade class`. A file tells its exercise by its name or a folder's, or else by
the functions in it. Of several, an untouched stub comes last, and before it what is called old, a
copy or a backup; then the surest name counts, the place nearest to the top, the newest, and at last
the order of names.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from grader.course.model import Exercise
from grader.errors import UsageError
from grader.language import say
from grader.submission import naming, several
from grader.submission import text as submission
from grader.submission.naming import Match
from grader.submission.text import SUFFIXES, Submission

MOST_ENTRIES = 20_000  # of a folder, that are looked at
MOST_TOLD = 3
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".7z", ".rar", ".xz")


def rank(
    match: Match, file: str, date: object, exercise: Exercise, *, is_whole: bool, is_untouched: bool
) -> tuple[object, ...]:
    """What the best of several files for an exercise is the greatest by. `file` is its path in what
    was handed in; `is_whole`: it could be read."""
    is_todays = not naming.is_set_aside(file, exercise)
    depth = len(PurePosixPath(file).parts)
    return is_whole, not is_untouched, is_todays, match, -depth, date, file


def passed_over(taken: str, others: Sequence[str]) -> str:
    """Which file was taken, and which were not, in words."""
    shown = ", ".join(others[:MOST_TOLD])
    if len(others) > MOST_TOLD:
        shown += say(" and {count} more", count=len(others) - MOST_TOLD)
    return say(
        "Graded: {taken}. Not {others}: of several files for an exercise one counts; an untouched"
        " stub comes last, before it what is called old, a copy or a backup; else the one counts"
        " whose name is surest, nearest to the top, newest.",
        taken=taken,
        others=shown,
    )


def read(
    path: Path, wanted: Exercise, exercises: Sequence[Exercise], *, alone: bool = True
) -> tuple[Submission, str]:
    """The answer to `wanted` at `path`, a file or a folder of one student's, with the modules that
    go with it; and a note on what was taken, empty where there was no choice.

    `exercises` are those of the course. `alone`: no other exercise is asked for, so that one file
    without a telling name is its answer. UsageError where there is no answer.
    """
    if not path.is_dir():
        return submission.read_with_modules(submission.find(path), wanted.packages), ""
    return Folder(path, exercises).read(wanted, alone=alone)


def locate(path: Path, wanted: Exercise, exercises: Sequence[Exercise]) -> Path:
    """The file itself that `read` takes."""
    if not path.is_dir():
        return submission.find(path)
    best, _ = Folder(path, exercises).choose(wanted, alone=True)
    return path / best.file


@dataclass(frozen=True)
class _Seen:
    """A file of a folder, and how it tells that it answers an exercise."""

    file: str
    match: Match
    count: int  # of exercises that it answers


@dataclass
class Folder:
    """What one student handed in, as a folder on disk. Links are not followed."""

    path: Path
    exercises: Sequence[Exercise]
    _read: dict[str, Submission | UsageError] = field(default_factory=dict, repr=False)

    @cached_property
    def _files(self) -> tuple[list[str], list[str]]:
        """The files that may be answers, and what is passed over, each with its reason."""
        files: list[str] = []
        reasons: list[str] = []
        for count, (file, mode) in enumerate(_walk(self.path)):
            if count == MOST_ENTRIES:
                break
            suffix = PurePosixPath(file).suffix.lower()
            if stat.S_ISLNK(mode):
                reasons.append(say("{file} (a link, and links are not followed)", file=file))
            elif suffix in SUFFIXES:
                files.append(file)
            elif suffix in ARCHIVES:
                reasons.append(say("{file} (an archive: unpack it)", file=file))
        return files, reasons

    def _content(self, file: str) -> Submission | UsageError:
        if file not in self._read:
            try:
                self._read[file] = submission.read(self.path / file)
            except UsageError as problem:
                self._read[file] = problem
        return self._read[file]

    @cached_property
    def _named(self) -> dict[str, dict[str, Match]]:
        """For each file, the exercises that it answers."""
        found = {}
        for file in self._files[0]:

            def text(file: str = file) -> str:
                content = self._content(file)
                return content.whole if isinstance(content, Submission) else ""

            found[file] = naming.told_by(file, text, self.exercises)
        return found

    def read(self, wanted: Exercise, *, alone: bool) -> tuple[Submission, str]:
        """See the function of that name."""
        best, note = self.choose(wanted, alone=alone)
        content = self._content(best.file)
        if isinstance(content, UsageError):
            raise content
        if best.count > 1:
            content = several.each(content, [wanted], self.exercises)[wanted.slug]
        folder = (self.path / best.file).parent
        return content.with_modules(submission.in_folder(folder), wanted.packages), note

    def choose(self, wanted: Exercise, *, alone: bool) -> tuple[_Seen, str]:
        """The file that is taken, and a note on the others."""
        seen = [
            _Seen(file, named[wanted.slug], len(named))
            for file, named in self._named.items()
            if wanted.slug in named
        ]
        if not seen and alone:
            unnamed = [
                file
                for file, named in self._named.items()
                if not named and isinstance(self._content(file), Submission)
            ]
            if len(unnamed) == 1:
                seen = [_Seen(unnamed[0], Match.ONLY, 1)]
        if not seen:
            raise self._nothing(wanted)
        ordered = sorted(seen, key=lambda each: self._rank(each, wanted, len(seen)), reverse=True)
        best = ordered[0]
        others = [each.file for each in ordered[1:] if self._differs(each.file, best.file)]
        return best, passed_over(best.file, others) if others else ""

    def _rank(self, seen: _Seen, wanted: Exercise, count: int) -> tuple[object, ...]:
        if count == 1:
            return ()
        from grader.submission.reading import is_untouched

        content = self._content(seen.file)
        is_whole = isinstance(content, Submission)
        text = content.answer_to(wanted).source if isinstance(content, Submission) else ""
        return rank(
            seen.match,
            seen.file,
            os.stat(self.path / seen.file).st_mtime,
            wanted,
            is_whole=is_whole,
            is_untouched=is_untouched(text, wanted.unwritten),
        )

    def _differs(self, one: str, other: str) -> bool:
        contents = [self._content(file) for file in (one, other)]
        digests = [c.sha256 if isinstance(c, Submission) else None for c in contents]
        return digests[0] is None or digests[0] != digests[1]

    def _nothing(self, wanted: Exercise) -> UsageError:
        files, reasons = self._files
        told = [*(file for file in files if not self._named[file]), *reasons]
        problem = say(
            "The folder {path} holds neither {stem}.py nor {stem}.ipynb.",
            path=self.path,
            stem=wanted.stem,
        )
        if told:
            shown = ", ".join(told[:MOST_TOLD])
            if len(told) > MOST_TOLD:
                shown += say(" and {count} more", count=len(told) - MOST_TOLD)
            problem += " " + say("Passed over: {files}.", files=shown)
        return UsageError(problem, say("Give the file that name."))


def _walk(folder: Path) -> Iterator[tuple[str, int]]:
    """Each file in a folder and below it, and its mode, by name; UsageError where the folder itself
    cannot be read."""
    waiting = [""]
    while waiting:
        place = waiting.pop()
        try:
            names = sorted(os.listdir(folder / place), reverse=True)
        except OSError as error:
            if place:
                continue
            raise submission.unreadable(folder, error) from None
        for name in names:
            file = f"{place}/{name}" if place else name
            if naming.is_clutter(name):
                continue
            try:
                mode = os.lstat(folder / file).st_mode
            except OSError:
                continue
            if stat.S_ISDIR(mode):
                waiting.append(file)
            elif stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                yield file, mode
