"""Exercise 2: what any right answer obeys."""

import pytest
import torch

from grader.judge.compare import agree


@pytest.mark.points(100)
def test_negative(student, reference):
    """Every element is the negative of what it was."""
    x = torch.tensor([1.0, -2.0, 3.0])
    agree(student.negate(x), reference.negate(x))
