"""Exercise 55, let a language model write: what people really write, and the sentence that helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class PrefixLeftOut:
    """You seem to return only what was added; the prefix comes first."""

    caught_by = "test_text"

    diff = """
    - return prefix + "".join(said)
    + return "".join(said)
    """


class Spaces:
    """You seem to put spaces between the tokens; they are put together as they are."""

    caught_by = "test_text"

    diff = """
    - return prefix + "".join(said)
    + return " ".join([prefix, *said])
    """


class Indices:
    """You seem to write the numbers of the tokens; look up which token each number stands for."""

    caught_by = "test_text"

    diff = """
    - said.append(tokens[read[0]])
    + said.append(str(read[0]))
    """


class OneTooFew:
    """You seem to add one token too few: the first is said after the last of the prefix, without
    reading any more."""

    caught_by = "test_text"

    diff = """
    - for _ in range(num_preds):
    + for _ in range(num_preds - 1):
    """


class OneTooMany:
    """You seem to add one token too many; the last one that counts is not read again."""

    caught_by = "test_text"

    diff = """
    - for _ in range(num_preds):
    + for _ in range(num_preds + 1):
    """


class AsLongAsTheText:
    """You seem to count the prefix among the num_preds tokens; they are added to it."""

    caught_by = "test_text"

    diff = """
    - for _ in range(num_preds):
    + for _ in range(max(num_preds - len(prefix), 0)):
    """


class NoWarmUp:
    """You seem to read the last token of the prefix only; all of it goes through the state."""

    caught_by = "test_next"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in prefix[-1:]]
    """


class FirstOnly:
    """You seem to read the first token of the prefix only; all of it goes through the state."""

    caught_by = "test_next"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in prefix[:1]]
    """


class LastReadTwice:
    """You seem to read the last token of the prefix twice: once while you warm up, and again before
    the first one that you add."""

    caught_by = "test_next"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in prefix + prefix[-1]]
    """


class LastNotRead:
    """You seem to take what is said before the last token of the prefix is read; what is said after
    it counts."""

    caught_by = "test_next"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in prefix[: max(len(prefix) - 1, 1)]]
    """


class FirstRow:
    """You seem to take the scores of the first step; of several steps, those of the last count."""

    caught_by = "test_next"

    diff = """
    - read = [int(scores[-1].argmax())]
    + read = [int(scores[0].argmax())]
    """


class ChoosesMeanwhile:
    """You seem to read what the model says while you warm up; there the tokens of the prefix are
    read, whatever it says."""

    caught_by = "test_next"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, unknown) for token in prefix[:1]]
    + for _ in prefix[1:]:
    +     scores, state = model(torch.tensor([read]), state)
    +     read = [int(scores[-1].argmax())]
    """


class LeastLikely:
    """You seem to take the least likely token: argmax, not argmin."""

    caught_by = "test_next"

    diff = """
    - read = [int(scores[-1].argmax())]
    + read = [int(scores[-1].argmin())]
    """


class SecondLikeliest:
    """You seem to take the second likeliest token; the likeliest one is asked for."""

    caught_by = "test_next"

    diff = """
    - read = [int(scores[-1].argmax())]
    + read = [int(scores[-1].topk(2).indices[1])]
    """


class NotFedBack:
    """You seem to read the last token of the prefix over and over; each token that is added is read
    before the next."""

    caught_by = "test_many"

    diff = """
    - read = [int(scores[-1].argmax())]
    - said.append(tokens[read[0]])
    + said.append(tokens[int(scores[-1].argmax())])
    + read = [vocab.get(prefix[-1], unknown)]
    """


class StateForgotten:
    """You seem to begin each prediction with zeros for a state; go on with the one that the model
    gave last."""

    caught_by = "test_many"

    diff = """
    - said.append(tokens[read[0]])
    + said.append(tokens[read[0]])
    + state = model.begin_state(1)
    """


class StateOfThePrefix:
    """You seem to use the state after the prefix for every token; each step leaves a new one."""

    caught_by = "test_many"

    diff = """
    - scores, state = model(torch.tensor([read]), state)
    + scores, after = model(torch.tensor([read]), state)
    + state = after if not said else state
    """


class PrefixReadAgain:
    """You seem to read the whole text again for each token, on top of the state that has it
    already; read the new token only."""

    caught_by = "test_many"

    diff = """
    - read = [int(scores[-1].argmax())]
    - said.append(tokens[read[0]])
    + read = [*read, int(scores[-1].argmax())]
    + said.append(tokens[read[-1]])
    """


class UnknownRaises:
    """A character that the vocabulary lacks raises a KeyError: read it as "<unk>"."""

    caught_by = "test_unknown"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab[token] for token in prefix]
    """


class UnknownSkipped:
    """You seem to leave out a character that the vocabulary lacks; it is read as "<unk>"."""

    caught_by = "test_unknown"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab[token] for token in prefix if token in vocab] or [unknown]
    """


class UnknownIsZero:
    """You seem to read an unknown character as token 0; ask the vocabulary where it has "<unk>"."""

    caught_by = "test_unknown"

    diff = """
    - read = [vocab.get(token, unknown) for token in prefix]
    + read = [vocab.get(token, 0) for token in prefix]
    """


class UnknownWritten:
    """You seem to write "<unk>" for an unknown character of the prefix; the prefix stays as it
    came."""

    caught_by = "test_unknown"

    diff = """
    - return prefix + "".join(said)
    + return "".join([token if token in vocab else "<unk>" for token in prefix] + said)
    """


class NotInEval:
    """You seem to let the model write as it comes: in training mode it drops what it would say.
    Call model.eval() first."""

    caught_by = "test_eval"

    diff = """
    - model.eval()
    """


class LeftInEval:
    """Your code leaves the model in eval mode; note the mode at the beginning, and bring it
    back."""

    caught_by = "test_mode"

    diff = """
    - for module, training in modes:
    -     module.training = training
    + pass
    """


class AlwaysToTraining:
    """Your code puts the model into training mode at the end, even if it was not; bring back the
    mode that it came in."""

    caught_by = "test_mode"

    diff = """
    - for module, training in modes:
    -     module.training = training
    + model.train()
    """


class ModeOfTheWhole:
    """You bring back the mode of the model as a whole; a part that was in another mode gets that of
    the rest. Note the mode of every module in model.modules()."""

    caught_by = "test_parts"

    diff = """
    - for module, training in modes:
    -     module.training = training
    + model.train(modes[0][1])
    """


class LostByAnException:
    """Where the model raises, your code leaves it in eval mode: bring the modes back in
    `finally`."""

    caught_by = "test_raises"

    diff = """
    - finally:
    + except ZeroDivisionError:
    +     raise
    + else:
    """


class GradientsRecorded:
    """Your code records gradients that nobody needs: write under torch.no_grad()."""

    caught_by = "test_no_gradients"

    diff = """
    - with torch.no_grad():
    + with torch.enable_grad():
    """
