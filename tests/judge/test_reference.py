"""The tolerance that follows from the reference's own rounding."""

import pytest
import torch

from grader.judge.compare import Mismatch, agree
from grader.judge.reference import Reference
from grader.worker.invoke import Invocation


def scores(q, k):
    return q @ k.mT


REFERENCE = Reference({"scores": scores})


def case(dtype, size=64):
    generator = torch.Generator().manual_seed(1)
    return [
        torch.randn(3, 5, size, generator=generator, dtype=torch.float64).to(dtype) for _ in "qk"
    ]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_another_order_of_operations_is_right(dtype):
    """Summing in another order is as right as the reference, in every precision."""
    q, k = case(dtype)
    reverse = torch.arange(q.shape[-1] - 1, -1, -1)
    agree(scores(q[..., reverse], k[..., reverse]), REFERENCE.scores(q, k))
    agree(torch.einsum("nqd,nkd->nqk", q, k), REFERENCE.scores(q, k))
    total = sum(q[..., None, i] * k[..., None, :, i] for i in range(q.shape[-1]))
    if dtype in (torch.float64, torch.float32):
        agree(total, REFERENCE.scores(q, k))


@pytest.mark.parametrize(
    ("dtype", "computed_in"),
    [(torch.float64, torch.float32), (torch.float32, torch.bfloat16)],
)
def test_a_lower_precision_inside_is_wrong(dtype, computed_in):
    """Computing in less than the inputs' precision is seen, also where the dtype is kept."""
    q, k = case(dtype)
    with pytest.raises(Mismatch):
        agree(scores(q.to(computed_in), k.to(computed_in)).to(dtype), REFERENCE.scores(q, k))


def test_a_higher_precision_inside_is_right():
    """Computing in float64 and casting back is closer to the truth than the reference."""
    q, k = case(torch.float32)
    agree(scores(q.double(), k.double()).float(), REFERENCE.scores(q, k))


def test_sums_that_cancel_leave_room_for_rounding():
    """Where terms cancel to nothing, the bound follows from the terms."""
    q = torch.tensor([[[1.0, -1.0, 1e-8]]], dtype=torch.float64) * 1e6
    k = torch.ones(1, 1, 3, dtype=torch.float64)
    agree(torch.zeros(1, 1, 1, dtype=torch.float64) + 0.01 + 1e-9, REFERENCE.scores(q, k))


def test_the_reference_cannot_change_the_inputs():
    """A reference that works in place works on copies."""
    x = torch.ones(3)
    Reference({"f": lambda x: x.mul_(2)}).f(x)
    assert torch.equal(x, torch.ones(3))


def test_an_argument_that_is_not_used_has_no_gradient():
    """Its gradient is zero, and so is right as zeros."""
    gradients = Reference({"f": lambda x, y: x * 1.0}).f.gradients(
        torch.ones(2, dtype=torch.float64), torch.ones(3, dtype=torch.float64), seed=1
    )
    assert torch.equal(gradients.truth["y"], torch.zeros(3, dtype=torch.float64))


def test_a_float_has_the_bound_that_its_inputs_precision_gives():
    """From float32 inputs, a plain float is as exact as these let it be."""
    third = Reference({"f": lambda x: float(x.sum() / 3)}).f(torch.tensor([1.0, 1.0]))
    agree(2 / 3 + 1e-8, third)
    with pytest.raises(Mismatch):
        agree(2 / 3 + 1e-4, third)


class Counting:
    """A reference of one function, which counts its calls."""

    def __init__(self, function):
        self.calls = 0

        def f(*args, **kwargs):
            self.calls += 1
            return function(*args, **kwargs)

        self.reference = Reference({"f": f})


def test_the_same_question_is_answered_once():
    """The property asks what was computed while the student's worker was at it."""
    counting = Counting(lambda x, sizes: x * len(sizes["of"]))
    x = torch.ones(2, dtype=torch.float64)
    call = Invocation("f", (x, {"of": [1, 2]}))
    counting.reference.anticipate(call)
    assert counting.reference.outcome(call).value.tolist() == [2, 2]
    agree(2 * x, counting.reference.f(x, {"of": [1, 2]}))
    assert counting.calls == 1


def test_what_the_reference_raises_is_raised_for_who_asks():
    """To look ahead breaks nothing."""

    def divide(x, by):
        return x / (1 // by)

    reference = Reference({"f": divide})
    reference.anticipate(Invocation("f", (1, 0)))
    with pytest.raises(ZeroDivisionError):
        reference.f(1, 0)


def _written(x):
    x[0] = 5


def _given_a_grad(x):
    x.grad = torch.full_like(x, 3)


def _grad_written(x):
    x.grad += 1


@pytest.mark.parametrize("change", [_written, _given_a_grad, _grad_written])
def test_a_changed_argument_is_another_question(change):
    """An answer is never that of an argument as it was before."""
    reference = Reference({"f": lambda x: x + x.grad})
    x = torch.ones(2, dtype=torch.float64)
    x.grad = torch.ones_like(x)
    agree(torch.full_like(x, 2), reference.f(x))
    change(x)
    agree(x + x.grad, reference.f(x))


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0.0, -0.0), ([1, 2], (1, 2))])
def test_equal_arguments_of_another_kind_are_another_question(one, other):
    """1, 1.0 and True are equal, and functions may tell them apart."""
    counting = Counting(repr)
    assert counting.reference.outcome(Invocation("f", (one,))).value == repr(one)
    assert counting.reference.outcome(Invocation("f", (other,))).value == repr(other)
