"""Exercise 26, clipping gradients as they arrive: the reference."""

from collections.abc import Iterable

from torch import Tensor
from torch.utils.hooks import RemovableHandle


def register_clip_hooks(
    parameters: Iterable[Tensor], low: float, high: float
) -> list[RemovableHandle]:
    """Hooks that clamp what each backward pass brings to [low, high]; their handles."""

    def clamped(gradient: Tensor) -> Tensor:
        # What a hook returns takes the gradient's place; the gradient itself may be in use
        # elsewhere in the graph, so it is left as it is.
        return gradient.clamp(low, high)

    return [parameter.register_hook(clamped) for parameter in parameters]
