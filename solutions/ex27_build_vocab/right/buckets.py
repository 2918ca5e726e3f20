"""Tokens in one bucket for each count, emptied from the fullest count down."""

from collections import defaultdict
from itertools import groupby


def build_vocab(lines, min_freq=3, reserved=("<pad>", "<bos>", "<eos>", "<unk>")):
    everything = sorted(token for line in lines for token in line)
    buckets = defaultdict(list)
    for token, same in groupby(everything):
        buckets[len(list(same))].append(token)
    order = dict.fromkeys(reserved)
    for count in range(max(buckets, default=0), min_freq - 1, -1):
        order.update(dict.fromkeys(buckets[count]))
    return dict(zip(order, range(len(order)), strict=True))


def encode(tokens, vocab):
    names = list(vocab)
    return [names.index(token if token in names else "<unk>") for token in tokens]
