"""Exercise 60. A tiny Transformer

A Transformer has to learn where to look: by what a token is, and by where it stands. Here is a task
that takes both. A sequence is a question of n tokens and its answer, so its length L is 2 n + 2:

    task    question      between    answer
     7      4  2  0  4       5       0  4  4  2      sorted, where 0 comes before 4, 4 before 2

The first token says what the answer is: the question again (copy), the question in order (sort), or
its running sums modulo the number of different tokens in questions (add). Which token says what,
which order is meant, and what number a token stands for in a sum is drawn anew for every grading.
Your code has to learn it, in a number of steps that is given: updates from one batch each.

    inputs      rows[:, :-1]
    targets     rows[:, 1:], what comes after each of them
    loss        the mean cross-entropy of the last n targets, the answer: the question is drawn by
                chance, and nothing tells what comes there

The trained model is asked what comes next in answers to new questions. It never sees what comes
after, and in training it should not either. From what it says its perplexity is computed. A model
that knows nothing has V, one that knows all the rules has 1, and 1.2 is enough. The report draws
the way there, beside the reference's.

Build the model of whatever you like, torch's own layers too, and of your own earlier answers:
`from ex34_multi_head_attention import multi_head_attention` takes the file beside this one. The
reference trains in four seconds; what takes ten times as long may not come to its end.

Source: Vaswani et al., "Attention Is All You Need" (2017).
"""

from typing import Any

import torch
from torch import Tensor


def train(sequences: Tensor, vocab_size: int, steps: int, generator: torch.Generator) -> Any:
    """Train a model on sequences, in `steps` updates of its parameters.

    sequences: (M, L), int64, M at least 2000; vocab_size: V. steps: 400 where it counts, perhaps 0.
    All that is random comes from `generator`, the first weights too: a generator of the same seed
    gives the same model.
    Returns any object with a method `log_probs(prefixes)`: prefixes (N, T), int64, T from 1 to
    L - 1, gives the log-probabilities of the next token, (N, V), so that exp of each row sums to 1.
    What it says of a prefix depends on nothing else that is asked.
    """
    # TODO: how does each position know where it stands, and what may it see?
    raise NotImplementedError
