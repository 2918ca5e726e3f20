"""Exercise 60, a tiny Transformer: what people really write, and the sentence that helps.

They are named by the sign that training shows, whatever the model is built of.
"""


class TargetsNotShifted:
    """Your model seems to predict the token that it has just read: the targets are the inputs, one
    token later."""

    caught_by = "test_learns"
    sign = "copies"

    diff = """
    - inputs, targets = rows[:, :-1], rows[:, 1:]
    + inputs, targets = rows[:, :-1], rows[:, :-1]
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


class NoPositions:
    """Your model sorts, but does not copy, as if it did not know where a token stands: add a vector
    for its position to each token."""

    caught_by = "test_perplexity"
    sign = "orderless"

    diff = """
    - x = x + self.position(torch.arange(tokens.shape[1]))
    + pass
    """


class NoMask:
    """Your model knows the last token of an answer and none before: it seems to have had the answer
    in sight while it trained. Mask the keys that come after the query."""

    caught_by = "test_learns"
    sign = "ahead"

    diff = """
    - weights = scores.masked_fill(hidden, -math.inf).softmax(dim=-1)
    + weights = scores.softmax(dim=-1)
    """


class MaskReversed:
    """Your model seems to look at the last token of a prefix alone: does its attention reach back?
    The mask should hide what comes after, not what came before."""

    caught_by = "test_learns"
    sign = "forgets"

    diff = """
    - hidden = torch.ones(length, length, dtype=torch.bool).triu(1)
    + hidden = torch.ones(length, length, dtype=torch.bool).tril(-1)
    """


class FirstPosition:
    """The last token of a prefix makes no difference to what your model says: what comes next
    stands at the last position, [:, -1]."""

    caught_by = "test_learns"
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
    - return self.dense(self.norm(self.blocks(x)))
    + return self.dense(self.norm(self.blocks(x))).softmax(dim=-1)
    """


class OneBatch:
    """Your model is sure and wrong, as if it had learned a few sequences by heart: draw others in
    every step."""

    caught_by = "test_learns"
    sign = "sure"

    diff = """
    - rows = sequences[torch.randint(len(sequences), (BATCH,), generator=generator)]
    + rows = sequences[:BATCH]
    """


class StepsTooLarge:
    """Your model gets worse as it trains: its steps are too large. Make the learning rate smaller,
    and clip the gradients by their norm; and is it the loss that is made small?"""

    caught_by = "test_learns"
    sign = "away"

    diff = """
    - optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    + optimizer = torch.optim.SGD(model.parameters(), lr=3.0, momentum=0.9)

    - optimizer.param_groups[0]["lr"] = RATE * min((step + 1) / 30, 1 - step / steps)
    + optimizer.param_groups[0]["lr"] = 3.0

    - nn.utils.clip_grad_norm_(model.parameters(), MOST_NORM)
    """


class StepsTooSmall:
    """Your model is still getting better when the steps are over. Are all of them taken? Then each
    is too small: a larger learning rate, or Adam in the place of SGD."""

    caught_by = "test_perplexity"
    sign = "slow"

    diff = """
    - optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    + optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9)
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


class Probabilities:
    """Your `log_probs` seems to give probabilities; their logarithms are wanted: log_softmax."""

    caught_by = "test_distribution"
    sign = "probabilities"

    diff = """
    - return self(prefixes)[:, -1].log_softmax(dim=-1)
    + return self(prefixes)[:, -1].softmax(dim=-1)
    """


class DropoutLeftOn:
    """Your model says something else each time it is asked the same: dropout still draws. Call
    .eval() on it before it answers."""

    caught_by = "test_alone"
    sign = "drawn"

    diff = """
    - nn.Linear(2 * WIDTH, WIDTH),
    + nn.Linear(2 * WIDTH, WIDTH),
    + nn.Dropout(0.1),
    """


class WeightsFromElsewhere:
    """Your random numbers do not all come from `generator`: torch's layers draw their first weights
    from its global numbers. Draw them anew, with generator=generator."""

    caught_by = "test_generator"
    sign = "unseeded"

    diff = """
    - nn.init.xavier_uniform_(module.weight, generator=generator)
    + nn.init.xavier_uniform_(module.weight)
    """


class StepsIgnored:
    """Your model knows much before its first step: train it for `steps` updates of the parameters,
    and for none where steps is 0."""

    caught_by = "test_budget"
    sign = "early"

    diff = """
    - for step in range(steps):
    + steps = 400
    + for step in range(steps):
    """
