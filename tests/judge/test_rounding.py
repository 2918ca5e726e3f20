"""What hinges on the rounding of a sum, and what does not."""

from functools import partial

import pytest
import torch

from grader.judge.rounding import hinging

SIGNS = torch.tensor([1.0, -1, 1, 1, -1, 1, 1], dtype=torch.float64).expand(5, 7)
WEIGHTS = torch.linspace(0.3, 0.9, 7, dtype=torch.float64)
APART = SIGNS * torch.arange(1, 6)[:, None]


def attended(hidden, weights):
    return torch.softmax(hidden @ weights, 0)


@pytest.mark.parametrize(
    ("hidden", "weights", "hinges"),
    [
        (SIGNS, 1e20 * WEIGHTS, True),  # scores that are alike, and so large that a digit is much
        (SIGNS, WEIGHTS, False),
        (APART, 1e20 * WEIGHTS, False),
        (APART, WEIGHTS, False),
    ],
)
def test_a_tie_of_large_scores_hinges_on_its_sums(hidden, weights, hinges):
    """Who adds up in another order gives the weight to another one."""
    compute = partial(attended, hidden, weights)
    assert hinging(compute, compute(), [1e-9]) == [hinges]


def test_each_leaf_is_told_by_itself():
    """What is no number does not hinge on any."""

    def compute():
        scores = SIGNS @ (1e20 * WEIGHTS)
        return [torch.softmax(scores, 0), scores.sign(), len(scores), "scores"]

    assert hinging(compute, compute(), [1e-9] * 4) == [True, False, False, False]
