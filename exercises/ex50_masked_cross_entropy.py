"""Exercise 50. A loss that leaves out the padding

Sentences of one batch are padded to the length of the longest. A model that translates scores every
position, those of the padding too, but must not learn to write padding: only the tokens that are
really there count. Every one of them costs as much as it surprised the model.

    p[n, t]    = softmax of logits[n, t] over the vocabulary
    loss[n]    = sum of -log(p[n, t][targets[n, t]]) over t < valid_len[n], divided by T

It is divided by T, the padded length, so that a token weighs the same in each sentence of a batch.
softmax, log_softmax and logsumexp are allowed; torch's cross_entropy and nll_loss are not.
Time counts: at most 5 times what the reference solution takes.

Source: Zhang et al., "Dive into Deep Learning", the section on sequence to sequence learning.
"""

from torch import Tensor


def masked_cross_entropy(logits: Tensor, targets: Tensor, valid_len: Tensor) -> Tensor:
    """Cross-entropy of each sample, of the positions within its valid length only.

    logits: (N, T, V), a score for every token of the vocabulary at every position.
    targets: (N, T), int64, the token that should stand there.
    valid_len: (N,), int64, from 0 to T, how many positions count, from the first one.
    Returns the losses (N,), in the dtype of the logits; a sample of length 0 has the loss 0.

    Within the length, the targets are from 0 to V - 1. Beyond it, logits and targets may be
    anything, nan, inf, -100 or V too: no loss depends on them, the gradient of these logits is
    exactly 0, and no gradient is ever nan.
    """
    # TODO: what must become of the logits and of the targets in the padding before you use them?
    # And what of the losses there, before you add them up?
    raise NotImplementedError
