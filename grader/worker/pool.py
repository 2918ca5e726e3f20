"""Memory that judge and worker share, so that tensors cross inside the clock without a copy more.

The first half holds the inputs, which the judge writes; the second the outputs, which the worker
writes. What travels over the channel is only where each tensor lies (`wire.Placed`).
"""

import mmap
from collections.abc import Callable
from typing import Any

import torch

from grader.wire import ALIGNMENT, DTYPES, NAMES, FrameError, Placed, leaves, mapped


class Pool:
    """One process's view of `size` bytes of shared memory: of a file, or mapped already."""

    def __init__(self, memory: int | mmap.mmap, size: int) -> None:
        self._memory = mmap.mmap(memory, size) if isinstance(memory, int) else memory
        self.bytes = torch.frombuffer(self._memory, dtype=torch.uint8)
        half = size // 2
        self.half = half - half % ALIGNMENT  # tensors lie at multiples of it

    def view(self, placed: Placed) -> torch.Tensor:
        """The tensor that lies at `placed`, as it is in the shared memory right now.

        FrameError where it does not lie in the pool: the other side may be hostile.
        """
        return view_of(self.bytes, placed)

    def put(self, value: Any, start: int) -> Any:
        """Copy the tensors of `value` (and their `.grad`) in from `start` on; `Placed` for each.

        FrameError where they do not fit.
        """
        offset = start

        def place(tensor: torch.Tensor) -> tuple[int, torch.Tensor]:
            nonlocal offset
            begin = offset
            nbytes = tensor.numel() * tensor.element_size()
            offset += nbytes + -nbytes % ALIGNMENT
            limit = self.half if begin < self.half else self.bytes.numel()
            if tensor.dtype not in NAMES or offset > limit:
                raise FrameError("a tensor that the shared memory cannot hold")
            target = self.bytes[begin : begin + nbytes].view(tensor.dtype).view(tensor.shape)
            return begin, target.copy_(tensor.detach())

        def placed(tensor: torch.Tensor) -> Placed:
            begin, _ = place(tensor)
            has_grad = tensor.is_leaf and tensor.grad is not None
            grad = place(tensor.grad)[0] if has_grad else -1  # type: ignore[arg-type]
            return Placed(NAMES[tensor.dtype], tuple(tensor.shape), begin, grad)

        return mapped(placed, value)

    def take(self, value: Any) -> Any:
        """`value` with every `Placed` replaced by the tensor that lies there, `.grad` included.

        For what the judge has placed, which can be trusted."""
        return replaced(value, self._tensor)

    def copies(self, value: Any) -> Any:
        """`value` with every `Placed` replaced by a copy of what lies there now; one for a place.

        FrameError where nothing can lie there: a hostile worker may have placed it."""
        done: dict[Placed, torch.Tensor] = {}

        def copied(placed: Placed) -> torch.Tensor:
            if placed not in done:
                done[placed] = self.view(placed).clone()
            return done[placed]

        return replaced(value, copied)

    def _tensor(self, placed: Placed) -> torch.Tensor:
        tensor = self.view(placed)
        if placed.grad >= 0:
            tensor = tensor.requires_grad_()
            tensor.grad = self.view(Placed(placed.dtype, placed.shape, placed.grad))
        return tensor


def view_of(memory: torch.Tensor, placed: Placed) -> torch.Tensor:
    """The tensor that lies at `placed` in bytes, (n,) uint8; FrameError where none can."""
    dtype = DTYPES.get(placed.dtype)
    if dtype is None or placed.offset % ALIGNMENT:
        raise FrameError("a shared tensor that is none")
    count = 1
    for size in placed.shape:
        count *= size
    end = placed.offset + count * dtype.itemsize
    if end > memory.numel():
        raise FrameError("a shared tensor that lies outside the shared memory")
    return memory[placed.offset : end].view(dtype).view(placed.shape)


def replaced(value: Any, replace: Callable[[Placed], torch.Tensor]) -> Any:
    """`value` with a tensor in place of every `Placed`."""
    if isinstance(value, Placed):
        return replace(value)
    if isinstance(value, list | tuple):
        return type(value)(replaced(item, replace) for item in value)
    if isinstance(value, dict):
        return {key: replaced(item, replace) for key, item in value.items()}
    return value


def on_device(value: Any, device: str) -> Any:
    """`value` with its tensors copied to `device`, their `.grad` too."""

    def move(tensor: torch.Tensor) -> torch.Tensor:
        moved = tensor.detach().to(device)
        if tensor.grad is not None:
            moved.requires_grad_().grad = tensor.grad.to(device)
        return moved

    return mapped(move, value)


def gradients_back(origin: Any, changed: Any) -> None:
    """Copy each `.grad` on a device back to where the one in shared memory lies."""
    for target, source in zip(leaves(origin), leaves(changed), strict=True):
        if target.grad is not None and source.grad is not None:
            target.grad.copy_(source.grad)
