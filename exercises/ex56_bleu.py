"""Exercise 56. BLEU

How good is a translation? BLEU asks how much of it stands in the right one: its words, its pairs of
words, its triples and so on. Sequences of n tokens that stand side by side are n-grams.

    p_n  = the n-grams of the prediction that the label has too, divided by all that it has
    bleu = exp(min(0, 1 - len_label / len_pred)) * product of p_n ** (1 / 2**n) for n = 1, ..., k

    prediction  the the cat sat       p_1 = 3 / 4: of two "the", the label has one to match
    label       the cat sat down      p_2 = 2 / 3: "the the" is not in it

Each n-gram of the label is matched at most once. Without the first factor, one sure word would do
as a translation. Long n-grams are hard to match, so their share weighs less: that is 1 / 2**n.

Source: Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation" (2002),
with the weights of Zhang et al., "Dive into Deep Learning".
"""


def bleu(prediction: list[str], label: list[str], k: int) -> float:
    """How well a predicted sentence matches the right one, from 0 to 1.

    prediction, label: tokens, perhaps none. A token is any string, "" and one with spaces too;
    "Cat" and "cat" are two tokens. k: the longest n-grams that count, 1 or more.
    Returns a float; 0.0 where for any n up to k the prediction has fewer than n tokens, or shares
    no n-gram with the label.
    """
    # TODO: how often may an n-gram match that the prediction has three times and the label twice?
    # What would you divide by where the prediction is empty?
    raise NotImplementedError
