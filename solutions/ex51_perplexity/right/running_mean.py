"""A mean that is carried along, token by token, in a context that brings the modes back."""

import contextlib
import math

import torch


@contextlib.contextmanager
def judging(model):
    awake = [part for part in model.modules() if part.training]
    asleep = [part for part in model.modules() if not part.training]
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for parts, mode in ((awake, True), (asleep, False)):
            for part in parts:
                part.training = mode


def perplexity(model, batches):
    mean, seen = 0.0, 0
    with judging(model):
        for X, Y in batches:
            scores = model(X).double()
            for row, targets in zip(scores.flatten(0, 1), Y.flatten().tolist(), strict=True):
                cost = float(row.logsumexp(0) - row[targets])
                seen += 1
                mean += (cost - mean) / seen
    return math.exp(mean)
