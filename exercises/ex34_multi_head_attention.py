"""Exercise 34. Attention with several heads

One softmax gives one average. Several heads, each with a few features of its own, look for
several things at once: one head may follow the verb while another one follows the names.

    Q, K, V  = queries w_q^T, keys w_k^T, values w_v^T
    head_k   = softmax(Q_k K_k^T / sqrt(d)) V_k         with the k-th block of d = E / num_heads
                                                        consecutive features of Q, K and V
    output   = [head_0, head_1, ...] w_o^T              the heads side by side again

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.2; heads are split as in
torch.nn.MultiheadAttention.
"""

from torch import Tensor


def multi_head_attention(
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_o: Tensor,
    num_heads: int,
    valid_lens: Tensor | None = None,
) -> Tensor:
    """Attend with several heads, and mix what they found.

    queries: (N, Tq, E), keys and values: (N, Tk, E); each weight: (E, E), applied as x @ w.T,
    without a bias. valid_lens: None, or int64 of shape (N,) or (N, Tq), from 0 to Tk: how many
    keys, from the first on, a sample or each of its queries may see, the same for every head.
    The weights of the other keys are exactly 0; a query that may see none has weights of 0 only, so
    that its output is 0 (and never nan). Returns (N, Tq, E).
    Raises ValueError where num_heads does not divide E.
    """
    # TODO: which shape lets one matrix product serve all heads at once, and how do you get there?
    raise NotImplementedError
