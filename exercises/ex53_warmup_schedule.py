"""Exercise 53. Learning rates that warm up and decay

At the start of a training a large step does harm: the weights are random, and Adam's averages are
of a handful of gradients. So the learning rate grows over the first steps, and decays afterwards.

    noam     d_model ** -0.5 * min(step ** -0.5, step * warmup ** -1.5)
    cosine   lr * step / warmup                                              up to step = warmup
             lr_min + (lr - lr_min) * (1 + cos(pi * progress)) / 2           up to step = total
             lr_min                                                          after it

Here progress is how much of the way from warmup to total is behind: 0 at warmup, 1 at total.
Both rise in a straight line that would begin with 0 at step 0, and do not jump where they turn.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 5.3, where noam is from; the
cosine is that of Loshchilov and Hutter, "SGDR" (2017), once and behind a warm-up.
"""


def noam(step: int, d_model: int, warmup: int) -> float:
    """The learning rate of the Transformer's paper: linear, then falling with the step's root.

    step: 1 for the first one. d_model: the width of the model, 1 or more. warmup: the step with the
    greatest rate, 1 or more.
    """
    # TODO: which of the two numbers is the smaller one before warmup, and which after it?
    raise NotImplementedError


def cosine(step: int, warmup: int, total: int, lr: float, lr_min: float = 0.0) -> float:
    """A learning rate that rises to lr, falls along half a cosine to lr_min, and stays there.

    step: 1 for the first one; it may be beyond total. warmup: the step with the rate lr, 1 or more.
    total: the step that reaches lr_min, greater than warmup. 0 <= lr_min <= lr; the warm-up is the
    same for every lr_min.
    """
    # TODO: three pieces. What is progress at warmup, halfway and at total, and after it?
    raise NotImplementedError
