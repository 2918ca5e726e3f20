"""What a trained model is measured by: which numbers are good, how high they are drawn, and what
they are called. The names are those of `Training.measure`."""

import math
from dataclasses import dataclass

from grader.language import say

MANY = 1e4
# About what who knows nothing has, as a multiple of the best perplexity: from there on it makes no
# difference how bad a model is, and how far its weights run away differs by powers of ten.
MOST = 2.5


@dataclass(frozen=True)
class Measure:
    """One kind of number.

    Of all of them, `nothing` is what who knows nothing reaches, and `best` what is possible at all.
    A height is 0 at the bottom of a picture and 1 at its top.
    """

    name: str
    more_is_better: bool = False

    def height(self, value: float, nothing: float, best: float) -> float:
        """Where a value lies between the two, from 0 to 1 and beyond."""
        if self.more_is_better:
            return (value - nothing) / (best - nothing)
        return math.log(value / best) / math.log(nothing / best)

    def at(self, height: float, nothing: float, best: float) -> float:
        """The value that lies there."""
        if self.more_is_better:
            return nothing + height * (best - nothing)
        return best * math.pow(nothing / best, height)

    def is_enough(self, value: float, bar: float) -> bool:
        """Whether a value reaches the bar."""
        return value >= bar if self.more_is_better else value <= bar

    def scaled(self, share: float) -> float:
        """A value, given as a multiple of the best, in the form in which spreads are counted."""
        return share if self.more_is_better else math.log(min(share, MOST))

    def share(self, scaled: float) -> float:
        """The multiple of the best that such a form is of."""
        return scaled if self.more_is_better else math.exp(scaled)

    def written(self, value: float) -> str:
        """A value with two digits after the point, as far as they say anything."""
        return f"{value:.2f}" if value < MANY else f"{value:.0e}"

    @property
    def heading(self) -> str:
        """What stands above a curve."""
        if self.more_is_better:
            return say("BLEU on sentences that the model has not seen")
        return say("Perplexity on text that the model has not seen")

    @property
    def lines(self) -> tuple[str, str]:
        """What the simple way and the best are called."""
        if self.more_is_better:
            return say("word by word"), say("every sentence right")
        return say("counts pairs"), say("the source itself")

    def trained(self, steps: int, value: float, best: float, bar: float) -> str:
        """What came of all steps, as a person says it."""
        if self.more_is_better:
            return say(
                "after {steps} steps: BLEU {mine:.2f}; at best {best:.2f}, enough is {bar:.2f}",
                steps=steps,
                mine=value,
                best=best,
                bar=bar,
            )
        return say(
            "after {steps} steps: perplexity {mine}; the source itself {floor:.2f}, enough is"
            " {bar:.2f}",
            steps=steps,
            mine=f"{value:.4g}",
            floor=best,
            bar=bar,
        )

    def training(self, steps: int, most: int, value: float, best: float) -> str:
        """What came of some of the steps, while it goes on."""
        if self.more_is_better:
            return say(
                "training: after {steps} steps of {most}, BLEU {mine:.2f}; at best {best:.2f}",
                steps=steps,
                most=most,
                mine=value,
                best=best,
            )
        return say(
            "training: after {steps} steps of {most}, perplexity {mine}; at best {floor:.2f}",
            steps=steps,
            most=most,
            mine=f"{value:.4g}",
            floor=best,
        )


PERPLEXITY = Measure("perplexity")
BLEU = Measure("bleu", more_is_better=True)
MEASURES = {each.name: each for each in (PERPLEXITY, BLEU)}
