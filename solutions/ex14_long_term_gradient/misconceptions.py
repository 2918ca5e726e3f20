"""Exercise 14, what a recurrent network forgets: what people really write, and the sentence that
helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch
from torch.linalg import matrix_norm, vector_norm


def _states(x, h0, w_ih, w_hh, b_ih, b_hh):
    states = [h0]
    for x_t in x:
        states.append(torch.tanh(x_t @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh))
    return states


def _factors(x, h0, w_ih, w_hh, b_ih, b_hh):
    return [(1 - h.T**2) * w_hh for h in _states(x, h0, w_ih, w_hh, b_ih, b_hh)[1:]]


def _products(factors):
    """The products factors[-1] @ ... @ factors[t], for all t."""
    products = [factors[-1]]
    for factor in factors[-2::-1]:
        products.append(products[-1] @ factor)
    return products[::-1]


def _norms(matrices, norm=matrix_norm):
    return torch.stack([norm(matrix) for matrix in matrices])


class NoTanhDerivative:
    """Your factors look like w_hh alone; the tanh has a derivative too, 1 - h^2."""

    caught_by = "test_one_step"

    def long_term_gradient(x, h0, w_ih, w_hh, b_ih, b_hh):
        return _norms(_products([w_hh] * len(x)))


class NoSquare:
    """Your tanh' looks like 1 - h; the derivative of tanh is 1 - h^2."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        w_hh = arguments[3]
        return _norms(_products([(1 - h.T) * w_hh for h in _states(*arguments)[1:]]))


class SigmoidDerivative:
    """Your derivative looks like h (1 - h), which is a sigmoid's; that of tanh is 1 - h^2."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        w_hh = arguments[3]
        return _norms(_products([(h * (1 - h)).T * w_hh for h in _states(*arguments)[1:]]))


class StateBefore:
    """Your factor of step t seems to take 1 - h^2 of the state before it; take the new one, h_t."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        w_hh = arguments[3]
        return _norms(_products([(1 - h.T**2) * w_hh for h in _states(*arguments)[:-1]]))


class SquashedTwice:
    """Your tanh' looks like 1 - tanh(h)^2, but h is a tanh already: 1 - h^2."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        w_hh = arguments[3]
        return _norms(_products([(1 - h.T.tanh() ** 2) * w_hh for h in _states(*arguments)[1:]]))


class ColumnsScaled:
    """You seem to scale the columns of w_hh by 1 - h^2, or to transpose it; row j of w_hh makes the
    unit j, so scale the rows: (1 - h.T**2) * w_hh."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        w_hh = arguments[3]
        return _norms(_products([(1 - h**2) * w_hh for h in _states(*arguments)[1:]]))


class ByInput:
    """You seem to differentiate by the inputs, with w_ih; the question is about states: w_hh."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        x, _, w_ih, *_ = arguments
        last = [(1 - h.T**2) * w_ih for h in _states(*arguments)[1:]]
        products = [torch.eye(len(w_ih), dtype=x.dtype), *_products(_factors(*arguments))[:0:-1]]
        return _norms(p @ factor for p, factor in zip(products[::-1], last, strict=True))


class SumDifferentiated:
    """Your norms look like those of the gradient of h_T.sum(), which adds up the rows of the
    Jacobian; differentiate one unit of h_T at a time."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        return _norms(_products(_factors(*arguments)), lambda product: product.sum(0).norm())


class RowsPileUp:
    """Each row of your Jacobian seems to hold those above it as well: `.grad` adds up what arrives.
    Set it to None in between, or take torch.autograd.grad."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        return _norms(_products(_factors(*arguments)), lambda product: product.cumsum(0).norm())


class Squared:
    """Your norms look squared; the Frobenius norm is the root of the sum of squares."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        return _norms(_products(_factors(*arguments))) ** 2


class Spectral:
    """Your norms look like greatest singular values; the Frobenius norm counts every element."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        return _norms(_products(_factors(*arguments)), lambda product: matrix_norm(product, 2))


class Averaged:
    """Your norms look averaged over the elements; the Frobenius norm sums their squares."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        return _norms(_products(_factors(*arguments)), lambda p: p.square().mean().sqrt())


class LastIncluded:
    """Your last entry seems to be that of h_T by itself, sqrt(H); the entries are for t < T."""

    caught_by = "test_one_step"

    def long_term_gradient(*arguments):
        w_hh = arguments[3]
        products = [*_products(_factors(*arguments)), torch.eye(len(w_hh), dtype=w_hh.dtype)]
        return _norms(products)


class Reversed:
    """Your entries run from the last step to the first; entry 0 belongs to h0, the farthest."""

    caught_by = "test_norms"

    def long_term_gradient(*arguments):
        return _norms(_products(_factors(*arguments))).flip(0)


class SingleSteps:
    """Each of your entries looks like one step alone; multiply all the steps from t up to T."""

    caught_by = "test_norms"

    def long_term_gradient(*arguments):
        return _norms(_factors(*arguments))


class FromTheFirst:
    """Your entries look like dh_t/dh_0: every state by the first. It is the last one by each."""

    caught_by = "test_norms"

    def long_term_gradient(*arguments):
        products = _factors(*arguments)
        for t in range(1, len(products)):
            products[t] = products[t] @ products[t - 1]
        return _norms(products)


class WrongOrder:
    """Your factors seem to be multiplied in the wrong order; the latest step stands on the left."""

    caught_by = "test_norms"

    def long_term_gradient(*arguments):
        return _norms(_products([factor.T for factor in _factors(*arguments)]))


class ProductOfNorms:
    """You seem to multiply the norms of the steps; multiply the matrices, then take the norm."""

    caught_by = "test_norms"

    def long_term_gradient(*arguments):
        return _norms(_factors(*arguments)).flip(0).cumprod(0).flip(0)


class Elementwise:
    """You seem to multiply the Jacobians element by element; their chain is a matrix product."""

    caught_by = "test_norms"

    def long_term_gradient(*arguments):
        products = torch.stack(_factors(*arguments)).flip(0).cumprod(0).flip(0)
        return vector_norm(products, dim=(1, 2))


class LastDerivativeOnly:
    """Your 1 - h^2 seems to be that of the last state in every factor; each step has its own."""

    caught_by = "test_norms"

    def long_term_gradient(*arguments):
        return _norms(_products(_factors(*arguments)[-1:] * len(arguments[0])))
