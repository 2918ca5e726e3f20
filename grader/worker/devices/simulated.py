"""A GPU that is none: the whole path of a GPU, on a machine without one (`simulator`)."""

from functools import cached_property
from typing import Any

import torch

from grader.worker.devices import simulator
from grader.worker.devices.device import Accelerator, Runtime


class Simulated(Accelerator):
    """A pretended accelerator, computed by the processor. `auto` never takes it."""

    name = simulator.NAME

    def lacks(self) -> str:
        """See `Device.lacks`."""
        return simulator.lacks()

    @cached_property
    def _made(self) -> tuple[int, simulator.Page]:
        return simulator.Page.new()

    @property
    def page(self) -> simulator.Page:
        """The state of the device, in the process that shares it."""
        return self._made[1]

    def share(self) -> int | None:
        """See `Device.share`: its state."""
        return self._made[0]

    def bound(self, shared: Any) -> Runtime:
        """See `Accelerator.bound`. `shared` is the page, as this process maps it."""
        device = simulator.Simulator(self.page if shared is None else simulator.Page(shared))
        device.register()
        return Runtime(
            device.synchronize,
            torch.manual_seed,
            device.peak,
            device.reset_peak,
            simulator.L2_BYTES,
            {"title": "simulated accelerator", "memory_mib": device.page.capacity >> 20},
        )
