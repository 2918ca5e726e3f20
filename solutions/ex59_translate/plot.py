"""Exercise 59, a translator, trained: what is drawn."""

import random

import torch

from grader.judge.capstone.small_language import SmallLanguage, vocabulary

TITLE = "Which words of the sentence a word of its translation hangs on: the order turns over"
ROWS = "sentence"
COLUMNS = "translation"
PAIRS, LONGEST, STEPS = 3_000, 12, 300
LENGTH = 10  # of the sentence


def heatmap(answer):
    """How often each word of the translation changes where one word of the sentence does.

    What a model attends to is looked at from outside, whatever it is built of.
    """
    dice = random.Random(59)
    language = SmallLanguage.drawn(dice)
    pairs = language.pairs(PAIRS, range(2, LONGEST + 1), dice)
    vocabularies = tuple(vocabulary(texts) for texts in zip(*pairs, strict=True))
    known = [(list(source), list(target)) for source, target in pairs]
    drawn = answer.given.torch.Generator()
    drawn.manual_seed(1)
    model = answer.train(known, vocabularies, STEPS, drawn)
    sentences = language.pairs(50, range(LENGTH, LENGTH + 1), dice, {words for words, _ in pairs})
    kinds = (language.nouns, language.adjectives, language.verbs, language.links)

    def others(word, sentence):
        """The words of its kind that are not in the sentence."""
        kind = next(kind for kind in kinds if word in kind)
        return [each for each in kind if each not in sentence]

    sentence = next(words for words, _ in sentences if all(others(word, words) for word in words))
    before = model.translate(list(sentence))
    rows = []
    for place, word in enumerate(sentence):
        changed = []
        for other in others(word, sentence):
            after = model.translate([*sentence[:place], other, *sentence[place + 1 :]])
            after += [""] * len(before)
            changed.append([float(one != two) for one, two in zip(before, after, strict=False)])
        rows.append(torch.tensor(changed).mean(0))
    return torch.stack(rows)
