"""The clock on a device beside the processor: everything of it, on a pretended one."""

import itertools
import math
import mmap
import threading
import time
from pathlib import Path

import pytest
import torch
from quality import sample

from grader.course import model as course
from grader.errors import UsageError
from grader.judge import room
from grader.judge.clock import timing, trusted
from grader.judge.clock.task import Room, Task
from grader.judge.clock.timing import LOOKS, NOOP, POOL_BYTES, REFERENCE, STUDENT, Clock
from grader.judge.clock.trusted import DeviceFailed
from grader.judge.compare import Mismatch
from grader.judge.effort import Effort
from grader.judge.grading import resolve_devices
from grader.judge.processes.workers import NoDevice, Start, Worker, WorkerHung
from grader.judge.reference import Reference
from grader.judge.story import given_of
from grader.judge.student import Halt, Student, StudentRaised
from grader.report import PropertyStatus, Status, TimingVerdict
from grader.submission.text import Submission
from grader.wire import ALIGNMENT, Placed, leaves
from grader.worker import devices, resident
from grader.worker.pool import Pool

DEVICE = devices.named("simulated")
ANY = math.inf  # where what is said of the time does not matter: nothing is slow
ATTACKS = sorted((Path(__file__).parent.parent / "hostile" / "device").glob("*.py"))
TIMED = [
    each for each in course.find(course.bundled()).exercises if (each.room / "speed.py").is_file()
]
REFERENCE_TEXT = """
import torch


def mix(x, w):
    return torch.tanh(x @ w) @ w
"""
SPEED = """
import torch

FUNCTION = "mix"


def inputs(generator, device):
    size = 1024 if device == "cuda" else 96
    x, w = (torch.randn(size, size, generator=generator) for _ in range(2))
    return x, w / size**0.5


def builtin(x, w):
    return torch.mm(torch.tanh(torch.mm(x, w)), w)
"""
# On the processor `mix` takes less time than there is noise on a crowded machine, where it may seem
# slow beside the reference, or sooner there than an empty call. This is enough work to tell.
LARGER = SPEED.replace("96", "400")
pytestmark = pytest.mark.skipif(bool(DEVICE.lacks()), reason=DEVICE.lacks() or "all is there")


@pytest.fixture(autouse=True)
def _as_new():
    """The device as it is at first, after each test."""
    before = {name: getattr(DEVICE.page, name) for name in ("capacity", "bus", "clock")}
    yield
    DEVICE.page.set(busy_until=0, throttled=0, others=0, **before)


@pytest.fixture
def clock(forkserver, tmp_path):
    """Make a clock for an answer to `mix(x, w)`."""
    made = []
    (tmp_path / "reference.py").write_text(REFERENCE_TEXT)
    (tmp_path / "speed.py").write_text(SPEED)

    def make(source=REFERENCE_TEXT, device="simulated", limit=3.0, **options) -> Clock:
        reference = Reference({"mix": room.load(tmp_path / "reference.py").mix})
        values = "simulated" if device == "simulated" and not options else "cpu"
        start = Start(source, "answer.py", ["mix"], [], values, course.Limits())
        submission = Submission(path=Path("answer.py"), sha256="", source=source)
        student = Student(submission, reference, start, lambda each: Worker(forkserver, each))
        made.append(student)
        student.load()
        return Clock(forkserver, student, tmp_path, limit=limit, device=device, **options)

    yield make
    for student in made:
        student.close()


# --- what is measured ---


@pytest.mark.slow
def test_a_right_answer_is_timed_on_the_device(clock):
    """Every figure is there, and what a sceptic asks besides."""
    DEVICE.page.set(clock=1410, others=2)
    found = clock().measure()
    assert found.verdict in (TimingVerdict.OK, TimingVerdict.INCONCLUSIVE)
    assert found.device == "simulated"
    assert found.builtin_ms is not None
    assert set(found.peak_mib) == {STUDENT, REFERENCE, NOOP, "builtin"}
    assert found.on_device.title == "simulated accelerator"
    assert 0 < found.on_device.transfer <= 1  # 1 where the machine is so busy that no work shows
    assert found.on_device.clocks_mhz == (1410, 1410)
    assert found.on_device.processes == 2
    assert found.on_device.discarded == 0
    assert not found.on_device.is_smaller


@pytest.mark.slow
def test_the_noop_copies_as_much_as_an_answer(clock, monkeypatch):
    """What is subtracted is all that goes over the bus for an answer, in both directions."""
    timer = clock(limit=ANY)
    moved = {}
    timed = timer._timed

    def counted(kind, worker, args):
        up, down = DEVICE.page.up, DEVICE.page.down
        result = timed(kind, worker, args)
        moved.setdefault(kind, []).append((DEVICE.page.up - up, DEVICE.page.down - down))
        return result

    monkeypatch.setattr(timer, "_timed", counted)
    timer.measure()
    once = 96 * 96 * 4
    for kind in (NOOP, STUDENT, REFERENCE):
        assert set(moved[kind][1:]) == {(2 * once, once)}, kind


@pytest.mark.slow
def test_the_cache_is_emptied_before_every_turn(clock, monkeypatch):
    """What the last call left in it helps nobody; only the calls that warm up come without."""
    asked = {}
    request = Worker.request

    def noted(worker, message, *more):
        asked.setdefault(worker, []).append(message.get("op"))
        return request(worker, message, *more)

    monkeypatch.setattr(Worker, "request", noted)
    found = clock(limit=ANY).measure()
    timed = [ops for ops in asked.values() if "idle" not in ops]  # not who says what is right
    turns = [turn for ops in timed for turn in itertools.pairwise(ops)]
    assert sum(turn == ("evict", "timed") for turn in turns) >= 4 * found.rounds
    warming = [turn for turn in turns if turn[1] == "timed" and turn[0] != "evict"]
    assert len(warming) == timing.WARM_UPS * (timing.STUDENT_PROCESSES + 3)


@pytest.mark.slow
def test_time_on_the_bus_is_nobodys(clock):
    """On a slow bus nearly all of a call is copying; what is left is compared."""
    DEVICE.page.set(bus=4 << 20)
    found = clock().measure()
    assert found.on_device.transfer > 0.5
    assert found.verdict in (TimingVerdict.OK, TimingVerdict.INCONCLUSIVE)


@pytest.mark.slow
@pytest.mark.parametrize("attack", sample(ATTACKS, 2), ids=lambda path: path.stem)
def test_a_cheat_on_the_device_earns_no_points(clock, attack):
    """Whatever it tries, no time of its is believed that is not its own."""
    timer = clock(attack.read_text())
    with pytest.raises((Mismatch, Halt, StudentRaised)):
        timer.hold()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [("side_stream", {}), ("patched_synchronise", {}), ("side_stream", {"resident": True})],
    ids=["side_stream", "patched_synchronise", "side_stream with what waits there"],
)
def test_nobody_is_asked_to_wait_whom_a_submission_can_reach(clock, name, options):
    """Work on a side stream is waited for: it is slow, and not wrong, whatever the submission has
    put in the place of `synchronize`."""
    (attack,) = (path for path in ATTACKS if path.stem == name)
    found = clock(attack.read_text(), **options).measure()
    assert found.verdict is TimingVerdict.SLOW
    assert found.student_ms > 250


@pytest.mark.slow
def test_inputs_may_wait_on_the_device(clock, monkeypatch):
    """While the clock runs nothing goes over the bus but a digest; then results are fetched, and
    held in full."""
    moved = {}
    request = Worker.request

    def counted(worker, message, *more):
        up, down = DEVICE.page.up, DEVICE.page.down
        reply = request(worker, message, *more)
        moved.setdefault(message.get("op"), set()).add(
            (DEVICE.page.up - up, DEVICE.page.down - down)
        )
        return reply

    monkeypatch.setattr(Worker, "request", counted)
    found = clock(resident=True).measure()
    assert found.verdict in (TimingVerdict.OK, TimingVerdict.INCONCLUSIVE)
    assert max(map(max, moved["resident"])) <= resident.WORD
    once = 96 * 96 * 4
    assert moved["publish"] == {(2 * once, 0)}
    assert moved["fetch"] == {(0, once)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    sample(
        [
            "lazy_result",
            "side_stream",
            "changed_afterwards",
            "several_rounds_at_once",
            "cached_by_identity",
            "wrong_in_one_place",
        ],
        2,
    ),
)
def test_a_cheat_with_what_waits_there_earns_no_points(clock, name):
    """Lazy, late, stale or wrong results: by the digest, by the time, or by their values."""
    (attack,) = (path for path in ATTACKS if path.stem == name)
    with pytest.raises((Mismatch, Halt, StudentRaised)):
        clock(attack.read_text(), resident=True).hold()


def test_what_waits_on_the_device_tells_nothing():
    """Masked inputs have nothing in common with themselves, under another key or in another place;
    the same key gives them back."""
    words = torch.zeros(4096, dtype=torch.int64)
    one, other = [1, 2, 3, 4], [1, 2, 3, 5]
    masked = resident.mask(words.clone(), one)
    assert len(masked.unique()) == len(masked)
    for keys in ([2, 2, 3, 4], [1, 3, 3, 4]):
        assert not (resident.mask(words.clone(), keys) == masked).any()
    share = sum(f"{word & (1 << 64) - 1:064b}".count("1") for word in masked.tolist())
    assert share / (64 * len(masked)) == pytest.approx(0.5, abs=0.01)
    assert torch.equal(resident.mask(masked, one), words)
    # The digest knows every bit, every place, and no sum or multiple of digests.
    x, y = torch.rand(33, 7), torch.rand(33, 7)
    x[3, 2] = 0.5
    whole = resident.digest([x, y], one)
    assert resident.digest([x.clone(), y.double()], one)[0] == whole[0]
    assert resident.digest([x, y], other) != whole
    changed = x.clone()
    changed[3, 2] = -0.5
    swapped = x.flip(0)
    halves = resident.digest([x / 2, -x, changed, swapped, x[:-1], torch.rand(())], one)
    assert len({*halves, whole[0], 2 * whole[0], -whole[0], whole[0] // 2}) == 10
    zeros = resident.digest([torch.zeros(8), torch.zeros(16)], one)
    assert zeros[0] != zeros[1]


@pytest.mark.slow
def test_work_left_on_the_device_is_not_the_others_time(clock, monkeypatch):
    """What the device still does after an answer is added to the time of whoever gave it."""
    timer = clock()
    timed = timer._timed

    def leaving_work(kind, worker, args):
        result = timed(kind, worker, args)
        if kind == STUDENT:
            DEVICE.page.set(busy_until=time.monotonic() + 0.4)
        return result

    monkeypatch.setattr(timer, "_timed", leaving_work)
    found = timer.measure()
    assert found.verdict is TimingVerdict.SLOW
    assert found.student_ms > 200


@pytest.mark.slow
def test_a_device_that_stays_busy_after_an_answer_is_told(clock, monkeypatch):
    """Where it comes to rest only once the submission's processes have ended, it was theirs."""
    monkeypatch.setattr(trusted, "PATIENCE_SECONDS", 0.3)
    timer = clock()
    timed, calls = timer._timed, []

    def leaving_work(kind, worker, args):
        result = timed(kind, worker, args)
        calls.append(kind)
        if calls.count(STUDENT) == 2 * timing.WARM_UPS + 1:
            DEVICE.page.set(busy_until=time.monotonic() + 1.5)
        return result

    monkeypatch.setattr(timer, "_timed", leaving_work)
    found = timer.measure()
    assert found.verdict is TimingVerdict.REVIEW
    assert "busy after it has answered" in found.in_words
    assert found.student_ms is None


@pytest.mark.slow
def test_another_programs_work_costs_nobody_a_point(clock, monkeypatch):
    """A device that others keep busy gives no time, and says so."""
    monkeypatch.setattr(trusted, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(timing, "ENDED_SECONDS", 0.2)
    timer = clock()
    over = threading.Event()

    def burn():
        while not over.wait(0.005):
            DEVICE.page.set(busy_until=time.monotonic() + 0.03)

    others = threading.Thread(target=burn)
    waited = timer._wait_for_device

    def begin():
        if not others.is_alive():
            others.start()
        return waited()

    monkeypatch.setattr(timer, "_wait_for_device", begin)
    try:
        timer.hold()
    finally:
        over.set()
        others.join()
    assert timer.timing is None
    assert "another program keeps it busy" in timer.untimed
    assert "costs no point" in timer.untimed


# --- a device that slows itself down ---


@pytest.mark.slow
def test_rounds_in_which_it_throttles_are_discarded(clock, monkeypatch):
    """They count for nobody, and the report says how many there were."""
    timer = clock()
    throttled = timer._is_throttled
    states = iter([1, 1, 1])

    def asked():
        DEVICE.page.set(throttled=next(states, 0))
        return throttled()

    monkeypatch.setattr(timer, "_is_throttled", asked)
    found = timer.measure()
    assert found.on_device.discarded == 3
    assert found.rounds in LOOKS


@pytest.mark.slow
def test_a_device_that_throttles_all_the_time_gives_no_time(clock, monkeypatch):
    """No points are lost by it; but whoever is hopelessly slow on it is slow."""
    monkeypatch.setattr(timing, "MOST_DISCARDED", 4)
    DEVICE.page.set(throttled=1)
    timer = clock()
    timer.hold()
    assert timer.timing is None
    assert "slows itself down" in timer.untimed
    slow = REFERENCE_TEXT.replace("    return", "    torch.simulated._sleep(0.5)\n    return")
    quick_to_warm = slow.replace("    torch.simul", "    if len(calls) > 2:\n        torch.simul")
    quick_to_warm = (
        quick_to_warm.replace("(x, w):", "(x, w):\n    calls.append(1)") + "\ncalls = []\n"
    )
    assert clock(quick_to_warm).measure().verdict is TimingVerdict.SLOW


# --- memory ---


@pytest.mark.slow
def test_what_does_not_fit_is_timed_smaller(clock, monkeypatch):
    """Where the device lacks the memory for its own sizes, the processor's are taken."""
    monkeypatch.setattr(DEVICE, "sizes", "cuda", raising=False)
    DEVICE.page.set(capacity=12 << 20)
    found = clock().measure()
    assert found.on_device.is_smaller
    assert found.verdict in (TimingVerdict.OK, TimingVerdict.INCONCLUSIVE)


def test_what_the_machine_cannot_hold_is_timed_smaller(clock, monkeypatch):
    """Nor are the larger sizes tried where shared memory would take too much of the machine's."""
    monkeypatch.setattr(DEVICE, "sizes", "cuda", raising=False)
    monkeypatch.setattr(timing, "_free_memory", lambda: 1e6)
    sizes = []
    timer = clock()
    monkeypatch.setattr(timer, "_measured", lambda: sizes.append(timer._sizes))
    timer.measure()
    assert sizes == ["cpu"]


@pytest.mark.parametrize("said", ["MemTotal: 8 kB\n", "MemAvailable: 8 kB\n"])
def test_a_system_that_does_not_say_what_is_free_bounds_nothing(monkeypatch, said):
    """Half of what is free may be taken, where it says so."""
    monkeypatch.setattr(timing.Path, "read_text", lambda _: said)
    assert timing._free_memory() == (4096 if "Available" in said else float("inf"))


@pytest.mark.slow
@pytest.mark.parametrize("capacity", [100_000, 7 << 20])
def test_a_full_device_costs_nobody_a_point(clock, tmp_path, capacity):
    """Where not even the reference fits, one sentence says so: when it begins, or when its inputs
    come."""
    timer = clock()
    (tmp_path / "speed.py").write_text(SPEED.replace("96", "1000"))
    DEVICE.page.set(capacity=capacity)
    timer.hold()
    assert timer.timing is None
    assert timer.untimed.startswith("The running time could not be taken on simulated:")
    assert "out of memory" in timer.untimed
    assert "\n" not in timer.untimed


@pytest.mark.slow
def test_an_answer_that_alone_runs_out_of_memory_is_told_in_one_sentence(clock):
    """The reference had enough."""
    DEVICE.page.set(capacity=16 << 20)
    greedy = REFERENCE_TEXT.replace(
        "    return",
        "    if x.shape[0] > 8:\n        torch.empty(8 << 20, device=x.device)\n    return",
    )
    with pytest.raises(StudentRaised, match="runs out of the memory of simulated"):
        clock(greedy).measure()


@pytest.mark.slow
def test_who_fills_the_device_gains_nothing(clock, monkeypatch, tmp_path):
    """Where the reference lacks memory once the submission is there, whose it may be, it is timed
    on the processor, so that a slow answer stays one."""
    (tmp_path / "speed.py").write_text(LARGER)
    slow = "import time\n\ncalls = []\n" + REFERENCE_TEXT.replace(
        "    return",
        "    calls.append(1)\n    if len(calls) > 2:\n        time.sleep(0.2)\n    return",
    )
    for source, verdicts in (
        (slow, [TimingVerdict.SLOW]),
        (REFERENCE_TEXT, [TimingVerdict.OK, TimingVerdict.INCONCLUSIVE]),
    ):
        timer = clock(source)
        timed, kinds = timer._timed, set()

        def full(kind, *more, timer=timer, timed=timed, kinds=kinds):
            if timer._device.is_apart and kind != STUDENT and STUDENT in kinds:
                raise trusted.DeviceFull("out of memory")
            kinds.add(kind)
            return timed(kind, *more)

        monkeypatch.setattr(timer, "_timed", full)
        found = timer.measure()
        assert found.device == "cpu"
        assert found.verdict in verdicts
        assert found.reason == "on simulated it was not to be had: out of memory"


@pytest.mark.slow
@pytest.mark.parametrize("capacity", [0, 300, 1 << 20])
def test_values_that_do_not_fit_are_told_in_one_sentence(grade_source, capacity):
    """A device that is full before anything is computed on it is nobody's fault."""
    DEVICE.page.set(capacity=capacity)
    exercise = course.find(course.bundled()).exercise("12")
    with pytest.raises(UsageError, match="The device simulated cannot be used here: ") as caught:
        grade_source("12", (exercise.room / "reference.py").read_text(), device="simulated")
    assert "out of memory" in caught.value.problem
    assert "\n" not in caught.value.problem


# --- what `auto` does ---


def test_auto_times_on_what_is_there(monkeypatch):
    """The values are the processor's on every machine."""
    monkeypatch.setattr(devices, "AUTO", ("simulated",))
    assert resolve_devices("auto") == ("cpu", "simulated")
    monkeypatch.setattr(devices, "AUTO", ("mps",))
    assert resolve_devices("auto") == ("cpu", "cpu")
    assert resolve_devices("simulated") == ("simulated", "simulated")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_one_sentence(name):
    """With what to say instead."""
    if not devices.named(name).lacks():
        pytest.skip(f"this machine has {name}")
    with pytest.raises(UsageError, match=r"finds no \w+ device here\.") as caught:
        resolve_devices(name)
    assert "--device cpu" in str(caught.value.advice)


def test_metal_has_no_float64(monkeypatch):
    """So only the time is taken there."""
    monkeypatch.setattr(devices.named("mps"), "lacks", lambda: "", raising=False)
    assert resolve_devices("mps") == ("cpu", "mps")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_does_not_begin_is_one_sentence(forkserver, name):
    """A driver that refuses is the machine's fault, and told before any submission is loaded."""
    if not devices.named(name).lacks():
        pytest.skip(f"this machine has {name}")
    worker = Worker(forkserver, Start("", "a.py", [], [], name, course.Limits()))
    with pytest.raises(NoDevice, match=f"The device {name} cannot be used here: ") as caught:
        worker.load(20)
    assert "\n" not in caught.value.problem


UNABLE = {
    "tensors of the processor's": REFERENCE_TEXT.replace(
        "tanh(x @ w)", "tanh(x @ w + torch.zeros(w.shape))"
    ),
    "more memory than there is": REFERENCE_TEXT.replace(
        "    return",
        "    if x.device.type != 'cpu':\n        x.new_empty(64 << 20)\n    return",
    ),
    "other values there": REFERENCE_TEXT.replace(
        "    return", "    x = x + (x.device.type != 'cpu')\n    return"
    ),
    "an end of the process": REFERENCE_TEXT.replace(
        "    return", "    if x.device.type != 'cpu':\n        import os; os._exit(3)\n    return"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("source", UNABLE.values(), ids=UNABLE)
def test_auto_never_makes_an_error_of_a_right_answer(clock, source, tmp_path):
    """What is right on the processor and cannot be timed on the device is timed where it is right,
    and the report says why."""
    (tmp_path / "speed.py").write_text(LARGER)
    DEVICE.page.set(capacity=32 << 20)
    timer = clock(source, limit=ANY, may_fall_back=True)
    timer.hold()
    assert timer.timing.device == "cpu"
    assert "on simulated it was not to be had" in timer.timing.reason


@pytest.mark.slow
def test_a_full_device_is_no_matter_to_auto(clock, tmp_path):
    """The time is then the processor's."""
    (tmp_path / "speed.py").write_text(LARGER)
    DEVICE.page.set(capacity=100_000)
    timer = clock(limit=ANY, may_fall_back=True)
    timer.hold()
    assert timer.timing.device == "cpu"


ENDS = REFERENCE_TEXT.replace("    return", "    import os; os._exit(3)\n    return")


@pytest.mark.slow
@pytest.mark.parametrize("device", ["simulated", "cpu"])
def test_a_reference_that_ends_its_process_is_no_fault_of_the_students(clock, device, monkeypatch):
    """A driver that is reset, memory that gives out: whoever is timed beside it loses nothing."""
    timer = clock()
    timer._use(device)
    monkeypatch.setattr(timer, "_source_of_reference", lambda: ENDS)
    timer.hold()
    assert timer.timing is None
    assert "ended there" in timer.untimed
    assert "costs no point" in timer.untimed


def test_who_has_used_the_time_up_is_told_by_whoever_waits():
    """All processes share the student's time: one of ours that is not there in time is not at
    fault."""
    with pytest.raises(WorkerHung), trusted.of_ours():
        raise WorkerHung("it is late")


@pytest.mark.slow
def test_a_broken_device_is_told(clock, monkeypatch):
    """The reference that raises on a device costs nobody a point."""
    timer = clock()
    monkeypatch.setattr(
        timer, "_begin_trusted", lambda: (_ for _ in ()).throw(DeviceFailed("it is on fire"))
    )
    timer.hold()
    assert timer.untimed == (
        "The running time could not be taken on simulated: it is on fire. That costs no point."
    )


# --- the sizes of every exercise ---


@pytest.mark.parametrize("exercise", TIMED, ids=lambda each: each.stem)
@pytest.mark.parametrize("sizes", ["cpu", "cuda"])
def test_every_task_says_how_much_it_takes(exercise, sizes):
    """Inputs and results of every timed exercise are known before anything is computed, and fit
    the shared memory that is made for them; on the processor, the usual one."""
    module = room.load(exercise.room / "reference.py")
    functions = {name: getattr(module, name) for name in exercise.names}
    task = Task.load(exercise.room)
    asked = task.room(functions, sizes, given_of(exercise.given))
    assert asked.given + asked.result > 0
    assert (asked.result == 0) == task.in_place
    if sizes == "cpu":
        assert asked.pool <= POOL_BYTES
        given = task.inputs(1, "cpu")
        drawn = [
            each for tensor in leaves(given) for each in (tensor, tensor.grad) if each is not None
        ]
        exact = sum(each.numel() * each.element_size() for each in drawn)
        assert exact <= asked.given <= exact + ALIGNMENT * len(drawn)
    else:
        assert asked.pool <= 1 << 30
    if task.within is not None:  # a size is drawn: no draw may be larger than was said
        for seed in range(20):
            inputs = task.inputs(seed, sizes)
            with torch.device("meta"):
                result = functions[task.function](*inputs)
            assert result.numel() * result.element_size() <= asked.result


def test_a_number_that_is_drawn_is_the_greatest_it_may_be(tmp_path):
    """So that a memory is large enough for every draw; tensors of whole numbers stay without
    values."""
    (tmp_path / "speed.py").write_text(
        "import torch\n\nFUNCTION = 'f'\n\n\n"
        "def inputs(generator, device):\n"
        "    n = 3 + int(torch.randint(5, (), generator=generator))\n"
        "    m = int(torch.randint(2, 8, (), generator=generator))\n"
        "    return n, m, torch.randint(9, (n,), generator=generator)\n"
    )
    asked = Task.load(tmp_path).room({"f": lambda n, m, x: (x, torch.zeros(n, m))}, "cpu")
    assert asked.given == ALIGNMENT
    assert asked.result == ALIGNMENT + 4 * ALIGNMENT  # (7,) of eight bytes, and (7, 7) of four


@pytest.mark.slow
@pytest.mark.parametrize("waits", [False, True])
def test_a_task_that_takes_more_than_it_says_is_given_more(clock, monkeypatch, waits):
    """Twice as much; and where that is not enough either, one sentence, and no point is lost."""
    monkeypatch.setattr(timing, "POOL_BYTES", 1 << 12)
    for said, pool in ((50_000, 200_000 + 2 * ALIGNMENT), (20_000, None)):
        monkeypatch.setattr(Task, "room", lambda *_, said=said: Room(said, said))
        timer = clock(limit=ANY, resident=waits)
        timer.hold()
        if pool is None:
            assert timer.timing is None
            assert "more shared memory than it says. That costs no point." in timer.untimed
        else:
            assert timer._start.pool_bytes == pool
            assert timer.timing.device == "simulated"


@pytest.mark.slow
@pytest.mark.parametrize(("rounds", "words"), [(1, "one round"), (2, "2 rounds")])
def test_an_answer_that_uses_its_time_up_is_judged_by_the_rounds_there_were(
    clock, monkeypatch, rounds, words
):
    """Few are enough to say that it is not slow."""
    timer = clock()
    throttled, seen = timer._is_throttled, []

    def asked():
        seen.append(1)
        if len(seen) == rounds:
            timer._left = 0
            seen.clear()  # a second try has as many
        return throttled()

    monkeypatch.setattr(timer, "_is_throttled", asked)
    found = timer.measure()
    assert found.rounds == rounds
    assert found.reason == f"the time was up after {words}"


def test_a_reason_of_the_processors_own_is_not_replaced(clock, monkeypatch):
    """Why it is not the device's time is then the lesser news."""
    timer = clock(may_fall_back=True)

    def fails():
        raise DeviceFailed("it is on fire")

    def measured():
        timer.timing = "what the processor's clock said"

    monkeypatch.setattr(timer, "_measured_on_device", fails)
    monkeypatch.setattr(timer, "_measured_on_processor", measured)
    assert timer.measure() == "what the processor's clock said"


def test_a_course_with_larger_tensors_has_a_larger_pool(clock, tmp_path):
    """Also on the processor: what does not fit the usual one is asked about, and tried again."""
    timer = clock(device="cpu")
    (tmp_path / "speed.py").write_text(SPEED.replace("96", "2000"))
    pools = []
    measured = timer._measured

    def noted():
        pools.append(timer._start.pool_bytes)
        return measured() if len(pools) == 1 else None

    timer._measured = noted
    timing.POOL_BYTES = 1 << 20
    try:
        timer._size("cpu", timing.POOL_BYTES)
        timer.measure()
    finally:
        timing.POOL_BYTES = POOL_BYTES
    assert pools[0] == 1 << 20
    assert pools[1] >= 2 * 2 * 4 * 2000 * 2000


# --- whole gradings ---


@pytest.mark.slow
@pytest.mark.parametrize("number", sample(["9", "3", "1", "44", "5"], 5))
def test_an_exercise_is_graded_on_a_device(grade_source, number):
    """Values, gradients, clipping in place, modules, and the time: the reference gets it all."""
    exercise = course.find(course.bundled()).exercise(number)
    report = grade_source(number, (exercise.room / "reference.py").read_text(), device="simulated")
    assert report.status is Status.PASSED, [p for p in report.properties if p.has_failed]
    assert report.environment["device"] == "simulated"
    assert report.timing.device == "simulated"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "name"), [("5", "test_clipped"), ("44", "test_state"), ("44", "test_gradients")]
)
def test_what_else_there_is_is_held_on_a_device(grade_source, number, name):
    """Clipping in place, modules, their states and their gradients."""
    exercise = course.find(course.bundled()).exercise(number)
    source = (exercise.room / "reference.py").read_text()
    report = grade_source(number, source, device="simulated", only=name)
    (result,) = report.properties
    assert (result.name, result.status) == (name, PropertyStatus.PASSED), result.message


@pytest.mark.slow
@pytest.mark.parametrize("number", ["4", "48", "52"])
def test_every_form_of_a_task_is_timed_there(grade_source, number):
    """One with a tolerance and sizes of its own, a module, and a class that a given function makes
    and uses."""
    exercise = course.find(course.bundled()).exercise(number)
    source = (exercise.room / "reference.py").read_text()
    report = grade_source(number, source, device="simulated", only="test_speed")
    assert report.timing.device == "simulated"
    assert report.timing.verdict in (TimingVerdict.OK, TimingVerdict.INCONCLUSIVE)
    assert not [each for each in report.properties if each.has_failed]


@pytest.mark.slow
def test_a_result_that_stays_on_the_processor_fails_on_a_device(grade_source):
    """The contract keeps the device."""
    exercise = course.find(course.bundled()).exercise("12")
    source = (exercise.room / "reference.py").read_text()
    source += "\n\nwhole = rnn_step\n\n\ndef rnn_step(*args):\n    return whole(*args).cpu()\n"
    report = grade_source("12", source, device="simulated", speed=False)
    assert "The result is not on simulated, where the inputs were." in str(report.first_failure)


@pytest.mark.slow
def test_an_error_that_comes_late_is_the_answers_own(clock):
    """What goes wrong on the device is raised when it is waited for."""
    late = REFERENCE_TEXT.replace(
        "    return",
        "    torch.index_select(x, 0, torch.tensor([x.shape[0]], device=x.device))\n    return",
    )
    with pytest.raises(StudentRaised, match="an operation before this one failed"):
        clock(late).measure()


@pytest.mark.slow
def test_an_error_on_the_device_costs_the_property_at_hand(grade_source):
    """A device does nothing more for a process after one; the next property has another."""
    exercise = course.find(course.bundled()).exercise("12")
    source = (exercise.room / "reference.py").read_text()
    source += (
        "\n\nwhole = rnn_step\n\n\ndef rnn_step(x, *rest):\n"
        "    if x.dtype == torch.float32:\n"
        "        torch.index_select(x, 0, torch.tensor([len(x)], device=x.device))\n"
        "    return whole(x, *rest)\n"
    )
    report = grade_source("12", source, device="simulated", speed=False, effort=Effort.EVERY)
    assert report.status is Status.PARTIAL
    assert any("before this one failed" in str(each.message) for each in report.failures)
    assert any(each.status is PropertyStatus.PASSED for each in report.properties)


@pytest.mark.slow
def test_the_values_of_auto_are_the_processors(grade_source, monkeypatch):
    """An answer that knows of no device gets what it would get without one."""
    monkeypatch.setattr(devices, "AUTO", ("simulated",))
    exercise = course.find(course.bundled()).exercise("12")
    report = grade_source(
        "12", (exercise.room / "reference.py").read_text(), device="auto", speed=False
    )
    assert report.status is Status.PASSED
    assert report.environment["device"] == "cpu"
    assert all(p.status is PropertyStatus.PASSED for p in report.properties)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("OutOfMemoryError", trusted.DeviceFull),
        ("FrameError", trusted.PoolTooSmall),
        ("ValueError", RuntimeError),
    ],
)
def test_what_a_trusted_worker_raises_is_told_apart(kind, error):
    """A full device and a small pool are tried smaller or larger; anything else is the grader's."""
    raised = {"type": kind, "bases": [], "message": "no room\nmore", "lines": []}
    with pytest.raises(error):
        trusted.answered("reference", {"raised": raised})
    assert trusted.answered("reference", {"raised": None, "value": 1})["value"] == 1


@pytest.mark.slow
def test_a_result_that_is_not_the_one_of_the_digest_is_told(clock, monkeypatch):
    """What is fetched has to be what was there when the clock stopped."""
    request = Worker.request

    def forged(worker, message, *more):
        reply = request(worker, message, *more)
        if message.get("op") == "resident":
            reply["digest"] = [number ^ 1 for number in reply["digest"]]
        return reply

    monkeypatch.setattr(Worker, "request", forged)
    with pytest.raises(Mismatch, match="not what it was when the clock stopped"):
        clock(resident=True).hold()


@pytest.mark.slow
@pytest.mark.parametrize(("device", "waits"), [("cpu", 0), ("simulated", 0), ("simulated", 1)])
def test_a_memory_as_large_as_a_task_asks_for_is_enough(clock, monkeypatch, device, waits):
    """Results lie where they may, in a memory of any size."""
    monkeypatch.setattr(timing, "POOL_BYTES", 1 << 12)
    timer = clock(device=device, limit=ANY, resident=bool(waits))
    found = timer.measure()
    assert timer._start.pool_bytes == 2 * 2 * 96 * 96 * 4 + ALIGNMENT
    assert found.rounds >= LOOKS[0]


@pytest.mark.slow
def test_an_answer_that_cannot_be_stopped_earns_no_points_for_speed(clock, monkeypatch):
    """Nobody else's turn begins while it goes on."""
    timer = clock()
    monkeypatch.setattr(Worker, "stop", lambda worker: False)
    with pytest.raises(Halt, match="cannot be stopped"):
        timer.hold()


@pytest.mark.slow
def test_a_trusted_process_that_cannot_begin_costs_no_point(clock, monkeypatch):
    """Nobody is timed where nobody can say whether the device is idle."""

    def fails(_):
        raise RuntimeError("the reference raised ValueError: no")

    monkeypatch.setattr(trusted.Trusted, "_idle", fails)
    timer = clock()
    assert timer.measure() is None
    assert "no" in timer.untimed


@pytest.mark.slow
def test_a_device_that_is_busy_before_an_answer_is_there_is_nobodys_fault(clock, monkeypatch):
    """Then it was not the submission that kept it so."""
    waits = iter([trusted.DeviceBusy])

    def wait(_, patience=None):
        for error in waits:
            raise error
        return 0.0

    monkeypatch.setattr(trusted.Trusted, "wait", wait)
    timer = clock()
    assert timer.measure() is None
    assert "another program keeps it busy" in timer.untimed


@pytest.mark.slow
def test_a_task_that_cannot_say_how_much_it_takes_is_timed(clock, monkeypatch):
    """A reference that cannot do without values is given much room."""

    def fails(*_):
        raise RuntimeError("no values in a meta tensor")

    monkeypatch.setattr(Task, "room", fails)
    timer = clock(limit=ANY)
    found = timer.measure()
    assert timer._start.pool_bytes > POOL_BYTES
    assert found.rounds >= LOOKS[0]


def test_results_that_lie_nowhere_are_the_answers_fault():
    """Where a worker places them outside of the shared memory."""
    pool = Pool(mmap.mmap(-1, 4096), 4096)
    with pytest.raises(Mismatch, match="disturbed the channel"):
        timing._copied(pool, Placed("float32", (4096,), 0))
