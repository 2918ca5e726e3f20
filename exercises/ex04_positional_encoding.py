"""Exercise 4. Positional encoding

Attention does not know where in a sentence a word stands. A Transformer tells it by adding to
every word a fingerprint of its position: sines and cosines, from fast to very slow.

    table[pos, 2i]     = sin(pos / base^(2i / d_model))
    table[pos, 2i + 1] = cos(pos / base^(2i / d_model))

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.5.
"""

from torch import Tensor


def positional_encoding(length: int, d_model: int, base: float = 10000.0) -> Tensor:
    """The encodings of the positions 0, 1, ..., length - 1, one to a row.

    length and d_model are at least 1, base is greater than 1.
    Returns (length, d_model) in float32. Each pair of columns shares one angle, and an odd d_model
    ends on a sine. The entries are right to 1e-5 up to position 100, and to 1e-3 up to position
    5,000.
    """
    # TODO: how many different angles does one row hold, and which columns use the same one?
    raise NotImplementedError
