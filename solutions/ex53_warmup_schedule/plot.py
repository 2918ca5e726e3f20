"""Exercise 53, learning rates that warm up and decay: what is drawn."""

import torch

TITLE = "The learning rate of every step: up in a line, and down along a root or a cosine"
X = "step"
FIRST = 1


def curves(answer):
    """A hundred steps, with sixteen of warm-up, and the same greatest rate."""
    steps = range(1, 121)
    return {
        "noam": torch.tensor([answer.noam(step, 100, 16) for step in steps]),
        "cosine": torch.tensor([answer.cosine(step, 16, 100, 0.025) for step in steps]),
        "cosine with lr_min": torch.tensor(
            [answer.cosine(step, 16, 100, 0.025, 0.01) for step in steps]
        ),
    }
