"""Sequences whose second half answers the first, and a model that has to predict the answers.

    task | question, n tokens | a token that separates | answer, n tokens

The task says what the answer is: the question again, the question sorted, or the sums of its tokens
so far, modulo the number of contents. What every token means, the order and the numbering are drawn
with every seed. Copying takes positions, sorting takes contents, adding takes both: so does the
model's attention. Half of all questions are for training; the model is asked about the others,
at the places of the answers, where nothing is left to chance.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from grader.judge.capstone.base import SHARES
from grader.judge.capstone.next_token import ALIKE, NextToken, Seen
from grader.judge.capstone.source import Source, perplexity
from grader.language import say

COPY, SORT, ADD = range(3)
TASKS = 3
MARKS = TASKS + 1  # tokens that are no content: those of the tasks, and the one that separates
SHOWN = 0.5  # of the questions, to train on
COPIES = 0.9  # of the probability, on the token that the prefix ends with: who guesses has less
KNOWN = 0.3  # of what there is to know, in logarithms, is missing where a model is good at it
WORSE = 2.5  # times as much is missing elsewhere
# In logarithms: sorting has been learned to the end, and not as far as one who learns slowly is.
SORTED = 0.06
# Of what a model shows, the plainest first. Before "away": who is sure of what is wrong may be so
# sure that the perplexity grows without bound.
ORDER = (
    *("still", "blind", "forgets", "ahead", "copies", "orderless"),
    *("away", "flat", "sure", "slow"),
)


@dataclass(frozen=True, eq=False)
class Puzzles:
    """Sequences of `vocab_size` tokens with questions of `length`.

    `token` says which token stands for each content and mark (those after the contents); `rank`
    where each content stands in the order, `number` what it counts in a sum. `questions` are all
    that there are, as contents, (K**length, length): those to train on come first.
    """

    length: int
    token: Tensor
    rank: Tensor
    number: Tensor
    questions: Tensor

    @classmethod
    def drawn(cls, vocab_size: int, length: int, generator: torch.Generator) -> "Puzzles":
        """New ones."""
        contents = vocab_size - MARKS
        found = torch.cartesian_prod(*[torch.arange(contents)] * length)
        return cls(
            length,
            torch.randperm(vocab_size, generator=generator),
            torch.randperm(contents, generator=generator),
            torch.randperm(contents, generator=generator),
            found[torch.randperm(len(found), generator=generator)],
        )

    @property
    def vocab_size(self) -> int:
        """How many tokens there are."""
        return len(self.token)

    @property
    def floor(self) -> float:
        """The least perplexity that any model can have: each token of an answer is certain."""
        return 1.0

    @property
    def _shown(self) -> int:
        return round(SHOWN * len(self.questions))

    @cached_property
    def _meaning(self) -> Tensor:
        return self.token.argsort()

    def examples(self, count: int, generator: torch.Generator) -> Tensor:
        """Sequences to train on, (count, 2 * length + 2), int64, none of them twice."""
        most = TASKS * self._shown
        places = torch.randperm(most, generator=generator)[:count]
        return self._sequences(places % TASKS, self.questions[places // TASKS])

    def texts(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """The first `length` tokens of others, (count, length): of each task as many, as far as
        that goes, and of questions that are not among those to train on."""
        rest = self.questions[self._shown :]
        drawn = torch.randint(len(rest), (count,), generator=generator)
        return self._sequences(torch.arange(count) % TASKS, rest[drawn])[:, :length]

    def next(self, prefixes: Tensor) -> Tensor:
        """The probabilities of the token after each prefix, (N, V) float64, which are 0 and 1.
        ValueError where the prefixes end before the answers begin."""
        place = prefixes.shape[1] - self.length - 2
        if not 0 <= place < self.length:
            raise ValueError(f"after {prefixes.shape[1]} tokens there is no answer")
        question = self._meaning[prefixes[:, 1 : self.length + 1]]
        answers = self._answers(self.task(prefixes), question)
        come = self.token[answers[:, place]]
        return torch.nn.functional.one_hot(come, self.vocab_size).double()

    def task(self, prefixes: Tensor) -> Tensor:
        """The task of each, (N,): COPY, SORT or ADD."""
        return self._meaning[prefixes[:, 0]] - (self.vocab_size - MARKS)

    def _sequences(self, task: Tensor, question: Tensor) -> Tensor:
        contents = self.vocab_size - MARKS
        between = torch.full_like(task, contents + TASKS)
        parts = (contents + task)[:, None], question, between[:, None]
        return self.token[torch.cat([*parts, self._answers(task, question)], dim=1)]

    def _answers(self, task: Tensor, question: Tensor) -> Tensor:
        in_order = self.rank.argsort()[self.rank[question].sort(dim=1).values]
        number = self.number[question]
        sums = number.cumsum(dim=1) % len(self.number)
        each = torch.stack([question, in_order, self.number.argsort()[sums]])
        return each[task, torch.arange(len(task))]


@dataclass(frozen=True)
class Answering(NextToken):
    """A capstone whose model is asked for the answers of puzzles.

    `corpus` is the number of sequences to train on, `length` that of a question.
    """

    vocab_size: int = 8
    corpus: int = 4000
    length: int = 6

    @property
    def contract(self) -> tuple[object, ...]:
        return self.steps, self.vocab_size, self.corpus, self.length, SHARES

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(range(self.length + 2, 2 * self.length + 2))

    @property
    def one_length(self) -> int:
        return self.length + self.length // 2 + 2

    @property
    def unseen(self) -> str:
        return say("fresh sequences")

    def source(self, generator: torch.Generator) -> Puzzles:
        return Puzzles.drawn(self.vocab_size, self.length, generator)

    def parts(self, seen: Seen) -> Mapping[str, float]:
        assert isinstance(seen.source, Puzzles)
        task = torch.cat([seen.source.task(each) for each in seen.batches])
        log_probs, truth = torch.cat(list(seen.log_probs)), torch.cat(list(seen.truth))
        names = {COPY: say("copying"), SORT: say("sorting"), ADD: say("adding")}
        return {
            name: perplexity(log_probs[task == number], truth[task == number])
            for number, name in names.items()
        }

    def signs(self, seen: Seen) -> Iterator[str]:
        found = set(super().signs(seen))
        copied = seen.trained.exp().gather(1, seen.prefixes[:, -1:]).mean()
        if float(copied) < COPIES:
            found.discard("copies")
        if _is_ahead(seen):
            found.add("ahead")
        copying, sorting, _ = self.parts(seen).values()
        if _is_orderless(seen, copying, sorting):
            found.add("orderless")
        yield from sorted(found, key=ORDER.index)

    def changed(self, prefixes: Tensor, source: Source) -> Sequence[Tensor]:
        """Also two tokens of the question changed about, where that changes what comes."""
        assert isinstance(source, Puzzles)
        swapped = prefixes.clone()
        place = prefixes.shape[1] - source.length - 1  # of what comes next, when it is copied
        other = place % source.length + 1
        swapped[:, [place, other]] = prefixes[:, [other, place]]
        return *super().changed(prefixes, source), swapped


def _is_ahead(seen: Seen) -> bool:
    """Whether the last place of the answers is known and those before are not: there the future
    was in sight while it trained, where now it is missing."""
    each = [perplexity(*pair) for pair in zip(seen.log_probs, seen.truth, strict=True)]
    known = math.log(seen.training.uniform) * KNOWN
    return math.log(each[-1]) < known and all(
        math.log(before) > known and math.log(before) > WORSE * math.log(each[-1])
        for before in each[:-1]
    )


def _is_orderless(seen: Seen, copying: float, sorting: float) -> bool:
    """Whether the order of the question makes no difference: none at all, or so little that only
    what needs no order has been learned."""
    swapped = seen.changed[2]
    if float((swapped - seen.trained).abs().max()) < ALIKE:
        return True
    return math.log(sorting) <= SORTED and math.log(copying) > WORSE * math.log(sorting)
