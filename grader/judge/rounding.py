"""Where it depends on the rounding of sums what is right.

Two right answers may add up the same numbers in another order, and be a last digit apart. That is
nothing, but for scores of 1e20, which a softmax then takes for far apart, or for a sign.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.judge.compare import all_leaves, magnitude
from grader.wire import mapped

ORDERS = 3  # in which sums are added up, so to speak
LAST_DIGITS = 4  # how far two orders are apart, in units of the last place
# What adds up several numbers, among torch's own operations.
SUMS = frozenset({"bmm", "mm", "mv", "dot", "vdot", "addbmm", "addmm", "addmv", "baddbmm"})
SUMS |= {"convolution", "cumsum", "linalg_vector_norm", "mean", "sum"}


class _Otherwise(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Has each sum as it might be in another order."""

    def __init__(self, seed: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._generator = torch.Generator().manual_seed(seed)

    def __torch_dispatch__(
        self,
        function: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Compute as ever; what is a sum is off by some last digits, one way or the other."""
        result = function(*args, **(kwargs or {}))
        if function.overloadpacket.__name__ not in SUMS:
            return result
        return mapped(self._off, result)

    def _off(self, tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_floating_point():
            return tensor
        digits = torch.randint(
            -LAST_DIGITS, LAST_DIGITS + 1, tensor.shape, generator=self._generator
        )
        return tensor * (1 + digits.to(tensor.dtype) * torch.finfo(tensor.dtype).eps)


def hinging(compute: Callable[[], Any], truth: Any, bounds: Sequence[float]) -> list[bool]:
    """For each leaf of the right value, whether its sums, added up in another order, carry it by
    more than its bound. `compute` gives the value anew."""
    found = [False] * len(bounds)
    for seed in range(ORDERS):
        with _Otherwise(seed):
            other = compute()
        for n, (mine, right) in enumerate(zip(all_leaves(other), all_leaves(truth), strict=True)):
            if isinstance(right, torch.Tensor) and right.is_floating_point():
                found[n] |= magnitude(mine - right) > bounds[n]
            elif isinstance(right, float):
                found[n] |= abs(mine - right) > bounds[n]
    return found
