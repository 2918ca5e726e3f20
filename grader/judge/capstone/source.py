"""What a model learns from, and is held against: a source that knows what comes next."""

import math
from typing import Protocol

import torch
from torch import Tensor

MOST_SURPRISE = 700.0  # nats; exp of more is no number


class Source(Protocol):
    """Tokens of which the probabilities are known, drawn with every seed."""

    @property
    def vocab_size(self) -> int:
        """How many tokens there are."""

    @property
    def floor(self) -> float:
        """The least perplexity that any model can have."""

    def examples(self, count: int, generator: torch.Generator) -> Tensor:
        """What a model is trained on, so much of it."""

    def texts(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """Others, which have nothing to do with one another, (count, length), int64."""

    def next(self, prefixes: Tensor) -> Tensor:
        """The true probabilities of the token after each prefix, (N, V) float64."""


def perplexity(log_probs: Tensor, truth: Tensor) -> float:
    """That of a model which says `log_probs` (N, V) where these are the probabilities."""
    # A token that the model rules out, and that comes, costs all: 0 * -inf would cost nothing. One
    # that never comes costs nothing, whatever is said of it.
    surprise = -torch.where(truth > 0, truth * log_probs.double(), 0.0).sum(-1)
    return math.exp(min(float(surprise.mean()), MOST_SURPRISE))
