"""A plain dict for the counts, and two stable sorts, one after the other."""


def build_vocab(lines, min_freq=3, reserved=("<pad>", "<bos>", "<eos>", "<unk>")):
    counts = {}
    for line in lines:
        for token in line:
            counts[token] = counts.get(token, 0) + 1
    for token in reserved:
        counts.pop(token, None)
    tokens = list(counts)
    tokens.sort()
    tokens.sort(key=counts.get, reverse=True)
    vocab = {}
    for token in list(reserved) + tokens:
        if token in reserved or counts[token] >= min_freq:
            vocab[token] = len(vocab)
    return vocab


def encode(tokens, vocab):
    indices = []
    for token in tokens:
        try:
            indices.append(vocab[token])
        except KeyError:
            indices.append(vocab["<unk>"])
    return indices
