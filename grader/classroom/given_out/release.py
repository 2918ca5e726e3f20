"""What a course gives out: to students all but the answers, to the teacher what grades with them.

    DIR/students/             stubs, a README, the course file, workflows for GitHub and GitLab
    DIR/students-notebooks/   the same, with a notebook in the place of each stub
    DIR/teacher/              the answers: a course for CI to fetch, Gradescope's autograder

Students install the very program that made the release, as a wheel without a course; or, where the
teacher names a requirement, what pip finds by it, which brings the answers of the course that comes
with the program. Before anything is kept, `leaks` looks for the answers in what students get.
"""

import shlex
import shutil
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader import language
from grader.classroom.given_out import hints, readme, wheel
from grader.classroom.given_out.hints import Hints
from grader.classroom.given_out.leaks import Leak, Secrets, digest, leaks
from grader.classroom.given_out.public import (
    ALL,
    course_file,
    selected,
    strings,
    translations,
    workspace_file,
)
from grader.course import editor, tutors
from grader.course import model as course
from grader.course.model import Course, Exercise
from grader.course.stubs import pristine, translated
from grader.errors import UsageError
from grader.judge import versions
from grader.judge.surroundings import lacking
from grader.notebook.build import build

STUDENTS = "students"
NOTEBOOKS = "students-notebooks"
TEACHER = "teacher"
PROGRAMS = frozenset({"ci/grade.sh", "setup.sh", "run_autograder"})
MOST_SHOWN = 20  # leaks
TELLING = ("reference.py", "properties.py", "misconceptions.py")

Files = dict[str, bytes]


@dataclass(frozen=True)
class Release:
    """What is to be given out, of which exercises, in the language in use.

    `hints`: how many of each exercise students get at most; None for those before the first that
    holds a piece of the answers. `hints_of` says by slug where it is another number. With `grader`,
    a requirement in pip's words, students install that; where the course is the one that comes with
    the program, its answers and hints then come along, and they can grade at home.
    """

    course: Course
    exercises: Sequence[Exercise]
    title: str
    hints: int | None = None
    hints_of: Mapping[str, int] = field(default_factory=dict)
    grader: str | None = None

    @property
    def at_home(self) -> bool:
        """Whether students have the answers, within what they install."""
        return self.grader is not None and self.course.folder == course.bundled()

    @cached_property
    def wheel(self) -> tuple[str, bytes]:
        """The program without a course: its file's name, and its bytes."""
        return wheel.build()

    def check_packages(self) -> None:
        """UsageError where a package that the course counts on is not there: misspelt, perhaps, and
        no answer that uses it was ever graded here."""
        without = lacking(package.module for package in self.course.packages)
        if not without:
            return
        wanted = [p.requirement for p in self.course.packages if p.module in without]
        raise UsageError(
            f"{self.course.folder / course.COURSE_FILE} counts on {', '.join(without)}, which this"
            " Python lacks.",
            f"Install it and release again: pip install {shlex.join(wanted)}",
        )

    @cached_property
    def stubs(self) -> Mapping[Exercise, str]:
        """Each exercise's stub as its author wrote it. UsageError where one holds an answer."""
        found = {}
        for exercise in self.exercises:
            if (text := pristine(exercise)) is None:
                raise UsageError(
                    f"{exercise.stub} is no stub: a function is missing, or does more than raise"
                    " NotImplementedError.",
                    "Put the stub back, and release again.",
                )
            found[exercise] = text
        return found

    @cached_property
    def looked_through(self) -> tuple[Hints, ...]:
        """How many hints students get of each exercise, and what of the answers is in which."""
        return tuple(
            hints.looked_through(each, self._answers, self.hints_of.get(each.slug, self.hints))
            for each in self.exercises
        )

    @property
    def _has_hints(self) -> bool:
        """Whether students get any."""
        return self.at_home or any(each.given for each in self.looked_through)

    @cached_property
    def public(self) -> Files:
        """What students may see of the course beside its stubs, by its path in the course."""
        if self.at_home:
            return {
                course.COURSE_FILE.as_posix(): workspace_file(self.exercises, self.title).encode()
            }
        return self._public({each.exercise.slug: each.given for each in self.looked_through})

    def _public(self, hints: Mapping[str, int]) -> Files:
        file = course_file(self.course.folder, self.exercises, self.title, hints)
        return {
            course.COURSE_FILE.as_posix(): file.encode(),
            **self._translations(hints),
            **self._given(),
        }

    def students(self) -> Files:
        """The files for students, by their paths."""
        files = self._stub_files(self._shown_stubs) | self._around(".py")
        if self.at_home:  # elsewhere nothing is graded
            files |= {name: text.encode() for name, text in editor.files().items()}
        return files

    def in_notebooks(self) -> Files:
        """The files for students who write in notebooks."""
        notebooks = {
            f"exercises/{exercise.stem}.ipynb": build(
                self.title, {exercise: stub}, grades=self.at_home
            ).encode()
            for exercise, stub in self.stubs.items()
        }
        kept = {
            f"exercises/{course.STUBS}/{each.stem}.py": text.encode()
            for each, text in self._shown_stubs.items()
        }
        # What is shown of an exercise is in its stub, also where nobody edits that.
        return notebooks | ({} if self.at_home else kept) | self._around(".ipynb")

    @cached_property
    def _shown_stubs(self) -> Mapping[Exercise, str]:
        """The stubs in the language in use."""
        return {each: translated(each, text) for each, text in self.stubs.items()}

    def _stub_files(self, stubs: Mapping[Exercise, str]) -> Files:
        return {f"exercises/{e.stem}.py": text.encode() for e, text in stubs.items()}

    def _given(self) -> Files:
        """What exercises hand to an answer's code, which students may read."""
        home = self.course.folder
        paths = [each.given for each in self.exercises if each.given.is_file()]
        return {path.relative_to(home).as_posix(): path.read_bytes() for path in paths}

    def _around(self, suffix: str) -> Files:
        """What students get beside the files of that suffix, which they write in."""
        files = {
            **self.public,
            "README.md": readme.of_students(
                self.title,
                self.exercises,
                self.course.policy,
                suffix=suffix,
                hints=self._has_hints,
                at_home=self.at_home,
            ).encode(),
            tutors.FILE: tutors.text(
                grades=self.at_home, hints=self._has_hints, suffix=suffix
            ).encode(),
            ".gitignore": self._rendered("gitignore"),
            "ci/requirements.txt": self._rendered("requirements.txt"),
            "ci/grade.sh": self._rendered("grade.sh"),
            ".github/workflows/grade.yml": self._rendered("github.yml"),
            ".gitlab-ci.yml": self._rendered("gitlab.yml"),
        }
        if self.grader is None:
            name, data = self.wheel
            files[f"ci/{name}"] = data
        return files

    def teacher(self) -> Files:
        """The files for the teacher: the course, and the archive for Gradescope."""
        own = {f"course/{name}": data for name, data in self._with_answers().items()}
        name, data = self.wheel
        gradescope = {
            **own,
            name: data,
            "constraints.txt": f"{versions.REQUIREMENT}\n".encode(),
            "setup.sh": self._rendered("setup.sh"),
            "run_autograder": self._rendered("run_autograder"),
        }
        return {
            **own,
            "README.md": self._rendered("teacher.md"),
            "gradescope.zip": wheel.zipped(gradescope, PROGRAMS),
        }

    @cached_property
    def _answers(self) -> Secrets:
        """All of the solutions, less what is public beside hints."""
        found = Secrets()
        home = self.course.folder
        # What two files say is told of the first.
        for path in sorted(_files(home / "solutions"), key=_how_telling):
            found.add(path.relative_to(home), path.read_bytes())
        self._allow(found, self._public({each.slug: 0 for each in self.exercises}))
        return found

    def _allow(self, secrets: Secrets, public: Files) -> None:
        for stubs in (self.stubs, self._shown_stubs):
            for stub in stubs.values():
                secrets.allow_code(stub)
        for name, data in public.items():
            secrets.allow(data.decode())
            if name.endswith(".toml"):  # as it reads: statements are shown elsewhere too
                for text in strings(tomllib.loads(data.decode())):
                    secrets.allow(text)

    def secrets(self) -> Secrets:
        """What must not be in what students get: all of the solutions, and of the course file what
        is not public."""
        found = Secrets(dict(self._answers.pieces), dict(self._answers.files))
        home = self.course.folder
        for path in (home / course.COURSE_FILE, *sorted((home / "exercises").glob("*/*.toml"))):
            found.add_pieces(path.relative_to(home), path.read_bytes())
        self._allow(found, self.public)
        return found

    def _with_answers(self) -> Files:
        """The course of these exercises alone, answers included."""
        home = self.course.folder
        text = selected(home, self.exercises, self.title, at_home=self.at_home)
        files = {course.COURSE_FILE.as_posix(): text.encode()}
        files |= self._stub_files(self.stubs) | self._given()
        files |= self._translations({each.slug: ALL for each in self.exercises})
        for exercise in self.exercises:
            for path in _files(exercise.room):
                files[path.relative_to(home).as_posix()] = path.read_bytes()
        return files

    def _translations(self, hints: Mapping[str, int]) -> Files:
        # What the author calls it, in one language or in the one in use.
        own = {self.course.title, course.load(self.course.folder).title}
        title = None if self.title in own else self.title
        return translations(self.course.folder, self.exercises, hints, title)

    def _rendered(self, name: str) -> bytes:
        requirement = self.grader or f"./ci/{self.wheel[0]}"
        spoken = language.current()
        values = {
            "title": self.title,
            "numbers": [exercise.number for exercise in self.exercises],
            "points": sum(exercise.points for exercise in self.exercises),
            "hints": self.looked_through,
            "at_home": self.at_home,
            "grader": self.grader,
            "packages": [package.requirement for package in self.course.packages],
            "quoted_packages": shlex.join(p.requirement for p in self.course.packages),
            "requirement": requirement,
            "torch": versions.REQUIREMENT,
            "wheel": self.wheel[0],
            "ignored": editor.IGNORED,
            "spoken": "" if spoken == language.ENGLISH else f" --lang {spoken}",
        }
        return _environment().get_template(f"{name}.j2").render(values).encode()


def write(release: Release, folder: Path) -> dict[str, list[str]]:
    """Write what a release gives out into `folder`; the paths of the files, by the part of it.

    UsageError where there is something already, or where what students get holds a piece of the
    answers; nothing is left behind then.
    """
    release.check_packages()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already.", "Name a folder that is new or empty.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".release-") as unfinished:
            parts = _write_parts(release, Path(unfinished))
            folder.mkdir(exist_ok=True)
            for name in parts:
                shutil.move(Path(unfinished, name), folder / name)
            (folder / TEACHER).chmod(0o700)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}.") from None
    return {name: sorted(files) for name, files in parts.items()}


def _write_parts(release: Release, folder: Path) -> dict[str, Files]:
    """Write every part, and see that those for students give nothing away."""
    parts = {
        STUDENTS: release.students(),
        NOTEBOOKS: release.in_notebooks(),
        TEACHER: release.teacher(),
    }
    for name, files in parts.items():
        _write_all(folder / name, files)
    secrets, ours = release.secrets(), _ours()
    for name in (STUDENTS, NOTEBOOKS):  # who has found it in one need not read it of the other
        _check(leaks(folder / name, secrets, ours))
    return parts


def _check(found: Sequence[Leak]) -> None:
    if not found:
        return
    shown = [str(leak) for leak in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        shown.append(f"and {len(found) - MOST_SHOWN} more")
    raise UsageError(
        "What students would get holds pieces of the answers; nothing was written.\n"
        + "\n".join(shown),
        "Take them out of the stub or the course file, and release again.",
    )


def _ours() -> frozenset[str]:
    """The program's own files, which are no secret whatever they share with a solution."""
    return frozenset(digest(data) for data in wheel.files().values())


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if "__pycache__" not in path.parts)


def _how_telling(path: Path) -> int:
    return TELLING.index(path.name) if path.name in TELLING else len(TELLING)


def _write_all(folder: Path, files: Files) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(wheel.PROGRAM if name in PROGRAMS else wheel.DATA)


def _environment() -> Environment:
    return Environment(  # noqa: S701 - Markdown, YAML and shell, not HTML
        loader=PackageLoader("grader", "templates/release"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
