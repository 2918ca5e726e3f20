"""Exercise 58, a language model, trained: what is drawn."""

import torch

from grader.judge.capstone.markov import Chain
from grader.judge.capstone.source import perplexity

TITLE = "The perplexity on fresh text, after 0, 100, 200, 300 and 400 steps"
X = "hundreds of steps"
VOCABULARY, TOKENS = 6, 20_000
STEPS, EACH = 400, 100


def curves(answer):
    """A model for each point, of one source, and what that source itself would reach."""
    generator = torch.Generator().manual_seed(58)
    source = Chain.drawn(VOCABULARY, generator)
    corpus = source.examples(TOKENS, generator)
    prefixes = source.texts(256, 16, generator)
    truth = source.next(prefixes)
    found = []
    for steps in range(0, STEPS + 1, EACH):
        dice = answer.given.torch.Generator()
        dice.manual_seed(1)
        model = answer.train(corpus, VOCABULARY, steps, dice)
        found.append(perplexity(model.log_probs(prefixes).double(), truth))
    least = perplexity(truth.log(), truth)
    return {"the model": torch.tensor(found), "the source itself": torch.full((len(found),), least)}
