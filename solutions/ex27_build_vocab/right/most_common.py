"""Counter.most_common, which leaves ties as they came, on tokens that came in order."""

from collections import Counter
from itertools import chain, count


def build_vocab(lines, min_freq=3, reserved=("<pad>", "<bos>", "<eos>", "<unk>")):
    index = count()
    vocab = {token: next(index) for token in reserved}
    for token, times in Counter(sorted(chain.from_iterable(lines))).most_common():
        if times < min_freq:
            break
        if token not in vocab:
            vocab[token] = next(index)
    return vocab


def encode(tokens, vocab):
    return [vocab[token] if token in vocab else vocab["<unk>"] for token in tokens]
