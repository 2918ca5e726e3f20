"""Exercise 52. Adam

Plain gradient descent gives every parameter the same learning rate. Adam gives each number its own:
it keeps a running mean of the gradient, and one of its square, and divides the one by the root of
the other. Both begin with zeros, and are too small at first: the correction makes up for that.

    m      = beta1 * m + (1 - beta1) * g            m, v of the parameter's shape, zeros at first
    v      = beta2 * v + (1 - beta2) * g^2
    m_hat  = m / (1 - beta1^t)                      t = 1 in the parameter's first step
    v_hat  = v / (1 - beta2^t)
    w      = w - lr * m_hat / (sqrt(v_hat) + eps)

Weight decay pulls all weights to 0. With decoupled=False, g is the gradient + weight_decay * w, as
it was in the beginning. With decoupled=True, as in AdamW, m and v know nothing of it: before its
step, w becomes (1 - lr * weight_decay) * w.
Time counts: at most 4 times what the reference solution takes.

Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015); Loshchilov and Hutter,
"Decoupled weight decay regularization" (2019).
"""

from collections.abc import Iterable

from torch import Tensor


class Adam:
    """An optimizer; use it as you would use torch.optim.Adam, which is not allowed here."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ) -> None:
        """params: tensors of any shape; a list, or a generator such as model.parameters()."""
        # TODO: what must be remembered of each parameter from one step to the next?
        raise NotImplementedError

    def step(self) -> None:
        """Change every parameter in place by what its `.grad` says, which stays as it is.

        A parameter whose `.grad` is None is left out: its m, v and t stay as they are too, and
        nothing decays. m and v have the parameter's dtype.
        """
        # TODO: how do you change a tensor that requires a gradient, and is the same one afterwards?
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Set every `.grad` to None."""
        # TODO: what would a step do with a gradient of zeros, and what with none?
        raise NotImplementedError
