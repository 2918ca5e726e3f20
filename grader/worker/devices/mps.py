"""The GPU of a Mac."""

from typing import Any

import torch

from grader.worker.devices.device import Accelerator, Runtime

_C: Any = torch._C


class Mps(Accelerator):
    """Metal's device. It has no float64, so only the clock computes there."""

    name = "mps"
    walls = "mps"
    holds_doubles = False

    def lacks(self) -> str:
        """See `Device.lacks`."""
        there = torch.backends.mps.is_available()
        return "" if there else f"torch {torch.__version__} finds no Metal device here"

    def bound(self, shared: Any) -> Runtime:
        """See `Accelerator.bound`. It counts what is in use now, and no peak."""
        del shared
        described = {"title": "Metal"}
        return Runtime(
            _C._mps_deviceSynchronize, torch.manual_seed, lambda: 0, lambda: None, 0, described
        )
