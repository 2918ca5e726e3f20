"""Exercise 58, a language model, trained: what people really write, and the sentence that helps.

They are named by the sign that training shows, whatever the model is built of.
"""


class TargetsNotShifted:
    """Your model seems to predict the token that it has just read: the targets are the inputs, one
    token later."""

    caught_by = "test_learns"
    sign = "copies"

    diff = """
    - loss = nn.functional.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten())
    + loss = nn.functional.cross_entropy(scores.flatten(0, 1), windows[:, :-1].flatten())
    """


class NeverSteps:
    """After all steps your model says just what it said before the first: does optimizer.step()
    run, and does the optimizer hold this model's parameters?"""

    caught_by = "test_learns"
    sign = "still"

    diff = """
    - optimizer.step()
    + pass
    """


class OnlyTheLastToken:
    """Your model seems to look at the last token of a prefix alone; read the whole prefix, one
    token after the other, with the state handed on."""

    caught_by = "test_perplexity"
    sign = "forgets"

    diff = """
    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + return self(prefixes[:, -1:])[:, -1].log_softmax(dim=-1)
    """


class FirstPosition:
    """The last token of a prefix makes no difference to what your model says: what comes next
    stands at the last position, [:, -1]."""

    caught_by = "test_perplexity"
    sign = "blind"

    diff = """
    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + return self(prefixes)[:, 0].log_softmax(dim=-1)
    """


class SoftmaxTwice:
    """Your model never says anything with confidence, as if softmax were applied twice:
    cross_entropy and log_softmax take scores, not probabilities."""

    caught_by = "test_perplexity"
    sign = "flat"

    diff = """
    - return self.dense(outputs)
    + return self.dense(outputs).softmax(dim=-1)
    """


class OneBatch:
    """Your model is sure and wrong, as if it had learned a few windows by heart: draw new windows
    in every step."""

    caught_by = "test_learns"
    sign = "sure"

    diff = """
    - for _ in range(steps):
    -     starts = torch.randint(len(corpus) - WINDOW, (BATCH,), generator=generator)
    + starts = torch.randint(len(corpus) - WINDOW, (BATCH,), generator=generator)
    + for _ in range(steps):
    """


class Unclipped:
    """Your model gets worse as it trains: its steps are too large. Clip the gradients by their
    norm, or make the learning rate smaller; and is it the loss that is made small?"""

    caught_by = "test_learns"
    sign = "away"

    diff = """
    - optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    + optimizer = torch.optim.SGD(model.parameters(), lr=10.0, momentum=0.9)

    - nn.utils.clip_grad_norm_(model.parameters(), MOST_NORM)
    """


class ClippedTooHard:
    """Your model is still getting better when the steps are over. Are all of them taken? Then each
    is too small: a larger learning rate, and only gradients clipped that are larger than most."""

    caught_by = "test_perplexity"
    sign = "slow"

    diff = """
    - optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    + optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)

    - nn.utils.clip_grad_norm_(model.parameters(), MOST_NORM)
    + nn.utils.clip_grad_norm_(model.parameters(), 0.002)
    """


class Scores:
    """Your `log_probs` seems to give scores; log_softmax(dim=-1) makes log-probabilities of
    them."""

    caught_by = "test_distribution"
    sign = "unnormalised"

    diff = """
    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + return self(prefixes)[:, -1]
    """


class OverTheBatch:
    """Your probabilities sum to 1 down the batch; they should for each prefix, over the tokens:
    log_softmax(dim=-1)."""

    caught_by = "test_distribution"
    sign = "columns"

    diff = """
    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + return self(prefixes)[:, -1].log_softmax(dim=0)
    """


class Probabilities:
    """Your `log_probs` seems to give probabilities; their logarithms are wanted: log_softmax."""

    caught_by = "test_distribution"
    sign = "probabilities"

    diff = """
    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + return self(prefixes)[:, -1].softmax(dim=-1)
    """


class BatchFirstForgotten:
    """Your model seems to read across the batch, from one prefix to the next: prefixes are (N, T),
    and nn.GRU reads (T, N) unless batch_first=True."""

    caught_by = "test_alone"
    sign = "mixed"

    diff = """
    - self.rnn = nn.GRU(vocab_size, HIDDEN, batch_first=True)
    + self.rnn = nn.GRU(vocab_size, HIDDEN)
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
    - for _ in range(steps):
    + for _ in range(400):
    """
