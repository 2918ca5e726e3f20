"""Exercise 54. One epoch of training

The loop around a language model, once through the text. It is short, and nearly every line of it
has a place where it must stand. The batches are consecutive: row n of one goes on where row n of
the last one ended, and so does the state.

    for each batch (X, Y):
        scores, state = model(X, state)                   the state cut off from its history
        loss          = mean cross-entropy of the scores against Y
        zero the gradients, go backward
        clip: if the norm of all gradients together is above max_norm, scale all by
              max_norm / (norm + 1e-6)
        step
    perplexity = exp(mean loss over all tokens of the epoch)

Clip by hand, as in exercise 5: torch.nn.utils has it, and is not allowed here. What model and
optimizer are like, exercises/ex54_train_epoch/given.py shows.

Source: Zhang et al., "Dive into Deep Learning", on the implementation of recurrent networks.
"""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


def train_epoch(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    optimizer: Any,
    max_norm: float,
    state: State | None = None,
) -> float:
    """Train the model on every batch, in order, and return the epoch's perplexity, a float.

    model: as in exercise 42: model(X, state) gives scores (T*N, V), the N rows of the first step
    first, and the state, a tensor or a pair; model.begin_state(N) gives the first one.
    batches: one or more, perhaps a generator; X, Y: (N, T) tokens, Y one later than X; N is the
    same in all, T need not be. optimizer: has step(), zero_grad() and all of the model's
    parameters, none of them frozen. state: what the first batch begins with, None: begin_state(N).

    All parts of the model are in training mode from the first batch on, and afterwards, however
    they came. Whatever the gradients were before the call makes no difference.
    """
    # TODO: in which order do the scores have their rows, and in which does Y have its tokens?
    # How far back would the second batch's gradients go, if nobody cut the state off?
    raise NotImplementedError
