"""Exercise 55, let a language model write: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class Sampled:
    """Draws the tokens by their probabilities."""

    diff = """
    - read = [int(scores[-1].argmax())]
    + read = [int(torch.multinomial(torch.softmax(scores[-1], 0), 1))]
    """


class DrawsForNothing:
    """Draws random numbers that it does not use."""

    diff = """
    - state = model.begin_state(1)
    + torch.rand(1)
    + state = model.begin_state(1)
    """


class ByMagnitude:
    """Takes the score that is farthest from 0."""

    diff = """
    - read = [int(scores[-1].argmax())]
    + read = [int(scores[-1].abs().argmax())]
    """


class OverAllSteps:
    """Takes the token with the greatest score in any step."""

    diff = """
    - read = [int(scores[-1].argmax())]
    + read = [int(scores.max(0).values.argmax())]
    """


class FlattenedScores:
    """Takes the greatest of all scores, over steps and tokens."""

    diff = """
    - read = [int(scores[-1].argmax())]
    + read = [int(scores.argmax()) % len(tokens)]
    """


class RepeatsNone:
    """Never says the token again that it has just read."""

    diff = """
    - read = [int(scores[-1].argmax())]
    + scores[-1, read[-1]] = -float("inf")
    + read = [int(scores[-1].argmax())]
    """


class UnknownNeverSaid:
    """Never says "<unk>"."""

    diff = """
    - read = [int(scores[-1].argmax())]
    + scores[-1, unknown] = -float("inf")
    + read = [int(scores[-1].argmax())]
    """


class StopsAtUnknown:
    """Stops where it would say "<unk>"."""

    diff = """
    - said.append(tokens[read[0]])
    + if read[0] == unknown:
    +     break
    + said.append(tokens[read[0]])
    """


class UnknownIsThree:
    """Takes the index of "<unk>" for 3."""

    diff = """
    - unknown = vocab["<unk>"]
    + unknown = 3
    """


class UnknownIsLast:
    """Takes the last token of the vocabulary for an unknown one."""

    diff = """
    - unknown = vocab["<unk>"]
    + unknown = len(vocab) - 1
    """


class SortedTokens:
    """Looks the tokens up in the order of the alphabet."""

    diff = """
    - tokens = list(vocab)
    + tokens = sorted(vocab)
    """


class Backwards:
    """Reads the prefix from its end."""

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in reversed(prefix)]
    """


class Stripped:
    """Takes spaces off the ends of the text."""

    diff = """
    - return prefix + "".join(said)
    + return (prefix + "".join(said)).strip()
    """


class SpacesLeftOut:
    """Does not read spaces."""

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in prefix if token != " "] or [unknown]
    """


class LowerCase:
    """Reads the prefix in lower case."""

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token.lower(), unknown) for token in prefix]
    """


class AList:
    """Returns a list of tokens."""

    diff = """
    - return prefix + "".join(said)
    + return [*prefix, *said]
    """


class SaidBackwards:
    """Puts the tokens that are added in the reverse order."""

    diff = """
    - return prefix + "".join(said)
    + return prefix + "".join(said[::-1])
    """


class TimeInTheBatch:
    """Takes the tokens of the prefix for samples of one step."""

    diff = """
    - state = model.begin_state(1)
    - read = [vocab.get(token, unknown) for token in prefix]
    + state = model.begin_state(len(prefix))
    + read = [vocab.get(token, unknown) for token in prefix]

    - scores, state = model(torch.tensor([read]), state)
    + scores, state = model(torch.tensor(read).unsqueeze(1).expand(-1, 1)[: len(read)], state)
    + if not isinstance(state, tuple):
    +     state = state[:, -1:]
    """


class StateOfZeros:
    """Makes a state of zeros of its own, of one layer."""

    diff = """
    - state = model.begin_state(1)
    + state = torch.zeros(1, 1, model.rnn.hidden_size, dtype=model.linear.weight.dtype)
    """


class OnlyTheHiddenState:
    """Keeps the hidden state of an LSTM, and begins with a new cell in each step."""

    diff = """
    - said.append(tokens[read[0]])
    + if isinstance(state, tuple):
    +     state = (state[0], torch.zeros_like(state[1]))
    + said.append(tokens[read[0]])
    """


class StateKept:
    """Goes on with the state of the last call."""

    _left = {}

    diff = """
    - state = model.begin_state(1)
    + state = _left.get(id(model), model.begin_state(1))

    - said.append(tokens[read[0]])
    + said.append(tokens[read[0]])
    + _left[id(model)] = state
    """


class WindowOfFour:
    """Reads no more than the last four tokens of the prefix."""

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in prefix[-4:]]
    """


class TwentyAtMost:
    """Adds no more than twenty tokens."""

    diff = """
    - for _ in range(num_preds):
    + for _ in range(min(num_preds, 20)):
    """


class AtLeastOne:
    """Adds one token where none is asked for."""

    diff = """
    - for _ in range(num_preds):
    + for _ in range(max(num_preds, 1)):
    """


class OnlyTheRoot:
    """Puts the model itself into eval mode, and none of its parts."""

    diff = """
    - model.eval()
    + model.training = False
    """


class ModesOfChildren:
    """Brings back the modes of the parts, and not that of the model itself."""

    diff = """
    - modes = [(module, module.training) for module in model.modules()]
    + modes = [(module, module.training) for module in model.children()]
    """


class Swallowed:
    """Returns what it has where the model raises."""

    diff = """
    - finally:
    + except RuntimeError:
    +     return prefix
    + finally:
    """


class Float32:
    """Has the model compute in float32, and leaves it so."""

    diff = """
    - model.eval()
    + model.eval().float()
    """


class GradientsWiped:
    """Takes away the gradients that the model had before."""

    diff = """
    - model.eval()
    + model.eval()
    + model.zero_grad()
    """


class ProbabilitiesOverflow:
    """Makes probabilities of the exponentials of the scores, which overflow where those are large."""

    diff = """
    - read = [int(scores[-1].argmax())]
    + odds = scores[-1].exp()
    + read = [int((odds / odds.sum()).argmax())]
    """
