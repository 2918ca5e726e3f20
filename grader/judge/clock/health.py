"""What a device says of itself while it is timed on: clocks, throttling, who else is there."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.worker import devices
from grader.worker.devices.simulated import Simulated

# Reasons to run slower that come and go: heat, and power that fails. A cap on power that holds for
# all, as it does under any load, is none of them.
# Source: NVML API reference, "NvmlClocksEventReasons".
_THROTTLED = {
    0x0000_0000_0000_0008: "hardware slowdown",
    0x0000_0000_0000_0020: "software thermal slowdown",
    0x0000_0000_0000_0040: "hardware thermal slowdown",
    0x0000_0000_0000_0080: "power brake",
}


@dataclass(frozen=True)
class Health:
    """The state of a device at one moment. None where nobody can tell.

    `clock`: MHz; `throttled`: why it runs slower than it could, empty where it does not; `others`:
    processes that compute on it, those of the grading included.
    """

    clock: int | None = None
    throttled: str = ""
    processes: int | None = None


Reader = Callable[[], Health]


def reader(name: str, described: dict[str, Any]) -> Reader:
    """What tells the health of the device of that name, as a worker on it described it."""
    device = devices.named(name)
    if isinstance(device, Simulated):
        return lambda: _of_simulated(device)
    if device.walls == "cuda":
        with contextlib.suppress(Exception):  # no library, no driver of NVIDIA's, no right to ask
            return _of_nvidia(str(described.get("uuid", "")))
    return Health


def _of_simulated(device: Simulated) -> Health:
    page = device.page
    return Health(page.clock, "hardware thermal slowdown" if page.throttled else "", page.others)


def _of_nvidia(uuid: str) -> Reader:
    """By NVML, which shows the device by the number that CUDA gives it."""
    import pynvml as nvml

    nvml.nvmlInit()
    name = uuid if uuid.startswith("GPU-") else f"GPU-{uuid}"
    handle = nvml.nvmlDeviceGetHandleByUUID(name)

    def read() -> Health:
        reasons = nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle)
        return Health(
            int(nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM)),
            ", ".join(said for bit, said in _THROTTLED.items() if reasons & bit),
            len(nvml.nvmlDeviceGetComputeRunningProcesses(handle)),
        )

    read()  # what it lacks the right to, it says now
    return read
