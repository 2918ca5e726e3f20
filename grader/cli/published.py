"""What is written of a gradebook: tables, pages and reports, for nobody else on this machine."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from grader.classroom.kept.gradebook import Gradebook
from grader.classroom.received import identity, pseudonyms
from grader.classroom.shown import alike, changes, pages, sheets
from grader.classroom.shown.anonymous import anonymous
from grader.classroom.shown.grades import Gradesheet, Rules, gradesheet
from grader.course.model import Course
from grader.errors import UsageError
from grader.writing import put

PSEUDONYMS = "pseudonyms.csv"  # not to be handed on


@contextmanager
def private() -> Iterator[None]:
    """What is made meanwhile is for its owner alone: marks are nobody else's business."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def title_of(course: Course, book: Gradebook) -> str:
    """What stands above the pages of a class: the title of the last run, or else the names of
    course and book."""
    runs = book.runs()
    title = runs[-1].options.get("more", {}).get("title", "") if runs else ""
    return title or " \N{MIDDLE DOT} ".join(filter(None, (course.title, book.name)))


class Publisher:
    """Writes what a gradebook comes to into a folder."""

    def __init__(
        self,
        book: Gradebook,
        course: Course,
        output: Path,
        tables: Sequence[str],
        *,
        anonymous: bool = False,
        title: str = "",
    ) -> None:
        """`title` is the homework's; without one, that of the last run stands for it."""
        self.is_anonymous = anonymous
        self._title = title or title_of(course, book)
        self._book = book
        self._course = course
        self._output = output
        self._flavours = [sheets.Flavour(name) for name in dict.fromkeys(("plain", *tables))]

    @classmethod
    def as_before(
        cls, book: Gradebook, course: Course, output: Path, tables: Sequence[str] = ()
    ) -> "Publisher":
        """One that writes what the last run did, as it did, and these tables too."""
        runs = book.runs()
        more = runs[-1].options.get("more", {}) if runs else {}
        return cls(
            book,
            course,
            output,
            [*more.get("tables", ()), *tables],
            anonymous=bool(more.get("anonymous")),
            title=title_of(course, book),
        )

    @property
    def written(self) -> list[Path]:
        """Where to find it."""
        names = [pages.INDEX, *(sheets.FILES[each] for each in self._flavours)]
        return [self._output / name for name in (*names, sheets.REPORTS, sheets.RECORDS)]

    def publish(self, *, reports: bool = True) -> Gradesheet:
        """Write all of it, whatever becomes of a part; without `reports` the tables alone. It comes
        back under the real names.

        UsageError for the first part that cannot be written.
        """
        whole = sheet = gradesheet(self._book, self._course.policy)
        if self.is_anonymous:
            sheet = anonymous(whole, self.pseudonyms)
        parts = [partial(sheets.write, self._output, sheet, [each]) for each in self._flavours]
        if reports:
            similar = alike.read(self._output)
            if similar is not None and self.is_anonymous:
                similar = similar.under(self.pseudonyms)
            parts.append(partial(sheets.write_reports, self._output, sheet))
            parts.append(partial(pages.write_pages, self._output, sheet, self._title, similar))
        if self.is_anonymous:
            table = pseudonyms.table(self.pseudonyms)
            parts.append(partial(put, self._output / PSEUDONYMS, table))
        with private():
            self._output.mkdir(exist_ok=True)
            _write_all(parts)
        return whole

    @property
    def notes(self) -> list[str]:
        """What a teacher should know of the course's policy; nothing where nobody is named."""
        if self.is_anonymous:
            return []
        everybody = identity.settled(self._book.students())
        return Rules(self._course.policy, everybody, []).notes

    @property
    def pseudonyms(self) -> dict[str, str]:
        """What everybody is called, where nobody should know who it is."""
        return pseudonyms.of_book(self._book)

    def tell(self, sheet: Gradesheet) -> list[changes.Change]:
        """Write whose score moved since marks were told last, and keep that they are told now;
        under the real names what was written."""
        found = changes.changes(self._book, sheet)
        self._write_changes(found)
        self._book.tell(changes.snapshot(self._book, sheet))
        return found

    def _write_changes(self, found: Sequence[changes.Change]) -> None:
        if self.is_anonymous:
            names = self.pseudonyms
            found = [replace(each, student=names[each.student]) for each in found]
        with private():
            _write_all([partial(changes.write, self._output, found)])


def _write_all(parts: Sequence[Callable[[], None]]) -> None:
    """Write each part, whatever becomes of another. UsageError for the first that cannot be."""
    problems = []
    for part in parts:
        try:
            part()
        except UsageError as error:
            problems.append(error.problem)
        except OSError as error:
            file, reason = error.filename, error.strerror or error
            problems.append(f"{file} cannot be written: {reason}.")
    if problems:
        raise UsageError(
            problems[0],
            "What was graded is kept in the gradebook: mend that, and give the same command again.",
        )
