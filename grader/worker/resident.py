"""Inputs that wait on the device before the clock starts, so that no bus lies within it.

They are published masked: what a submission finds there tells it nothing. The clock starts with the
key; unmasking is a few kernels on the device. It stops at a digest of the outputs, computed there
too, with a key that comes at the same time. Only then are the outputs fetched, held against the
digest, so that they are those of that moment, and in full against what is right.

The digest is not linear in the outputs, and knows the place of each: of a product of matrices a
linear one could be had from the factors, without the product. Judge and worker compute it alike,
in whole numbers that wrap at 64 bits.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import torch

from grader.worker.pool import Pool, replaced, view_of

WORD = 8  # bytes
KEYS = 4  # whole numbers: two for the mask, two for the digest
KEY_BITS = 62

_ROUNDS = ((-0x61C8864680B583EB, 29), (-0x40A7B892E31B1A47, 32), (-0x6B2FB644ECCEEE15, 29))

# Bound before any submission is loaded: of C, and not to be replaced in torch's own classes.
_BASE: Any = torch._C.TensorBase
_arange, _zeros = torch.arange, torch.zeros
_mul, _add, _xor = _BASE.mul_, _BASE.add_, _BASE.bitwise_xor_
_shift, _sum, _item, _view, _reshape = (
    _BASE.__rshift__,
    _BASE.sum,
    _BASE.item,
    _BASE.view,
    _BASE.reshape,
)
_to, _detach, _contiguous, _copy, _clone = (
    _BASE.to,
    _BASE.detach,
    _BASE.contiguous,
    _BASE.copy_,
    _BASE.clone,
)


def mask(words: torch.Tensor, keys: Sequence[int]) -> torch.Tensor:
    """`words`, (n,) int64, masked in place, or unmasked where they were, by the first two keys."""
    stream = _arange(len(words), dtype=torch.int64, device=words.device)
    return _xor(words, _mixed(_add(stream, keys[0]), keys[1]))  # type: ignore[no-any-return]


def digest(outputs: Iterable[torch.Tensor], keys: Sequence[int]) -> list[int]:
    """A whole number of 64 bits for each of the outputs, by the last two keys."""
    found = []
    for output in outputs:
        words = _words(output)
        places = _arange(len(words), dtype=torch.int64, device=words.device)
        _xor(words, _mixed(_add(places, keys[2]), keys[3]))
        found.append(int(_item(_sum(_mixed(words, keys[3])))))
    return found


def _mixed(words: torch.Tensor, key: int) -> torch.Tensor:
    """Each word mixed in place with the key, so that every bit of it decides about all others."""
    for factor, bits in _ROUNDS:
        _mul(words, factor)
        _add(words, key)
        _add(words, _shift(words, bits))
    return words


def _words(tensor: torch.Tensor) -> torch.Tensor:
    """A copy of the bytes of a tensor as int64, (n,), filled up with zeros."""
    flat = _view(_reshape(_contiguous(_detach(tensor)), -1), torch.uint8)
    if len(flat) % WORD == 0:
        return _clone(_view(flat, torch.int64))  # type: ignore[no-any-return]
    filled = _zeros(len(flat) + -len(flat) % WORD, dtype=torch.uint8, device=tensor.device)
    _copy(filled[: len(flat)], flat)
    return _view(filled, torch.int64)  # type: ignore[no-any-return]


class Waiting:
    """The masked inputs of one call, on the device: `used` bytes of the shared memory, in which
    `args` say where each lies."""

    def __init__(self, pool: Pool, args: Any, used: int, device: str) -> None:
        self._args = args
        self._words = _to(_view(pool.bytes[:used], torch.int64), device, copy=True)

    def unmasked(self, keys: Sequence[int]) -> Any:
        """The arguments, as views of what is unmasked in place."""
        flat = _view(mask(self._words, keys), torch.uint8)
        return replaced(self._args, partial(view_of, flat))
