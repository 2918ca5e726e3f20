"""When a mistake is named, and when it is not."""

import pytest
import torch

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.explain import diagnosis
from grader.judge.explain.diagnosis import observed
from grader.judge.wrong import wrong_answers
from grader.worker.invoke import Invocation

PROPERTIES = """
@pytest.mark.points(100)
@given(cases())
def test_values(student, reference, case):
    \"\"\"Every element is doubled.\"\"\"
    agree(student.double(case), reference.double(case))
"""
MISCONCEPTIONS = '''
class Squared:
    """You seem to square; double instead."""
    caught_by = "test_values"
    def double(x):
        return x * x


class Tripled:
    """You seem to triple; double instead."""
    caught_by = "test_values"
    def double(x):
        return 3 * x
'''


# A property that fails on nothing but zeros, and one that is skipped then.
NEEDING = """
@pytest.mark.points(50)
def test_zeros(student):
    \"\"\"Zeros stay zeros.\"\"\"
    agree(student.double(torch.zeros(2)), torch.zeros(2))

@pytest.mark.points(50)
@pytest.mark.needs("test_zeros")
@given(cases())
def test_values(student, reference, case):
    \"\"\"Every element is doubled.\"\"\"
    agree(student.double(case), reference.double(case))
"""
OFFSETS = '''
class PlusOne:
    """You seem to add one."""
    caught_by = "test_zeros"
    def double(x):
        return x + 1


class TwicePlusOne:
    """You seem to add one after doubling."""
    caught_by = "test_zeros"
    def double(x):
        return 2 * x + 1
'''
TWO_OPTIONS = """
def double(x, negate=False, halve=False):
    result = x + x
    if negate:
        result = -result
    if halve:
        result = result / 2
    return result
"""
OPTIONS = """
@pytest.mark.points(100)
@given(cases(), st.booleans(), st.booleans())
def test_options(student, reference, case, negate, halve):
    \"\"\"Both options do what they say.\"\"\"
    agree(student.double(case, negate, halve), reference.double(case, negate, halve))
"""
WRONG_OPTIONS = '''
class Absolute:
    """You seem to take the absolute value of what is to be negated."""
    caught_by = "test_options"
    def double(x, negate=False, halve=False):
        result = x + x
        if negate:
            result = result.abs()
        if halve:
            result = result / 2
        return result


class Thirds:
    """You seem to divide by three."""
    caught_by = "test_options"
    def double(x, negate=False, halve=False):
        result = x + x
        if negate:
            result = -result
        if halve:
            result = result / 3
        return result
'''


def named(tiny, answer, properties=PROPERTIES, misconceptions=MISCONCEPTIONS, *reference):
    report = tiny.grade(answer, properties, misconceptions, *reference, effort=Effort.NAMED)
    assert report.score < report.max_score
    return report.misconception and report.misconception.name


def test_a_known_mistake_is_named(tiny):
    """The misconception that gives what the student gives is named, however it is written."""
    assert named(tiny, "def double(x):\n    return x ** 2\n") == "Squared"
    assert named(tiny, "def double(x):\n    return x + x + x\n") == "Tripled"


def test_an_unknown_mistake_is_not_named(tiny):
    """No diagnosis is better than a wrong one."""
    assert named(tiny, "def double(x):\n    return x * x + 1e-3\n") is None
    assert named(tiny, "def double(x):\n    return x * x * x\n") is None


def test_a_mistake_on_some_inputs_only_is_not_named(tiny):
    """A misconception must explain every call that tells it from the reference."""
    answer = "def double(x):\n    return x * x if x.shape[0] > 2 else 3 * x\n"
    assert named(tiny, answer) is None


def test_a_right_answer_is_not_diagnosed(tiny):
    """Full marks come without a diagnosis."""
    report = tiny.grade("def double(x):\n    return 2 * x\n", PROPERTIES, MISCONCEPTIONS)
    assert report.misconception is None


@pytest.mark.slow
def test_what_was_skipped_is_asked(tiny):
    """Where the one property that fails shows little, probes of the others decide."""
    answer = "def double(x):\n    return {} + 1\n"
    assert named(tiny, answer.format("x"), NEEDING, OFFSETS) == "PlusOne"
    assert named(tiny, answer.format("2 * x"), NEEDING, OFFSETS) == "TwicePlusOne"
    assert named(tiny, answer.format("x * x"), NEEDING, OFFSETS) is None


def test_two_that_nothing_tells_apart_are_told_as_such(tiny):
    """Two mistakes that give the same on all that the properties ask are both named."""
    only_zeros = NEEDING.partition("\n\n@pytest.mark.points")[0]
    answer = "def double(x):\n    return 2 * x + 1\n"
    assert named(tiny, answer, only_zeros, OFFSETS) == "PlusOne or TwicePlusOne"


def test_two_mistakes_are_both_named(tiny):
    """Where each call shows one of two known mistakes, or both together, both are told."""
    both = TWO_OPTIONS.replace("-result", "abs(result)").replace("/ 2", "/ 3")
    given = OPTIONS, WRONG_OPTIONS, TWO_OPTIONS
    assert named(tiny, both, *given) in ("Absolute and Thirds", "Thirds and Absolute")
    other = TWO_OPTIONS.replace("-result", "abs(result)").replace("/ 2", "/ 5")
    assert named(tiny, other, *given) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "name", "shown_by"),
    [("1", "cell_changed", "test_inputs"), ("56", "consumes", "test_tokens")],
)
def test_who_writes_to_an_argument_is_named(number, name, shown_by, grade_source):
    """All results are right, so it is told from others by what it writes to: a tensor, a list."""
    (wrong,) = (
        each
        for each in wrong_answers(course.find(course.bundled()).exercise(number).room)
        if each.name == name
    )
    report = grade_source(number, wrong.source, effort=Effort.NAMED, only=shown_by)
    assert report.misconception.name == name


@pytest.mark.slow
@pytest.mark.parametrize("weighted", ["-2", "-1"])
def test_a_mistake_that_does_not_reach_the_next_function_is_named(weighted, grade_source):
    """Who writes the scores out again makes a mistake in one place alone, or another in each."""
    answer = f"""
import torch


def attention_scores(queries, keys):
    return queries @ keys.mT


def attention(queries, keys, values):
    weights = torch.softmax(queries @ keys.mT / queries.shape[-1] ** 0.5, dim={weighted})
    return weights @ values, weights
"""
    told = grade_source("3", answer, speed=False, effort=Effort.NAMED).misconception
    assert told.name == ("Unscaled and SoftmaxOverQueries" if weighted == "-2" else "Unscaled")


def test_probes_lie_in_general_position(tiny, forkserver):
    """Of each kind of call the first probe is the one in which least coincides by chance."""
    from grader.judge.explain.probes import off_position
    from grader.judge.grading import Grading
    from grader.submission import text

    exercise = tiny.exercise(PROPERTIES)
    path = tiny.folder / "answer.py"
    path.write_text("def double(x):\n    return x\n")
    grading = Grading(exercise, text.read(path), device="cpu", forkserver=forkserver)
    try:
        grading.start()
        found = grading.case().probes()
    finally:
        grading.close()
    assert found
    assert off_position(found[0].call) < 0.2
    assert len(set(found[0].call.args[0].shape)) == 2


@pytest.mark.parametrize(
    "leaves",
    [
        "torch.set_grad_enabled(False)",
        "torch.set_default_dtype(torch.float64)",
        "torch.manual_seed(3)",
        "torch.inference_mode().__enter__()",
        "torch.set_default_device('meta')",
    ],
)
def test_a_known_mistake_leaves_the_judge_as_it_was(leaves):
    """Mistakes are tried in the judge's own process, which goes on to grade right answers."""
    space = {"torch": torch}
    exec(f"def double(x):\n    {leaves}\n    return 2 * x\n", space)
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    before = torch.get_default_dtype(), torch.default_generator.get_state()
    call = Invocation("double", (x,), cotangents=(torch.ones(2, dtype=torch.float64),))
    observed(space["double"], call)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    assert torch.get_default_dtype() == before[0]
    assert torch.equal(torch.default_generator.get_state(), before[1])
    assert torch.ones(1).device.type == "cpu"


def test_a_known_mistake_that_grows_without_end_is_ended(monkeypatch):
    """It is tried on calls that others made, in the judge's own process."""
    monkeypatch.setattr(diagnosis, "MOST_SECONDS", 0.2)

    def endless(x):
        grown = [x]
        while grown:
            grown.append(len(grown))

    record = observed(endless, Invocation("endless", (torch.ones(2),)))
    assert record.raised == "TimeoutError"
