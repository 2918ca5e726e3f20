"""Exercise 49. Batches of a long text

A language model learns to say the next token, so a text is its own answer key: the targets Y are
the inputs X, one token later. The text is far too long for one step. It is cut into windows of
num_steps tokens, and batch_size windows make a batch, (N, T). There are two ways to choose them.

    corpus = [0, 1, ..., 10], batch_size = 2, num_steps = 2
    random        a start is drawn, say 1. The windows behind it, 1 2 | 3 4 | 5 6 | 7 8, come in an
                  order that is drawn: perhaps 5 6 and 1 2, then 7 8 and 3 4.
    consecutive   N equal rows, here 0 to 4 and 5 to 9. Batch 1 has 0 1 and 5 6, batch 2 goes on
                  with 2 3 and 7 8: a state of the network can be handed from one to the next.

In both, the window 1 2 has the targets 2 3. What does not fill a whole batch is left out.

Source: Zhang et al., "Dive into Deep Learning", the section on language models.
"""

from collections.abc import Iterator

from torch import Generator, Tensor


def random_batches(
    corpus: list[int], batch_size: int, num_steps: int, generator: Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Give batches of windows in a random order, for one pass over the text.

    corpus: tokens as whole numbers, at least one; leave it as it is. batch_size, num_steps: 1 or
    more. generator: draw from it and from nothing else; how is up to you.
    Draw a start from 0 to num_steps - 1. From there on the text is cut into windows side by side,
    as many as have a target for each token. Draw their order, any as likely as any other: each
    window comes once, and those that are left at the end, too few for a batch, are left out.
    Returns an iterator of pairs (X, Y), each (N, T), int64; a list of them will do too.
    """
    # TODO: how many windows are there behind the start? The last token is nobody's input.
    raise NotImplementedError


def consecutive_batches(
    corpus: list[int], batch_size: int, num_steps: int, offset: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Give batches of which each goes on where the one before it ended, row by row.

    corpus, batch_size, num_steps: as above. offset: from 0 to len(corpus) - 1, how many tokens at
    the beginning are left out. The rows are L = (len(corpus) - offset - 1) // batch_size tokens
    long, one behind the other: row i begins at offset + i * L. Every batch takes the next
    num_steps tokens of all rows, as long as they have that many. Returns as random_batches does.
    """
    # TODO: where in the corpus is the first token of row i in batch k?
    raise NotImplementedError
