"""What runs on a node of a cluster: one judge, and the course as it was sent.

The process around it belongs to the cluster's own software and has threads, so nothing is forked
from it: the judge comes from a process started afresh, as on one machine (see `local`).
"""

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from grader import language
from grader.errors import UsageError
from grader.grading import keys
from grader.grading.engine import Graded, Task
from grader.grading.local import LocalEngine

PACKAGE = Path(keys.__file__).parent.parent
MOST_LOG_BYTES = 64 * 1024
# Reads to the end of its input, which comes when whoever started it has ended in whatever way. The
# subshell is nobody's child, so that it outlives a process that is killed with its children.
REMOVE = 'exec 3<&0; (read -r _ <&3; rm -rf -- "$1") </dev/null >/dev/null 2>&1 &'

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Identity:
    """What must be the same on all nodes, so that they find the same."""

    engine: str  # versions of grade and torch
    sources: str  # sha256 of grade's own files
    host: str = field(compare=False)


@cache
def identity() -> Identity:
    """That of this process. Which processor torch was built for makes no difference."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.*")):
        name = path.relative_to(PACKAGE)
        # The bundled course is none of it: courses are sent.
        if path.suffix in (".py", ".toml") and name.parts[0] != "bundled":
            digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    engine = keys.engine().partition("+")[0]
    return Identity(engine, digest.hexdigest(), platform.node())


def packed(task: Task) -> Files:
    """The files of a task's exercise that grading reads, by their paths in the course."""
    return {
        path.relative_to(task.exercise.course).as_posix(): path.read_bytes()
        for path in keys.files(task.exercise)
        if path.is_file()
    }


@dataclass(frozen=True)
class Answer:
    """What a node says of a task: its result, or why nothing can be graded there; and what the
    judge has printed."""

    graded: Graded | None = None
    refusal: UsageError | None = None
    log: str = ""


class NodeJudge:
    """One judge in a process of its own. It is created on a node, by name, and called from afar."""

    def __init__(self, spins: bool | None) -> None:
        """`spins`: see LocalEngine."""
        _forget_the_cluster()
        self._folder = Path(tempfile.mkdtemp(prefix="grade-course-"))
        # Solutions do not stay behind on somebody's machine, however this process ends.
        command = ["/bin/sh", "-c", REMOVE, "sh", str(self._folder)]
        self._alive = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self._alive.wait()
        self._log = self._folder / "log"
        self._log.touch()
        self._engine = LocalEngine(1, str(self._log), spins=spins)

    def identity(self) -> Identity:
        """Which engine this node has."""
        return identity()

    def grade(self, task: Task, exercise: str, files: Files) -> Answer:
        """Grade one task to the `exercise` of that digest, which consists of the `files`."""
        course = self._folder / exercise
        if not course.is_dir():
            _unpack(files, course)
        language.use(task.language)
        here = replace(task, exercise=replace(task.exercise, course=course, workspace=course))
        try:
            (graded,) = self._engine.run([here])
        except UsageError as refusal:
            return Answer(refusal=refusal, log=self._printed())
        return Answer(graded, log=self._printed())

    def _printed(self) -> str:
        """What the judge has printed since this was asked last, or the end of it."""
        with self._log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - MOST_LOG_BYTES))
            text = log.read().decode("utf-8", "replace")
        os.truncate(self._log, 0)
        return text


def _unpack(files: Files, folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _forget_the_cluster() -> None:
    """Leave nothing to a judge, and so to a worker, of what speaks with the cluster."""
    for name in [name for name in os.environ if name.startswith("RAY_")]:
        del os.environ[name]
    sys.argv[1:] = []
    # multiprocessing would import the file of the main program again in every judge.
    vars(sys.modules["__main__"]).pop("__file__", None)
