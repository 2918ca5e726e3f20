"""A model that translates, held against the one right translation of sentences it has not seen.

`train(pairs, vocabs, steps, generator)` gives a model with `translate(source)`. The judge draws two
small languages (`small_language`), others with every seed, hands over pairs of sentences, and then
asks for the translations of others, half of them longer than any that was trained on. What is right
never leaves the judge, which counts and computes BLEU itself.
"""

import math
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from grader.judge.capstone.base import (
    SHARES,
    Capstone,
    one_way,
    seeded,
    still_better,
    unseeded,
)
from grader.judge.capstone.small_language import (
    RESERVED,
    Pair,
    SmallLanguage,
    Words,
    bleu,
    vocabulary,
    word_by_word,
)
from grader.judge.compare import Mismatch
from grader.judge.handles import told
from grader.judge.profile import Property, as_property
from grader.judge.student import Student
from grader.language import say
from grader.measure import BLEU, Measure
from grader.report import Trained, Training
from grader.worker import objects

SOME_STEPS = (60, 20, 100)  # after which something is said, hardly the same by two models
SMALL = 300  # pairs, where only the form of what comes counts
SHORTEST = 2  # words of a source
FRESH = 50  # sentences of the lengths trained on, and as many longer ones
FRESH_ON_THE_WAY = 25  # likewise, for the rest of the curve
FAMILIAR = 0.6  # of the sentences no longer than those trained on are to be right
KNOWS = 0.25  # a BLEU that nobody has without having learned
STILL_RISING = 0.03  # of the BLEU, over the second half of the steps
MOST_SHOWN = 24  # words of a translation, and
MOST_OF_A_WORD = 20  # characters of each, in a message
TOO_LONG = 1.5  # times the right translation
MOST = 0.5  # of the translations have to show a sign
NEARLY_ALL = 0.9
DOUBLED = 2.0  # the BLEU, over the second half of the steps
OTHER_WORDS = 0.6  # of those that are right are said, at most, where others are
OFF = 2.0  # words by which the lengths of translations are wrong


@dataclass(frozen=True)
class Said:
    """A sentence, its translation, and what the model said."""

    source: Words
    right: Words
    said: Words

    @property
    def is_right(self) -> bool:
        """Whether it is said exactly as it should be."""
        return self.said == self.right

    @property
    def bleu(self) -> float:
        """How near it comes."""
        return bleu(self.said, self.right)


class _Model:
    """A model in the worker: asked with a sentence, it says another."""

    def __init__(self, student: Student, capstone: "Translation", number: int) -> None:
        self._student = student
        self._capstone = capstone
        self._number = number

    def says(self, pairs: Sequence[Pair]) -> list[Said]:
        """What it makes of the sources of `pairs`. Mismatch where that is no list of words."""
        return [Said(source, right, self._said(source)) for source, right in pairs]

    def _said(self, source: Words) -> Words:
        name = self._capstone.method
        step = told(
            self._student,
            objects.METHOD,
            name=name,
            on=self._number,
            function=self._capstone.function,
            args=(list(source),),
            is_apart=True,
        )
        outcome = self._student.run(step)
        value = outcome.value
        if outcome.held >= 0 or not isinstance(value, list | tuple):
            self._sign("joined" if isinstance(value, str) else "")
            kind = outcome.kind if outcome.held >= 0 else type(value).__name__
            raise Mismatch(
                say(
                    "`{name}` gives a value of type {kind}; it should give a list of words.",
                    name=name,
                    kind=kind,
                )
            )
        for word in value:
            if not isinstance(word, str):
                self._sign("numbers" if isinstance(word, int) or hasattr(word, "dim") else "")
                raise Mismatch(
                    say(
                        "`{name}` gives a list with a value of type {kind}; each should be a word,"
                        " a str.",
                        name=name,
                        kind=type(word).__name__,
                    )
                )
        return tuple(value)

    def _sign(self, sign: str) -> None:
        self._student.sign = self._student.sign or sign


@dataclass(frozen=True)
class Translation(Capstone):
    """A capstone whose model has `translate(source)`.

    `pairs` is how many are trained on, `longest` the most words of a source among them; asked is
    for some of up to `beyond` words more. `bar` is the mean BLEU that is enough.
    """

    pairs: int = 3_000
    longest: int = 12
    beyond: int = 2
    method: str = "translate"
    measure: ClassVar[Measure] = BLEU

    @property
    def contract(self) -> tuple[Any, ...]:
        return self.steps, self.pairs, self.longest, self.beyond, FRESH, SHARES

    # --- the laws ---

    def words(self, *, points: int) -> Property:
        """What the model says is a list of words, for a sentence of whatever length."""

        def test(student: Student, source_seed: int) -> None:
            drawn = self._drawn(source_seed, "words", SMALL)
            model = self._trained(student, drawn, SOME_STEPS[0], source_seed)
            model.says(drawn.shorter(3))
            model.says(drawn.longer(3))

        title = say("For a sentence of any length it gives a list of words.")
        return as_property(test, title, points, ())

    def alone(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """What is said of a sentence depends on nothing that was asked before."""

        def test(student: Student, source_seed: int) -> None:
            drawn = self._drawn(source_seed, "alone", SMALL)
            model = self._trained(student, drawn, SOME_STEPS[0], source_seed)
            asked = drawn.shorter(6)
            first = model.says(asked)
            model.says(drawn.longer(3))
            for before, after in zip(first, reversed(model.says(asked[::-1])), strict=True):
                if before != after:
                    student.sign = student.sign or "mixed"
                    raise Mismatch(
                        say(
                            "Asked again for `{source}`, it says something else: nothing is drawn"
                            " when it translates, and nothing kept of what was asked before.",
                            source=" ".join(before.source),
                        )
                    )

        title = say("What it says of a sentence depends on nothing that was asked before.")
        return as_property(test, title, points, needs)

    def repeatable(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """All that is random comes from the generator."""

        def test(student: Student, source_seed: int) -> None:
            drawn = self._drawn(source_seed, "repeatable", SMALL)
            asked = drawn.shorter(20)

            def said(steps: int, seed: int) -> list[Said]:
                return self._trained(student, drawn, steps, seed).says(asked)

            first = said(SOME_STEPS[0], source_seed)
            if first != said(SOME_STEPS[0], source_seed):
                unseeded(student)
            if first != said(SOME_STEPS[0], source_seed + 1):
                return
            # Two models may say the same of all sentences now and then, but not each time.
            for number, steps in enumerate(SOME_STEPS[1:], 2):
                if said(steps, source_seed) != said(steps, source_seed + number):
                    return
            seeded(student)

        title = say("All that is random comes from the generator.")
        return as_property(test, title, points, needs)

    def untrained(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """Without a step, and after one, the model knows next to nothing."""

        def test(student: Student, source_seed: int) -> None:
            drawn = self._drawn(source_seed, "untrained", self.pairs)
            asked = drawn.shorter(FRESH_ON_THE_WAY)
            for steps in (0, 1):
                found = _mean(self._trained(student, drawn, steps, source_seed).says(asked))
                if found >= KNOWS:
                    student.sign = student.sign or "early"
                    raise Mismatch(
                        say(
                            "With steps={steps} its BLEU is {mine:.2f} already; one that knows"
                            " nothing has about 0. It learns in its steps alone, one update of the"
                            " parameters each.",
                            steps=steps,
                            mine=found,
                        )
                    )

        title = say("It learns in its steps alone: before the first it knows nothing.")
        return as_property(test, title, points, needs)

    def exact(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """It translates most fresh sentences of the lengths trained on exactly."""

        def test(student: Student, source_seed: int) -> None:
            self._measured(student, source_seed)
            said = student.measured["translated"][:FRESH]
            right = sum(each.is_right for each in said)
            if right < FAMILIAR * len(said):
                raise Mismatch(
                    say(
                        "After {steps} steps {right} of {count} fresh sentences are translated"
                        " exactly, {enough} are enough; all are of lengths that it was trained on.",
                        steps=self.steps,
                        right=right,
                        count=len(said),
                        enough=math.ceil(FAMILIAR * len(said)),
                    )
                    + _example(said)
                )

        title = say("It translates most fresh sentences exactly.")
        return as_property(test, title, points, needs)

    def translates(self, *, points: int, needs: Sequence[str] = ()) -> Property:
        """Its BLEU is near 1, where half of the sentences are longer than those trained on."""

        def test(student: Student, source_seed: int) -> None:
            found = self._measured(student, source_seed)
            if found.student[-1] >= found.bar:
                return
            said = student.measured["translated"]
            message = say(
                "After {steps} steps its BLEU on fresh sentences is {mine:.2f}: {short:.2f} where"
                " they are as long as those trained on, {long:.2f} where they are longer. {bar:.2f}"
                " is enough; translating word by word gives {simple:.2f}.",
                steps=self.steps,
                mine=found.student[-1],
                short=_mean(said[:FRESH]),
                long=_mean(said[FRESH:]),
                bar=found.bar,
                simple=found.bigram,
            )
            if _is_rising(found):
                message += still_better(f"{found.student[-2]:.2f}")
            raise Mismatch(message + _example(said[FRESH:]))

        title = say("Its BLEU is high, for sentences longer than those it was trained on too.")
        return as_property(test, title, points, needs)

    # --- how it is measured ---

    def _drawn(self, seed: int, what: str, count: int) -> "_Drawn":
        dice = random.Random(one_way(seed, what))  # noqa: S311  what is drawn is no secret
        return _Drawn(self, dice, count)

    def _trained(self, student: Student, drawn: "_Drawn", steps: int, seed: int) -> _Model:
        """A model that the student's code trains, with a generator of its own."""
        pairs = [(list(source), list(target)) for source, target in drawn.trained_on]
        number = self.trained(student, pairs, drawn.vocabularies, steps=steps, seed=seed)
        return _Model(student, self, number)

    def _measured(self, student: Student, seed: int) -> Training:
        return self.measured(student, seed, self._curve)

    def _curve(self, student: Student, seed: int) -> Training:
        """How well the student's model does after all steps and after fewer."""
        drawn = self._drawn(seed, "measured", self.pairs)
        asked = [*drawn.shorter(FRESH), *drawn.longer(FRESH)]
        points = self.points
        found: dict[int, float] = {}
        said: dict[int, list[Said]] = {}
        for steps in (self.steps, *points[:-1]):
            student.on_training(Trained(steps, self.steps, math.nan, 1.0, BLEU))
            model = self._trained(student, drawn, steps, seed)
            if steps == self.steps:
                said[steps] = model.says(asked)
            else:  # others, so that an answer cannot know which are asked
                said[steps] = model.says(
                    [*drawn.shorter(FRESH_ON_THE_WAY), *drawn.longer(FRESH_ON_THE_WAY)]
                )
            if steps == 0:
                untrained = model.says(asked[:FRESH_ON_THE_WAY])
            found[steps] = _mean(said[steps])
            student.on_training(Trained(steps, self.steps, found[steps], 1.0, BLEU))
        after = said[self.steps]
        dictionary = word_by_word(drawn.trained_on)
        simple = [Said(s, t, tuple(dictionary[word] for word in s)) for s, t in asked]
        student.measured["translated"] = after
        training = Training(
            tuple(points),
            tuple(found[steps] for steps in points),
            self.reference_curve(1.0, 0.0, points),
            0.0,
            _mean(simple),
            1.0,
            self.bar,
            BLEU.name,
        )
        is_enough = found[self.steps] >= self.bar
        if not is_enough or sum(each.is_right for each in after[:FRESH]) < FAMILIAR * FRESH:
            signs = _signs(training, untrained, after)
            student.sign = student.sign or next(signs, "")
        return training


class _Drawn:
    """A language, pairs to train on, and further ones."""

    def __init__(self, capstone: Translation, dice: random.Random, count: int) -> None:
        self._dice = dice
        self._longest, self._beyond = capstone.longest, capstone.beyond
        self.language = SmallLanguage.drawn(dice)
        lengths = range(SHORTEST, capstone.longest + 1)
        self.trained_on = self.language.pairs(count, lengths, dice)
        self._known = {source for source, _ in self.trained_on}

    @property
    def vocabularies(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Those of the source and the target."""
        sources, targets = zip(*self.trained_on, strict=True)
        return vocabulary(sources), vocabulary(targets)

    def shorter(self, count: int) -> list[Pair]:
        """So many fresh pairs of lengths that were trained on."""
        return self._fresh(count, range(4, self._longest + 1))

    def longer(self, count: int) -> list[Pair]:
        """So many fresh pairs that are longer than any trained on."""
        return self._fresh(count, range(self._longest + 1, self._longest + self._beyond + 1))

    def _fresh(self, count: int, lengths: range) -> list[Pair]:
        return self.language.pairs(count, lengths, self._dice, self._known)


def _mean(said: Sequence[Said]) -> float:
    return statistics.fmean(each.bleu for each in said)


def _is_rising(training: Training) -> bool:
    return training.student[-1] - training.student[-2] > STILL_RISING


def _example(said: Sequence[Said]) -> str:
    """The first that is wrong, written out."""
    wrong = next((each for each in said if not each.is_right), None)
    if wrong is None:
        return ""
    return "\n" + say(
        "`{source}` is `{right}`; it says `{said}`.",
        source=" ".join(wrong.source),
        right=" ".join(wrong.right),
        said=_written(wrong.said),
    )


def _written(words: Words) -> str:
    shown = [word if len(word) <= MOST_OF_A_WORD else word[:MOST_OF_A_WORD] + "…" for word in words]
    if len(shown) > MOST_SHOWN:
        shown = [*shown[:MOST_SHOWN], "…"]
    return " ".join(shown)


def _signs(training: Training, untrained: Sequence[Said], after: Sequence[Said]) -> Iterator[str]:
    """What the translations tell of the mistake behind them, the plainest first."""

    def most(shows: Sequence[bool]) -> bool:
        return sum(shows) > MOST * len(shows)

    wrong = [each for each in after if not each.is_right]
    if [each.said for each in untrained] == [each.said for each in after[: len(untrained)]]:
        yield "still"
    if most([bool({*each.said} & {*RESERVED}) and _bare(each) == each.right for each in wrong]):
        yield "marked"
    if most([each.said[:1] == RESERVED[1:2] or _is_one_word(each.said) for each in after]):
        yield "repeats"
    if most([each.said[: len(each.right)] == each.right for each in wrong]):
        yield "endless"
    begun = [each.right[: len(each.said)] == each.said != () for each in wrong]
    if most(begun):
        yield "cut"
    by_length = defaultdict(set)
    for each in after:
        by_length[len(each.source)].add(each.said)
    if all(len(said) == 1 for said in by_length.values()):
        yield "blind"
    too_long = [len(each.said) > TOO_LONG * len(each.right) for each in after]
    if most(too_long):
        follows = [_is_of_one_word(each.said) for each in after]
        yield "circles" if sum(follows) > NEARLY_ALL * len(follows) else "endless"
    if training.student[-1] > DOUBLED * training.student[-2]:
        yield "slow"
    # One state tells how long a sentence is, if not much more; what is learned by heart does not.
    off = statistics.fmean(abs(len(each.said) - len(each.right)) for each in after)
    overlaps = [_overlap(each) for each in after]
    if off > OFF and statistics.fmean(overlaps) < OTHER_WORDS:
        yield "by heart"
    elif most([overlap < MOST for overlap in overlaps]):
        yield "elsewhere"
    if _is_rising(training):
        yield "slow"


def _is_one_word(said: Words) -> bool:
    """Whether it is mostly one word, over and over."""
    return len(said) > 2 and Counter(said).most_common(1)[0][1] > NEARLY_ALL * len(said)


def _is_of_one_word(said: Words) -> bool:
    """Whether each word is followed by the same one wherever it stands."""
    return len({*pairwise(said)}) == len({*said[:-1]})


def _bare(each: Said) -> Words:
    return tuple(word for word in each.said if word not in RESERVED)


def _overlap(each: Said) -> float:
    return len({*each.said} & {*each.right}) / len({*each.right})
