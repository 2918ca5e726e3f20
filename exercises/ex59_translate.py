"""Exercise 59. A translator, trained

An encoder reads a sentence, a decoder writes another, and attention lets the decoder look back at
each word before it says one. The two languages are small, with made-up words, and drawn anew for
every grading: your code has to learn them from pairs, in a number of steps that is given.

    source      mika zuro tane          adjective, noun, verb
    target      relo sunak bidit        noun, adjective, verb, with other endings

An adjective goes behind its noun, the verb to the end of its clause, and both get an ending by the
gender of a noun. A sentence has up to four clauses with a word between each two; no word comes
twice in it. Every sentence has one right translation.

Then fresh sentences are translated, half of them longer than any you have trained on. One state
between encoder and decoder is not enough for those. Two things count: how many of the others are
exactly right, where 60% is enough, and the mean BLEU of all (exercise 56 with k=2), where 0.65 is.

Build the model of whatever you like, torch's own layers too, and of your own earlier answers:
`from ex56_bleu import bleu` takes the file beside this one. The reference trains in three seconds;
what takes ten times as long may not come to its end.

Source: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and
Translate" (2015); Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine
Translation" (2015).
"""

from typing import Any

import torch


def train(
    pairs: list[tuple[list[str], list[str]]],
    vocabs: tuple[dict[str, int], dict[str, int]],
    steps: int,
    generator: torch.Generator,
) -> Any:
    """Train a model on pairs of sentences, in `steps` updates of its parameters.

    pairs: (source, target), lists of words without <bos> and <eos>, 300 pairs or more.
    vocabs: of the source and of the target, word to index, as in exercise 27: <pad> is 0, <bos> 1,
    <eos> 2, <unk> 3. steps: 300 where it counts, perhaps 0.
    All that is random comes from `generator`, the first weights too: a generator of the same seed
    gives the same model.
    Returns any object with a method `translate(source)`: a list of words gives the list of words of
    its translation, without <bos> and <eos>. It comes to an end, whatever it has learned.
    """
    # TODO: what does the decoder read while it learns, and what when it translates?
    raise NotImplementedError
