"""Exercise 49, batches of a long text: the reference."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor


def random_batches(
    corpus: list[int], batch_size: int, num_steps: int, generator: Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Windows side by side behind a random start, in a random order."""
    # With another start in each pass, the text is not always cut at the same places.
    start = int(torch.randint(num_steps, (1,), generator=generator))
    # A window needs one token more than it has, for the target of its last.
    count = max((len(corpus) - start - 1) // num_steps, 0)
    order = torch.randperm(count, generator=generator)
    begins = [start + num_steps * number for number in order.tolist()]
    for first in range(0, count - batch_size + 1, batch_size):
        chosen = begins[first : first + batch_size]
        windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in chosen])
        yield windows[:, :-1], windows[:, 1:]


def consecutive_batches(
    corpus: list[int], batch_size: int, num_steps: int, offset: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows one behind the other, read side by side."""
    length = (len(corpus) - offset - 1) // batch_size
    for first in range(0, length - num_steps + 1, num_steps):
        begins = [offset + row * length + first for row in range(batch_size)]
        windows = torch.tensor([corpus[begin : begin + num_steps + 1] for begin in begins])
        yield windows[:, :-1], windows[:, 1:]
