"""Exercise 51. Perplexity

How surprised is a language model by a text? For each token take what it cost: -log of the
probability that the model gave it. The mean of that over all tokens, and exp of the mean, is the
perplexity: the number of tokens, all equally likely, between which one would be as unsure.

    perplexity = exp(sum of -log p(token) over all tokens / number of tokens)

A model that knows nothing has the perplexity V, one that is always sure and right has 1.
The batches need not be of one size, so their means cannot simply be averaged, and still less their
perplexities: every token counts once.

A model that is being judged must not drop anything at random, and needs no gradients. Afterwards
the training goes on as if nothing had been. Such a model: exercises/ex51_perplexity/given.py.

Source: Zhang et al., "Dive into Deep Learning", the section on recurrent networks.
"""

from collections.abc import Iterable

from torch import Tensor, nn


def perplexity(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    """The perplexity of a model on a text, in eval mode and without gradients.

    model: model(X) gives scores (N, T, V) for the token after each, before the softmax.
    batches: pairs (X, Y) of int64, each (N, T), perhaps from a generator; Y is what should follow
    each token of X. N and T may be others in each batch; there is at least one token in all.
    Returns a float. Every part of the model is then in the mode that it was in, training or not,
    even where model(X) raises an exception (which goes on to whoever called). Its parameters are
    what they were; those that are frozen (requires_grad is False) stay so.
    """
    # TODO: what do you have to keep of every batch, so that one division at the end is enough?
    # And who else than the model itself has a mode? (model.modules() lists them.)
    raise NotImplementedError
