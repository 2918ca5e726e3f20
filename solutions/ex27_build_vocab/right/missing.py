"""A dict that knows what to say of a missing token."""

import heapq
from collections import Counter


class _Lenient(dict):
    def __missing__(self, token):
        return self["<unk>"]


def build_vocab(lines, min_freq=3, reserved=("<pad>", "<bos>", "<eos>", "<unk>")):
    counts = Counter()
    for line in lines:
        counts.update(line)
    heap = [(-n, token) for token, n in counts.items() if n >= min_freq]
    heapq.heapify(heap)
    vocab = _Lenient(zip(reserved, range(len(reserved)), strict=True))
    while heap:
        _, token = heapq.heappop(heap)
        vocab.setdefault(token, len(vocab))
    return vocab


def encode(tokens, vocab):
    return list(map(_Lenient(vocab).__getitem__, tokens))
