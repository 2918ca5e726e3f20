"""A copy of the model writes, in a generator of tokens."""

import copy
from itertools import islice

import torch


def _tokens(prefix, model, vocab):
    words = sorted(vocab, key=vocab.get)
    inputs = [vocab.get(each, vocab["<unk>"]) for each in prefix]
    state = model.begin_state(1)
    while True:
        scores, state = model(torch.tensor(inputs)[None], state)
        inputs = scores[-1:].topk(1).indices.flatten().tolist()
        yield words[inputs[0]]


def predict(prefix, num_preds, model, vocab):
    writer = copy.deepcopy(model).eval().requires_grad_(False)
    return "".join([prefix, *islice(_tokens(prefix, writer, vocab), num_preds)])
