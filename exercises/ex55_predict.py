"""Exercise 55. Let a language model write

A trained model goes on with any text. First it reads the prefix, token by token: what it would say
meanwhile does not matter, but its state takes the text in. From then on it says the likeliest
token, reads that itself, says the next one, and so on.

    prefix "time", num_preds 3

    reads   t   i   m   e   _   t   h
    says    -   -   -   _   t   h   e        the text: "time" and then "_", "t", "h"

What it says after "e", the last one of the prefix, is the first token that counts; here "_". The
last one that counts, "h", need not be read any more. A model: exercises/ex55_predict/given.py.

Source: Zhang et al., "Dive into Deep Learning", the section on recurrent networks from scratch.
"""

from torch import nn


def predict(prefix: str, num_preds: int, model: nn.Module, vocab: dict[str, int]) -> str:
    """Go on with a text, always with the likeliest token.

    prefix: at least one character; each is a token. num_preds: how many tokens to add, 0 or more.
    model: as in exercise 42: model(inputs, state) takes inputs (N, T) and gives (scores (T*N, V),
    state); model.begin_state(batch_size) is the state before the first token.
    vocab: token to index, in the order 0, 1, 2, ..., as in exercise 27. It has "<unk>", perhaps
    nothing else, and the index of that is read for a character that it does not have.
    Returns the prefix as it came, followed by the tokens that were said, "<unk>" too, put together.
    Nothing is drawn, and no gradients are recorded. The model works in eval mode; afterwards every
    part of it is in the mode that it was in, even where the model raises an exception, and its
    parameters are what they were; those that are frozen (requires_grad is False) stay so.
    """
    # TODO: which scores decide the first token that is added? And what is read for the second?
    raise NotImplementedError
