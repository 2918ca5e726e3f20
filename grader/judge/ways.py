"""The ways in which a call may be made, beside the plain one, in words."""

import contextlib
from collections.abc import Iterator

from grader.judge.compare import Mismatch
from grader.judge.student import StudentRaised
from grader.language import say
from grader.worker.invoke import (
    AGAIN,
    COMPUTED,
    DOUBLE,
    FIRST,
    LAST,
    NO_GRAD,
    PARAMETERS,
    TRANSPOSED,
    TWICE,
)

# Of a call, and of gradients: in which ways they are asked for, in the corners.
WAYS_OF_CALLS = (NO_GRAD, AGAIN, DOUBLE)
WAYS_OF_GRADIENTS = (COMPUTED, PARAMETERS, TWICE, TRANSPOSED, FIRST, LAST)


def in_words(way: str) -> str:
    """How a call was made: one of `worker.invoke.WAYS`, as a sentence."""
    sentences = {
        NO_GRAD: say("The call is made under `torch.no_grad()` here."),
        COMPUTED: say("The arguments are results of other computations here, and no leaves."),
        PARAMETERS: say("The arguments are of type `torch.nn.Parameter` here."),
        AGAIN: say("It is the second call: the same tensors were given before, and halved since."),
        DOUBLE: say("torch's default dtype is float64 here: the result has that of the arguments."),
        TWICE: say(
            "The gradient is asked for twice, with `retain_graph=True`: this is the second time."
        ),
        TRANSPOSED: say("The gradient that the result gets is not contiguous here."),
        FIRST: say("Only the first result counts here: the others get no gradient."),
        LAST: say("Only the last result counts here: the others get no gradient."),
    }
    return sentences[way]


@contextlib.contextmanager
def said_with(way: str) -> Iterator[None]:
    """Add to what does not agree within in which way it was asked for."""
    try:
        yield
    except (Mismatch, StudentRaised) as problem:
        raise problem.with_line(in_words(way)) from None
