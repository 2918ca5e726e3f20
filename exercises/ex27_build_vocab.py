"""Exercise 27. A vocabulary

A network reads numbers, not words. A vocabulary numbers the tokens of a text, the frequent ones
first; the rare ones are left out, and all of them become one token that stands for the unknown.

    lines     [["the", "cat", "sat"], ["the", "mat"], ["cat", "the"]], min_freq = 2
    vocab     {"<pad>": 0, "<bos>": 1, "<eos>": 2, "<unk>": 3, "the": 4, "cat": 5}
    encode    ["the", "dog", "sat"] becomes [4, 3, 3]

Source: Sutskever et al., "Sequence to Sequence Learning with Neural Networks" (2014), section 3.1.
"""

from collections.abc import Iterable


def build_vocab(
    lines: Iterable[list[str]],
    min_freq: int = 3,
    reserved: tuple[str, ...] = ("<pad>", "<bos>", "<eos>", "<unk>"),
) -> dict[str, int]:
    """Number the tokens of a text.

    lines: any iterable of lists of tokens, perhaps a generator. A token is any string, "" too;
    "Cat" and "cat" are two tokens. min_freq: 1 or more. reserved: distinct tokens, perhaps none.
    Returns a dict of token to index, in the order of the indices 0, 1, 2, ...: first the reserved
    tokens, in their order; then each token seen at least min_freq times in all lines together,
    the most frequent first, and tokens seen equally often in the order of `sorted`. A reserved
    token keeps its place, whether the text has it or not, and is not listed again.
    """
    # TODO: what two things decide a token's place, and which first? What may list a token twice?
    raise NotImplementedError


def encode(tokens: Iterable[str], vocab: dict[str, int]) -> list[int]:
    """Turn tokens into their indices; a token that is not in the vocabulary becomes "<unk>".

    tokens: any iterable of strings. vocab: what `build_vocab` gives, with "<unk>" in it.
    Returns a list of ints, one for each token.
    """
    # TODO: where does the vocabulary keep the index of "<unk>"? Must it be 3?
    raise NotImplementedError
