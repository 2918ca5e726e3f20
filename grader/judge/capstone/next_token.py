"""A model that says what comes next, held against a source whose entropy is known.

`train(corpus, vocab_size, steps, generator)` gives a model with `log_probs(prefixes)`. The judge
draws a source (`markov.Chain`, or what a kind of capstone takes in its place), another with every
seed, hands its text over to be trained on, and then asks what comes after prefixes of other texts.
What would come is never made: the perplexity is computed here, from what the model says and from
the source's own probabilities. Nothing that a model says of itself counts.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.judge.capstone.base import (
    SHARES,
    Capstone,
    one_way,
    seeded,
    still_better,
    unseeded,
)
from grader.judge.capstone.markov import Chain, bigrams
from grader.judge.capstone.source import Source, perplexity
from grader.judge.compare import Mismatch
from grader.judge.handles import told
from grader.judge.profile import Property, as_property
from grader.judge.student import Student
from grader.language import say
from grader.report import Trained, Training
from grader.worker import objects

FEW_STEPS = 5  # where only the form of what comes counts
SMALL = 2_000  # tokens, likewise
LENGTHS = (2, 5, 16)  # of prefixes
PREFIXES = 256  # of each length
NORMALISED = 1e-3  # what the logarithm of a sum of float32 probabilities may be off
ALIKE = 1e-3  # of two log-probabilities that should be the same
UNTOUCHED = 1e-6
STILL_FALLING = 0.02  # of the log perplexity, over the second half of the steps
TOO_SURE = 0.15  # nats by which a model is more certain than it has reason to be
COPIES = 0.5  # of the probability, on the token that the prefix ends with
AWAY = 1e4  # a perplexity that only weights have which grow without bound
CLEARLY = 0.1  # of the way from counting pairs down to the source, in logarithms


class _Model:
    """A model in the worker: asked with prefixes, it says log-probabilities."""

    def __init__(self, student: Student, capstone: "NextToken", number: int) -> None:
        self._student = student
        self._capstone = capstone
        self._number = number

    def log_probs(self, prefixes: Tensor) -> Tensor:
        """What it says of the token after each prefix, (N, V), float64. Mismatch where that is no
        distribution."""
        capstone = self._capstone
        step = told(
            self._student,
            objects.METHOD,
            name=capstone.method,
            on=self._number,
            function=capstone.function,
            args=(prefixes,),
            is_apart=True,
        )
        outcome = self._student.run(step)
        shape = (len(prefixes), capstone.vocab_size)
        value = outcome.value
        if not isinstance(value, Tensor) or outcome.held >= 0:
            kind = outcome.kind if outcome.held >= 0 else type(value).__name__
            raise Mismatch(
                say(
                    "`{name}` gives a value of type {kind}; it should give a tensor of shape"
                    " {shape}.",
                    name=capstone.method,
                    kind=kind,
                    shape=shape,
                )
            )
        if tuple(value.shape) != shape or not value.is_floating_point():
            raise Mismatch(
                say(
                    "`{name}` gives {dtype} of shape {mine}; it should give floating numbers of"
                    " shape {shape}, a row for each of the {count} prefixes.",
                    name=capstone.method,
                    dtype=str(value.dtype).removeprefix("torch."),
                    mine=tuple(value.shape),
                    shape=shape,
                    count=len(prefixes),
                )
            )
        found = value.detach().double()
        self._hold_distribution(found)
        return found

    def _hold_distribution(self, found: Tensor) -> None:
        name = self._capstone.method
        if bool(found.isnan().any()):
            self._student.sign = self._student.sign or "away"
            raise Mismatch(
                say("`{name}` gives nan: the weights are nan, or have grown huge.", name=name)
            )
        sums = found.logsumexp(-1)
        worst = int(sums.abs().argmax())
        if abs(float(sums[worst])) <= NORMALISED and float(found.max()) <= NORMALISED:
            return
        are_probabilities = bool((found >= 0).all()) and bool(
            ((found.sum(-1) - 1).abs() < NORMALISED).all()
        )
        over_rows = bool((found.logsumexp(0).abs() < NORMALISED).all())
        sign = "columns" if over_rows else "unnormalised"
        self._student.sign = self._student.sign or ("probabilities" if are_probabilities else sign)
        raise Mismatch(
            say(
                "The probabilities of a row, exp of what `{name}` gives, sum to {sum:.4g}; they"
                " should sum to 1, so that no log-probability is above 0.",
                name=name,
                sum=math.exp(min(float(sums[worst]), 700.0)),
            )
        )


@dataclass(frozen=True)
class Seen:
    """What a model said that was trained in full, from which signs are read.

    `batches` are the prefixes of each length, with what it says of the token after them and with
    the true probabilities. `prefixes` is one of them, with what the model says (`trained`), said
    before its first step (`untrained`), and says where tokens are changed (`NextToken.changed`).
    """

    training: Training
    source: Source
    batches: Sequence[Tensor]
    log_probs: Sequence[Tensor]
    truth: Sequence[Tensor]
    prefixes: Tensor
    trained: Tensor
    untrained: Tensor
    changed: Sequence[Tensor]


@dataclass(frozen=True)
class NextToken(Capstone):
    """A capstone whose model has `log_probs(prefixes)`.

    `corpus` is the length of the text to train on, in tokens; `bar` how many times the source's own
    perplexity the model's may be.
    """

    vocab_size: int = 6
    corpus: int = 20_000
    method: str = "log_probs"

    @property
    def contract(self) -> tuple[Any, ...]:
        return self.steps, self.vocab_size, self.corpus, SHARES

    # --- what another source has of its own ---

    @property
    def lengths(self) -> tuple[int, ...]:
        """Of the prefixes that are asked for."""
        return LENGTHS

    @property
    def one_length(self) -> int:
        """That of prefixes where one length is enough."""
        return 6

    @property
    def unseen(self) -> str:
        """What a model is asked about, in a word or two."""
        return say("fresh text")

    def source(self, generator: torch.Generator) -> Source:
        """A new one."""
        return Chain.drawn(self.vocab_size, generator)

    def changed(self, prefixes: Tensor, source: Source) -> Sequence[Tensor]:
        """Prefixes that a model is asked about for the signs: all tokens but the last are others;
        the last is another."""
        others = (prefixes + 1) % source.vocab_size
        before = torch.cat([others[:, :-1], prefixes[:, -1:]], dim=1)
        last = torch.cat([prefixes[:, :-1], others[:, -1:]], dim=1)
        return before, last

    def parts(self, seen: "Seen") -> Mapping[str, float]:  # noqa: ARG002
        """The perplexity on each part of what it is asked, by its name; here there are none."""
        return {}

    def signs(self, seen: "Seen") -> Iterator[str]:
        """What the model's predictions tell of the mistake behind them, the plainest first."""
        return _signs(seen.training, seen.untrained, seen.prefixes, seen.trained, seen.changed)

    # --- the laws ---

    def distribution(self, *, points: int) -> Property:
        """What the model says is a distribution for each prefix, of whatever length."""

        def test(student: Student, source_seed: int) -> None:
            source, text, generator = self._drawn(source_seed, "distribution", SMALL)
            model = self._trained(student, text, FEW_STEPS, source_seed)
            for length in (1, *self.lengths):
                model.log_probs(source.texts(7, length, generator))
            model.log_probs(source.texts(1, 3, generator))

        title = say("For prefixes of any length it gives log-probabilities that sum to one.")
        return as_property(test, title, points, ())

    def alone(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """What is said of a prefix depends on nothing else that is asked, before or beside it."""

        def test(student: Student, source_seed: int) -> None:
            source, text, generator = self._drawn(source_seed, "alone", SMALL)
            model = self._trained(student, text, FEW_STEPS, source_seed)
            prefixes = source.texts(9, 6, generator)
            together = model.log_probs(prefixes)
            model.log_probs(source.texts(5, 11, generator))
            for rows in (prefixes[2:5], prefixes.flip(0)[:4], prefixes):
                places = [int((prefixes == row).all(-1).nonzero()[0]) for row in rows]
                off = (model.log_probs(rows) - together[places]).abs().max()
                if float(off) > ALIKE:
                    again = (model.log_probs(rows) - model.log_probs(rows)).abs().max()
                    sign = "drawn" if float(again) > ALIKE else "mixed"
                    student.sign = student.sign or sign
                    raise Mismatch(
                        say(
                            "The same prefix gets other log-probabilities in another batch, or"
                            " when it is asked again (off by {off:.2g}): each row stands by itself,"
                            " and nothing is drawn or kept.",
                            off=float(off),
                        )
                    )

        title = say("What it says of a prefix depends on nothing that is asked beside it.")
        return as_property(test, title, points, needs)

    def repeatable(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """All that is random comes from the generator."""

        def test(student: Student, source_seed: int) -> None:
            source, text, generator = self._drawn(source_seed, "repeatable", SMALL)
            prefixes = source.texts(8, 5, generator)
            first, other, again = (
                self._trained(student, text, FEW_STEPS, seed).log_probs(prefixes)
                for seed in (source_seed, source_seed + 1, source_seed)
            )
            if float((first - again).abs().max()) > ALIKE:
                unseeded(student)
            if torch.equal(first, other):
                seeded(student)

        title = say("All that is random comes from the generator.")
        return as_property(test, title, points, needs)

    def untrained(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """Without a step, and after one, the model knows next to nothing."""

        def test(student: Student, source_seed: int) -> None:
            source, text, generator = self._drawn(source_seed, "untrained", self.corpus)
            prefixes = source.texts(PREFIXES, self.one_length, generator)
            truth = source.next(prefixes)
            least = math.sqrt(perplexity(truth.log(), truth) * self.vocab_size)
            for steps in (0, 1):
                model = self._trained(student, text, steps, source_seed)
                found = perplexity(model.log_probs(prefixes), truth)
                if found < least:
                    student.sign = student.sign or "early"
                    raise Mismatch(
                        say(
                            "With steps={steps} its perplexity is {mine} already; one that"
                            " knows nothing has {uniform}. It learns in its steps alone, one"
                            " update of the parameters each.",
                            steps=steps,
                            mine=self.measure.written(found),
                            uniform=self.vocab_size,
                        )
                    )

        title = say("It learns in its steps alone: before the first it knows nothing.")
        return as_property(test, title, points, needs)

    def learns(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """It predicts fresh text better than counting pairs of tokens does."""

        def test(student: Student, source_seed: int) -> None:
            found = self._measured(student, source_seed)
            clearly = found.bigram * (found.floor / found.bigram) ** CLEARLY
            if found.student[-1] >= clearly:
                raise Mismatch(
                    say(
                        "After {steps} steps its perplexity on {unseen} is {mine}. Counting"
                        " pairs of tokens gives {bigram}, and a model that knows nothing has"
                        " {uniform}.",
                        steps=self.steps,
                        unseen=self.unseen,
                        mine=self.measure.written(found.student[-1]),
                        bigram=self.measure.written(found.bigram),
                        uniform=self.vocab_size,
                    )
                )

        title = say(
            "It predicts {unseen} better than counting pairs of tokens does.", unseen=self.unseen
        )
        return as_property(test, title, points, needs)

    def predicts(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """Its perplexity on fresh text is near the least that is possible."""

        def test(student: Student, source_seed: int) -> None:
            found, written = self._measured(student, source_seed), self.measure.written
            mine = found.student[-1]
            if mine <= found.bar:
                return
            said = say(
                "After {steps} steps its perplexity on {unseen} is {mine}; the source's own is"
                " {floor}, and {bar} is enough.",
                steps=self.steps,
                unseen=self.unseen,
                mine=written(mine),
                floor=written(found.floor),
                bar=written(found.bar),
            )
            if parts := student.measured["parts"]:
                each = ", ".join(f"{name} {written(value)}" for name, value in parts.items())
                said += " " + say("By task: {each}.", each=each)
            if _is_falling(found):
                said += still_better(written(found.student[-2]))
            raise Mismatch(said)

        title = say(
            "Its perplexity on {unseen} is near the least that is possible.", unseen=self.unseen
        )
        return as_property(test, title, points, needs)

    # --- how it is measured ---

    def _drawn(self, seed: int, what: str, amount: int) -> tuple[Source, Tensor, torch.Generator]:
        """A source, so much of it to train on, and what further texts are drawn from."""
        generator = torch.Generator().manual_seed(one_way(seed, what))
        source = self.source(generator)
        return source, source.examples(amount, generator), generator

    def _trained(self, student: Student, text: Tensor, steps: int, seed: int) -> _Model:
        """A model that the student's code trains, with a generator of its own."""
        number = self.trained(student, text, self.vocab_size, steps=steps, seed=seed)
        return _Model(student, self, number)

    def _measured(self, student: Student, seed: int) -> Training:
        return self.measured(student, seed, self._curve)

    def _curve(self, student: Student, seed: int) -> Training:
        """How well the student's model does after all steps and after fewer."""
        source, text, generator = self._drawn(seed, "measured", self.corpus)
        counted = bigrams(text, self.vocab_size)
        points = self.points
        found: dict[int, float] = {}
        floor = bigram = 0.0
        for steps in (self.steps, *points[:-1]):
            student.on_training(Trained(steps, self.steps, math.nan, source.floor))
            model = self._trained(student, text, steps, seed)
            batches = [source.texts(PREFIXES, length, generator) for length in self.lengths]
            said = [model.log_probs(each) for each in batches]
            truths = [source.next(each) for each in batches]
            truth = torch.cat(truths)
            least = perplexity(truth.log(), truth)
            found[steps] = perplexity(torch.cat(said), truth)
            if steps == self.steps:
                floor = least
                last = torch.cat([each[:, -1] for each in batches])
                bigram = perplexity(counted[last], truth)
                full = batches, said, truths
                changed = [model.log_probs(each) for each in self.changed(batches[1], source)]
            else:  # against this batch's own floor, which differs a little
                found[steps] *= floor / least
            if steps == 0:
                untrained = model.log_probs(full[0][1])
            student.on_training(Trained(steps, self.steps, found[steps], source.floor))
        curve = tuple(found[steps] for steps in points)
        training = Training(
            tuple(points),
            curve,
            self.reference_curve(floor, self.vocab_size, points),
            float(self.vocab_size),
            bigram,
            floor,
            self.bar * floor,
        )
        if curve[-1] > training.bar:
            batches, said, truths = full
            seen = Seen(
                training,
                source,
                batches,
                said,
                truths,
                prefixes=batches[1],
                trained=said[1],
                untrained=untrained,
                changed=changed,
            )
            student.measured["parts"] = self.parts(seen)
            student.sign = student.sign or next(self.signs(seen), "")
        return training


def _is_falling(training: Training) -> bool:
    return math.log(training.student[-2] / training.student[-1]) > STILL_FALLING


def _signs(
    training: Training,
    untrained: Tensor,
    prefixes: Tensor,
    trained: Tensor,
    changed: Sequence[Tensor],
) -> Iterator[str]:
    before, last = ((each - trained).exp().sub(1).abs().max() for each in changed[:2])
    probs = trained.exp()
    copied = probs.gather(1, prefixes[:, -1:]).mean()
    surprise = math.log(training.student[-1])
    certainty = -(probs * trained.clamp(min=-700.0)).sum(-1).mean()
    if float((trained - untrained).abs().max()) < UNTOUCHED:
        yield "still"
    if float(copied) > COPIES:
        yield "copies"
    if training.student[-1] > AWAY:
        yield "away"
    if float(last) < ALIKE:
        yield "blind"
    if float(before) < ALIKE:
        yield "forgets"
    most = math.e / (math.e + training.uniform - 1)  # the softmax of a one-hot row
    if float(probs.max()) <= most + ALIKE:
        yield "flat"
    if surprise - float(certainty) > TOO_SURE:
        yield "sure"
    if _is_falling(training):
        yield "slow"
