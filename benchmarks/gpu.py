"""Whether the judge's clock is true on a GPU, in under five minutes.

Times the reference against itself on three exercises (it must never be `slow`; how much its times
vary), with inputs and results copied within the clock, and with both on the device (`resident`);
answers that are a known number of times slower (which of them are caught); and the attacks of
`tests/hostile/device`. Each is graded once, and those that are to be counted again and again until
the time is up. Prints one table, and writes one JSON with `--json FILE`. Run it as
`python benchmarks/gpu.py` on a machine with a GPU and nothing else at work on it; with
`--device simulated --small` it runs on any machine, and its figures mean nothing.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grader.judge.processes.workers import Forkserver, Start, Worker  # noqa: E402

EQUAL = ("1", "3", "11")  # many parameters; a product of activations; a convolution
CURVE = "3"
FACTORS = (1.1, 1.5, 2.0, 3.0)
# An answer is slow, to the clock, that takes this many times the reference's: of the power curve.
CURVE_LIMIT = 1.0
ATTACKED = """
import torch


def mix(x, w):
    return torch.tanh(x @ w) @ w
"""
ATTACKED_SPEED = """
import torch

FUNCTION = "mix"


def inputs(generator, device):
    size = 1024 if device == "cuda" else 96
    x, w = (torch.randn(size, size, generator=generator) for _ in range(2))
    return x, w / size**0.5
"""
ATTACK = "attack: "
REST = """

def rest(seconds):
    torch.cuda._sleep(int(seconds * 1.5e9))  # cycles
"""


@dataclass
class Row:
    """What came of some gradings of one answer."""

    what: str
    exercise: str
    factor: float
    gradings: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    ratios: list[float] = field(default_factory=list)
    reference_ms: list[float] = field(default_factory=list)
    builtin_ms: list[float] = field(default_factory=list)
    transfer: list[float] = field(default_factory=list)
    clocks_mhz: list[int] = field(default_factory=list)
    discarded: int = 0
    rounds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    said: list[str] = field(default_factory=list)

    @property
    def variation(self) -> float | None:
        """The coefficient of variation of the reference's median time, grading by grading."""
        if len(self.reference_ms) < 2:
            return None
        return statistics.stdev(self.reference_ms) / statistics.mean(self.reference_ms)

    @property
    def line(self) -> str:
        """The row of the table."""

        def middle(values: list[Any], form: str) -> str:
            return format(statistics.median(values), form) if values else ""

        clocks = f"{min(self.clocks_mhz)} to {max(self.clocks_mhz)}" if self.clocks_mhz else ""
        variation = "" if self.variation is None else f"{self.variation:.1%}"
        cells = (
            *(self.what, self.exercise, f"{self.factor:g}", self.gradings),
            ", ".join(f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items())),
            *(middle(self.ratios, ".2f"), middle(self.reference_ms, ".3f")),
            *(middle(self.builtin_ms, ".3f"), variation, middle(self.transfer, ".0%")),
            *(clocks, self.discarded, middle(self.rounds, ".0f")),
        )
        return f"| {' | '.join(map(str, cells))} |"


HEAD = (
    "| what | exercise | times the work | gradings | verdicts | measured | reference, ms"
    " | built-in, ms | CV | transfer | MHz | discarded | rounds |\n|" + "---|" * 13
)


def slower(text: str, factor: float) -> str:
    """Exercise 3's reference, which does its work so many times: once more for a part of the
    queries where that is no whole number."""
    share = factor - int(factor)
    return text + (
        "\n\nwhole = attention\n\n\n"
        "def attention(queries, keys, values):\n"
        f"    for _ in range({int(factor) - 1}):\n"
        "        whole(queries, keys, values)\n"
        f"    if {share}:\n"
        f"        whole(queries[:, : round({share} * queries.shape[1])], keys, values)\n"
        "    return whole(queries, keys, values)\n"
    )


@dataclass(frozen=True)
class Job:
    """An answer, and how it is graded: `times` at most."""

    row: Row
    room: Path
    names: tuple[str, ...]
    source: str
    limit: float
    times: int = 1

    @property
    def name(self) -> str:
        """What the row is called where there is none."""
        return f"{self.row.what}, exercise {self.row.exercise}, {self.row.factor:g}"


class Bench:
    """Times answers by turns, until the time is up."""

    def __init__(self, forkserver: Forkserver, device: str, seconds: float) -> None:
        self._forkserver = forkserver
        self._device = device
        self._ends = time.monotonic() + seconds
        self.described: dict[str, Any] = {}

    def time_all(self, jobs: Sequence[Job]) -> None:
        """Grade each once, so that no part lacks, and then again those that want it."""
        for turn in range(max(job.times for job in jobs)):
            for job in jobs:
                if turn < job.times and time.monotonic() < self._ends:
                    self._time(job)
                    print(f"{job.name}: {dict(job.row.verdicts)}", file=sys.stderr, flush=True)

    def _time(self, job: Job) -> None:
        # Only now: what is imported here may hold secrets, and the workers are forks of this.
        from grader.course.model import Limits
        from grader.judge import room
        from grader.judge.clock.timing import Clock
        from grader.judge.reference import Reference
        from grader.judge.student import Halt, Student
        from grader.submission.text import Submission

        row, names = job.row, job.names
        module = room.load(job.room / "reference.py")
        student = Student(
            Submission(path=Path("answer.py"), sha256="", source=job.source),
            Reference({name: getattr(module, name) for name in names}),
            Start(job.source, "answer.py", list(names), [], "cpu", Limits()),
            lambda each: Worker(self._forkserver, each),
        )
        clock = Clock(
            self._forkserver,
            student,
            job.room,
            limit=job.limit,
            device=self._device,
            resident=row.what == "resident",
        )
        began = time.monotonic()
        try:
            timing = clock.measure()
        except (Halt, Exception) as refused:
            row.verdicts["refused"] += 1
            row.said.append(f"{type(refused).__name__}: {refused}".split("\n")[0])
        else:
            row.verdicts[timing.verdict.value if timing else "untimed"] += 1
            row.said += [clock.untimed] if clock.untimed else []
            if timing is not None:
                self._note(row, timing)
        finally:
            student.close()
        row.seconds += time.monotonic() - began
        row.gradings += 1

    def _note(self, row: Row, timing: Any) -> None:
        row.reference_ms.append(timing.reference_ms)
        row.rounds.append(timing.rounds)
        if timing.vs_reference is not None:
            row.ratios.append(timing.vs_reference.ratio)
        if timing.builtin_ms is not None:
            row.builtin_ms.append(timing.builtin_ms)
        if timing.reason:
            row.said.append(timing.reason)
        if timing.on_device is not None:
            row.transfer.append(timing.on_device.transfer)
            row.clocks_mhz += timing.on_device.clocks_mhz or ()
            row.discarded += timing.on_device.discarded
            self.described["title"] = timing.on_device.title


def attacks(device: str) -> Iterator[tuple[str, str]]:
    """The attacks by name, for this device."""
    for path in sorted((ROOT / "tests" / "hostile" / "device").glob("*.py")):
        text = path.read_text()
        if device == "cuda":
            text = text.replace("torch.simulated._sleep", "rest") + REST
        yield path.stem, text.replace("torch.simulated", f"torch.{device}")


def jobs(device: str, small: bool, attacked: Path) -> list[Job]:
    """All three parts, what matters most first; the room of the attacks is made in `attacked`."""
    from grader.course import model as course

    exercises = course.load(ROOT)
    (attacked / "reference.py").write_text(ATTACKED)
    (attacked / "speed.py").write_text(ATTACKED_SPEED)

    def of(number: str, what: str, factor: float, limit: float | None, times: int) -> Job:
        exercise = exercises.exercise(number)
        text = (exercise.room / "reference.py").read_text()
        return Job(
            Row(what, number, factor),
            exercise.room,
            exercise.functions,
            text if factor == 1 else slower(text, factor),
            exercise.speed_limit if limit is None else limit,
            1 if small else times,
        )

    equal_ones = EQUAL[1:2] if small else EQUAL
    return [
        *(of(number, "equal", 1.0, None, 20) for number in equal_ones),
        *(of(CURVE, "slower", factor, CURVE_LIMIT, 10) for factor in FACTORS),
        *(
            Job(Row(f"{ATTACK}{name}", "mix", 1.0), attacked, ("mix",), source, 3.0)
            for name, source in attacks(device)
        ),
        *(of(number, "resident", 1.0, None, 20) for number in equal_ones),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda", choices=("cuda", "mps", "simulated"))
    parser.add_argument(
        "--small", action="store_true", help="once each, of few rounds, to see that it runs"
    )
    parser.add_argument("--seconds", type=float, default=270, help="when to stop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all figures go")
    options = parser.parse_args()
    import torch

    from grader.errors import UsageError
    from grader.judge.grading import resolve_devices

    try:
        resolve_devices(options.device)
    except UsageError as error:
        sys.exit(f"{error.problem} {error.advice}")
    began = time.monotonic()
    with Forkserver() as forkserver:
        if options.small:
            from grader.judge.clock import timing

            timing.LOOKS = timing.LOOKS[:1]
        bench = Bench(forkserver, options.device, options.seconds)
        with tempfile.TemporaryDirectory() as folder:
            all_jobs = jobs(options.device, options.small, Path(folder))
            bench.time_all(all_jobs)
    machine = {
        "device": options.device,
        **bench.described,
        "torch": str(torch.__version__),
        "cuda": torch.version.cuda,
        "driver": driver(),
        "tf32": "off, for the built-in too",
        "compile": "none: the built-in is called as it is",
        "python": platform.python_version(),
        "system": platform.platform(),
        "seconds": round(time.monotonic() - began, 1),
    }
    rows = [job.row for job in all_jobs if job.row.gradings]
    left_out = [job.name for job in all_jobs if not job.row.gradings]
    tried = [row for row in rows if row.what.startswith(ATTACK)]
    earned = [row.what.removeprefix(ATTACK) for row in tried if row.verdicts["ok"]]
    print(HEAD, *(row.line for row in rows), sep="\n")
    print("\n" + ", ".join(f"{name}: {value}" for name, value in machine.items()))
    print(f"attacks that were believed: {', '.join(earned) or 'none'} of {len(tried)}")
    if left_out:
        print(f"left out, the time was up: {'; '.join(left_out)}")
    if options.json:
        shown = [{**vars(row), "variation": row.variation} for row in rows]
        content = {"machine": machine, "rows": shown, "left_out": left_out}
        options.json.write_text(json.dumps(content, indent=1) + "\n")


def driver() -> str | None:
    """The version of NVIDIA's driver; None where nobody can tell."""
    try:
        import pynvml

        pynvml.nvmlInit()
        version = pynvml.nvmlSystemGetDriverVersion()
        return version if isinstance(version, str) else version.decode()
    except Exception:
        return None


if __name__ == "__main__":
    main()
