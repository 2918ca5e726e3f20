"""What there is to grade: which student answered which exercise, with which file, and when."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property, partial
from pathlib import Path, PurePosixPath

from grader.classroom.kept import contents
from grader.classroom.kept.gradebook import (
    BY_MOODLE,
    BY_TABLE,
    Attempt,
    HandIn,
    Kept,
    Student,
)
from grader.classroom.received import archives, identity, members
from grader.classroom.received.files import File, Files, Place
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.submission import finding, limited, naming, several
from grader.submission import text as submission
from grader.submission.naming import Match
from grader.submission.reading import is_untouched
from grader.submission.text import Submission

MOST_LITTER = 10  # that is named
NUMBERED_ANEW = "moodle"  # the pattern whose ids are those of one assignment


@dataclass(frozen=True)
class Answer:
    """What one student handed in for one exercise: a file that was read, or why there is none."""

    exercise: Exercise
    file: File

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.file.place.student.name

    @cached_property
    def submission(self) -> Submission | None:
        """What is graded: of a notebook, what this exercise needs. The course decides about that,
        which is here, and perhaps not where the grading is done."""
        found = self.file.submission
        return found and found.answer_to(self.exercise)

    @property
    def hand_in(self) -> HandIn:
        """What the gradebook notes of it, and keeps."""
        file = self.file
        found = file.submission
        modules = [
            Kept(module.file, contents.digest(data), partial(bytes, data))
            for module in (found.modules if found else ())
            if (data := module.source.encode("utf-8", "surrogatepass")) is not None
        ]
        return HandIn(
            student=self.student,
            exercise=self.exercise.slug,
            sha256=file.sha256,
            path=file.path,
            submitted_at=file.submitted_at,
            attempt=file.place.attempt,
            dated_by=file.dated_by,
            files=(file.raw, *modules) if file.raw else (),
        )


@dataclass(frozen=True)
class Roster:
    """Everybody, everything that they handed in, and what a teacher may want to know of it.

    Each student has a name that no other has. `pattern` is the one that found them; `is_lasting`:
    the ids of their hand-ins are the same in other assignments.
    """

    students: Sequence[Student]
    answers: Sequence[Answer]
    notes: Sequence[str]
    pattern: str | None = None
    is_lasting: bool = True

    def with_members(self, listed: members.Listed, zone: tzinfo | None) -> "Roster":
        """The same with everybody whom a list of the class has; and, where it says when a student's
        hand-in came, with that. A moment without an offset is one of `zone`'s."""
        if not listed:
            return self
        people = members.joined(self.students, listed)
        moments = {}
        students = []
        for student in people:
            details = dict(student.details)
            if moment := members.moment(details.pop(members.MOMENT, ""), zone):
                moments[student.name] = moment
            students.append(replace(student, details=details))

        def dated(answer: Answer) -> Answer:
            moment = moments.get(answer.student)
            if moment is None or answer.file.dated_by == BY_TABLE:
                return answer
            return replace(
                answer, file=replace(answer.file, submitted_at=moment, dated_by=BY_MOODLE)
            )

        return replace(
            self,
            students=tuple(students),
            answers=tuple(map(dated, self.answers)),
            notes=(*self.notes, *listed.notes, *members.apart(students)),
            is_lasting=self.is_lasting and listed.is_lasting,
        )

    def among(
        self,
        known: Sequence[Student],
        attempts: Sequence[Attempt],
        teams: Mapping[str, Sequence[str]] | None = None,
    ) -> "tuple[Roster, Sequence[str]]":
        """The same with everybody under the name that the gradebook has for them, and notes on
        that; `identity.placed` says how they are told. What a team handed in under its own name is
        its first member's. UsageError where they cannot be told."""
        known_as = identity.aliased(self.students, known, teams or {})
        roster = self._renamed(known_as) if known_as else self
        slugs = defaultdict(set)
        for answer in roster.answers:
            slugs[answer.student].add(answer.exercise.slug)
        people, notes = identity.placed(
            roster.students, slugs, known, attempts, self.pattern, self.is_lasting
        )
        return roster._renamed(people), notes

    def _renamed(self, people: Mapping[str, Student]) -> "Roster":
        """The same with other students in the places of some, by the names that those have."""

        def moved(answer: Answer) -> Answer:
            student = people.get(answer.student, answer.file.place.student)
            place = replace(answer.file.place, student=student)
            return Answer(answer.exercise, replace(answer.file, place=place))

        students: dict[str, Student] = {}
        for each in self.students:
            student = people.get(each.name, each)
            same = students.setdefault(student.name, student)
            listed = [s.is_listed for s in (same, student) if s.is_listed is not None]
            students[student.name] = replace(
                student,
                details={**same.details, **student.details},
                is_listed=any(listed) if listed else None,
            )
        answers: dict[tuple[str, str, str], Answer] = {}
        for answer in sorted(map(moved, self.answers), key=_came):
            answers.setdefault((answer.student, answer.exercise.slug, answer.file.sha256), answer)
        ordered = sorted(answers.values(), key=lambda a: (a.exercise.number, a.student))
        return replace(self, students=tuple(students.values()), answers=tuple(ordered))


def discover(
    folder: Path,
    exercises: Sequence[Exercise],
    wanted: Sequence[Exercise] | None = None,
    pattern: str | None = None,
) -> Roster:
    """What is in `folder` for the `wanted` of a course's `exercises`; by default for all of them.

    What cannot be read is there too, with its problem: for the exercise that its name says, or for
    each that the class was asked. UsageError where nobody handed anything in, or where two who
    share a name cannot be told apart.
    """
    if not folder.is_dir():
        is_archive = folder.is_file() and archives.is_archive(folder.name)
        raise UsageError(
            f"{folder} is no folder." if folder.exists() else f"There is no folder {folder}.",
            "Unpack it, and name that folder."
            if is_archive
            else "Name the one that holds what the students handed in.",
        )
    files = Files(folder, exercises, pattern)
    named = identity.named(list(files), files.owners)
    if files.litter:
        shown = ", ".join(files.litter[:MOST_LITTER])
        more = len(files.litter) - MOST_LITTER
        end = f" and {more} more" if more > 0 else ""
        files.notes.append(f"Not a submission: {shown}{end}.")
    sorted_files = sorted(named.files, key=_owner)
    if not sorted_files:
        raise UsageError(
            f"{folder} holds nothing that a student handed in."
            + "".join(f"\n{note}" for note in files.notes[:3]),
            "It should hold a folder, a file or an archive for each student; or see --pattern.",
        )
    chooser = _Chooser(exercises, wanted or exercises)
    hand_ins = [chooser.hand_in(list(own)) for _, own in itertools.groupby(sorted_files, _owner)]
    asked = list(
        wanted or {a.exercise.slug: a.exercise for h in hand_ins for a in h.answers}.values()
    )
    answers: dict[tuple[str, str, str], Answer] = {}
    for hand_in in hand_ins:
        for answer in hand_in.completed(asked):
            # The same content twice is one attempt: the first.
            place = (answer.student, answer.exercise.slug, answer.file.sha256)
            if (known := answers.get(place)) is None or _came(answer) < _came(known):
                answers[place] = answer
    if not answers:
        raise UsageError(
            f"No file in {folder} answers an exercise of this course.",
            f"Files are told by names such as {(wanted or exercises)[0].stem}.py.",
        )
    return Roster(
        students=tuple(named.students),
        answers=tuple(sorted(answers.values(), key=lambda a: (a.exercise.number, a.student))),
        notes=(*named.notes, *files.notes, *chooser.notes),
        pattern=pattern,
        is_lasting=pattern != NUMBERED_ANEW,
    )


def again(
    attempt: Attempt,
    files: Sequence[tuple[str, bytes]],
    exercise: Exercise,
    exercises: Sequence[Exercise],
) -> Answer:
    """What a student once handed in, from the `files` that were kept of it, as if it were found."""
    (name, data), *others = files
    student = Student(attempt.student)

    def file(name: str, path: Path, found: Submission | UsageError) -> File:
        problem = found if isinstance(found, UsageError) else None
        return File(
            Place(student, file=name, attempt=attempt.number),
            path=path.as_posix(),
            submitted_at=attempt.submitted_at,
            dated_by=attempt.dated_by,
            submission=None if isinstance(found, UsageError) else found,
            problem=problem,
            is_broken=problem is not None,
        )

    path = Path(attempt.path)
    try:
        main = file(name, path, submission.parse(path, data))
    except UsageError as problem:
        main = file(name, path, problem)
    folder = PurePosixPath(name).parent
    modules = [
        file(
            (folder / below).as_posix(),
            path.parent / below,
            Submission(path.parent / below, contents.digest(text), _decoded(text)),
        )
        for below, text in others
    ]
    chooser = _Chooser(exercises, [exercise])
    return Answer(exercise, chooser.as_answer(exercise, main, [main, *modules]))


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _owner(file: File) -> tuple[str, int]:
    return file.place.student.name, file.place.attempt


def _came(answer: Answer) -> tuple[object, ...]:
    file = answer.file
    return not file.is_dated, file.submitted_at, file.place.attempt, file.path


@dataclass(frozen=True)
class _HandIn:
    """What a student handed in at one time: answers, and a file that stands for what is lost."""

    answers: list[Answer]
    lost: File | None

    def completed(self, asked: Iterable[Exercise]) -> list[Answer]:
        """The answers, and for each exercise without one what is lost."""
        if self.lost is None:
            return self.answers
        answered = {answer.exercise.slug for answer in self.answers}
        missing = [exercise for exercise in asked if exercise.slug not in answered]
        return [*self.answers, *(Answer(exercise, self.lost) for exercise in missing)]


class _Chooser:
    """Finds what answers which exercise; `notes` says where there was a choice."""

    def __init__(self, exercises: Sequence[Exercise], wanted: Sequence[Exercise]) -> None:
        self._exercises = exercises
        self._wanted = {exercise.slug: exercise for exercise in wanted}
        self.notes: list[str] = []

    def hand_in(self, files: Sequence[File]) -> _HandIn:
        """Which of one student's files answers which exercise."""
        with limited.Allowance():
            return self._hand_in(files)

    def _hand_in(self, files: Sequence[File]) -> _HandIn:
        candidates: dict[str, list[tuple[Match, File]]] = {}
        unnamed = []
        for file in files:
            named = self._named(file)
            as_answers = self._as_answers(file, named) if len(named) > 1 else {}
            for slug, match in named.items():
                seen = as_answers.get(slug, file)
                candidates.setdefault(slug, []).append((match, seen))
            if not named:
                unnamed.append(file)
        only = next(iter(self._wanted)) if len(self._wanted) == 1 else None
        whole = [file for file in unnamed if file.submission]
        if only and only not in candidates and len(whole) == 1:
            candidates[only] = [(Match.ONLY, whole[0])]
        answers = [
            Answer(each, self._answering(each, self._best(each, found), files))
            for slug, found in candidates.items()
            if (each := self._wanted.get(slug)) is not None
        ]
        broken = [file for file in unnamed if file.is_broken]
        if broken:
            return _HandIn(answers, broken[0])
        return _HandIn(answers, None if candidates else _nameless(files))

    def as_answer(self, exercise: Exercise, file: File, files: Sequence[File]) -> File:
        """A file as the answer to an exercise that it is known to answer."""
        with limited.Allowance():
            named = self._named(file)
            seen = self._as_answers(file, named) if len(named) > 1 else {}
            return self._answering(exercise, seen.get(exercise.slug, file), files)

    def _named(self, file: File) -> dict[str, Match]:
        """The exercises that a file answers, whether or not they are wanted."""
        place = file.place
        if place.exercise:
            return naming.by_name(place.exercise, self._exercises)
        text = file.submission.whole if file.submission else ""
        return naming.told_by(place.file, lambda: text, self._exercises)

    def _as_answers(self, file: File, slugs: Iterable[str]) -> dict[str, File]:
        """A file of several exercises as it answers each of them that is wanted."""
        wanted = [self._wanted[slug] for slug in slugs if slug in self._wanted]
        if file.submission is None or not wanted:
            return {}
        found = several.each(file.submission, wanted, self._exercises)
        return {slug: replace(file, submission=answer) for slug, answer in found.items()}

    def _answering(self, exercise: Exercise, file: File, files: Sequence[File]) -> File:
        """A file of which only what an exercise needs is left, with the modules that it imports."""
        found = file.submission
        own = replace(file, submission=found and found.answer_to(exercise))
        return with_modules(own, files, exercise.packages)

    def _best(self, exercise: Exercise, found: Sequence[tuple[Match, File]]) -> File:
        """The one that is graded, by the rule of `finding`."""

        def rank(candidate: tuple[Match, File]) -> tuple[object, ...]:
            match, file = candidate
            text = file.submission.source if file.submission else ""
            untouched = len(found) > 1 and is_untouched(text, exercise.unwritten)
            is_whole = file.submission is not None
            place = finding.rank(
                match,
                file.place.file,
                file.submitted_at,
                exercise,
                is_whole=is_whole,
                is_untouched=untouched,
            )
            return *place, file.path

        ordered = sorted(found, key=rank, reverse=True)
        best = ordered[0][1]
        rivals = {file.sha256 for _, file in ordered if file.submission} - {best.sha256}
        if rivals:
            names = ", ".join(file.path for _, file in ordered[1:])
            note = f"{best.path} is graded for exercise {exercise.number}; not {names}."
            self.notes.append(note)
            return replace(best, chosen=note)
        return best


def with_modules(file: File, files: Sequence[File], packages: Sequence[str]) -> File:
    """A student's file with the modules that it imports from what they handed in with it: from the
    same folder, as they called it themselves. Nobody else's files are looked at."""
    if file.submission is None:
        return file
    folder = PurePosixPath(file.place.file).parent
    own: dict[str, File] = {}
    for each in files:
        path = PurePosixPath(each.place.file)
        # `helpers-1.py` is what Canvas makes of the second `helpers.py`.
        for name in (path.with_name(naming.original(path.name)), path):
            if each is not file and path.suffix == ".py" and path.is_relative_to(folder):
                own[name.relative_to(folder).as_posix()] = each

    def look(name: str) -> str | None:
        found = own.get(name)
        if found is None:
            return None
        if found.submission is None:
            assert found.problem is not None
            raise found.problem
        return found.submission.source

    try:
        return replace(file, submission=file.submission.with_modules(look, packages))
    except UsageError as problem:
        return replace(file, submission=None, problem=problem, is_broken=True)


def _nameless(files: Sequence[File]) -> File:
    """One file that stands for several of which none tells its exercise."""
    if len(files) == 1 and files[0].problem:
        return files[0]
    names = [PurePosixPath(file.path).name for file in files]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    problem = UsageError(
        f"No exercise is told by the name or the functions of {', '.join(names[:5])}{more}.",
        "Give each file the name of its exercise, such as ex01_lstm_step.py.",
    )
    return replace(files[0], submission=None, problem=problem)
