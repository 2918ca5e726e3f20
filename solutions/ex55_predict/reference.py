"""Exercise 55, let a language model write: the reference."""

import torch
from torch import nn


def predict(prefix: str, num_preds: int, model: nn.Module, vocab: dict[str, int]) -> str:
    """The prefix, and what the model says next, token by token."""
    tokens = list(vocab)
    unknown = vocab["<unk>"]
    # A part may be frozen in eval mode while the rest is trained: model.train() would wake it.
    modes = [(module, module.training) for module in model.modules()]
    said = []
    model.eval()
    try:
        with torch.no_grad():
            state = model.begin_state(1)
            # The whole prefix at once: only what is said after its last token counts.
            read = [vocab.get(token, unknown) for token in prefix]
            for _ in range(num_preds):
                scores, state = model(torch.tensor([read]), state)
                read = [int(scores[-1].argmax())]
                said.append(tokens[read[0]])
    finally:
        for module, training in modes:
            module.training = training
    return prefix + "".join(said)
