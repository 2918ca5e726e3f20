"""Grade one submission to one exercise: from the file to the report."""

import gc
import hashlib
import os
import platform
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import __version__, language
from grader.course import model as course
from grader.course import translation
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.judge.effort import Effort
from grader.judge.wrong import misconceptions
from grader.language import retold, say, with_sentences
from grader.learner.statement import result_names
from grader.report import (
    Misconception,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Trained,
    overall,
)
from grader.submission import reading
from grader.submission.text import Submission, capital

if TYPE_CHECKING:
    from grader.judge.clock.timing import Clock
    from grader.judge.explain.diagnosis import Case, Suspect, Wrong
    from grader.judge.harness import Harness
    from grader.judge.processes.workers import Forkserver
    from grader.judge.replay import Room
    from grader.judge.retry import Falsified
    from grader.judge.script import Script
    from grader.judge.student import ForbiddenUsed, Student

AUTO = "auto"
SEEDS = 10**12

# What is told while a grading runs: each property that is done, each model that is trained.
Progress = Callable[[PropertyResult | Trained], None]


def default_seed(exercise: Exercise) -> int:
    """The seed that everybody's grading of this exercise uses unless told otherwise."""
    return int.from_bytes(hashlib.sha256(exercise.stem.encode()).digest()[:4], "big")


def secret_seed() -> int:
    """A seed that nobody knows beforehand; the report names it, so that it can be replayed."""
    return secrets.randbelow(SEEDS)


class Grading:
    """One grading in progress.

    `verdict` holds the report as soon as it is known without running anything: an untouched stub,
    a syntax error, a forbidden built-in. Otherwise `start` brings up what is needed, pytest runs
    with `harness` as a plugin, and `report` says how it went.
    """

    def __init__(
        self,
        exercise: Exercise,
        submission: Submission,
        *,
        seed: int | None = None,
        device: str = "auto",
        speed: bool = True,
        require_sandbox: bool = False,
        without: Sequence[str] = (),
        forkserver: "Forkserver | None" = None,
        progress: Progress = lambda _: None,
        effort: Effort = Effort.FULL,
        first: Sequence[str] = (),
        only: str | None = None,
        remembers: bool = True,
    ) -> None:
        self.exercise = exercise
        self.submission = submission.answer_to(exercise)
        self.seed = default_seed(exercise) if seed is None else seed
        self._wanted = self._device = (
            device  # the one where values are computed, once that is known
        )
        self._speed = speed
        self._require_sandbox = require_sandbox
        self._without = tuple(without)
        self._clock: Clock | None = None
        self._forkserver = forkserver
        self._progress = progress
        self._effort = effort
        self._first = tuple(first)
        self._only = only
        self._remembers = remembers
        self._began = time.perf_counter()
        self._stack = ExitStack()
        self._harness: Harness | None = None
        self._known: Sequence[Wrong] | None = None
        self._student: Student | None = None
        self._known_room: Room | None = None
        self.verdict = self._examine()

    @property
    def harness(self) -> "Harness":
        """The pytest plugin of this grading; there once `start` has been called."""
        assert self._harness is not None
        return self._harness

    @property
    def student(self) -> "Student":
        """The submission's functions; there once `start` has been called."""
        assert self._student is not None
        return self._student

    @property
    def properties(self) -> Path:
        """The file of properties that pytest is to run."""
        return self.exercise.room / "properties.py"

    def _examine(self) -> Report | None:
        """The verdict that the source alone gives, or None."""
        uses = {each.stem: (each.unwritten, each.forbidden) for each in self.exercise.uses}
        found = reading.read(
            self.submission, self.exercise.unwritten, self.exercise.forbidden, uses
        )
        self.submission = self._with_definitions(found)
        self._uses = found.uses
        simpler = say("Write it more simply and grade again.")
        if found.is_too_much:
            reason = say(
                "Your file takes too long to read: it is far larger or more tangled than an answer"
                " needs to be."
            )
            return self._early(Status.FAILED, reason, simpler)
        if found.is_too_deep:
            reason = say("Your file is nested too deeply for Python to read.")
            return self._early(Status.FAILED, reason, simpler)
        if found.syntax_error is not None:
            line, message = found.syntax_error
            reason = say(
                "Your file is not valid Python. {where}: {error}.",
                where=capital(self.submission.where(line)),
                error=message,
            )
            reason += f"\n    {self.submission.line(line).strip()}"
            return self._early(
                Status.FAILED, reason, say("Correct that line and grade again."), line
            )
        if found.is_not_started:
            return self._early(
                Status.NOT_STARTED,
                say(
                    "You have not started this one yet: every function still raises"
                    " NotImplementedError."
                ),
                say(
                    "Open `{path}`, read the statement (`grade show {number}`),"
                    " and replace the TODO.",
                    path=self.submission.path,
                    number=self.exercise.number,
                ),
                self.submission.definition(self.exercise.names[0]),
            )
        if found.stub:
            used = next(each for each in self.exercise.uses if each.stem == found.stub)
            said = {"file": f"{used.stem}.py", "number": used.number, "title": used.title}
            return self._early(
                Status.FAILED,
                say(
                    "Your file imports `{file}`, which is still a stub: do exercise {number},"
                    " {title}, first.",
                    **said,
                ),
                say("What it asks: grade show {number}", number=used.number),
            )
        if found.violation is not None:
            first = found.violation
            reason = say(
                "{where} uses `{name}`, which is forbidden here: {reason}.",
                where=capital(self.submission.where(first.line)),
                name=first.name,
                reason=first.reason,
            )
            code = self.submission.line(first.line).strip()
            return self._rejected(f"{reason}\n    {code}", first.line)
        return None

    def _with_definitions(self, found: reading.Reading) -> Submission:
        """The submission, with what it defines, and where what it lacks stands in vain."""
        elsewhere = dict(self.submission.elsewhere)
        for name, line in found.in_main.items():
            elsewhere.setdefault(
                name,
                say(
                    'You define `{name}` at {where}, below `if __name__ == "__main__":`, which is'
                    " not run when the file is graded: move it above that line, to the margin.",
                    name=name,
                    where=self.submission.where(line),
                ),
            )
        return replace(self.submission, definitions=found.definitions, elsewhere=elsewhere)

    def start(self) -> None:
        """Start the worker, then load what only the judge may hold. Sets `verdict` on failure."""
        self.exercise.require_answers()
        # Each of these imports torch or Hypothesis, which an early verdict does without.
        from grader.judge.processes.workers import Forkserver, Start, Worker

        forkserver = self._forkserver or self._stack.enter_context(Forkserver())
        if not forkserver.is_alive:
            raise RuntimeError("the forkserver was ended by an earlier submission")
        from grader.judge import harness, replay, room, surroundings
        from grader.judge.clock.timing import Clock
        from grader.judge.reference import Reference
        from grader.judge.story import given_of
        from grader.judge.student import ForbiddenUsed, LoadFailed, Student
        from grader.worker.walls import processes

        device, times_on = resolve_devices(self._wanted)
        path = self.exercise.room / "reference.py"
        if "torch.optim" in path.read_text(encoding="utf-8"):  # so will the answer
            forkserver.warm_optimizers()
        module = room.load(path)
        reference = Reference(
            {name: getattr(module, name) for name in self.exercise.names},
            given_of(self.exercise.given),
        )
        start = Start(
            source=self.submission.source,
            filename=self.submission.path.name,
            modules=tuple(
                (each.name, each.file, each.source, offset)
                for each, offset in zip(
                    self.submission.modules, self.submission.offsets, strict=True
                )
            ),
            functions=list(self.exercise.functions),
            classes=self.exercise.classes,
            given=_given(self.exercise),
            forbidden=list(self.exercise.forbidden),
            device=device,
            limits=self.exercise.limits,
            packages=self.exercise.packages,
            hidden=_private(self.exercise.course),
            without=self._without,
            require_sandbox=self._require_sandbox,
        )
        # Nobody of the same user, a worker without Landlock least of all, reads or writes here.
        was_undumpable = processes.undumpable()
        self._stack.callback(processes.undumpable, was_undumpable)
        student = Student(
            self.submission, reference, start, partial(Worker, forkserver), self._uses
        )
        student.names_of = cache(partial(result_names, self.exercise))
        self._stack.callback(student.close)
        student.on_training = self._progress
        self._reference, self._student = reference, student
        if self._timed and self._speed:
            self._clock = Clock(
                forkserver,
                student,
                self.exercise.room,
                limit=self.exercise.speed_limit,
                device=times_on,
                may_fall_back=self._wanted == AUTO,
            )
        self._device = device
        known = replay.room_of(self.exercise, self.seed, device) if self._remembers else None
        self._known_room = known if known and known.is_steady else None
        self._harness = harness.Harness(
            student,
            reference,
            self.seed,
            self._progress,
            self._clock,
            effort=self._effort,
            first=self._first,
            texts=translation.of_room(self.exercise.room),
            only=self._only,
            wrongs=self._wrongs,
            room=self._known_room,
        )
        try:
            student.load()
        except LoadFailed as failure:
            student.close()
            status, reason, step = (
                Status.FAILED,
                say("Your file could not be loaded. {failure}", failure=failure),
                say("Correct that line and grade again.") + self._skip_advice(),
            )
            if failure.lacks:
                status, reason, step = Status.UNGRADED, surroundings.at_fault(failure.lacks), ""
            self.verdict = self._early(status, reason, step, failure.lineno, student.printed)
        except ForbiddenUsed as forbidden:
            self.verdict = self._forbidden(forbidden)

    def _wrongs(self) -> "Sequence[Wrong]":
        """The mistakes that the exercise knows, read once."""
        from grader.judge.explain import diagnosis

        if self._known is None:
            self._known = diagnosis.load(self.exercise.room)
        return self._known

    def retry(self, falsified: "Falsified") -> PropertyResult | None:
        """Try what failed in an earlier grading, once `start` has been called; the report does not
        depend on it. None where that tells nothing."""
        from grader.judge.retry import retry

        with with_sentences(translation.of_room(self.exercise.room).sentences):
            return retry(falsified, self.properties, self.student, self._reference)

    def script(self, name: str | None = None) -> "Script | None":
        """What failed, as a script: the property of that name, or the one whose counterexample a
        report shows first. None where no call is to blame. Once `run` has been called."""
        from grader.judge import room
        from grader.judge.debugging import code

        if self.verdict is not None:
            return None
        failures = [each for each in self.harness.failures if each.has_call]
        chosen = [each for each in failures if name in (None, each.name)]
        if self.harness.forbidden or not chosen:
            return None
        path = self.submission.path
        way = code.Way(
            self.exercise.number,
            self.exercise.title,
            path.stem,
            is_notebook=bool(self.submission.lines),
            device=self._device,
            given=self.exercise.given,
        )
        others = [
            vars(room.load(file)) for file in sorted((self.exercise.room / "right").glob("*.py"))
        ]
        with with_sentences(translation.of_room(self.exercise.room).sentences):
            return code.script(chosen[0], self.student, self._reference, way, others)

    def run(self) -> None:
        """Try the properties: by what is remembered of others who passed, as far as that goes, and
        by pytest what it does not tell."""
        if self._clock is None and self.harness.passes_all():
            return
        self._run_pytest()
        if self.harness.is_lost and self._known_room is not None:
            self._known_room.lost += 1
            self._remembers = False
            self.student.close()
            self.start()
            if self.verdict is None:
                self._run_pytest()

    def _run_pytest(self) -> None:
        """Run the properties with pytest, quietly and apart from any configuration around."""
        import pytest

        arguments = [
            f"{self.properties}",
            f"--rootdir={self.exercise.room}",
            f"--confcutdir={self.exercise.room}",
            *("-c", os.devnull, "--noconftest", "--assert=plain"),
            *("-p", "no:cacheprovider", "-p", "no:terminal", "--capture=no"),
            *("-p", "no:unraisableexception", "-p", "no:threadexception"),
        ]
        _freeze()
        ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        theirs = {name for name in os.environ if name.startswith(("PYTEST_", "HYPOTHESIS_"))}
        with _environment(**(dict.fromkeys(theirs) | ours)):
            pytest.main(arguments, plugins=[self.harness])
        if self.harness.interrupted:
            raise KeyboardInterrupt

    def finish(self) -> Report:
        """Do what is left to do, and report."""
        if self.verdict is None:
            self.start()
        if self.verdict is None:
            self.run()
        return self.report()

    def report(self) -> Report:
        """The report of what was found."""
        if self.verdict is not None:
            return self.verdict
        from grader.judge.explain import diagnosis

        if self.harness.forbidden:
            return self._forbidden(self.harness.forbidden)
        results = tuple(self.harness.results.values())
        complete = len(results) == len(self.harness.collected)
        status = overall(results)
        if not complete and (status is Status.PASSED or self._effort is not Effort.VERDICT):
            status = Status.UNGRADED
        misconception = reason = None
        if status in (Status.PARTIAL, Status.FAILED) and self._effort.diagnoses:
            case = self.case()
            misconception = diagnosis.diagnose(case, self.suspects(case)) or self._by_sign()
        if status is Status.UNGRADED:
            broken = [r for r in results if r.status is PropertyStatus.BROKEN]
            reason = (
                say("The grader itself is at fault here, not your code; please report it.")
                + "".join(f"\n{result.name}: {result.message}" for result in broken[:1])
                + (f"\n{self.harness.uncollected}" if self.harness.uncollected else "")
            )
        assert self._student is not None
        self._student.close()
        most = sum(r.max_score for r in results) if self._only else self.exercise.points
        score = 0 if status is Status.UNGRADED else _score(results, most)
        return self._report(
            status,
            score=score,
            max_score=most,
            properties=results,
            reason=reason,
            misconception=misconception,
            timing=self._clock.timing if self._clock else None,
            training=self._student.training,
            note=self._note(status, results, score),
            next_step=self._next_step(status),
            printed=self._student.printed,
            look_first=self.harness.look_first,
        )

    def case(self) -> "Case":
        """What is known of an answer that failed, and what may still be asked of it."""
        from grader.judge.explain import diagnosis
        from grader.judge.explain.probes import probes

        asked = partial(probes, self.properties, self.student, self._reference)
        source = (self.exercise.room / "reference.py").read_text(encoding="utf-8")
        return diagnosis.Case(self._reference, self.student, self.harness.records, asked, source)

    def suspects(self, case: "Case", unknown: str = "") -> "Iterator[Iterable[Suspect]]":
        """The mistakes that may be named, kind by kind, in the language in use; without the wrong
        answer whose source is `unknown`."""
        from grader.judge.explain.suspects import suspects

        texts = translation.of_room(self.exercise.room)
        return suspects(
            self.exercise.room,
            case,
            names_of=self.student.names_of,
            misconceptions=texts.misconceptions,
            others=None if language.current() == language.ENGLISH else texts.wrong,
            unknown=unknown,
        )

    def _by_sign(self) -> Misconception | None:
        """The mistake of the one misconception that has the sign which a trained model shows."""
        sign = self.student.sign
        known = [each for each in misconceptions(self.exercise.room) if sign and each.sign == sign]
        if len(known) != 1:
            return None
        texts = translation.of_room(self.exercise.room).misconceptions
        return Misconception(known[0].name, texts.get(known[0].name) or known[0].explanation)

    @property
    def _timed(self) -> bool:
        """Whether the exercise has a running time to speak of."""
        return (self.exercise.room / "speed.py").is_file()

    def _note(self, status: Status, results: tuple[PropertyResult, ...], score: int) -> str | None:
        """What was left out, and how the score comes of points that do not add up to it."""
        if self._only:
            return say("One property alone was tried: this is no grade.")
        said = []
        if self._clock is not None and self._clock.untimed:
            said.append(self._clock.untimed)
        if self._timed and self._clock is None:
            said.append(
                say(
                    "The running time was left out ({why}); its points count neither way.",
                    why="--no-speed",
                )
            )
        got, most = (sum(getattr(r, name) for r in results) for name in ("score", "max_score"))
        if status is Status.UNGRADED and got:
            said.append(say("What was not graded has no points: those above do not count."))
        elif got != score:
            said.append(
                say(
                    "So the points are {got} of {most}: out of {points}, that makes {score}.",
                    got=got,
                    most=most,
                    points=self.exercise.points,
                    score=score,
                )
            )
        return " ".join(said) or None

    def _next_step(self, status: Status) -> str | None:
        if status not in (Status.PARTIAL, Status.FAILED):
            return None
        step = say("For a nudge: grade hint {number}", number=self.exercise.number)
        if self.exercise.at_home and any(f.has_call for f in self.harness.failures):
            debug = say(
                "To run the call that fails by itself, with your debugger: grade debug {number}",
                number=self.exercise.number,
            )
            step += f"\n{debug}"
        return step

    def _forbidden(self, use: "ForbiddenUsed") -> Report:
        text = say("{use}, which is forbidden here: {reason}.", use=use.message, reason=use.reason)
        return self._rejected(text, use.lineno)

    def _rejected(self, reason: str, line: int | None) -> Report:
        advice = say("Write it with tensor operations of your own and grade again.")
        return self._early(Status.REJECTED, reason, advice + self._skip_advice(), line)

    def _skip_advice(self) -> str:
        """How a notebook keeps a cell of experiments out of the grading."""
        if not self.submission.lines:
            return ""
        return "\n" + say("A cell of your own experiments is left out if you tag it `grade:skip`.")

    def _early(
        self,
        status: Status,
        reason: str,
        next_step: str,
        lineno: int | None = None,
        printed: str = "",
    ) -> Report:
        line = self.submission.in_file(lineno) if lineno else None
        return self._report(status, reason=reason, next_step=next_step, line=line, printed=printed)

    def _report(self, status: Status, **rest: Any) -> Report:
        return Report(
            **{
                "number": self.exercise.number,
                "slug": self.exercise.slug,
                "title": self.exercise.title,
                "path": str(self.submission.path),
                "sha256": self.submission.sha256,
                "status": status,
                "score": 0,
                "max_score": self.exercise.points,
                "seed": self.seed,
                "environment": environment(self._device),
                "sandbox": self._student.sandbox if self._student else {},
                "seconds": round(time.perf_counter() - self._began, 3),
                **rest,
            }
        )

    def close(self) -> None:
        """End every process of this grading."""
        self._stack.close()


@cache
def _freeze() -> None:
    """Have no collection look at torch's objects again, which stay for good: once in a process, for
    the remains of every grading would stay as well."""
    gc.freeze()


def grade(
    exercise: Exercise,
    submission: Submission,
    *,
    seed: int | None = None,
    device: str = "auto",
    speed: bool = True,
    require_sandbox: bool = False,
    without: Sequence[str] = (),
    forkserver: "Forkserver | None" = None,
    progress: Progress = lambda _: None,
    effort: Effort = Effort.FULL,
    first: Sequence[str] = (),
    only: str | None = None,
    remembers: bool = True,
) -> Report:
    """Grade `submission` to `exercise`. UsageError where the device that is asked for is not there,
    or with `require_sandbox` a layer of the sandbox.

    `without` names layers to leave out, for tests of what holds without them. With another `effort`
    than FULL there are no small counterexamples, for who asks only what fails. `first` names the
    properties that are tried before the others, where the effort is VERDICT. `only` names the one
    property to try, whatever it needs; the report is out of its points, and no grade. Where it
    `remembers`, what properties asked of others who passed makes less work of this one (see
    `judge.replay`); the report is the same.
    The same submission, seed and device give the same report, the seconds aside.
    """
    grading = Grading(
        exercise,
        submission,
        seed=seed,
        device=device,
        speed=speed,
        require_sandbox=require_sandbox,
        without=without,
        forkserver=forkserver,
        progress=progress,
        effort=effort,
        first=first,
        only=only,
        remembers=remembers,
    )
    try:
        return grading.finish()
    finally:
        grading.close()


def _given(exercise: Exercise) -> tuple[str, str] | None:
    """Text and name of the file that gives objects, where the exercise has one."""
    path = exercise.given
    return (path.read_text(encoding="utf-8"), path.name) if path.is_file() else None


def _score(results: tuple[PropertyResult, ...], points: int) -> int:
    """The score out of `points`; those of a property that was left out count neither way. Rounded
    down, so that only full marks are full marks."""
    most = sum(result.max_score for result in results) or 1
    return points * sum(result.score for result in results) // most


def _private(course_folder: Path) -> tuple[str, ...]:
    """What no submission may read, were it to lie among Python's own libraries."""
    folders = {course_folder, course.bundled()}
    return tuple(
        str(folder / name) for folder in sorted(folders) for name in ("exercises", "solutions")
    )


def resolve_devices(wanted: str) -> tuple[str, str]:
    """Where the values are computed and where the time is taken. UsageError where a device is asked
    for that is not there.

    `auto` takes the time on a GPU where there is one. The values are the same on every machine:
    those of the processor, which an answer has them from that was written on a machine without.
    """
    from grader.worker import devices

    if wanted == AUTO:
        there = [name for name in devices.AUTO if not devices.named(name).lacks()]
        return "cpu", there[0] if there else "cpu"
    device = devices.named(wanted)
    if lacks := device.lacks():
        told = retold(
            lacks,
            "torch {version} finds no CUDA device here",
            "torch {version} finds no Metal device here",
            "torch {version} has no backends in Python",
        )
        raise UsageError(
            say("The device {device} cannot be used here: {reason}.", device=wanted, reason=told),
            say("Leave --device out, or say --device cpu."),
        )
    return device.name if device.holds_doubles else "cpu", device.name


def environment(device: str) -> dict[str, Any]:
    """What the result may depend on: versions, system, device, threads."""
    torch = sys.modules.get("torch")
    return {
        "grade": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__) if torch else None,
        "system": platform.system(),
        "device": device if torch else None,
        "threads": 1,
    }


@contextmanager
def _environment(**variables: str | None) -> Iterator[None]:
    """Set environment variables for a while; None takes one away."""
    before = {name: os.environ.get(name) for name in variables}
    try:
        _set(variables)
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
