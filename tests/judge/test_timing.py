"""The judge's clock: its statistics, its decisions, and what cannot cheat it."""

import math
import random
from pathlib import Path

import pytest
import torch
from quality import sample

from grader.course import model as course
from grader.judge import room
from grader.judge.clock import loops
from grader.judge.clock.task import Task
from grader.judge.clock.timing import (
    LOOKS,
    NOOP,
    POOL_BYTES,
    Clock,
    Rounds,
    decide,
    interval,
    is_hopeless,
    out_of_time,
)
from grader.judge.compare import Mismatch
from grader.judge.processes.workers import Start, Worker
from grader.judge.reference import Reference
from grader.judge.student import Halt, LoadFailed, Student, StudentRaised
from grader.report import TimingVerdict
from grader.submission import text as submission
from grader.wire import FrameError, Placed
from grader.worker.pool import Pool, gradients_back, on_device

EXERCISE = course.load(course.bundled()).exercise("3")
CHEATS = sorted((Path(__file__).parent.parent / "hostile" / "timing").glob("*.py"))


# --- statistics ---


@pytest.mark.parametrize("rounds", LOOKS)
def test_the_interval_holds_the_median_as_often_as_it_says(rounds):
    """Over many draws of skewed noise, the true median lies outside no more often than allowed."""
    generator = random.Random(rounds)
    missed = 0
    for _ in range(4000):
        # Lognormal with bursts, as on a busy machine; the median of the logarithm is 0.
        noise = [
            generator.gauss(0, 0.1) * (10 if generator.random() < 0.2 else 1) for _ in range(rounds)
        ]
        found = interval(noise, 0.01)
        assert found.low <= found.ratio <= found.high
        missed += not found.low <= 1.0 <= found.high
    assert missed / 4000 <= 0.015


def test_few_rounds_prove_nothing():
    """Where no interval is sure enough, it is infinite rather than wrong."""
    found = interval([0.0] * 4, 0.01)
    assert (found.low, found.high) == (0.0, math.inf)


def made(student: float, *, reference: float = 1.0, noop: float = 0.1, rounds: int = 12) -> Rounds:
    """Rounds without noise, in milliseconds."""
    result = Rounds()
    times = {"student": student, "reference": reference, "builtin": reference, NOOP: noop}
    for kind, ms in times.items():
        result.seconds[kind] = [ms / 1e3] * rounds
    return result


@pytest.mark.parametrize(
    ("student", "verdict"), [(1.0, "ok"), (2.6, "ok"), (4.0, "slow"), (100.0, "slow")]
)
def test_a_clear_ratio_is_decided_at_the_first_look(student, verdict):
    """Under the limit is ok and over it slow, the channel's own cost taken off both."""
    assert decide(made(student), 3.0, last=False) == (verdict, None)


def test_a_ratio_at_the_limit_is_not_decided():
    """Too close to tell: more rounds, and in the end `inconclusive`."""
    close = made(2.8)
    close.seconds["student"] = [s / 1e3 for s in (2.7, 2.9) * 6]
    assert decide(close, 3.0, last=False) is None
    assert decide(close, 3.0, last=True) == (TimingVerdict.INCONCLUSIVE, None)


@pytest.mark.parametrize("student", [3.05, 3.2, 3.4])
def test_a_ratio_just_over_the_limit_costs_nothing(student):
    """The same answer may be just under it on another day: only what is clearly over is slow."""
    assert decide(made(student), 3.0, last=False) is None
    assert decide(made(student), 3.0, last=True) == (TimingVerdict.INCONCLUSIVE, None)


def test_what_is_hopeless_is_stopped_early():
    """Many times the limit in each of a few rounds; one round within reach, and it goes on."""
    assert is_hopeless(made(100.0, rounds=4), 3.0)
    assert not is_hopeless(made(100.0, rounds=3), 3.0)
    assert not is_hopeless(made(9.0, rounds=8), 3.0)
    hitch = made(100.0, rounds=8)
    hitch.seconds["student"][5] = 2.0 / 1e3
    assert not is_hopeless(hitch, 3.0)


def noisy(student: float, *, rounds: int) -> Rounds:
    """Rounds on a crowded machine, in milliseconds: the reference takes less than a channel's
    calls differ by, and was lucky in each round."""
    draw = random.Random(rounds)
    result = Rounds()
    result.seconds[NOOP] = [0.2e-3, *(draw.uniform(0.4e-3, 0.8e-3) for _ in range(rounds - 1))]
    result.seconds["reference"] = [draw.uniform(0.15e-3, 0.2e-3) for _ in range(rounds)]
    result.seconds["student"] = [student / 1e3 + draw.uniform(0, 0.2e-3) for _ in range(rounds)]
    return result


@pytest.mark.parametrize("rounds", [4, *LOOKS])
def test_what_is_lost_in_the_noise_of_the_channel_is_no_measure(rounds):
    """A right answer to a tiny task is not slow because the reference's time could not be told from
    none; one that takes long still is."""
    right, slow = noisy(0.3, rounds=rounds), noisy(50.0, rounds=rounds)
    assert not is_hopeless(right, 3.0)
    assert is_hopeless(slow, 3.0)
    assert out_of_time(right, 3.0)[0] == TimingVerdict.INCONCLUSIVE
    if rounds in LOOKS:
        assert decide(right, 3.0, last=True)[0] != TimingVerdict.SLOW
        assert decide(slow, 3.0, last=False)[0] == TimingVerdict.SLOW


@pytest.mark.parametrize(
    ("second", "verdict"),
    [("slow", TimingVerdict.SLOW), ("ok", TimingVerdict.OK), ("inconclusive", "inconclusive")],
)
def test_near_the_limit_other_processes_have_to_be_slow_too(clock, monkeypatch, second, verdict):
    """What one pair of processes says of five times the reference's time may be their own doing."""
    timer = clock((EXERCISE.room / "reference.py").read_text())
    tries = [(made(5.0), TimingVerdict.SLOW, None), (made(2.0), TimingVerdict(second), None)]
    monkeypatch.setattr(timer, "_tried", lambda: tries.pop(0))
    timing = timer.measure()
    assert timing.verdict == verdict
    assert timing.rounds == 24
    assert not tries


def test_the_second_try_has_the_time_of_the_first(clock, monkeypatch):
    """One that had none left would say of its first calls that they took too long."""
    timer = clock((EXERCISE.room / "reference.py").read_text())
    had = []

    def tried():
        had.append(timer._left)
        timer._left = 0.0
        return made(5.0), TimingVerdict.SLOW, None

    monkeypatch.setattr(timer, "_tried", tried)
    assert timer.measure().verdict is TimingVerdict.SLOW
    assert had[0] == had[1] > 0


def test_far_from_the_limit_one_try_is_enough(clock, monkeypatch):
    """What takes ten times the limit is not tried again."""
    timer = clock((EXERCISE.room / "reference.py").read_text())
    tries = [(made(30.0), TimingVerdict.SLOW, None)]
    monkeypatch.setattr(timer, "_tried", lambda: tries.pop(0))
    assert timer.measure().verdict is TimingVerdict.SLOW


# --- what to do about it ---

NESTED = """
def f(x):
    '''A loop in a docstring:
            for every row'''
    for i in range(3):
        for j in range(4):
            x = x + [k for k in x]
    while x:
        pass
"""


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (NESTED, 6),
        ("def f(x):\n    return [y for y in x]\n", 2),
        ("def f(x):\n    return x  # for all\n", None),
        ("x = ('", None),
    ],
)
def test_the_innermost_loop_is_found(source, line):
    """A statement before a comprehension; no comment and no docstring is a loop."""
    assert loops.innermost(source) == line


def test_a_slow_answer_is_told_what_to_do():
    """The loop, its line, and what could take its place; else what else to look for."""
    lines = NESTED.split("\n")
    said = loops.advice(NESTED, "line {}".format, lambda number: lines[number - 1])
    assert said.startswith("Look at the loop at line 6: for j in range(4):\nCan one operation")
    assert "work that is done twice" in loops.advice("x = 1", str, str)


def test_every_timed_exercise_has_a_hint_on_speed():
    """Whoever is too slow gets a thought of what to do."""
    for exercise in course.find(course.bundled()).exercises:
        if (exercise.room / "speed.py").is_file():
            assert any(hint.property == "test_speed" for hint in exercise.hints), exercise.number


def test_who_uses_up_the_time_is_slow():
    """Where the time is up before a look, all calls together tell, however they were spread."""
    assert out_of_time(made(9.0, rounds=3), 3.0)[0] is TimingVerdict.SLOW
    assert out_of_time(made(2.0, rounds=3), 3.0)[0] is TimingVerdict.INCONCLUSIVE
    erratic = made(1.0, rounds=4)
    erratic.seconds["student"] = [s / 1e3 for s in (1.0, 1.0, 1.0, 30.0)]
    assert out_of_time(erratic, 3.0)[0] is TimingVerdict.SLOW
    assert "after 3 rounds" in out_of_time(made(9.0, rounds=3), 3.0)[1]


def test_a_spread_of_the_students_own_counts_against_it():
    """Who makes the measurement inconclusive by erratic times gains nothing by it."""
    erratic = made(1.0)
    erratic.seconds["student"] = [s / 1e3 for s in (1.0, 30.0) * 6]
    verdict, reason = decide(erratic, 3.0, last=True)
    assert verdict is TimingVerdict.SLOW
    assert "varies" in reason


def test_a_spread_that_costs_no_time_is_the_machines():
    """On a crowded machine a right answer is inconclusive at worst, however much it varies."""
    crowded = made(1.0)
    crowded.seconds["student"] = [s / 1e3 for s in (1.0, 4.0) * 6]
    assert decide(crowded, 3.0, last=True) == (TimingVerdict.INCONCLUSIVE, None)


@pytest.mark.parametrize(("student", "said"), [(0.05, "empty call"), (0.15, "ten times")])
def test_nonsense_is_not_believed(student, said):
    """Faster than an empty call, or ten times as fast as torch's own, is for a person to see."""
    verdict, reason = decide(made(student), 3.0, last=False)
    assert verdict is TimingVerdict.REVIEW
    assert said in reason


# --- the protocol ---


@pytest.fixture
def clock(forkserver, tmp_path):
    """Make a clock for a source text of exercise 3."""
    made = []

    def make(source: str, without: tuple[str, ...] = (), **limits: int) -> Clock:
        path = tmp_path / "answer.py"
        path.write_text(source)
        module = room.load(EXERCISE.room / "reference.py")
        reference = Reference({name: getattr(module, name) for name in EXERCISE.functions})
        start = Start(
            source,
            path.name,
            list(EXERCISE.functions),
            [],
            "cpu",
            course.Limits(**{"property_seconds": 10, **limits}),
            without=without,
        )
        student = Student(
            submission.read(path), reference, start, lambda start: Worker(forkserver, start)
        )
        made.append(student)
        student.load()
        return Clock(forkserver, student, EXERCISE.room, limit=3.0)

    yield make
    for student in made:
        student.close()


@pytest.mark.slow
@pytest.mark.parametrize("cheat", sample(CHEATS, 3), ids=lambda path: path.stem)
def test_a_cheat_earns_no_points_for_speed(clock, cheat):
    """Whatever it tries, the clock says so, and no time of its is believed."""
    # Those that sleep are to wait for the limit.
    seconds = {"slow_to_warm_up": 2, "erratic": 5}.get(cheat.stem, 10)
    # Where seccomp refuses processes, those that start some do not even load.
    timer = clock(cheat.read_text(), without=("seccomp",), property_seconds=seconds)
    with pytest.raises((Mismatch, Halt, StudentRaised)):
        timer.hold()
    timing = timer.timing
    if timing is not None and timing.verdict is not TimingVerdict.SLOW:
        assert timing.verdict is TimingVerdict.REVIEW
        assert timing.student_ms is None
        assert timing.vs_reference is None


def test_the_inputs_of_the_clock_are_nobodys_to_know(clock):
    """Two clocks of one submission never draw the same."""
    source = (EXERCISE.room / "reference.py").read_text()
    one, other = clock(source), clock(source)
    for each in (one, other):
        each._task = Task.load(EXERCISE.room)
    assert not torch.equal(one._inputs()[0], other._inputs()[0])


@pytest.mark.slow
def test_the_worker_of_the_properties_stands_still_meanwhile(clock, monkeypatch):
    """Nothing of the same student's runs beside the one that is timed."""
    timer = clock((EXERCISE.room / "reference.py").read_text())
    worker = timer._student._worker
    states = []
    rounds = timer._rounds

    def watched(crowd):
        states.append(Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0])
        return rounds(crowd)

    monkeypatch.setattr(timer, "_rounds", watched)
    timer.measure()
    assert states == ["T"]
    timer._student.begin(1)  # and goes on afterwards


@pytest.mark.parametrize("name", ["burning_children", "burning_orphans"])
def test_a_cheat_that_needs_processes_is_not_even_loaded(clock, name):
    """seccomp refuses to start them."""
    (cheat,) = (path for path in CHEATS if path.stem == name)
    with pytest.raises(LoadFailed, match="Operation not permitted"):
        clock(cheat.read_text())


@pytest.mark.slow
def test_an_equal_answer_is_measured(clock):
    """The reference, handed in, is timed in full: every figure is there."""
    timing = clock((EXERCISE.room / "reference.py").read_text()).measure()
    assert timing.verdict in (TimingVerdict.OK, TimingVerdict.INCONCLUSIVE)
    assert timing.rounds in LOOKS
    assert timing.device == "cpu"
    for ms in (timing.student_ms, timing.reference_ms, timing.builtin_ms):
        assert ms > 0
    assert timing.vs_reference.low <= timing.vs_reference.ratio <= timing.vs_reference.high
    assert "x the reference" in timing.in_words


@pytest.mark.slow
def test_a_much_slower_answer_is_slow(clock):
    """Thirty times as long as the reference is slow on any machine."""
    source = (EXERCISE.room / "reference.py").read_text()
    slow = source.replace(
        "    return weights @", "    import time; time.sleep(0.3)\n    return weights @"
    )
    timing = clock(slow).measure()
    assert timing.verdict is TimingVerdict.SLOW


def test_an_exception_while_timed_is_the_students(clock):
    """What fails on large inputs alone is shown like any other exception."""
    source = (
        (EXERCISE.room / "reference.py")
        .read_text()
        .replace("    d = ", "    assert queries.numel() < 10_000\n    d = ")
    )
    with pytest.raises(StudentRaised, match="AssertionError"):
        clock(source).measure()


REFERENCE = (EXERCISE.room / "reference.py").read_text()


@pytest.mark.slow
def test_prints_that_only_large_inputs_make_cost_nothing(clock):
    """A line for every query and sample fits where cases are small; what more the timed calls
    print is dropped."""
    printing = REFERENCE.replace(
        "    d = ", "    for row in queries.flatten(0, 1):\n        print(float(row[0]))\n    d = "
    )
    timing = clock(printing, output_kib=16).measure()
    assert timing.rounds > 0


@pytest.mark.slow
def test_a_wrong_value_while_timed_is_told_as_one(clock):
    """It is wrong, and nothing is said of its being slow."""
    wrong = REFERENCE.replace(
        "    return weights @",
        "    weights = weights * (1 + (values.shape[-1] > 8))\n    return weights @",
    )
    with pytest.raises(Mismatch, match="wrong") as caught:
        clock(wrong).hold()
    assert "it is the values that are wrong here, not the time" in caught.value.message


@pytest.mark.slow
def test_a_wrong_value_is_told_where_it_is_slow_as_well(clock):
    """Also where a later call, or the first of all, does not come back in time."""
    for calls in (1, 3):
        wrong = REFERENCE.replace(
            "    return weights @",
            "    weights = weights * (1 + (values.shape[-1] > 8))\n"
            "    calls.append(1)\n"
            f"    if len(calls) > {calls}:\n"
            "        import time; time.sleep(9)\n"
            "    return weights @",
        ).replace("\ndef attention(", "\ncalls = []\n\n\ndef attention(")
        with pytest.raises(Mismatch, match="wrong") as caught:
            clock(wrong, property_seconds=1).hold()
        assert "not the time" in caught.value.message


# --- the shared memory ---


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool"
    path.write_bytes(bytes(1 << 16))
    with path.open("r+b") as file:
        yield Pool(file.fileno(), 1 << 16)


def test_tensors_cross_the_pool_with_their_gradients(pool):
    """What one side puts, the other takes: values, gradients, nesting; without a copy between."""
    parameter = torch.arange(3.0).requires_grad_()
    parameter.grad = torch.ones(3)
    placed = pool.put(([parameter], 2.0, torch.tensor([True, False])), 0)
    (taken,), number, flags = pool.take(placed)
    assert torch.equal(taken, parameter)
    assert number == 2.0
    assert flags.tolist() == [True, False]
    taken.grad.mul_(2)
    assert pool.take(placed)[0][0].grad.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    "placed",
    [
        Placed("float32", (3,), 1 << 20),
        Placed("float32", (1 << 39, 1 << 39), 0),
        Placed("float32", (3,), 1),
        Placed("object", (3,), 0),
    ],
)
def test_a_place_outside_the_pool_is_refused(pool, placed):
    """A hostile worker cannot make the judge read what is not shared."""
    with pytest.raises(FrameError):
        pool.copies([placed])


def test_what_does_not_fit_is_refused(pool):
    """Inputs stay in their half of the pool, outputs in theirs."""
    with pytest.raises(FrameError):
        pool.put(torch.zeros(1 << 14), 0)
    with pytest.raises(FrameError):
        pool.put(torch.zeros(1 << 14), pool.half)


def test_a_worker_cannot_take_the_memory_away(forkserver):
    """The pool is sealed: its size cannot be changed, which would kill the judge."""
    source = (
        "import os\n"
        "def attention_scores(queries, keys):\n"
        "    for fd in os.listdir('/proc/self/fd'):\n"
        "        try:\n"
        "            os.ftruncate(int(fd), 0)\n"
        "        except OSError:\n"
        "            pass\n"
        "    return queries\n"
    )
    start = Start(source, "a.py", ["attention_scores"], [], "cpu", course.Limits(), POOL_BYTES)
    worker = Worker(forkserver, start)
    worker.load(10)
    placed = worker.pool.put((torch.ones(2, 2), torch.ones(2, 2)), 0)
    call = {"op": "timed", "function": "attention_scores", "args": placed}
    worker.request(call, 10)
    assert worker.pool.bytes.numel() == POOL_BYTES
    assert float(worker.pool.bytes[-1]) == 0
    worker.close()


def test_gradients_on_a_device_come_back_to_the_pool(pool):
    """Where the gradients were changed in a copy on a device, the judge finds them in the pool."""
    parameter = torch.zeros(3).requires_grad_()
    parameter.grad = torch.ones(3)
    placed = pool.put([parameter], 0)
    given = pool.take(placed)
    copies = on_device(given, "cpu")
    for tensor in copies:  # on the CPU `to` copies nothing; a device would
        tensor.grad = tensor.grad.clone().mul_(5)
    gradients_back(given, copies)
    assert pool.take(placed)[0].grad.tolist() == [5.0, 5.0, 5.0]
