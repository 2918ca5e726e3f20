"""Exercise 57. A training step of a translator

An encoder reads the source, a decoder writes the target, and both learn in one step. In training
the decoder does not read what it wrote itself, but what it should have written: that is teacher
forcing. At each place it sees the right words before it, and is asked for the next one.

    label Y        they    are   watching   .      <eos>        (N, T), padded behind its length
    it reads       <bos>   they  are     watching   .           <bos>, then Y without its last one
    loss[n]        the sum of -log p(Y[n, t]) over t < Y_len[n], divided by T, as in exercise 50
    loss           the sum of loss[n] over the samples: gradients are of this

Then: zero the gradients, go backward, clip all of them together as torch.nn.utils.clip_grad_norm_
does it, which is allowed here, and step. What you are given is shown by
exercises/ex57_seq2seq_step/given.py.

Source: Zhang et al., "Dive into Deep Learning", on sequence to sequence learning.
"""

from typing import Any

from torch import Tensor, nn

BOS = 1  # the number of the token <bos>


def seq2seq_train_step(
    encoder: nn.Module,
    decoder: nn.Module,
    batch: tuple[Tensor, Tensor, Tensor, Tensor],
    optimizer: Any,
    max_norm: float,
) -> tuple[float, int]:
    """Make one step with a batch (X, X_len, Y, Y_len): tokens (N, S), lengths (N,), (N, T), (N,).

    As in exercise 47, encoder(X) gives what decoder.init_state takes, together with X_len, and
    decoder(tokens, state) gives scores (N, T, V) and the state. optimizer: has step() and
    zero_grad(), and the parameters of both, none of them frozen. Lengths are 1 or more; only they
    say what is padding: behind them may stand any token.

    All parts of both are in training mode in the step and afterwards, however they came. Whatever
    the gradients were before makes no difference, and the batch is left as it is.
    Returns (loss, tokens): the loss as a float, and how many tokens of Y count, an int.
    """
    # TODO: which T tokens does the decoder read, and which T should come out?
    raise NotImplementedError
