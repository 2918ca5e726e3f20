"""Exercise 27, a vocabulary: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

from collections import Counter

_RESERVED = ("<pad>", "<bos>", "<eos>", "<unk>")


def _counts(lines):
    return Counter(token for line in lines for token in line)


def _kept(counts, min_freq, reserved):
    return [t for t, count in counts.items() if count >= min_freq and t not in reserved]


def _numbered(tokens):
    return {token: index for index, token in enumerate(tokens)}


class StrictlyMore:
    """You seem to leave out tokens seen exactly min_freq times; "at least" means >=."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = _kept(counts, min_freq + 1, reserved)
        return _numbered([*reserved, *sorted(kept, key=lambda t: (-counts[t], t))])


class OrderOfAppearance:
    """Your ties stand in the order in which the text shows them; put them in order of `sorted`."""

    caught_by = "test_ties"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = _kept(counts, min_freq, reserved)
        return _numbered([*reserved, *sorted(kept, key=lambda t: -counts[t])])


class TiesReversed:
    """Your ties run from z to a: reverse=True turns the alphabet too; sort by (-count, token)."""

    caught_by = "test_ties"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = _kept(counts, min_freq, reserved)
        return _numbered([*reserved, *sorted(kept, key=lambda t: (counts[t], t), reverse=True)])


class AlphabetOnly:
    """Your tokens stand in alphabetical order; the most frequent come first, the alphabet only
    decides between tokens seen equally often."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        return _numbered([*reserved, *sorted(_kept(_counts(lines), min_freq, reserved))])


class Unsorted:
    """Your tokens stand in the order in which the text shows them; sort them by falling count."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        return _numbered([*reserved, *_kept(_counts(lines), min_freq, reserved)])


class RarestFirst:
    """Your rarest tokens come first: `sorted` rises, so sort by minus the count."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = _kept(counts, min_freq, reserved)
        return _numbered([*reserved, *sorted(kept, key=lambda t: (counts[t], t))])


class ReservedLast:
    """Your reserved tokens stand at the end; they come first, so that "<pad>" is always 0."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = _kept(counts, min_freq, reserved)
        return _numbered([*sorted(kept, key=lambda t: (-counts[t], t)), *reserved])


class ReservedTwice:
    """A reserved token that stands in the text too gets a second index from you, which takes the
    place of the first; leave it out of the tokens that you count in."""

    caught_by = "test_reserved_in_text"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = _kept(counts, min_freq, ())
        return _numbered([*reserved, *sorted(kept, key=lambda t: (-counts[t], t))])


class ReservedOrDefault:
    """Your empty `reserved` seems to be taken for none given; then no token is reserved."""

    caught_by = "test_other_reserved"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts, reserved = _counts(lines), reserved or _RESERVED
        kept = sorted(_kept(counts, min_freq, reserved), key=lambda token: (-counts[token], token))
        return _numbered([*reserved, *kept])


class ReservedMoved:
    """You seem to place a reserved token by its count in the text; it keeps its place in front."""

    caught_by = "test_reserved_in_text"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        frequent = sorted(_kept(counts, min_freq, ()), key=lambda t: (-counts[t], t))
        return _numbered([*(t for t in reserved if t not in frequent), *frequent])


class FromOne:
    """Your indices begin at 1; they begin at 0, like the rows of an embedding."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = sorted(_kept(counts, min_freq, reserved), key=lambda t: (-counts[t], t))
        return {token: index for index, token in enumerate([*reserved, *kept], start=1)}


class IndexToToken:
    """Your dict leads from index to token; it should lead from token to index."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(lines)
        kept = sorted(_kept(counts, min_freq, reserved), key=lambda t: (-counts[t], t))
        return dict(enumerate([*reserved, *kept]))


class LinesWithToken:
    """You seem to count in how many lines a token stands; count every time that it stands there."""

    caught_by = "test_frequent"

    def build_vocab(lines, min_freq=3, reserved=_RESERVED):
        counts = _counts(map(set, lines))
        kept = _kept(counts, min_freq, reserved)
        return _numbered([*reserved, *sorted(kept, key=lambda t: (-counts[t], t))])


class UnknownRaises:
    """An unknown token gives a KeyError: look it up with vocab.get(token, vocab["<unk>"])."""

    caught_by = "test_unknown"

    def encode(tokens, vocab):
        return [vocab[token] for token in tokens]


class UnknownIsPad:
    """Your unknown tokens become 0, which is another token; take the index of "<unk>"."""

    caught_by = "test_unknown"

    def encode(tokens, vocab):
        return [vocab.get(token, 0) for token in tokens]


class UnknownDropped:
    """You leave unknown tokens out; put the index of "<unk>" in their place."""

    caught_by = "test_unknown"

    def encode(tokens, vocab):
        return [vocab[token] for token in tokens if token in vocab]


class UnknownIsThree:
    """Your unknown tokens always become 3; ask the vocabulary where it has "<unk>"."""

    caught_by = "test_unknown"

    def encode(tokens, vocab):
        return [vocab.get(token, 3) for token in tokens]
