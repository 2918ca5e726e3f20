"""Exercise 58. A language model, trained

Here all of it comes together: a model, a loss, an optimizer, and text to learn from. The text is a
long row of tokens, numbers from 0 to V - 1, and each depends on those before it. It is drawn anew
for every grading, so there is nothing to know beforehand: your code has to learn it, in a number of
steps that is given. A step is one update of the parameters, from one batch.

    windows     (N, T + 1), cut from the text wherever you like
    inputs      windows[:, :-1]
    targets     windows[:, 1:], what comes after each of them
    loss        the mean cross-entropy of the targets

The trained model is asked what comes after prefixes of other texts, which nobody has seen. From
what it says its perplexity is computed: exp of the mean surprise over the token that comes. A
model that knows nothing has V. The source itself has the least that is possible; 1.2 times that is
enough. The report draws the way there, beside the reference's.

Build the model of whatever you like, torch's own layers too, and of your own earlier answers:
`from ex16_lstm_forward import lstm_forward` takes the file beside this one. The reference trains
in a second or two; what takes ten times as long may not come to its end.

Source: Bengio et al., "A Neural Probabilistic Language Model" (2003); Mikolov et al., "Recurrent
neural network based language model" (2010).
"""

from typing import Any

import torch
from torch import Tensor


def train(corpus: Tensor, vocab_size: int, steps: int, generator: torch.Generator) -> Any:
    """Train a model on a text, in `steps` updates of its parameters.

    corpus: (L,), int64, L at least 2000; vocab_size: V. steps: 400 where it counts, perhaps 0.
    All that is random comes from `generator`, the first weights too: a generator of the same seed
    gives the same model.
    Returns any object with a method `log_probs(prefixes)`: prefixes (N, T), int64, T at least 1,
    gives the log-probabilities of the next token, (N, V), so that exp of each row sums to 1. What
    it says of a prefix depends on nothing else that is asked.
    """
    # TODO: what does a model say before its first step, and what should change with each one?
    raise NotImplementedError
