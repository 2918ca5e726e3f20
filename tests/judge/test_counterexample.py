"""How values are written for a person."""

import pytest
import torch

from grader.judge.explain.counterexample import describe, render
from grader.judge.student import Example, Record
from grader.wire import Stream
from grader.worker.invoke import Invocation


def test_small_tensors_are_written_out():
    """Values, shape and dtype stand on one line."""
    tensor = torch.tensor([[0.5, -1.0]])
    assert describe(tensor) == "[[ 0.5000, -1.0000]]  # (1, 2) float32"


@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 0), (1, 1), (3,), (2, 1), (1, 2, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool, torch.complex64])
def test_a_tensor_of_any_shape_can_be_written(shape, dtype):
    """Those without axes or elements too: a student may return them by mistake."""
    text = describe(torch.ones(shape).to(dtype))
    assert str(dtype).removeprefix("torch.") in text


def test_large_tensors_are_abridged():
    """A tensor that nobody would read is shown by its corners."""
    text = describe(torch.arange(50.0).expand(50, 50) / 8)
    assert "..." in text
    assert len(text.splitlines()) < 10


def test_many_equal_elements_are_one_line():
    """What shrank to zeros, ones or one value takes no lines that say nothing."""
    assert describe(torch.zeros(9, 3)) == "torch.zeros(9, 3)  # float32"
    assert describe(torch.ones(3, 2).double()) == "torch.ones(3, 2)  # float64"
    assert describe(torch.full((2, 5), 0.5)) == "torch.full((2, 5), 0.5)  # float32"
    assert describe(torch.zeros(9)) == "torch.zeros(9)  # float32"
    assert describe(torch.zeros(1, 1)) == "[[0.]]  # (1, 1) float32"
    assert "nan" in describe(torch.full((2, 2), torch.nan))
    assert describe(-torch.zeros(2, 2)) == "torch.full((2, 2), -0.0)  # float32"


def test_gradients_are_shown_with_their_parameters():
    """A parameter's `.grad` is part of the input that a person needs to see."""
    parameter = torch.ones(2, requires_grad=True)
    parameter.grad = torch.tensor([3.0, 4.0])
    text = describe([parameter])
    assert "with .grad [3., 4.]" in text


def test_what_is_not_contiguous_says_so():
    """A layout that matters can be seen."""
    assert "not contiguous" in describe(torch.ones(2, 3).T)


def test_backward_passes_show_what_they_send():
    """For hooks, the gradients that were sent are part of what a person needs to see."""
    call = Invocation(
        "hook", ([torch.ones(2)],), backwards=((torch.tensor([3.0, 4.0]),), (torch.zeros(2),))
    )
    text = render(Example([Record(call, None, None)]), {"hook": lambda parameters: None})
    assert "# then backward pass 1 sends\nsent = [tensor([3., 4.])]" in text
    assert "# then backward pass 2 sends" in text
    assert "# then the handles are removed, and the last pass runs again" in text


def test_a_call_that_is_too_large_to_paste_says_so():
    """By what is shown of it nobody could make it."""
    call = Invocation("f", (torch.arange(50.0).expand(50, 50) / 8,))
    text = render(Example([Record(call, None, None)]), {"f": lambda x: None})
    assert text.startswith("f(\n    x = ")
    assert text.endswith("(too large to paste: `grade debug` runs this call)")


def test_generators_are_named():
    """What the student gets as a generator is shown as one."""
    assert describe(Stream((torch.ones(1),))).startswith("a generator of")


def test_print_options_are_put_back():
    """Describing a value leaves torch's own printing as it was."""
    before = str(torch.tensor([1 / 3]))
    describe(torch.tensor([1 / 3]))
    assert str(torch.tensor([1 / 3])) == before
