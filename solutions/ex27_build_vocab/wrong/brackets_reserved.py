"""Takes every token in angle brackets for a reserved one."""

from collections import Counter


def build_vocab(lines, min_freq=3, reserved=("<pad>", "<bos>", "<eos>", "<unk>")):
    counts = Counter(token for line in lines for token in line)
    kept = [t for t, n in counts.items() if n >= min_freq and not t.startswith("<")]
    kept.sort(key=lambda token: (-counts[token], token))
    return {token: index for index, token in enumerate([*reserved, *kept])}


def encode(tokens, vocab):
    return [vocab.get(token, vocab["<unk>"]) for token in tokens]
