"""Exercise 2, the gates of a GRU: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from torch import Tensor

from grader.judge import laws
from grader.judge.compare import agree
from grader.judge.strategies import cases_of


class Case(NamedTuple):
    x: Tensor
    h: Tensor
    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor


cases = cases_of(Case, lambda n, d, h: [(n, d), (n, h), (2 * h, d), (2 * h, h), (2 * h,), (2 * h,)])
CALLS = {"gru_gates": tuple}
GATES = ("test_gates",)


def gates_of_grucell(x, h, w_ih, w_hh, b_ih, b_hh):
    """The gates as torch's GRUCell has them, seen in the states h' = (1 - z) * n + z * h that it
    gives for chosen candidates n = tanh(b_in + r * b_hn)."""
    hidden = h.shape[1]

    def state(b_in, b_hn, b_z):
        return torch.gru_cell(
            x,
            h,
            torch.cat([w_ih, torch.zeros_like(w_ih[:hidden])]),
            torch.cat([w_hh, torch.zeros_like(w_hh[:hidden])]),
            torch.cat([b_ih[:hidden], b_ih[hidden:] + b_z, b_ih.new_full((hidden,), b_in)]),
            torch.cat([b_hh, b_hh.new_full((hidden,), b_hn)]),
        )

    # With z shut, the state is the candidate alone, and the candidate can be tanh(r).
    r = torch.atanh(state(b_in=0.0, b_hn=1.0, b_z=-1e3))
    # Candidates of 1 and -1 give states that are 2 * (1 - z) apart, whatever h is.
    z = 1 - (state(b_in=1e3, b_hn=0.0, b_z=0.0) - state(b_in=-1e3, b_hn=0.0, b_z=0.0)) / 2
    return r, z


test_gates = laws.reference(
    cases(),
    CALLS,
    points=15,
    title=(
        "Each gate is the sigmoid of its own block: the products with x and h, plus both biases."
    ),
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"gru_gates": lambda case: gates_of_grucell(*case)},
    points=10,
    needs=GATES,
    title="The gates match those inside torch's own GRUCell.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_gates")
@given(cases())
def test_swapped(student, case):
    """Swapping the two blocks of every parameter swaps the gates."""
    swapped = [torch.cat(parameter.chunk(2)[::-1]) for parameter in case[2:]]
    r, z = student.gru_gates(*case)
    agree(student.gru_gates(case.x, case.h, *swapped), (z, r))


@pytest.mark.points(10)
@pytest.mark.needs("test_gates")
@given(cases())
def test_biases(student, case):
    """Only the sum of the two biases counts: moving one into the other changes nothing."""
    moved = case._replace(b_ih=case.b_ih + case.b_hh, b_hh=torch.zeros_like(case.b_hh))
    agree(student.gru_gates(*moved), student.gru_gates(*case))


test_saturated = laws.magnitudes(
    cases(),
    CALLS,
    points=10,
    needs=GATES,
    title="With values in the thousands, gates still lie between 0 and 1 and are never nan.",
)
test_batch = laws.batch(cases(), CALLS, batched=("x", "h"), points=5, needs=GATES)
test_precision = laws.precision(cases, CALLS, points=10, needs=GATES)
test_gradients = laws.gradients(cases(), CALLS, points=10, needs=GATES)
test_layout = laws.layout(cases(), CALLS, points=5, needs=GATES)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=GATES)
test_middle_sizes = laws.middle_sizes(cases.sized, CALLS, points=5, needs=GATES)
test_speed = laws.speed(points=10)
