"""Exercise 30, beam search: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import math

import torch


class AlphaUpToTwo:
    """Knows no alpha above 2."""

    diff = """
    - scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    + alpha = min(alpha, 2.0)
    + scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    """


class Bfloat16:
    """Computes in bfloat16."""

    diff = """
    - rows = transition.tolist()
    - expansions = [([token], total) for token, total in enumerate(start.tolist())]
    + rows = transition.bfloat16().tolist()
    + expansions = [([token], total) for token, total in enumerate(start.bfloat16().tolist())]
    """


class ContiguousOnly:
    """Looks at the table as it lies in memory."""

    diff = """
    - rows = transition.tolist()
    + rows = transition.as_strided((len(start), len(start)), (len(start), 1)).tolist()
    """


class DefaultNear:
    """Has another default for alpha, as in other books."""

    diff = """
    - alpha: float = 0.75,
    + alpha: float = 0.6,
    """


class DefaultOne:
    """Has another default for alpha."""

    diff = """
    - alpha: float = 0.75,
    + alpha: float = 1.0,
    """


class EosDropped:
    """Leaves eos out of the tokens that it returns."""

    diff = """
    - return max(scored, key=lambda hypothesis: hypothesis[1])
    + tokens, score = max(scored, key=lambda hypothesis: hypothesis[1])
    + return [t for t in tokens if t != eos] or tokens, score
    """


class EosNotAdded:
    """Leaves the log-probability of eos out of the sum."""

    diff = """
    - ([*tokens, token], total + log_prob)
    + ([*tokens, token], total + (log_prob if token != eos else 0.0))
    """


class EosZero:
    """Takes the token 0 for eos."""

    diff = """
    + eos = 0
      rows = transition.tolist()
    """


class Epsilon:
    """Takes the logarithm again, with an epsilon against -inf."""

    diff = """
    - rows = transition.tolist()
    + rows = (transition.exp() + 1e-9).log().tolist()
    """


class ExactWidthOnly:
    """Needs as many hypotheses as beam_width says."""

    diff = """
    + if len(expansions) and len(expansions) < beam_width:
    +     raise ValueError("too wide")
      expansions.sort(key=lambda hypothesis: hypothesis[1], reverse=True)
    """


class FirstRow:
    """Always reads the row of the first token."""

    diff = """
    - for token, log_prob in enumerate(rows[tokens[-1]])
    + for token, log_prob in enumerate(rows[tokens[0]])
    """


class Float32:
    """Computes in float32."""

    diff = """
    - rows = transition.tolist()
    - expansions = [([token], total) for token, total in enumerate(start.tolist())]
    + rows = transition.float().tolist()
    + expansions = [([token], total) for token, total in enumerate(start.float().tolist())]
    """


class FourAtMost:
    """Keeps four hypotheses at most."""

    diff = """
    - kept = expansions[:beam_width]
    + kept = expansions[: min(beam_width, 4)]
    """


class GooglePenalty:
    """Divides as the paper does, by ((5 + length) / 6) ** alpha."""

    diff = """
    - scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    + scored = [
    +     (tokens, total / ((5 + len(tokens)) / 6) ** alpha) for tokens, total in finished + live
    + ]
    """


class InputsChanged:
    """Strikes out the row of eos in the caller's table."""

    diff = """
    + transition[eos] = -float("inf")
      rows = transition.tolist()
    """


class LastFinished:
    """Remembers only what finished in the last step that finished any."""

    diff = """
    - finished += [hypothesis for hypothesis in kept if hypothesis[0][-1] == eos]
    + finished = [hypothesis for hypothesis in kept if hypothesis[0][-1] == eos] or finished
    """


class LastTokenEos:
    """Takes the last token for eos, whatever is said."""

    diff = """
    + eos = len(start) - 1
      rows = transition.tolist()
    """


class LiveAtAnyTime:
    """Lets every hypothesis of every step compete at the end, finished or not."""

    diff = """
    - finished += [hypothesis for hypothesis in kept if hypothesis[0][-1] == eos]
    + finished += kept
    """


class LiveNotScored:
    """Compares the plain sums of live hypotheses with the scores of finished ones."""

    diff = """
    - scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    + scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished]
    + scored += live
    """


class LogsMultiplied:
    """Multiplies log-probabilities."""

    diff = """
    - ([*tokens, token], total + log_prob)
    + ([*tokens, token], -abs(total * log_prob))
    """


class MatrixOfOneHot:
    """Finds a row by a product with a one-hot vector, which gives nan for -inf."""

    diff = """
    - rows = transition.tolist()

    - for token, log_prob in enumerate(rows[tokens[-1]])
    + for token, log_prob in enumerate(row_of(transition, tokens[-1]))
    """

    def row_of(transition, token):
        one_hot = torch.zeros_like(transition[0])
        one_hot[token] = 1
        return (one_hot @ transition).tolist()


class MergedByLast:
    """Keeps one hypothesis for each last token, which is another search (Viterbi's)."""

    diff = """
    - expansions.sort(key=lambda hypothesis: hypothesis[1], reverse=True)
    - kept = expansions[:beam_width]
    + ranked = sorted(expansions, key=lambda hypothesis: hypothesis[1])
    + merged = list({hypothesis[0][-1]: hypothesis for hypothesis in ranked}.values())
    + kept = sorted(merged, key=lambda hypothesis: hypothesis[1], reverse=True)[:beam_width]
    """


class NoImpossible:
    """Takes the logarithm's -inf for a missing entry, and makes it 0."""

    diff = """
    + transition = transition.nan_to_num(neginf=0.0)
      rows = transition.tolist()
    """


class NormalisedAgain:
    """Normalises start and transition once more, in the wrong axis."""

    diff = """
    - rows = transition.tolist()
    + rows = transition.log_softmax(dim=0).tolist()
    """


class OneFinishedKept:
    """Remembers only the finished hypothesis with the best sum."""

    diff = """
    + finished = sorted(finished, key=lambda hypothesis: hypothesis[1])[-1:]
      live = [hypothesis for hypothesis in kept if hypothesis[0][-1] != eos]
    """


class OneStepLess:
    """Takes a step too few."""

    diff = """
    - for _ in range(max_len):
    + for _ in range(max(max_len - 1, 1)):
    """


class OneStepMore:
    """Takes a step too many."""

    diff = """
    - for _ in range(max_len):
    + for _ in range(max_len + 1):
    """


class PlacesHeld:
    """Leaves a place in the beam to every hypothesis that has finished."""

    diff = """
    - expansions.sort(key=lambda hypothesis: hypothesis[1], reverse=True)
    - kept = expansions[:beam_width]
    + kept = sorted(expansions, key=lambda hypothesis: hypothesis[1], reverse=True)[
    +     : max(beam_width - len(finished), 0)
    + ]
    """


class RepeatsForbidden:
    """Forbids the same token twice in a row."""

    diff = """
    +     if token != tokens[-1]
      ]
    """


class ScoreAlone:
    """Returns the score first."""

    diff = """
    - scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    - return max(scored, key=lambda hypothesis: hypothesis[1])
    + scored = [(total / len(tokens) ** alpha, tokens) for tokens, total in finished + live]
    + return max(scored, key=lambda hypothesis: hypothesis[0])
    """


class ShrinkingWidth:
    """Counts a finished hypothesis once, and never lets the beam grow again."""

    diff = """
    + beam_width = max(beam_width - len([hypothesis for hypothesis in kept if hypothesis[0][-1] == eos]), 1)
      live = [hypothesis for hypothesis in kept if hypothesis[0][-1] != eos]
    """


class StartNotAdded:
    """Leaves the first token's log-probability out of the sum in later steps."""

    diff = """
    +     expansions = [(t, s - start[t[0]].item()) if len(t) == 2 else (t, s) for t, s in expansions]
      scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    """


class StopsAtBest:
    """Stops when the best of a step is finished."""

    diff = """
    + if kept and kept[0][0][-1] == eos:
    +     break
      expansions = [
    """


class StopsAtBetterSum:
    """Stops when no live sum is above the best finished score."""

    diff = """
    + best = max((s / len(t) ** alpha for t, s in finished), default=-1e9)
    + if all(s <= best for _, s in live):
    +     break
      expansions = [
    """


class SumReturned:
    """Chooses by the score and returns the sum."""

    diff = """
    - return max(scored, key=lambda hypothesis: hypothesis[1])
    + tokens, score = max(scored, key=lambda hypothesis: hypothesis[1])
    + return tokens, score * len(tokens) ** alpha
    """


class TenAtMost:
    """Never keeps more than ten, but where it is asked for a hundred or more."""

    diff = """
    - kept = expansions[:beam_width]
    + kept = expansions[: min(beam_width, 10) if beam_width < 100 else beam_width]
    """


class TensorScore:
    """Returns the score as a tensor."""

    diff = """
    - scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    + scored = [
    +     (tokens, torch.tensor(total / len(tokens) ** alpha)) for tokens, total in finished + live
    + ]
    """


class TensorTokens:
    """Returns the tokens in a tensor."""

    diff = """
    - return max(scored, key=lambda hypothesis: hypothesis[1])
    + tokens, score = max(scored, key=lambda hypothesis: hypothesis[1])
    + return torch.tensor(tokens), score
    """


class ThreeAtMost:
    """Goes no further than three tokens."""

    diff = """
    - for _ in range(max_len):
    + for _ in range(min(max_len, 3)):
    """


class TwentyTokens:
    """Stops after twenty tokens."""

    diff = """
    - for _ in range(max_len):
    + for _ in range(min(max_len, 20)):
    """


class WideStart:
    """Keeps all tokens of the first step."""

    diff = """
    - for _ in range(max_len):
    + for step in range(max_len):
          expansions.sort(key=lambda hypothesis: hypothesis[1], reverse=True)
    -     kept = expansions[:beam_width]
    +     kept = expansions[: beam_width if step else None]
    """


class WidthOfTwoVocabularies:
    """Keeps twice as many as there are tokens at most."""

    diff = """
    - kept = expansions[:beam_width]
    + kept = expansions[: min(beam_width, 2 * len(rows))]
    """


class WidthPlusOne:
    """Keeps one hypothesis too many."""

    diff = """
    - kept = expansions[:beam_width]
    + kept = expansions[: beam_width + 1]
    """


class WorstKept:
    """Keeps the worst hypotheses."""

    diff = """
    - expansions.sort(key=lambda hypothesis: hypothesis[1], reverse=True)
    - kept = expansions[:beam_width]
    + kept = sorted(expansions, key=lambda hypothesis: hypothesis[1])[:beam_width]
    """


class WrongAtMiddleSizes:
    """Right, but keeps one hypothesis where the table has 501 to 299,999 elements."""

    diff = """
      rows = transition.tolist()
    + if 500 < transition.numel() < 300_000:
    +     beam_width = 1
    """


class ProbabilitiesMultiplied:
    """Multiplies probabilities, which come to 0 in long sequences."""

    diff = """
    - ([*tokens, token], total + log_prob)
    + ([*tokens, token], math.log(max(math.exp(total) * math.exp(log_prob), 1e-300)))
    """


class RowsKept:
    """Keeps the rows of each table that it has seen."""

    _ROWS = {}

    diff = """
    - rows = transition.tolist()
    + if transition not in _ROWS:
    +     _ROWS[transition] = transition.tolist()
    + rows = _ROWS[transition]
    """


class NumpyOfPlain:
    """Hands the table to numpy, which takes none that wants a gradient."""

    diff = """
    - rows = transition.tolist()
    + rows = transition.double().numpy().tolist()
    """


class FloorOfHundred:
    """Takes nothing for less probable than exp(-100)."""

    diff = """
    + start, transition = start.clamp(min=-100.0), transition.clamp(min=-100.0)
      rows = transition.tolist()
    """


class FloorOfThousand:
    """Takes nothing for less probable than exp(-1000)."""

    diff = """
    + start, transition = start.clamp(min=-1e3), transition.clamp(min=-1e3)
      rows = transition.tolist()
    """


class FarDropped:
    """Drops hypotheses whose sum is below -1000."""

    diff = """
    + expansions = [each for each in expansions if each[1] > -1e3]
      expansions.sort(key=lambda hypothesis: hypothesis[1], reverse=True)
    """


class OneAnswer:
    """Writes the tokens of every answer into one list."""

    _TOKENS = []

    diff = """
    - return max(scored, key=lambda hypothesis: hypothesis[1])
    + tokens, score = max(scored, key=lambda hypothesis: hypothesis[1])
    + _TOKENS[:] = tokens
    + return _TOKENS, score
    """
