"""Two small languages with one right translation for each sentence, drawn anew with every seed.

A sentence is made of clauses with a word between each two, a clause of a subject, a verb and
perhaps an object; nouns may have an adjective. The translation has other words, and

    the adjective behind its noun, with an ending by the noun's gender;
    the verb at the end of its clause, with an ending by the gender of the subject.

No word but an adjective's or a verb's ending decides anything beyond its clause, so that longer
sentences have nothing in them that shorter ones have not. In a sentence no word comes twice: what
has been translated already is seen from the words alone.
"""

import math
import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Words = tuple[str, ...]
Pair = tuple[Words, Words]

NOUNS, ADJECTIVES, VERBS, LINKS = 8, 4, 4, 3
ADJECTIVE, OBJECT = 0.5, 0.6  # how often there is one
CONSONANTS, VOWELS = "bdfghklmnprstvz", "aeiou"
ENDINGS = {"adjective": ("n", "s"), "verb": ("k", "t")}
RESERVED = ("<pad>", "<bos>", "<eos>", "<unk>")


@dataclass(frozen=True)
class SmallLanguage:
    """The words of both languages: what each of the source's is in the target, by the gender that
    decides; nouns and links are the same for both."""

    nouns: dict[str, str]
    genders: dict[str, int]  # of the nouns
    adjectives: dict[str, tuple[str, str]]
    verbs: dict[str, tuple[str, str]]
    links: dict[str, str]

    @classmethod
    def drawn(cls, dice: random.Random) -> "SmallLanguage":
        """A new one."""
        counts = (NOUNS, ADJECTIVES, VERBS)
        words = _words(dice, 2 * sum(counts), 2)  # no word of one language is one of the other
        source, target = words[::2], words[1::2]
        nouns, adjectives, verbs = (
            dict(zip(source[start:end], target[start:end], strict=True))
            for start, end in _parts(counts)
        )
        links = _words(dice, 2 * LINKS, 1)
        genders = [number % 2 for number in range(NOUNS)]
        dice.shuffle(genders)
        return cls(
            nouns,
            dict(zip(nouns, genders, strict=True)),
            {word: _ended(to, "adjective") for word, to in adjectives.items()},
            {word: _ended(to, "verb") for word, to in verbs.items()},
            dict(zip(links[::2], links[1::2], strict=True)),
        )

    def pairs(
        self,
        count: int,
        lengths: range,
        dice: random.Random,
        without: Collection[Words] = (),
    ) -> list[Pair]:
        """So many sentences with their translations, no two alike and none of those `without`; the
        source of each has one of `lengths`."""
        found: dict[Words, Words] = {}
        while len(found) < count:
            source, target = self._pair(dice.randint(1, LINKS + 1), dice)
            if len(source) in lengths and source not in without:
                found[source] = target
        return list(found.items())

    def _pair(self, clauses: int, dice: random.Random) -> Pair:
        """A sentence of so many clauses, and its translation."""
        # Each word once: they are taken from the end of these.
        nouns, adjectives, verbs, links = (
            dice.sample(list(each), len(each))
            for each in (self.nouns, self.adjectives, self.verbs, self.links)
        )
        source: list[str] = []
        target: list[str] = []

        def name_something() -> int:
            noun = nouns.pop()
            gender = self.genders[noun]
            target.append(self.nouns[noun])
            if adjectives and dice.random() < ADJECTIVE:
                adjective = adjectives.pop()
                source.append(adjective)
                target.append(self.adjectives[adjective][gender])
            source.append(noun)
            return gender

        for clause in range(clauses):
            if clause:
                link = links.pop()
                source.append(link)
                target.append(self.links[link])
            subject = name_something()
            verb = verbs.pop()
            source.append(verb)
            if dice.random() < OBJECT:
                name_something()
            target.append(self.verbs[verb][subject])
        return tuple(source), tuple(target)


def _parts(counts: Sequence[int]) -> Iterable[tuple[int, int]]:
    ends = [sum(counts[: number + 1]) for number in range(len(counts))]
    return zip([0, *ends], ends, strict=False)


def _words(dice: random.Random, count: int, syllables: int) -> list[str]:
    """So many made-up words, no two alike."""
    found: dict[str, None] = {}
    while len(found) < count:
        parts = (dice.choice(CONSONANTS) + dice.choice(VOWELS) for _ in range(syllables))
        found["".join(parts)] = None
    return list(found)


def _ended(stem: str, kind: str) -> tuple[str, str]:
    first, second = ENDINGS[kind]
    return stem + first, stem + second


def vocabulary(sentences: Iterable[Words]) -> dict[str, int]:
    """Words by number: the reserved ones, then all by falling count, ties alphabetical."""
    counts = Counter(word for sentence in sentences for word in sentence)
    kept = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate([*RESERVED, *kept])}


def word_by_word(pairs: Iterable[Pair]) -> dict[str, str]:
    """A dictionary counted from pairs: for each word the one that is most surely there when it is,
    and not when it is not (the Dice coefficient)."""
    together: Counter[tuple[str, str]] = Counter()
    source: Counter[str] = Counter()
    target: Counter[str] = Counter()
    for mine, theirs in pairs:
        source.update(mine)
        target.update(theirs)
        together.update((word, to) for word in mine for to in theirs)
    return {
        word: max(target, key=lambda to: (together[word, to] / (source[word] + target[to]), to))
        for word in source
    }


def bleu(said: Sequence[str], right: Sequence[str]) -> float:
    """As exercise 56 has it, with words and pairs of words."""
    if len(said) < 2:
        return 0.0
    score = math.exp(min(0.0, 1 - len(right) / len(said)))
    for length in (1, 2):
        mine, theirs = _grams(said, length), _grams(right, length)
        score *= ((mine & theirs).total() / mine.total()) ** (0.5**length)
    return score


def _grams(words: Sequence[str], length: int) -> Counter[tuple[str, ...]]:
    shifted = (words[start:] for start in range(length))
    return Counter(tuple(each) for each in zip(*shifted, strict=False))
