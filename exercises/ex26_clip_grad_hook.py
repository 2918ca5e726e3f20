"""Exercise 26. Clipping gradients as they arrive

Exercise 25 clips when you ask for it, once the gradients are there. A hook stands at the door:
PyTorch calls it with each gradient that comes in, and what it returns goes on in its place, so
that no one ever meets a gradient out of bounds. Alex Graves trained his LSTMs in this way.

    g = low    where g < low
    g = high   where g > high
    g          everywhere else

Source: Graves, "Generating Sequences With Recurrent Neural Networks" (2013), end of section 2.1;
the documentation of torch.Tensor.register_hook.
"""

from collections.abc import Iterable

from torch import Tensor
from torch.utils.hooks import RemovableHandle


def register_clip_hooks(
    parameters: Iterable[Tensor], low: float, high: float
) -> list[RemovableHandle]:
    """See to it that later backward passes leave gradients between low and high.

    parameters: a list, a tuple, a generator, ... of leaf tensors (computed from no others) that
    require a gradient, each of any shape, empty ones too, and any floating dtype, none of them
    twice.
    low <= high: they need not lie on both sides of zero, and may be infinite. A nan stays nan.
    Returns the handles of all hooks; once `handle.remove()` was called on each, gradients arrive
    as they are. Every backward pass begins with `.grad` empty here, as after `zero_grad()`.
    """
    # TODO: what becomes of the value that a hook returns, and what if it returns none?
    raise NotImplementedError
