"""One run over a class: what was found, less what is known, graded and put into the gradebook."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.classroom.kept.gradebook import Attempt, Gradebook, Result, Run, Student
from grader.classroom.received import identity, roster
from grader.classroom.received.roster import Answer, Roster
from grader.classroom.shown.changes import snapshot
from grader.classroom.shown.grades import Rules, allowed_of, chosen, gradesheet
from grader.course.model import COURSE_FILE, Counts, Course, Exercise, Seeds, bundled
from grader.errors import UsageError
from grader.grading import keys
from grader.grading.engine import Engine, Task, without_grading
from grader.grading.keys import Key
from grader.judge.grading import secret_seed
from grader.language import say
from grader.report import Report, Status

FIRST = "first graded"


@dataclass(frozen=True)
class Options:
    """How a class is graded; None leaves it to the run that is resumed, or else to the default.

    `exercises` are slugs, by default what was handed in. `seed`: by default the gradebook's, which
    its first run draws in secret. `resume` goes on with the last run. `regrade` grades again what
    is known, and every attempt that counts or may, whether or not it was found; `why` goes into the
    history. `more` is what else the run was told, for one that resumes it.
    """

    exercises: tuple[str, ...] | None = None
    pattern: str | None = None
    seed: int | None = None
    speed: bool | None = None
    device: str | None = None
    require_sandbox: bool = False
    resume: bool = False
    regrade: bool = False
    why: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """An answer, its attempt in the gradebook, and what its result depends on."""

    answer: Answer
    attempt: int
    key: Key


@dataclass(frozen=True)
class Plan:
    """What a run has found: how many entries are `known` already, which were settled without
    grading (they cannot be read, or equal what was graded before), and which are `left`: those
    that share a key stand together, and are graded once. `students` is everybody, under the names
    that the gradebook has; `notes` says of whom that is no matter of course, and what cannot be
    graded again."""

    run: Run
    known: int
    settled: tuple[tuple[Entry, Report], ...]
    left: tuple[tuple[Entry, ...], ...]
    students: tuple[Student, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many entries are left."""
        return sum(map(len, self.left))


def discover(course: Course, options: Options, folder: Path) -> Roster:
    """What there is to grade in `folder`. UsageError where that is nothing."""
    slugs = options.exercises
    wanted = [course.exercise(slug) for slug in slugs] if slugs else None
    return roster.discover(folder, course.exercises, wanted, options.pattern)


class ClassRun:
    """One run, in the process that drives it: the gradebook's only writer."""

    def __init__(self, gradebook: Gradebook, options: Options) -> None:
        """UsageError where there is nothing to resume, or it has another seed."""
        runs = gradebook.runs()
        last = runs[-1] if runs else None
        if options.resume:
            if last is None:
                raise UsageError(
                    "There is no run to resume in this gradebook.",
                    "Leave --resume out to begin one.",
                )
            if options.seed not in (None, last.seed):
                raise UsageError(
                    f"The run to resume has the seed {last.seed}, not {options.seed}.",
                    "Leave out --seed, or leave out --resume to grade on another seed.",
                )
            options = _as_before(options, last)
        self._gradebook = gradebook
        self._resumed = last if options.resume and last and last.ended_at is None else None
        self.seed = next(
            (seed for seed in (options.seed, last.seed if last else None) if seed is not None),
            secret_seed(),
        )
        self.options = options
        self._seeds = Seeds.CLASS
        self._latest: dict[int, Result] = {}

    def plan(self, found: Roster, course: Course | None = None) -> Plan:
        """Note what was found, and settle what can be without grading. UsageError where it cannot
        be told who in the gradebook somebody is; nothing is noted then.

        With the `course`, all that the gradebook has of it is brought up to date: what there is to
        get, what results are of another version of it, and what is graded again.
        """
        book = self._gradebook
        known = identity.settled(book.students())
        if course:
            _check_course(course, book)
        rules = Rules(course.policy, [*found.students, *known], []) if course else None
        found, notes = found.among(known, book.attempts(), rules.teams if rules else None)
        found, gone = _without_dropped(found, known)
        if course:
            self._seeds = course.policy.seeds
        run = self._resumed or self._begin(course)
        exercises = {answer.exercise.slug: answer.exercise for answer in found.answers}
        columns = {column.slug for column in book.exercises()}
        of_course = {each.slug: each for each in course.exercises} if course else {}
        exercises |= {slug: of_course[slug] for slug in columns & of_course.keys()}
        digests = {slug: keys.of_exercise(exercise) for slug, exercise in exercises.items()}
        book.enrol(found.students, exercises.values(), digests)
        if course:
            everybody = identity.settled(book.students())
            notes = [*notes, *Rules(course.policy, everybody, []).notes]
        attempts = book.note(run, [answer.hand_in for answer in found.answers])
        of_attempts = zip(found.answers, attempts, strict=True)
        choices = {each: a.file.chosen for a, each in of_attempts if a.file.chosen}
        book.remember(run, choices, described(course) if course else None)
        entries = [
            Entry(answer, attempt, self._key(answer, digests[answer.exercise.slug]))
            for answer, attempt in zip(found.answers, attempts, strict=True)
        ]
        self._latest = book.latest()
        if self.options.regrade and course:
            more, lost = self._kept_ones(course, digests, {entry.attempt for entry in entries})
            entries += more
            notes = [*notes, *lost]
        new = [entry for entry in entries if not self._is_known(entry, run)]
        plan = self._sorted_out(run, new, len(entries) - len(new))
        return replace(
            plan,
            students=tuple(found.students),
            notes=(*notes, *gone),
        )

    def _begin(self, course: Course | None) -> Run:
        told = self._gradebook.told()
        if told is None and course:  # as far as one can know, by the rules of today
            told = snapshot(self._gradebook, gradesheet(self._gradebook, course.policy))
        options = {name: getattr(self.options, name) for name in KEPT}
        return self._gradebook.begin(
            seed=self.seed,
            engine=keys.engine(),
            why=self.options.why,
            options={**options, "more": dict(self.options.more)},
            before=told,
        )

    def _kept_ones(
        self, course: Course, digests: Mapping[str, str], found: set[int]
    ) -> tuple[list[Entry], list[str]]:
        """The attempts that count or may, and were not found this time; notes on those that are not
        kept."""
        entries, lost = [], []
        exercises = {each.slug: each for each in course.exercises}
        for attempt in self._that_may_count(course):
            exercise = exercises.get(attempt.exercise)
            wanted = self.options.exercises
            if attempt.id in found or exercise is None or (wanted and exercise.slug not in wanted):
                continue
            files = self._gradebook.files(attempt)
            if files is None:
                latest = self._latest.get(attempt.id)
                # What could not be read is not kept, and has nothing to lose.
                if latest and latest.status is Status.FAILED and not latest.report.properties:
                    continue
                lost.append(f"{attempt.student} ({attempt.path})")
                continue
            answer = roster.again(attempt, files, exercise, course.exercises)
            key = self._key(answer, digests[exercise.slug])
            entries.append(Entry(answer, attempt.id, key))
        if not lost:
            return entries, []
        note = "Not in the folder, not kept, and so not graded again: "
        more = f" and {len(lost) - 10} more" if len(lost) > 10 else ""
        return entries, [note + ", ".join(lost[:10]) + more + "."]

    def _that_may_count(self, course: Course) -> list[Attempt]:
        """Of every student the attempts whose scores decide about their marks."""
        book, policy = self._gradebook, course.policy
        students = identity.settled(book.students())
        rules = Rules(policy, students, book.decisions.valid())
        own: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
        for attempt in book.attempts():
            own[attempt.student, attempt.exercise].append(attempt)
        may: dict[int, Attempt] = {}
        for student in students:
            for slug in {slug for _, slug in own} if not student.is_dropped else ():
                theirs = rules.attempts(student, slug, own)
                if not theirs:
                    continue
                extension = rules.extension(student, slug)
                allowed = allowed_of(theirs, policy, extension)
                if policy.counts is Counts.LAST:
                    number = chosen(theirs, {}, policy, extension).attempt
                    allowed = [theirs[number - 1]]
                may |= {attempt.id: attempt for attempt in allowed}
        return list(may.values())

    def _is_known(self, entry: Entry, run: Run) -> bool:
        """Whether its newest result is the one that grading again would give."""
        result = self._latest.get(entry.attempt)
        if result is None or result.key != entry.key.digest:
            return False
        wants_another = self.options.regrade or result.status is Status.UNGRADED
        return result.run == run.id or not wants_another

    def _sorted_out(self, run: Run, entries: Sequence[Entry], known: int) -> Plan:
        settled = []
        left: dict[str, list[Entry]] = {}
        digests = [entry.key.digest for entry in entries]
        graded = {} if self.options.regrade else self._gradebook.known(digests)
        for entry, digest in zip(entries, digests, strict=True):
            if entry.answer.file.problem is not None:
                report = self._unread(entry)
            elif digest in graded:
                report = replace(graded[digest].report, path=entry.answer.file.path)
            else:
                left.setdefault(digest, []).append(entry)
                continue
            self._record(run, entry, report)
            settled.append((entry, report))
        return Plan(run, known, tuple(settled), tuple(map(tuple, left.values())))

    def grade(self, plan: Plan, engine: Engine) -> Iterator[tuple[Entry, Report]]:
        """Grade what is left; each entry comes out when its result is in the gradebook."""
        tasks = [self._task(number, same[0]) for number, same in enumerate(plan.left)]
        for graded in engine.run(tasks):
            for entry in plan.left[graded.number]:
                report = replace(graded.report, path=entry.answer.file.path)
                self._record(plan.run, entry, report)
                yield entry, report

    def end(self, plan: Plan) -> None:
        """All that the plan says is done."""
        self._gradebook.end(plan.run)

    def _task(self, number: int, entry: Entry) -> Task:
        submission = entry.answer.submission
        assert submission is not None
        return Task(
            number=number,
            exercise=entry.answer.exercise,
            submission=submission,
            seed=entry.key.seed,
            speed=bool(self.options.speed),
            device=self.options.device or "cpu",
            require_sandbox=self.options.require_sandbox,
        )

    def _key(self, answer: Answer, exercise: str) -> Key:
        source = answer.submission.source if answer.submission else ""
        return Key(
            submission=answer.file.sha256,
            source=hashlib.sha256(source.encode()).hexdigest(),
            filename=Path(answer.file.path).name,
            exercise=exercise,
            seed=self._seed_of(answer.student),
            speed=bool(self.options.speed),
            device=self.options.device or "cpu",
            engine=keys.engine(),
        )

    def _seed_of(self, student: str) -> int:
        """What a student's inputs are drawn from: the class's seed, or one of their own."""
        if self._seeds is Seeds.CLASS:
            return self.seed
        digest = hashlib.sha256(f"{self.seed}\n{student}".encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") >> 2

    def _unread(self, entry: Entry) -> Report:
        """The report of what cannot be read: no points, and the reason."""
        file = entry.answer.file
        assert file.problem is not None
        reason = say("This could not be read. {problem}", problem=file.problem.problem)
        return without_grading(
            entry.answer.exercise,
            file.path,
            file.sha256,
            Status.FAILED,
            reason,
            file.problem.advice or None,
            seed=entry.key.seed,
        )

    def _record(self, run: Run, entry: Entry, report: Report) -> None:
        before = self._latest.get(entry.attempt)
        why = [self.options.why, *self._news(entry.key, before)]
        self._gradebook.record(run, entry.attempt, entry.key, report, "; ".join(filter(None, why)))

    def _news(self, key: Key, before: Result | None) -> Iterator[str]:
        """What has changed since the last result of an attempt."""
        if before is None:
            yield FIRST
            return
        if before.exercise_sha256 != key.exercise:
            yield "the exercise changed"
        if before.engine != key.engine:
            yield f"graded by {key.engine} instead of {before.engine}"
        if before.seed != key.seed:
            yield "another seed"
        if before.speed != key.speed:
            yield f"{'with' if key.speed else 'without'} the running time"
        if before.status is Status.UNGRADED:
            yield "it could not be graded before"
        elif before.key == key.digest:
            yield "asked for again"


KEPT = ("exercises", "pattern", "speed", "device", "require_sandbox", "regrade", "why")
ASKED_ONCE = ("regrade", "why")  # of one run: one that has ended is not asked for again


def _as_before(options: Options, run: Run) -> Options:
    """The options of a run that is resumed, where no others are given."""
    names = [name for name in KEPT if run.ended_at is None or name not in ASKED_ONCE]
    before: dict[str, Any] = {
        name: run.options[name]
        for name in names
        if name in run.options and getattr(options, name) in (None, False, "")
    }
    if before.get("exercises"):
        before["exercises"] = tuple(before["exercises"])
    more = {**run.options.get("more", {}), **options.more}
    if "why" not in before and run.ended_at is None and not options.why:
        before["why"] = run.why  # where the options of older formats do not have it
    return replace(options, **before, more=more)


def described(course: Course) -> dict[str, Any]:
    """What a gradebook keeps of the course that it is graded by: where it is, and a digest of what
    marks depend on beside the results. A `folder` of "" is the course that comes with grade."""
    place = course.workspace if (course.workspace / COURSE_FILE).is_file() else course.folder
    place = place.resolve()
    rules = [course.policy, [(each.slug, each.points) for each in course.exercises]]
    return {
        "folder": "" if place == bundled().resolve() else str(place),
        "title": course.title,
        "rules": hashlib.sha256(repr(rules).encode("utf-8", "surrogatepass")).hexdigest(),
    }


def renewed(book: Gradebook, course: Course) -> None:
    """Note in a gradebook what its exercises are worth and graded by now, so that it is known which
    results are stale. Of an exercise without its room, nothing is known."""
    known = {column.slug: column for column in book.exercises()}
    here = [each for each in course.exercises if each.slug in known and each.room.is_dir()]
    digests = {each.slug: keys.of_exercise(each) for each in here}

    def is_new(each: Exercise) -> bool:
        column = known[each.slug]
        now = (each.number, each.title, each.points, digests[each.slug])
        return now != (column.number, column.title, column.max_score, column.sha256)

    if new := [each for each in here if is_new(each)]:  # else one may read what one cannot write
        book.enrol([], new, digests)


def _check_course(course: Course, book: Gradebook) -> None:
    """UsageError where a book is of another course altogether."""
    held = {column.slug for column in book.exercises()}
    if held and held.isdisjoint(each.slug for each in course.exercises):
        raise UsageError(
            f"This gradebook holds another course: {', '.join(sorted(held)[:3])}.",
            "Give this one a book of its own: --book NAME",
        )


def _without_dropped(found: Roster, known: Sequence[Student]) -> tuple[Roster, list[str]]:
    """The same without those who are in the class no more, and a note on them."""
    dropped = {student.name for student in known if student.is_dropped}
    here = sorted({student.name for student in found.students} & dropped)
    if not here:
        return found, []
    students = tuple(s for s in found.students if s.name not in dropped)
    answers = tuple(answer for answer in found.answers if answer.student not in dropped)
    kept = replace(found, students=students, answers=answers)
    return kept, [f"Dropped from the class, and not graded: {', '.join(here)}."]
