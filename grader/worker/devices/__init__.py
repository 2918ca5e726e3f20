"""Where a submission computes: one small interface, and a file for each kind of device.

The worker asks its device to wait, to be seeded, to empty its cache; the judge asks whether there
is one. What is asked of torch is bound in `begin`, before any submission is loaded.
"""

from functools import cache

from grader.worker.devices.cuda import Cuda
from grader.worker.devices.device import Device
from grader.worker.devices.mps import Mps
from grader.worker.devices.simulated import Simulated

_KINDS: dict[str, type[Device]] = {each.name: each for each in (Device, Cuda, Mps, Simulated)}
AUTO = ("cuda",)  # what `auto` takes, the first that is there; else the processor


@cache
def named(name: str) -> Device:
    """The device of that name, one for a process: `cpu`, `cuda`, `mps` or `simulated`."""
    return _KINDS[name]()
