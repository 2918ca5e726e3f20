"""A function that reads, under a decorator; the scores by a plain max."""

import contextlib

import torch


@contextlib.contextmanager
def writing(model):
    trained = [each for each in model.modules() if each.training]
    model.eval()
    try:
        yield
    finally:
        for each in trained:
            each.training = True


@torch.no_grad()
def predict(prefix, num_preds, model, vocab):
    tokens = list(vocab)
    text, unread = prefix, [vocab.get(each, vocab["<unk>"]) for each in prefix]
    with writing(model):
        state = model.begin_state(1)
        for number in range(len(unread) + num_preds - 1):
            inputs = torch.tensor([unread[number : number + 1]], dtype=torch.int64)
            scores, state = model(inputs, state)
            if number + 1 >= len(prefix) and num_preds:
                row = scores.flatten().tolist()
                unread.append(row.index(max(row)))
                text += tokens[unread[-1]]
    return text
