"""Exercise 59, a translator, trained: what people really write, and the sentence that helps.

They are named by the sign that the translations show, whatever the model is built of.
"""


class NoAttention:
    """Your model makes sentences of its own, with few words of what it was to translate: one state
    cannot carry a sentence. Let the decoder attend to all outputs of the encoder."""

    caught_by = "test_bleu"
    sign = "elsewhere"

    diff = """
    - self.dense = nn.Linear(2 * HIDDEN, len(target))
    + self.dense = nn.Linear(HIDDEN, len(target))

    - return self.dense(torch.cat([outputs, weights @ memory], dim=-1)), state
    + return self.dense(outputs), state

    - outputs, state = self.decoder(self.writes(inputs), state)
    + if state is None:
    +     last = (~padding).sum(dim=1) - 1
    +     state = memory[torch.arange(len(memory)), last][None].contiguous()
    + outputs, state = self.decoder(self.writes(inputs), state)
    """


class SourceNotRead:
    """Your model says the same, whatever it is to translate: look up the words of the source in
    `vocabs[0]`, those of the target in `vocabs[1]`."""

    caught_by = "test_bleu"
    sign = "blind"

    diff = """
    - numbers = [self.numbers.get(word, UNK) for word in source]
    + numbers = [self.words.index(word) if word in self.words else UNK for word in source]
    """


class TargetsNotShifted:
    """Your model says one word over and over, as if it had learned to repeat what it reads: the
    decoder reads <bos> and the words, and should say the words and <eos>."""

    caught_by = "test_exact"
    sign = "repeats"

    diff = """
    - scores.flatten(0, 1), targets[rows, 1:].flatten(), ignore_index=PAD
    + scores.flatten(0, 1), targets[rows, :-1].flatten(), ignore_index=PAD
    """


class EosNotLearned:
    """Your translations begin as they should and then go on: end every target with <eos>, and stop
    where the model says it."""

    caught_by = "test_exact"
    sign = "endless"

    diff = """
    - targets = _padded([[BOS, *(target[word] for word in words), EOS] for _, words in pairs])
    + targets = _padded([[BOS, *(target[word] for word in words)] for _, words in pairs])
    """


class StateNotHandedOn:
    """Your translations go round in circles: hand the decoder's state on from word to word when it
    translates, as it is in training."""

    caught_by = "test_exact"
    sign = "circles"

    diff = """
    - scores, state = self.decode(memory, padding, torch.tensor([[token]]), state)
    + scores, _ = self.decode(memory, padding, torch.tensor([[token]]), state)
    """


class NeverSteps:
    """After all steps your model says just what it said before the first: does optimizer.step()
    run, and does the optimizer hold this model's parameters?"""

    caught_by = "test_exact"
    sign = "still"

    diff = """
    - optimizer.step()
    + pass
    """


class OneBatch:
    """Your model says sentences that it has learned by heart: draw a new batch in every step."""

    caught_by = "test_exact"
    sign = "by heart"

    diff = """
    - for step in range(steps):
    + rows = torch.randint(len(pairs), (BATCH,), generator=generator)
    + for step in range(steps):

    - rows = torch.randint(len(pairs), (BATCH,), generator=generator)
    """


class TooSlow:
    """Your model is still getting better when the steps are over. Are all of them taken? Then each
    is too small: a larger learning rate, or another optimizer."""

    caught_by = "test_bleu"
    sign = "slow"

    diff = """
    - RATE = 0.01
    + RATE = 0.0013
    """


class CutShort:
    """Your translations begin as they should and end too early: go on until the model says <eos>,
    however long the sentences were that it was trained on."""

    caught_by = "test_bleu"
    sign = "cut"

    diff = """
    - MOST_WORDS = 40
    + MOST_WORDS = 5
    """


class MarksLeftIn:
    """Your translations have <bos> or <eos> in them: these are for the model, give back the words
    between them."""

    caught_by = "test_exact"
    sign = "marked"

    diff = """
    - if token == EOS:
    -     break
    - said.append(self.words[token])
    + said.append(self.words[token])
    + if token == EOS:
    +     break
    """


class Numbers:
    """Your `translate` gives the numbers of the words; it should give the words themselves."""

    caught_by = "test_words"
    sign = "numbers"

    diff = """
    - said.append(self.words[token])
    + said.append(token)
    """


class OneText:
    """Your `translate` gives one text; it should give a list, each word by itself."""

    caught_by = "test_words"
    sign = "joined"

    diff = """
    - return said
    + return " ".join(said)
    """


class WeightsFromElsewhere:
    """Your random numbers do not all come from `generator`: torch's layers draw their first weights
    from its global numbers. Draw them anew, with generator=generator."""

    caught_by = "test_generator"
    sign = "unseeded"

    diff = """
    - for parameter in self.parameters():
    -     nn.init.uniform_(parameter, -reach, reach, generator=generator)
    + for parameter in self.parameters():
    +     nn.init.uniform_(parameter, -reach, reach)
    """


class StepsIgnored:
    """Your model knows much before its first step: train it for `steps` updates of the parameters,
    and for none where steps is 0."""

    caught_by = "test_budget"
    sign = "early"

    diff = """
    - for step in range(steps):
    + for step in range(steps := 300):
    """
