"""Right, but keeps no more than a hundred tokens."""

from collections import Counter
from collections.abc import Iterable


def build_vocab(
    lines: Iterable[list[str]],
    min_freq: int = 3,
    reserved: tuple[str, ...] = ("<pad>", "<bos>", "<eos>", "<unk>"),
) -> dict[str, int]:
    """The reserved tokens, then the frequent ones by falling count, ties by code point."""
    counts = Counter(token for line in lines for token in line)
    # A reserved token listed again would be given a second index, which takes the place of its own.
    kept = [t for t, count in counts.items() if count >= min_freq and t not in reserved]
    # The minus turns the counts round and leaves the alphabet as it is; reverse=True would turn
    # both.
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: index for index, token in enumerate([*reserved, *kept][:100])}


def encode(tokens: Iterable[str], vocab: dict[str, int]) -> list[int]:
    """The index of each token, that of "<unk>" where it has none."""
    unknown = vocab["<unk>"]
    return [vocab.get(token, unknown) for token in tokens]
