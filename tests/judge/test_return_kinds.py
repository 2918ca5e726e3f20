"""What comes back is named, and what should have: with the names that the statement gives."""

import pytest
from quality import sample

from grader.course import model as course
from grader.judge.effort import Effort
from grader.learner import statement

REFERENCE = (course.bundled() / "solutions/ex03_attention_scoring/reference.py").read_text()
RETURN = "    return weights @ values, weights"
NAMES = "`output`, `weights`"
CLASS = "import dataclasses\n@dataclasses.dataclass\nclass Out:\n    a: Tensor\n    b: Tensor\n"
# How `attention` ends, and what is said of it.
KINDS = {
    "pass": ("None", "a tuple of 2", "forget `return`"),
    "return": ("None", "forget `return`"),
    "print(weights)": ("None", "forget `return`"),
    "result = weights @ values, weights": ("None", "forget `return`"),
    "yield weights @ values": ("generator", "`yield`"),
    "return (x for x in (weights, weights))": ("generator", "`return`"),
    "return map(abs, (weights, weights))": ("map", "tuple(...)"),
    "return iter((weights, weights))": ("tuple_iterator", "tuple(...)"),
    "return Out(weights @ values, weights)": ("a dataclass, Out", "a plain tuple"),
    "return weights.numpy(), weights.numpy()": ("ndarray", "torch.as_tensor"),
    "return weights, weights.sum().numpy()[()]": ("`weights` is a float", "a tensor"),
    "return weights, weights.float().sum().numpy()[()]": ("float32", "torch.as_tensor"),
    "return {weights}": ("set", "should return a tuple of 2"),
    "return lambda: 1": ("function", "brackets"),
    "return weights.sum": ("method", "brackets"),
    "return Tensor": ("should return a tuple of 2",),
    "return ValueError('x')": ("ValueError",),
    "return torch.nn.Linear(1, 1)": ("Linear",),
    "return weights.to_sparse()": ("not dense",),
    "return weights": ("a tensor", "a tuple of 2"),
    "return [weights]": ("a list of 1", "a tuple of 2"),
    "return weights, weights, weights": ("a tuple of 3", "a tuple of 2"),
    "return {'output': weights, 'weights': weights}": ("a dict", "a tuple of 2"),
    "return 'done'": ("a str", "a tuple of 2"),
    "return 1.0": ("a float", "a tuple of 2"),
    "return True": ("a bool", "a tuple of 2"),
    "return weights @ values, None": ("`weights` is None", "a tensor"),
    "return weights @ values, 3": ("`weights` is an int", "a tensor"),
    "return weights @ values, weights.tolist()": ("`weights` is a list", "a tensor"),
    "return weights @ values, weights[0]": ("`weights` has shape",),
    "return weights @ values, weights.half()": ("`weights` has dtype float16",),
}

# Those whose mistake is looked for too, as in any grading; of the others the message is known
# before.
IN_FULL = sample(KINDS, 8)


@pytest.mark.parametrize("ending", KINDS)
def test_a_result_of_another_kind_is_named(ending, grade_source):
    """What came back, what should have, what the parts are called, and often what to do."""
    text = REFERENCE.replace(RETURN, f"    {ending}")
    text = text.replace("def attention_scores", f"{CLASS}\n\ndef attention_scores")
    quick = {} if ending in IN_FULL else {"effort": Effort.VERDICT, "first": ["test_output"]}
    report = grade_source("3", text, speed=False, **quick)
    message = next(p.message for p in report.properties if p.name == "test_output")
    assert all(part in message for part in KINDS[ending]), message
    assert NAMES in message
    assert quick or 0 < report.score < 20  # that of the other function


@pytest.mark.parametrize(
    ("ending", "said"),
    {
        "return": ("None", "a tensor", "forget `return`"),
        "return scores, scores": ("a tuple of 2", "a tensor"),
        "return scores.numpy()": ("ndarray", "should return a tensor"),
        "return scores.tolist()": ("a list", "a tensor"),
        "return scores[0]": ("has shape",),
        "return 3": ("an int", "a tensor"),
    }.items(),
)
def test_a_result_of_one_part_is_named(ending, said, grade_source):
    """So it is where a single tensor should come back."""
    text = REFERENCE.replace("    return queries @", "    scores = queries @")
    text = text.replace("math.sqrt(d)\n", f"math.sqrt(d)\n    {ending}\n")
    first = grade_source("3", text, speed=False, effort=Effort.VERDICT).properties[0]
    assert first.status == "failed"
    assert all(part in first.message for part in said), first.message


def test_a_coroutine_is_named(grade_source):
    """An `async def`, of which Python's own warning is not printed in the student's name."""
    report = grade_source(
        "3", REFERENCE.replace("def attention(", "async def attention("), speed=False
    )
    message = next(p.message for p in report.properties if p.name == "test_output")
    assert "coroutine" in message
    assert "write `def`" in message
    assert report.printed == ""


@pytest.mark.parametrize(
    ("name", "function", "names"),
    [
        ("lstm_step", "lstm_step", ["h'", "c'"]),
        ("attention_scoring", "attention", ["output", "weights"]),
        ("attention_scoring", "attention_scores", []),
        ("lstm_forward", "lstm_forward", ["output", "(h_n, c_n)"]),
        ("corr2d", "corr2d", []),
        ("clip_grad_value", "no_such_function", []),
    ],
)
def test_the_names_are_the_statements(name, function, names):
    """They stand behind `Returns`; a shape there is no name."""
    exercise = course.find(course.bundled()).exercise(name)
    assert statement.result_names(exercise, function) == names


WRAPPED = """
import functools
import torch


def filled(function):
    @functools.wraps(function)
    def wrapper(queries, keys, values=None):
        return function(queries, keys, keys if values is None else values)

    return wrapper


"""


@pytest.mark.slow
def test_a_decorated_function_takes_what_its_wrapper_takes(grade_source):
    """`functools.wraps` shows the signature of the inner function, which is not the one called."""
    source = REFERENCE.replace("def attention(", "@filled\ndef attention(")
    head, rest = source.split("import math", 1)
    report = grade_source("3", f"{head}import math\n{WRAPPED}{rest}", speed=False)
    assert report.score == 100, [p.message for p in report.properties if p.message]
