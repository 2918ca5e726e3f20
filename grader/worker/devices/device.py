"""The interface of a device, and the processor, which needs none of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

# Bound before any submission is loaded.
_empty = torch.empty
_zero = torch._C.TensorBase.zero_
_add = torch._C.TensorBase.add_
_clock = time.perf_counter


class Device:
    """The processor; and what any other device answers.

    `name` is torch's, `walls` those of the sandbox that it takes, `sizes` the name under which
    `speed.py` knows how large its inputs are to be. `holds_doubles`: whether it has float64.
    """

    name = "cpu"
    walls = "cpu"
    sizes = "cpu"
    holds_doubles = True

    @property
    def is_apart(self) -> bool:
        """Whether it has a memory of its own, which tensors are copied to."""
        return self.name != "cpu"

    def lacks(self) -> str:
        """Why there is none here; empty where there is."""
        return ""

    def share(self) -> int | None:
        """The descriptor of what all processes that use it share; None where the system sees to
        that."""
        return None

    def begin(self, shared: Any = None) -> None:
        """Make it ready in this process, and bind what is asked of torch. `shared` is what the
        descriptor of `share` leads to."""

    def synchronize(self) -> None:
        """Wait until everything that was asked of it is done."""

    def seed(self, seed: int) -> None:
        """Seed its random numbers."""

    def settle(self) -> None:
        """Have it compute as exactly as when nobody has told it otherwise."""

    def peak(self) -> int | None:
        """The most bytes that tensors had since `clear`; None where nobody counts them."""
        return None

    def clear(self) -> None:
        """Leave nothing of the last call in its cache, and count its memory anew."""

    def idle(self) -> float:
        """Seconds that it takes to do next to nothing: more than usual where it is at work."""
        return 0.0

    def is_lost(self) -> bool:
        """Whether it will do nothing more for this process, after an error of an operation's."""
        return False

    def described(self) -> dict[str, Any]:
        """What a report says of it: plain values by name."""
        return {}


@dataclass(frozen=True)
class Runtime:
    """What of torch an accelerator is asked by, bound.

    `peak` and `l2_bytes` are 0 where nobody can tell.
    """

    synchronize: Callable[[], None]
    seed: Callable[[int], Any]
    peak: Callable[[], int]
    reset_peak: Callable[[], None]
    l2_bytes: int
    described: dict[str, Any]


class Accelerator(Device):
    """A device beside the processor, with a memory and a queue of its own."""

    _runtime: Runtime
    _probe: torch.Tensor

    def bound(self, shared: Any) -> Runtime:
        """What is asked of torch; the device is started with it."""
        raise NotImplementedError

    def begin(self, shared: Any = None) -> None:
        """See `Device.begin`. A device that is full says so now, and not when a submission's call
        comes: so much memory is had, and given back."""
        self._runtime = self.bound(shared)
        self._probe = _zero(_empty(1, device=self.name))
        self.settle()
        _empty(self.flush_bytes, dtype=torch.uint8, device=self.name)
        self.synchronize()

    def synchronize(self) -> None:
        """See `Device.synchronize`."""
        self._runtime.synchronize()

    def seed(self, seed: int) -> None:
        """See `Device.seed`."""
        self._runtime.seed(seed)

    def peak(self) -> int | None:
        """See `Device.peak`."""
        return self._runtime.peak() or None

    def clear(self) -> None:
        """See `Device.clear`."""
        _zero(_empty(self.flush_bytes, dtype=torch.uint8, device=self.name))
        self.synchronize()
        self._runtime.reset_peak()

    @property
    def flush_bytes(self) -> int:
        """How much is written to leave nothing in the cache: half as much again as it holds."""
        return (self._runtime.l2_bytes or LARGE_L2_BYTES) * 3 // 2

    def idle(self) -> float:
        """See `Device.idle`."""
        began = _clock()
        _add(self._probe, 1)
        self.synchronize()
        return _clock() - began

    def is_lost(self) -> bool:
        """See `Device.is_lost`."""
        try:
            self.synchronize()
        except Exception:
            return True
        return False

    def described(self) -> dict[str, Any]:
        """See `Device.described`."""
        return self._runtime.described


LARGE_L2_BYTES = 128 << 20  # where torch does not say: as large as any of today
