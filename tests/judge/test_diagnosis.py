"""When a mistake is named, and when it is not."""

import pytest

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


def named(tiny, answer):
    report = tiny.grade(answer, PROPERTIES, MISCONCEPTIONS)
    assert report.score == 0
    return report.misconception and report.misconception.name


@pytest.mark.slow
def test_a_known_mistake_is_named(tiny):
    """The misconception that gives what the student gives is named, however it is written."""
    assert named(tiny, "def double(x):\n    return x ** 2\n") == "Squared"
    assert named(tiny, "def double(x):\n    return x + x + x\n") == "Tripled"


@pytest.mark.slow
def test_an_unknown_mistake_is_not_named(tiny):
    """No diagnosis is better than a wrong one."""
    assert named(tiny, "def double(x):\n    return 4 * x\n") is None
    assert named(tiny, "def double(x):\n    return x * x + 1e-3\n") is None


def test_a_mistake_on_some_inputs_only_is_not_named(tiny):
    """A misconception must explain every call that tells it from the reference."""
    answer = "def double(x):\n    return x * x if x.shape[0] > 2 else 3 * x\n"
    assert named(tiny, answer) is None


def test_a_right_answer_is_not_diagnosed(tiny):
    """Full marks come without a diagnosis."""
    report = tiny.grade("def double(x):\n    return 2 * x\n", PROPERTIES, MISCONCEPTIONS)
    assert report.misconception is None
