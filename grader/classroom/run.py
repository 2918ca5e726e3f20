"""One run over a class: what was found, less what is known, graded and put into the gradebook."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.classroom.kept.gradebook import Gradebook, HandIn, Result, Run, Student
from grader.classroom.received import roster
from grader.classroom.received.roster import Answer, Roster
from grader.course.model import Course
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
    is known, and `why` goes into the history.
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
    that the gradebook has; `notes` says of whom that is no matter of course."""

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
        self._latest: dict[int, Result] = {}

    def plan(self, found: Roster) -> Plan:
        """Note what was found, and settle what can be without grading. UsageError where it cannot
        be told who in the gradebook somebody is; nothing is noted then."""
        found, notes = found.among(self._gradebook.students(), self._gradebook.attempts())
        run = self._resumed or self._gradebook.begin(
            seed=self.seed,
            engine=keys.engine(),
            why=self.options.why,
            options={name: getattr(self.options, name) for name in KEPT},
        )
        exercises = {answer.exercise.slug: answer.exercise for answer in found.answers}
        self._gradebook.enrol(found.students, exercises.values())
        attempts = self._gradebook.note(run, [_hand_in(answer) for answer in found.answers])
        digests = {slug: keys.of_exercise(exercise) for slug, exercise in exercises.items()}
        entries = [
            Entry(answer, attempt, self._key(answer, digests[answer.exercise.slug]))
            for answer, attempt in zip(found.answers, attempts, strict=True)
        ]
        self._latest = self._gradebook.latest()
        new = [entry for entry in entries if not self._is_known(entry, run)]
        plan = self._sorted_out(run, new, len(entries) - len(new))
        return replace(plan, students=tuple(found.students), notes=tuple(notes))

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
            seed=self.seed,
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
            seed=self.seed,
            speed=bool(self.options.speed),
            device=self.options.device or "cpu",
            engine=keys.engine(),
        )

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
            seed=self.seed,
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


KEPT = ("exercises", "pattern", "speed", "device")


def _as_before(options: Options, run: Run) -> Options:
    """The options of a run that is resumed, where no others are given."""
    before: dict[str, Any] = {
        name: run.options.get(name) for name in KEPT if getattr(options, name) is None
    }
    if before.get("exercises"):
        before["exercises"] = tuple(before["exercises"])
    return replace(options, **before)


def _hand_in(answer: Answer) -> HandIn:
    file = answer.file
    return HandIn(
        student=answer.student,
        exercise=answer.exercise.slug,
        sha256=file.sha256,
        path=file.path,
        submitted_at=file.submitted_at,
        attempt=file.place.attempt,
        is_dated=file.is_dated,
    )
