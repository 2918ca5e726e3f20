"""A course: what `exercises/course.toml` says, and where the files of each exercise are."""

import ast
import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from grader import language
from grader.course import translation
from grader.course.translation import CourseText
from grader.errors import UsageError
from grader.language import say

PACKAGE = Path(__file__).resolve().parent.parent
INSTALLED = PACKAGE / "bundled"  # the course as a wheel's package data
COURSE_FILE = Path("exercises") / "course.toml"
GIVEN = "given.py"
AT_HOME = "at_home"  # in the course file that a release gives the teacher
STUBS = ".stubs"  # in `exercises/`, where students write in notebooks: the texts of the stubs
FORMAT = 1  # of the course file; raised when an old course would be misread
FORMAT_OF_CLASSES = 2  # what a course has where an exercise of its asks for a class
FORMATS = (FORMAT, FORMAT_OF_CLASSES)
BUNDLED = "bundled"  # what a workspace calls the course that comes with the program
PLOT = "plot.py"

_PACKAGE = re.compile(
    r"(?P<requirement>(?P<name>[A-Za-z0-9][\w.-]*)(\[[\w, -]*\])?\s*([<>=!~][\w.,<>=!~* ]*?)?)"
    r"(\s+as\s+(?P<module>[A-Za-z_]\w*))?"
)


@dataclass(frozen=True)
class Limits:
    """What a submission may use, in seconds of waiting, MiB and KiB."""

    property_seconds: int = 10
    submission_seconds: int = 60
    memory_mib: int = 2048
    output_kib: int = 256


@dataclass(frozen=True)
class Package:
    """A library that answers may import: what pip calls it, and the name of its module."""

    requirement: str
    module: str


@dataclass(frozen=True)
class Hint:
    """One step of help; `property` names the property whose failure it speaks of, or is empty."""

    text: str
    property: str = ""


class TeamMarks(StrEnum):
    """Whether what a person decides for one of a team is for all of it."""

    SHARED = "shared"
    SEPARATE = "separate"


class Seeds(StrEnum):
    """Who is graded on the same inputs."""

    CLASS = "class"
    STUDENT = "student"


@dataclass(frozen=True)
class Extension:
    """More time: until when, for a `student`, a `team` or a `section`, for the exercise of a slug,
    or "" for all."""

    until: datetime
    student: str = ""
    team: str = ""
    section: str = ""
    exercise: str = ""


class Counts(StrEnum):
    """Which of a student's attempts counts."""

    LAST = "last"
    BEST = "best"


@dataclass(frozen=True)
class Policy:
    """What a class is told about lateness and attempts: the `[policy]` of its course file.

    `deadlines` go by slug, before the `deadline` of all. `late_penalty` is the percentage of the
    points earned that each day begun after the deadline costs, `late_penalty_most` what lateness
    costs at most; nothing is late within `grace_minutes`. What comes after the `last_day` (of some
    exercises: `last_days`) counts for nothing, as do attempts after the first `max_attempts`.
    `file_dates`: the date of a file alone makes it late. `drop_lowest` exercises do not count.
    `teams` are students by the name of their team, of whom one hands in.
    """

    deadline: datetime | None = None
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    grace_minutes: int = 0
    late_penalty: int = 0
    late_penalty_most: int = 100
    max_attempts: int | None = None
    counts: Counts = Counts.LAST
    file_dates: bool = False
    last_day: datetime | None = None
    last_days: Mapping[str, datetime] = field(default_factory=dict)
    drop_lowest: int = 0
    extensions: tuple[Extension, ...] = ()
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    team_marks: TeamMarks = TeamMarks.SHARED
    seeds: Seeds = Seeds.CLASS

    def last_day_of(self, slug: str) -> datetime | None:
        """After when that exercise is taken no more, where there is such a moment."""
        return self.last_days.get(slug, self.last_day)

    def deadline_of(self, slug: str) -> datetime | None:
        """When that exercise is due, where there is a deadline."""
        return self.deadlines.get(slug, self.deadline)


RANGE = re.compile(r"\s*(\d{1,6})\s*[-\u2013]\s*(\d{1,6})\s*", re.ASCII)  # 41-48


@dataclass(frozen=True)
class Exercise:
    """One exercise as its course describes it, with its texts in the language in use.

    `course` is the folder of its course, `workspace` that of whose `exercises/` a student edits;
    `speed_limit` is how many times as long as the reference an answer may take.
    """

    number: int
    slug: str
    title: str
    part: str
    functions: tuple[str, ...]
    forbidden: tuple[str, ...]
    hints: tuple[Hint, ...]
    limits: Limits
    course: Path
    workspace: Path
    points: int = 100
    speed_limit: float = 3.0
    packages: tuple[str, ...] = ()  # that answers may import, by the names of their modules
    classes: tuple[tuple[str, tuple[str, ...]], ...] = ()  # each with the methods to be written
    at_home: bool = True  # whether students have what grades; reports tell them what to do there
    uses: tuple["Exercise", ...] = ()  # whose answers, beside its own, an answer may import

    @property
    def names(self) -> tuple[str, ...]:
        """What an answer defines: the functions, then the classes."""
        return (*self.functions, *(name for name, _ in self.classes))

    @property
    def unwritten(self) -> tuple[str, ...]:
        """What its stub leaves to be written: functions, and methods such as `JANET.forward`."""
        methods = (f"{name}.{method}" for name, methods in self.classes for method in methods)
        return (*self.functions, *methods)

    @property
    def stem(self) -> str:
        """The name that its files share, such as `ex03_attention_scoring`."""
        return f"ex{self.number:02d}_{self.slug}"

    @property
    def stub(self) -> Path:
        """The file that a student edits."""
        return self.workspace / "exercises" / f"{self.stem}.py"

    @property
    def given(self) -> Path:
        """The file of what it hands to an answer's code, where there is one; students read it."""
        return self.course / "exercises" / self.stem / GIVEN

    @property
    def original_stub(self) -> Path:
        """The stub in its course, which is another file where the student has a workspace, or was
        given a notebook."""
        own = self.course / "exercises" / f"{self.stem}.py"
        kept = own.parent / STUBS / own.name
        return kept if kept.is_file() else own

    @property
    def own_file(self) -> Path | None:
        """What the student edits: the file or a notebook in its place; None where there is none."""
        paths = (self.stub, self.stub.with_suffix(".ipynb"))
        return next((path for path in paths if path.is_file()), None)

    @property
    def is_installed(self) -> bool:
        """Whether its stub is the wheel's own, which nobody edits."""
        return self.workspace == INSTALLED

    @property
    def room(self) -> Path:
        """The folder of what only the judge holds."""
        return self.course / "solutions" / self.stem

    @property
    def has_answers(self) -> bool:
        """Whether it can be graded here: what students are given has no solutions."""
        return (self.room / "reference.py").is_file()

    def require_answers(self) -> None:
        """UsageError where it has none: students' copies cannot grade, the answers are secret."""
        if not self.has_answers:
            raise UsageError(
                say(
                    "Exercise {number} cannot be graded here: this course has no answers.",
                    number=self.number,
                ),
                say("It is graded where you hand it in; the README says where that is."),
            )

    @property
    def property_names(self) -> list[str]:
        """The names of its properties, in the order of the file; nothing is run for that."""
        tree = ast.parse((self.room / "properties.py").read_text(encoding="utf-8"))
        names: list[str] = []
        for node in tree.body:
            match node:
                case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                    names += [name] if name.startswith("test_") else []
        return names

    @property
    def has_picture(self) -> bool:
        """Whether it has something to draw."""
        return (self.room / PLOT).is_file()


@dataclass(frozen=True)
class Course:
    """A folder with `exercises/course.toml`, `exercises/` and `solutions/`.

    The exercises stand in the order of the file; their numbers are names. A student edits the stubs
    of `workspace`: the course's folder itself, or one with `exercises/` alone, whose `course.toml`
    says only whose workspace it is.
    """

    folder: Path
    workspace: Path
    title: str
    exercises: tuple[Exercise, ...] = field(default=())
    policy: Policy = field(default_factory=Policy)
    packages: tuple[Package, ...] = ()

    @property
    def is_workspace(self) -> bool:
        """Whether the stubs that a student edits are copies, in a folder of theirs."""
        return self.workspace != self.folder

    @property
    def is_installed(self) -> bool:
        """Whether its stubs are the wheel's own, which nobody edits."""
        return self.workspace == INSTALLED

    @property
    def original(self) -> "Course":
        """The course as its author has it, without anybody's workspace."""
        return load(self.folder) if self.is_workspace else self

    def exercise(self, name: str) -> Exercise:
        """The exercise of that number, slug or file stem; UsageError names the nearest."""
        wanted = name.strip().lower().removesuffix(".py")
        for exercise in self.exercises:
            names = {exercise.slug, exercise.stem, f"ex{exercise.number:02d}"}
            if wanted in names or (wanted.isdecimal() and int(wanted) == exercise.number):
                return exercise
        raise UsageError(
            say("There is no exercise {name!r} in this course.", name=name), self._nearest(wanted)
        )

    def named(self, names: Iterable[str]) -> list[Exercise]:
        """The exercises of these names, each once, in order: a name as `exercise` takes it, or a
        range of numbers such as `41-48`. UsageError where there is none."""
        found: dict[Exercise, None] = {}
        for name in names:
            ends = RANGE.fullmatch(name)
            if ends is None:
                found[self.exercise(name)] = None
                continue
            first, last = map(int, ends.groups())
            within = [each for each in self.exercises if first <= each.number <= last]
            if not within:
                raise UsageError(
                    say(
                        "No exercise of this course has a number from {first} to {last}.",
                        first=first,
                        last=last,
                    ),
                    say("`grade list` shows them all."),
                )
            found |= dict.fromkeys(within)
        return list(found)

    def _nearest(self, wanted: str) -> str:
        if not self.exercises:
            return say("{file} lists no exercises.", file=self.folder / COURSE_FILE)
        if wanted.isdecimal():
            number = int(wanted)
            near = min(self.exercises, key=lambda e: (abs(e.number - number), e.number))
        else:
            close = difflib.get_close_matches(wanted, [e.slug for e in self.exercises], 1, 0.4)
            if not close:
                return say("`grade list` shows them all.")
            near = next(e for e in self.exercises if e.slug == close[0])
        return say(
            "The nearest is {number}, {slug}; `grade list` shows them all.",
            number=near.number,
            slug=near.slug,
        )


def bundled() -> Path:
    """The course that comes with the program: the checkout's own, or the wheel's package data."""
    checkout = PACKAGE.parent
    return checkout if (checkout / COURSE_FILE).is_file() else INSTALLED


def find(folder: Path | None = None) -> Course:
    """The course in `folder`; by default the nearest from the working directory upward.

    Where there is none above the working directory, the bundled one. UsageError where `folder` is
    no course, its file cannot be read, or the program comes without a course.
    """
    if folder is not None:
        if not (folder / COURSE_FILE).is_file():
            raise UsageError(
                say("{folder} is no course: it has no {file}.", folder=folder, file=COURSE_FILE),
                say("Name the folder that holds `exercises` and `solutions`."),
            )
        return load(folder)
    if (near := around()) is not None:
        return load(near)
    if not (bundled() / COURSE_FILE).is_file():
        raise UsageError(
            say(
                "There is no course here: no folder from here upward has {file}.", file=COURSE_FILE
            ),
            say("Go to the folder with your exercises, or name it: --course FOLDER"),
        )
    return load(bundled())


def around() -> Path | None:
    """The folder of the course that the working directory is in; None where it is in none."""
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / COURSE_FILE).is_file()), None)


def load(folder: Path, workspace: Path | None = None) -> Course:
    """Read the course in `folder`, or the one that it is a workspace of, in the language in use.

    With `workspace`, the stubs are those in there. What is not translated is English. UsageError
    says what in its files is wrong.
    """
    path = folder / COURSE_FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        version = table.get("format", FORMAT)
        if type(version) is not int or version not in FORMATS:
            raise UsageError(
                f"{path} has format {version!r}; this version of grade reads formats"
                f" {FORMAT} to {FORMAT_OF_CLASSES}.",
                "Upgrade grade, or ask the course's author for a course that suits yours.",
            )
        if isinstance(spoken := table.get("language"), str):
            language.remembered(spoken)
        if (name := table.get("course")) is not None:
            if workspace is not None:
                raise UsageError(
                    f"{workspace} is a workspace of {folder}, which is one itself.",
                    f"Name the course, as that one does, in {workspace / COURSE_FILE}.",
                )
            return _narrowed(load(_original(folder, name), workspace=folder), table)
        workspace = workspace or folder
        limits = Limits(**table.get("limits", {}))
        packages = _packages(path, table.get("packages", []))
        modules = tuple(package.module for package in packages)
        texts = translation.of_course(folder)
        exercises = [
            _translated(_exercise(folder, workspace, part["title"], entry, limits, modules), texts)
            for part in table["parts"]
            for entry in part["exercises"]
        ]
        if table.get(AT_HOME) is False:
            exercises = [replace(each, at_home=False) for each in exercises]
        _check_distinct(path, exercises)
        exercises = _with_uses(path, table["parts"], exercises)
        asking = next((each for each in exercises if each.classes), None)
        if asking is not None and version < FORMAT_OF_CLASSES:
            raise UsageError(
                f"{path}: exercise {asking.number} has classes, which format {version} does not"
                " have.",
                f"Write format = {FORMAT_OF_CLASSES} at the top of the file.",
            )
        title = texts.title or table["title"]
        course = Course(folder, workspace, title, tuple(exercises), packages=packages)
        return replace(course, policy=_policy(path, table.get("policy", {}), course))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    except KeyError as error:
        raise UsageError(f"{path} lacks the entry {error}.") from None
    except (TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{path} has an entry of the wrong kind: {error}.") from None


def _narrowed(found: Course, table: dict[str, Any]) -> Course:
    """The course with the title that a workspace gives it, and of the exercises that it names."""
    numbers = table.get("exercises", [each.number for each in found.exercises])
    kept = tuple(found.exercise(str(number)) for number in numbers)
    return replace(found, title=table.get("title", found.title), exercises=kept)


def _original(workspace: Path, name: str) -> Path:
    """The folder of the course that `workspace` says it is one of."""
    folder = bundled() if name == BUNDLED else workspace / name
    if not (folder / COURSE_FILE).is_file():
        raise UsageError(
            f"{workspace} is a workspace of the course in {folder}, which is not there.",
            f"Write where that course is into {workspace / COURSE_FILE}.",
        )
    return folder


def _with_uses(
    path: Path, parts: list[dict[str, Any]], exercises: list[Exercise]
) -> list[Exercise]:
    """The exercises, each with those that its `uses` names by their numbers. UsageError where there
    is none of that number before it."""
    found: dict[int, Exercise] = {}
    entries = [entry for part in parts for entry in part["exercises"]]
    for entry, exercise in zip(entries, exercises, strict=True):
        numbers = entry.get("uses", [])
        for number in numbers:
            if type(number) is not int or number not in found:
                raise UsageError(
                    f"{path}: exercise {exercise.number} uses {number!r}, which is no exercise"
                    " before it.",
                    "Name earlier ones by their numbers: uses = [5, 16].",
                )
        uses = tuple(found[number] for number in numbers)
        found[exercise.number] = replace(exercise, uses=uses) if uses else exercise
    return list(found.values())


def _check_distinct(path: Path, exercises: list[Exercise]) -> None:
    for what in ("number", "slug"):
        seen = set()
        for exercise in exercises:
            value = getattr(exercise, what)
            if value in seen:
                raise UsageError(f"{path} has two exercises with the {what} {value}.")
            seen.add(value)


def _policy(path: Path, table: dict[str, Any], course: Course) -> Policy:
    """The `[policy]` of a course file. UsageError names the entry that is wrong."""

    def wrong(name: str, value: object, advice: str) -> UsageError:
        return UsageError(f"{path}: [policy] has {name} = {value!r}.", advice)

    known = [each.name for each in fields(Policy)]
    numbers = {
        "grace_minutes": (0, 24 * 60),
        "late_penalty": (0, 100),
        "late_penalty_most": (0, 100),
        "max_attempts": (1, 1000),
        "drop_lowest": (0, 1000),
    }
    for name, value in table.items():
        if name not in known:
            raise wrong(name, value, f"It may have: {', '.join(known)}.")
        if name in numbers:
            low, high = numbers[name]
            if type(value) is not int or not low <= value <= high:
                raise wrong(name, value, f"It takes a whole number from {low} to {high}.")
    moments = {
        name: value
        for name, value in table.items()
        if name in ("deadline", "last_day") and (value is not None)
    }
    by_exercise = {name: dict(table.get(name, {})) for name in ("deadlines", "last_days")}
    for table_name, entries in by_exercise.items():
        moments |= {f"{table_name}.{name}": value for name, value in entries.items()}
    for name, value in moments.items():
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise wrong(name, str(value), "Write date, time and offset: 2026-10-01T23:59:00+02:00.")
    if type(table.get("file_dates", False)) is not bool:
        raise wrong("file_dates", table["file_dates"], "It is true or false.")
    for name, kind in (("counts", Counts), ("team_marks", TeamMarks), ("seeds", Seeds)):
        if name in table and table[name] not in list(kind):
            raise wrong(name, table[name], f"It is one of: {', '.join(kind)}.")

    def slug(name: str, table_name: str) -> str:
        try:
            return course.exercise(name).slug
        except UsageError as error:
            entry = by_exercise[table_name][name]
            raise wrong(f"{table_name}.{name}", str(entry), str(error)) from None

    teams = {}
    for team, names in table.get("teams", {}).items():
        if not isinstance(names, list) or not all(isinstance(n, str) and n for n in names):
            raise wrong(f"teams.{team}", names, 'Write names or ids: ["ada", "alan"].')
        teams[team] = tuple(names)
    return Policy(
        **{
            **table,
            **{
                table_name: {slug(name, table_name): moment for name, moment in entries.items()}
                for table_name, entries in by_exercise.items()
            },
            "counts": Counts(table.get("counts", Counts.LAST)),
            "team_marks": TeamMarks(table.get("team_marks", TeamMarks.SHARED)),
            "seeds": Seeds(table.get("seeds", Seeds.CLASS)),
            "teams": teams,
            "extensions": tuple(
                _extension(entry, course, wrong) for entry in table.get("extensions", ())
            ),
        }
    )


def _extension(
    entry: dict[str, Any], course: Course, wrong: Callable[[str, object, str], UsageError]
) -> Extension:
    """One of `[[policy.extensions]]`."""
    known = ("student", "team", "section", "exercise", "until")
    advice = "It has `until`, and one of `student`, `team` and `section`; perhaps `exercise`."
    if not isinstance(entry, dict) or entry.keys() - set(known):
        raise wrong("extensions", entry, advice)
    until = entry.get("until")
    if sum(bool(entry.get(name)) for name in known[:3]) != 1:
        raise wrong("extensions", entry, advice)
    if not isinstance(until, datetime) or until.tzinfo is None:
        raise wrong("extensions", entry, "Write until = 2026-10-01T23:59:00+02:00.")
    slug = ""
    if (name := entry.get("exercise")) is not None:
        try:
            slug = course.exercise(str(name)).slug
        except UsageError as error:
            raise wrong("extensions", entry, str(error)) from None
    return Extension(until, **{key: str(entry.get(key, "")) for key in known[:3]}, exercise=slug)


def _exercise(
    folder: Path,
    workspace: Path,
    part: str,
    entry: dict[str, Any],
    limits: Limits,
    packages: tuple[str, ...],
) -> Exercise:
    classes = _classes(entry.get("classes", {}))
    return Exercise(
        number=int(entry["number"]),
        slug=str(entry["slug"]),
        title=str(entry["title"]),
        part=part,
        functions=tuple(entry.get("functions", ()) if classes else entry["functions"]),
        classes=classes,
        forbidden=tuple(entry.get("forbidden", ())),
        hints=tuple(Hint(**hint) for hint in entry.get("hints", ())),
        limits=Limits(**{**vars(limits), **entry.get("limits", {})}),
        course=folder,
        workspace=workspace,
        points=int(entry.get("points", 100)),
        speed_limit=float(entry.get("speed_limit", 3.0)),
        packages=packages,
    )


def _classes(table: dict[str, list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The classes of an exercise: `{ JANET = ["__init__", "forward"] }`. ValueError for others."""
    for name, methods in table.items():
        well = isinstance(methods, list) and all(isinstance(each, str) for each in methods)
        if not well or not methods or not all(map(str.isidentifier, [name, *methods])):
            raise ValueError(f'classes has {name} = {methods!r}, not a list such as ["forward"]')
    return tuple((name, tuple(methods)) for name, methods in table.items())


def _packages(path: Path, entries: object) -> tuple[Package, ...]:
    """What `packages` of a course file names: `"einops"`, `"pandas>=2"`, or, where a module is
    called otherwise than pip calls it, `"scikit-learn as sklearn"`. UsageError for anything else.
    """
    found = []
    for entry in entries if isinstance(entries, list) else [entries]:
        match = _PACKAGE.fullmatch(entry) if isinstance(entry, str) else None
        if match is None:
            raise UsageError(
                f"{path}: packages has {entry!r}.",
                'Write what pip installs, such as "einops", "pandas>=2" or "scikit-learn as'
                ' sklearn".',
            )
        module = match["module"] or re.sub(r"[-.]", "_", match["name"])
        found.append(Package(match["requirement"], module))
    return tuple(found)


def _translated(exercise: Exercise, of_course: CourseText) -> Exercise:
    texts = translation.of_exercise(exercise.course, exercise.stem)
    hints = exercise.hints
    if len(texts.hints) == len(hints):  # which belongs to which cannot be told otherwise
        hints = tuple(map(Hint, texts.hints, (hint.property for hint in hints)))
    part = of_course.parts.get(exercise.part, exercise.part)
    return replace(exercise, title=texts.title or exercise.title, part=part, hints=hints)
