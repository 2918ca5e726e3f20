"""Exercise 30. Beam search

Which sequence does a model find most probable? There are too many to try, and the best first token
may lead nowhere. Beam search follows the `beam_width` best beginnings side by side.

    sum   = start[first token] + transition[i, j] for each later token j, after the token i
    score = sum / length ** alpha, where length counts all tokens, eos too

Without that division short sequences would win, since no token makes the sum larger.

Source: Zhang et al., "Dive into Deep Learning", the section on beam search; there every beginning
may be the answer, here only what is finished or has come to the end.
"""

from torch import Tensor


def beam_search(
    start: Tensor,
    transition: Tensor,
    eos: int,
    beam_width: int,
    max_len: int,
    alpha: float = 0.75,
) -> tuple[list[int], float]:
    """Search for the sequence of tokens with the greatest score.

    start: (V,), the log-probability of each token to be the first, eos too. transition: (V, V),
    row i is that of the token after i. An entry may be -inf, but never all of a row, nor of start.
    eos: the token that ends a sequence. beam_width, max_len: 1 or more. alpha: 0 or more.

    In the first step the hypotheses are the V single tokens; in each later step they are all live
    ones of the step before, each continued by all V tokens. Of these together the beam_width
    with the greatest sums are kept, or all where there are fewer. A kept one that ends in eos is
    finished: it is put aside, is continued no more, and takes no place in the beam of later steps.
    The others are live. The search stops where none is live, or after max_len steps.

    Returns (tokens, score) of the hypothesis with the greatest score, of all that are finished and
    those still live at the end: a list of ints and a float. Of equals either one is right.
    """
    # TODO: what must you remember of a hypothesis to continue it? Where do the finished ones wait?
    raise NotImplementedError
