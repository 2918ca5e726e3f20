"""Exercise 30, beam search: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

_right = beam_search


def _expanded(live, first, rows):
    """All continuations of the live hypotheses; at first, where there is None, single tokens."""
    if live is None:
        return [([token], log_prob) for token, log_prob in enumerate(first)]
    return [
        ([*tokens, token], total + log_prob)
        for tokens, total in live
        for token, log_prob in enumerate(rows[tokens[-1]])
    ]


def _best(hypotheses, width):
    return sorted(hypotheses, key=lambda h: h[1], reverse=True)[:width]


def _split(hypotheses, eos):
    """The finished ones and the live ones."""
    finished = [h for h in hypotheses if h[0][-1] == eos]
    return finished, [h for h in hypotheses if h[0][-1] != eos]


def _answer(hypotheses, alpha):
    scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in hypotheses]
    return max(scored, key=lambda h: h[1])


class Transposed:
    """You seem to read the table by columns: row i, transition[i], belongs to the token after i."""

    caught_by = "test_greedy"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        return _right(start, transition.T, eos, beam_width, max_len, alpha)


class PlainSum:
    """Your score is the plain sum; divide it by length ** alpha."""

    caught_by = "test_score"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        return _right(start, transition, eos, beam_width, max_len, 0.0)


class AlphaIgnored:
    """You divide by the length and not by length ** alpha."""

    caught_by = "test_score"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        return _right(start, transition, eos, beam_width, max_len, 1.0)


class AlphaOrDefault:
    """Your alpha of 0 seems to be taken for none: `alpha or 0.75` is 0.75; 0 leaves the sum."""

    caught_by = "test_greedy"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        return _right(start, transition, eos, beam_width, max_len, alpha or 0.75)


class WidthOfVocabulary:
    """Your beam seems never to be wider than the vocabulary; from the second step on it may be."""

    caught_by = "test_wide"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        return _right(start, transition, eos, min(beam_width, len(start)), max_len, alpha)


class EosNotCounted:
    """You seem to leave eos out of the length; it is a token like the others."""

    caught_by = "test_score"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            done, live = _split(_best(_expanded(live, first, rows), beam_width), eos)
            finished += done
        scored = [(tokens, total / max(len(tokens) - 1, 1) ** alpha) for tokens, total in finished]
        scored += [(tokens, total / len(tokens) ** alpha) for tokens, total in live]
        return max(scored, key=lambda h: h[1])


class ScoreOfSum:
    """You choose the answer by its plain sum and divide only then; compare the scores."""

    caught_by = "test_exhaustive"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        tokens, total = _right(start, transition, eos, beam_width, max_len, 0.0)
        return tokens, total / len(tokens) ** alpha


class DividedOnTheWay:
    """You divide by the length in every step, and go on adding to the quotient; keep the sums, and
    divide in the end."""

    caught_by = "test_score"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            expansions = [(t, s / len(t) ** alpha) for t, s in _expanded(live, first, rows)]
            done, live = _split(_best(expansions, beam_width), eos)
            finished += done
        return max(finished + live, key=lambda h: h[1])


class GoesOn:
    """Your hypotheses go on growing after eos; one that ends in eos is finished."""

    caught_by = "test_greedy"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        return _right(start, transition, -1, beam_width, max_len, alpha)


class FinishedForgotten:
    """You seem to choose among the live hypotheses only; those finished on the way count too."""

    caught_by = "test_exhaustive"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            done, live = _split(_best(_expanded(live, first, rows), beam_width), eos)
            finished += done
        return _answer(live or finished, alpha)


class LiveForgotten:
    """You seem to choose among the finished hypotheses only; those still live at max_len tokens
    count too."""

    caught_by = "test_exhaustive"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            done, live = _split(_best(_expanded(live, first, rows), beam_width), eos)
            finished += done
        return _answer(finished or live, alpha)


class FirstFinished:
    """Your search stops as soon as a hypothesis is finished; go on while any other is live."""

    caught_by = "test_exhaustive"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            finished, live = _split(_best(_expanded(live, first, rows), beam_width), eos)
            if finished:
                break
        return _answer(finished + live, alpha)


class EnoughFinished:
    """Your search stops once beam_width hypotheses are finished; go on while any is live."""

    caught_by = "test_narrow"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            done, live = _split(_best(_expanded(live, first, rows), beam_width), eos)
            finished += done
            if len(finished) >= beam_width:
                break
        return _answer(finished + live, alpha)


class PlacesHeld:
    """Your finished hypotheses go on taking places in the beam, and may even drop out of it; put
    them aside until the end, and fill all beam_width places from the expansions of the live."""

    caught_by = "test_narrow"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            kept = _best(finished + _expanded(live, first, rows), beam_width)
            finished, live = _split(kept, eos)
        return _answer(finished + live, alpha)


class EosForFree:
    """You put the finished aside before you choose, so that they take no place at all; one must be
    among the beam_width best of its own step."""

    caught_by = "test_greedy"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            done, others = _split(_expanded(live, first, rows), eos)
            finished += done
            live = _best(others, beam_width)
        return _answer(finished + live, alpha)


class BeamForEach:
    """You keep beam_width expansions of each hypothesis; keep beam_width of all together."""

    caught_by = "test_narrow"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished = start.tolist(), transition.tolist(), []
        done, live = _split(_best(_expanded(None, first, rows), beam_width), eos)
        finished += done
        for _ in range(max_len - 1):
            kept = [e for h in live for e in _best(_expanded([h], first, rows), beam_width)]
            if len(kept) > 10_000:  # they multiply with every step, and memory ends
                raise MemoryError
            done, live = _split(kept, eos)
            finished += done
        return _answer(finished + live, alpha)


class BestOfEach:
    """You go on with the best expansion of each hypothesis; choose from all expansions together,
    so that a good beginning may have several."""

    caught_by = "test_exhaustive"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished = start.tolist(), transition.tolist(), []
        done, live = _split(_best(_expanded(None, first, rows), beam_width), eos)
        finished += done
        for _ in range(max_len - 1):
            kept = [e for h in live for e in _best(_expanded([h], first, rows), 1)]
            done, live = _split(kept, eos)
            finished += done
        return _answer(finished + live, alpha)


class Greedy:
    """You seem to follow one hypothesis only; keep the beam_width best of each step."""

    caught_by = "test_exhaustive"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        return _right(start, transition, eos, 1, max_len, alpha)


class Probabilities:
    """You seem to multiply probabilities; add their logarithms, as they are given."""

    caught_by = "test_score"

    def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
        first, rows, finished, live = start.tolist(), transition.tolist(), [], None
        for _ in range(max_len):
            done, live = _split(_best(_expanded(live, first, rows), beam_width), eos)
            finished += done
        scored = [(t, math.exp(total) / len(t) ** alpha) for t, total in finished + live]
        return max(scored, key=lambda h: h[1])
