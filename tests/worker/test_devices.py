"""Every kind of device, each with a stand-in for what of it this machine lacks."""

import mmap
import subprocess
import sys
import types
from pathlib import Path

import pytest
import torch

from grader import wire
from grader.judge.clock import health
from grader.worker import devices, resident
from grader.worker.devices import cuda, device, mps, simulator
from grader.worker.devices.device import Accelerator, Device
from grader.worker.pool import Pool

HERE = Path(__file__).parent


def test_the_processor_needs_nothing_of_it():
    """Every answer is the empty one."""
    processor = devices.named("cpu")
    assert not processor.is_apart
    assert processor.lacks() == ""
    assert processor.share() is None
    processor.begin()
    processor.synchronize()
    processor.seed(1)
    processor.settle()
    processor.clear()
    assert processor.peak() is None
    assert processor.idle() == 0.0
    assert processor.described() == {}
    assert not processor.is_lost()


@pytest.mark.slow
@pytest.mark.skipif(bool(simulator.lacks()), reason=simulator.lacks() or "all is there")
def test_the_pretended_accelerator_is_one():
    """Its own tests, in a process that it may stay in."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--noconftest",  # which starts what gradings need
        HERE / "on_simulator.py",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent.parent)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.skipif(bool(simulator.lacks()), reason=simulator.lacks() or "all is there")
def test_shapes_are_told_beforehand():
    """What the process does that workers are forked from."""
    simulator.warm_up.__wrapped__()
    assert "torch._meta_registrations" in sys.modules


def test_an_older_torch_lacks_the_pretended_one(monkeypatch):
    """And says so."""
    monkeypatch.setitem(sys.modules, "torch.utils.backend_registration", types.ModuleType("none"))
    assert "has no backends in Python" in devices.named("simulated").lacks()


class Calls:
    """Functions that note how often they were called."""

    def __init__(self, monkeypatch, owner):
        self.made = []
        self._patch = lambda name, value: monkeypatch.setattr(owner, name, value, raising=False)

    def function(self, name, result=None):
        self._patch(name, lambda *args: self.made.append((name, args)) or result)


@pytest.fixture
def driver(monkeypatch):
    """What torch has of CUDA where it is built with it, noting what it is asked."""
    calls = Calls(monkeypatch, torch._C)
    calls.function("_cuda_synchronize")
    calls.function("_cuda_memoryStats", {"allocated_bytes": {"all": {"peak": 77}}})
    calls.function("_cuda_resetPeakMemoryStats")
    for name in ("cudnn", "cublas"):
        calls.function(f"_get_{name}_allow_tf32", name == "cudnn")
        calls.function(f"_set_{name}_allow_tf32")
    properties = types.SimpleNamespace(
        name="GPU of a test", uuid="0-1", L2_cache_size=1 << 20, total_memory=3 << 30
    )
    monkeypatch.setattr(torch.cuda, "init", lambda: None)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    return calls


class OfCuda(cuda.Cuda):
    """Its tensors lie where this machine has memory."""

    name = "cpu"


def test_cuda_asks_the_driver_and_nobody_else(driver, monkeypatch):
    """What a submission puts in the place of `torch.cuda.synchronize` is never called."""
    gpu = OfCuda()
    gpu.begin()
    assert ("_set_cudnn_allow_tf32", (False,)) in driver.made
    assert not [name for name, _ in driver.made if name == "_set_cublas_allow_tf32"]

    def forged(*_):
        raise AssertionError

    for owner in (torch.cuda, torch.accelerator):
        monkeypatch.setattr(owner, "synchronize", forged)
    for name, _ in [*driver.made, ("_cuda_synchronize", ()), ("_cuda_resetPeakMemoryStats", ())]:
        monkeypatch.setattr(torch._C, name, forged)
    for name in ("_cuda_memoryStats", "_get_cublas_allow_tf32", "_set_cublas_allow_tf32"):
        monkeypatch.setattr(torch._C, name, forged)
    monkeypatch.setattr(torch, "empty", forged)
    monkeypatch.setattr(torch, "manual_seed", forged)
    driver.made.clear()
    gpu.settle()
    assert driver.made.pop(0) == ("_get_cudnn_allow_tf32", ())
    del driver.made[:2]
    gpu.synchronize()
    gpu.clear()
    gpu.seed(3)
    assert gpu.idle() > 0
    assert gpu.peak() == 77
    assert [name for name, _ in driver.made] == [
        "_cuda_synchronize",  # asked to
        "_cuda_synchronize",  # when the cache is emptied
        "_cuda_resetPeakMemoryStats",
        "_cuda_synchronize",  # for the smallest of works
        "_cuda_memoryStats",
    ]
    assert gpu.flush_bytes == 3 << 19
    assert gpu.described()["title"] == "GPU of a test"
    assert gpu.described()["memory_mib"] == 3 << 10


def test_cuda_seeds_what_torch_seeds(driver):
    """The processor's generator among them."""
    gpu = OfCuda()
    gpu.begin()
    gpu.seed(5)
    one = torch.rand(3)
    gpu.seed(5)
    assert torch.equal(torch.rand(3), one)


def test_metal_counts_no_peak(monkeypatch):
    """And has a cache of which nobody knows the size."""
    calls = Calls(monkeypatch, torch._C)
    calls.function("_mps_deviceSynchronize")

    class OfMetal(mps.Mps):
        name = "cpu"

    metal = OfMetal()
    metal.begin()

    def forged(*_):
        raise AssertionError

    monkeypatch.setattr(torch._C, "_mps_deviceSynchronize", forged)
    monkeypatch.setattr(torch.mps, "synchronize", forged)
    calls.made.clear()
    metal.synchronize()
    assert calls.made == [("_mps_deviceSynchronize", ())]
    assert metal.peak() is None
    assert metal.flush_bytes == device.LARGE_L2_BYTES * 3 // 2
    monkeypatch.setattr(device, "LARGE_L2_BYTES", 1 << 10)
    metal.clear()
    assert metal.described() == {"title": "Metal"}
    assert not metal.holds_doubles


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_says_whether_it_is_there(name, monkeypatch):
    """By torch's own word."""
    owner = torch.cuda if name == "cuda" else torch.backends.mps
    monkeypatch.setattr(owner, "is_available", lambda: False)
    assert "device here" in devices.named(name).lacks()
    monkeypatch.setattr(owner, "is_available", lambda: True)
    assert devices.named(name).lacks() == ""


def test_a_kind_of_device_has_to_say_how_it_is_asked():
    """The interface alone is none."""
    with pytest.raises(NotImplementedError):
        Accelerator().begin()
    assert issubclass(Accelerator, Device)


# --- how it is ---


@pytest.fixture
def nvml(monkeypatch):
    """A driver's library, of a card that is hot."""
    library = types.ModuleType("pynvml")
    library.NVML_CLOCK_SM = 1
    library.asked = []
    library.nvmlInit = lambda: None
    library.nvmlDeviceGetHandleByUUID = lambda uuid: library.asked.append(uuid) or "handle"
    library.nvmlDeviceGetCurrentClocksThrottleReasons = lambda _: 0x44
    library.nvmlDeviceGetClockInfo = lambda _, kind: 1200 + kind
    library.nvmlDeviceGetComputeRunningProcesses = lambda _: ["one", "two"]
    monkeypatch.setitem(sys.modules, "pynvml", library)
    return library


@pytest.mark.parametrize("uuid", ["0-1", "GPU-0-1"])
def test_nvml_tells_clocks_heat_and_who_is_there(nvml, uuid):
    """A cap on power, which holds for all, is no reason to discard a round."""
    read = health.reader("cuda", {"uuid": uuid})
    assert read() == health.Health(1201, "hardware thermal slowdown", 2)
    assert nvml.asked == ["GPU-0-1"]
    nvml.nvmlDeviceGetCurrentClocksThrottleReasons = lambda _: 0x4
    assert read().throttled == ""


def test_without_nvml_nothing_is_known(monkeypatch):
    """And nothing made up."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert health.reader("cuda", {})() == health.Health(None, "", None)
    assert health.reader("mps", {})() == health.Health(None, "", None)


def test_the_pretended_one_says_what_it_is_told():
    """So that every branch of what depends on it can be run."""
    page = devices.named("simulated").page
    read = health.reader("simulated", {})
    try:
        page.set(throttled=1, clock=900, others=3)
        assert read() == health.Health(900, "hardware thermal slowdown", 3)
        page.set(throttled=0)
        assert read().throttled == ""
    finally:
        page.set(throttled=0, clock=simulator.CLOCK_MHZ, others=0)


def test_what_waits_on_a_device_comes_back_as_it_was():
    """Masked inputs, unmasked by their key, are those that were published, whatever their form."""
    given = (torch.rand(3, 5), [torch.tensor(2.5, dtype=torch.float64)], torch.arange(7) > 3, 4)
    pool = Pool(mmap.mmap(-1, 4096), 4096)
    placed = pool.put(given, 0)
    words = pool.bytes[:2048].view(torch.int64)
    keys = [5, 6, 7, 8]
    resident.mask(words, keys)
    waiting = resident.Waiting(pool, placed, 2048, "cpu")
    words.zero_()  # it waits elsewhere
    found = waiting.unmasked(keys)
    assert found[3] == 4
    for one, other in zip(wire.leaves(given), wire.leaves(found), strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert torch.equal(one, other)
    assert resident.digest([given[2]], keys) == resident.digest([found[2]], keys)  # of seven bytes
