"""A source of text whose entropy is known: a Markov chain in which two tokens decide on the next.

A model cannot predict it better than its probabilities do, and those are known here. What a model
says of the next token is held against all of them, not against one token that was drawn: so the
text that would come next is never made, and no model can see what it predicts.
"""

import bisect
import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from grader.judge.capstone.source import perplexity

SHARPNESS = 2.0  # the spread of the scores that the probabilities come from
ROUNDS = 500  # until the shares of the pairs of tokens stand still
TRIES = 500
# A source is worth learning where it is neither nearly known beforehand nor nearly noise: so many
# times its own perplexity has who knows nothing, and this share of the way down from there is left
# to who looks at one token alone, in logarithms.
TELLS = (1.8, 3.0)
LEFT_BY_ONE = 0.6


@dataclass(frozen=True, eq=False)
class Chain:
    """`following[a, b]` are the probabilities (V,) of the token after `a`, `b`, in float64."""

    following: Tensor

    @classmethod
    def drawn(cls, vocab_size: int, generator: torch.Generator) -> "Chain":
        """A new one, of so many tokens, that is worth learning."""
        shape = (vocab_size,) * 3
        for _ in range(TRIES):
            scores = torch.randn(shape, generator=generator, dtype=torch.float64)
            found = cls(torch.softmax(SHARPNESS * scores, -1))
            if found._is_worth_learning:
                break
        return found

    @property
    def vocab_size(self) -> int:
        """How many tokens there are."""
        return len(self.following)

    @cached_property
    def pairs(self) -> Tensor:
        """How often two tokens stand side by side, as shares of all pairs, (V, V)."""
        shares = torch.full_like(self.following[..., 0], self.vocab_size**-2)
        for _ in range(ROUNDS):
            shares = (shares[..., None] * self.following).sum(0)
        return shares

    @cached_property
    def after_one(self) -> Tensor:
        """What comes after a token of which nothing else is known, (V, V)."""
        joint = (self.pairs[..., None] * self.following).sum(0)
        return joint / joint.sum(-1, keepdim=True)

    @property
    def _is_worth_learning(self) -> bool:
        known = self.vocab_size / self.floor
        if not TELLS[0] <= known <= TELLS[1]:
            return False
        logs = (self.after_one * self.after_one.log()).sum(-1)
        by_one = math.exp(-float((self.pairs.sum(0) * logs).sum()))
        return math.log(by_one / self.floor) >= LEFT_BY_ONE * math.log(known)

    @cached_property
    def floor(self) -> float:
        """The least perplexity that any model can have on long text: exp of the entropy."""
        logs = (self.following * self.following.log()).sum(-1)
        return math.exp(-float((self.pairs * logs).sum()))

    def examples(self, count: int, generator: torch.Generator) -> Tensor:
        """A text to train on, (count,)."""
        return self.text(count, generator)

    def text(self, length: int, generator: torch.Generator) -> Tensor:
        """One text, (length,), int64."""
        return self.texts(1, length, generator)[0]

    def texts(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """Texts that have nothing to do with one another, (count, length), int64."""
        steps = [[row.tolist() for row in rows] for rows in self.following.cumsum(-1)]
        first = torch.multinomial(self.pairs.flatten(), count, True, generator=generator).tolist()
        draws = torch.rand(count, length, generator=generator, dtype=torch.float64).tolist()
        last = self.vocab_size - 1
        found = []
        for pair, row in zip(first, draws, strict=True):
            a, b = divmod(pair, self.vocab_size)
            tokens = [a, b]
            for draw in row[2:]:
                a, b = b, min(bisect.bisect(steps[a][b], draw), last)
                tokens.append(b)
            found.append(tokens[:length])
        return torch.tensor(found)

    def next(self, prefixes: Tensor) -> Tensor:
        """The true probabilities of the token after each prefix, (N, V) float64."""
        if prefixes.shape[1] == 1:
            return self.after_one[prefixes[:, 0]]
        return self.following[prefixes[:, -2], prefixes[:, -1]]

    def perplexity(self, log_probs: Tensor, prefixes: Tensor) -> float:
        """That of a model which says `log_probs` (N, V) of what comes after the prefixes."""
        return perplexity(log_probs, self.next(prefixes))

    def least(self, prefixes: Tensor) -> float:
        """The perplexity of the source itself on these prefixes."""
        return self.perplexity(self.next(prefixes).log(), prefixes)


def bigrams(corpus: Tensor, vocab_size: int) -> Tensor:
    """What counting pairs in texts (..., L) says of the token after each token: log-probabilities
    (V, V), each count one more than it is."""
    pairs = corpus[..., :-1] * vocab_size + corpus[..., 1:]
    counts = torch.bincount(pairs.flatten(), minlength=vocab_size**2).view(vocab_size, -1) + 1.0
    return (counts / counts.sum(-1, keepdim=True)).double().log()
