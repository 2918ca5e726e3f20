"""What somebody who waits for feedback can rely on: the input that failed, tried again."""

import contextlib

import pytest

from grader.judge.effort import Effort
from grader.judge.grading import Grading
from grader.submission import text as submission

RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return 3 * x\n"
VALUES = '''
@pytest.mark.points(60)
@given(cases())
def test_values(student, reference, case):
    """Every element is doubled."""
    agree(student.double(case), reference.double(case))
'''
PLAIN = '''
@pytest.mark.points(40)
def test_one(student):
    """One becomes two."""
    one = torch.ones(1, 1, dtype=torch.float64)
    agree(student.double(one), 2 * one)
'''
DRAWING = '''
@pytest.mark.points(60)
@given(st.data())
def test_drawn(student, reference, data):
    """Whatever is drawn is doubled."""
    case, factor = data.draw(cases()), data.draw(st.sampled_from([1.0, -1.0]))
    agree(student.double(factor * case), reference.double(factor * case))
'''


@pytest.fixture
def begun(tiny):
    """`begun(answer, properties)`: a grading that has a worker."""
    with contextlib.ExitStack() as stack:

        def begin(answer, properties, effort=Effort.FULL):
            path = tiny.folder / "answer.py"
            path.write_text(answer)
            grading = Grading(
                tiny.exercise(properties),
                submission.read(path),
                device="cpu",
                forkserver=tiny.forkserver,
                effort=effort,
            )
            stack.callback(grading.close)
            grading.start()
            return grading

        yield begin


@pytest.mark.slow
@pytest.mark.parametrize("properties", [VALUES, PLAIN, DRAWING], ids=["given", "plain", "data"])
def test_what_failed_fails_until_it_is_mended(begun, properties):
    """The same answer fails on it with the same words; one that is right holds."""
    first = begun(WRONG, properties)
    first.run()
    (failed,) = first.report().properties
    again = begun(WRONG, properties).retry(first.harness.falsified)
    assert (again.name, again.title, again.status) == (failed.name, failed.title, "failed")
    assert (again.message, again.counterexample) == (failed.message, failed.counterexample)
    mended = begun(RIGHT, properties).retry(first.harness.falsified)
    assert (mended.status, mended.message, mended.counterexample) == ("passed", None, None)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ("def double(x):\n    raise ValueError('no')\n", "error", "ValueError: no"),
        ("import os\ndef double(x):\n    os._exit(3)\n", "error", "ended the whole process"),
        ("def twice(x):\n    return 2 * x\n", "failed", "has no function `double`"),
    ],
)
def test_an_answer_may_fail_in_another_way(begun, answer, status, said):
    """An answer that raises, dies or lacks the function still fails on it, and that is said."""
    first = begun(WRONG, VALUES, Effort.VERDICT)
    first.run()
    again = begun(answer, VALUES).retry(first.harness.falsified)
    assert again.status == status
    assert said in again.message


def test_a_property_that_has_changed_tells_nothing(begun):
    """Where the property is gone, or takes something else, there is no result."""
    first = begun(WRONG, VALUES, Effort.VERDICT)
    first.run()
    for changed in (PLAIN, VALUES.replace("case", "x").replace("xs()", "cases()")):
        assert begun(WRONG, changed).retry(first.harness.falsified) is None


@pytest.mark.slow
def test_the_grade_does_not_depend_on_it(begun):
    """A grading gives the same report with and without; also for code that counts its calls, and
    prints."""
    source = """
calls = 0

def double(x):
    global calls
    calls += 1
    print(calls)
    return 2 * x if calls < 12 else 3 * x
"""
    first = begun(WRONG, VALUES + PLAIN, Effort.VERDICT)
    first.run()
    reports = []
    for retries in (0, 5):
        grading = begun(source, VALUES + PLAIN)
        for _ in range(retries):
            grading.retry(first.harness.falsified)
        grading.run()
        reports.append(grading.report())
    plain, retried = (
        [(p.name, p.status, p.message, p.counterexample) for p in r.properties] for r in reports
    )
    assert plain == retried
    assert reports[0].printed == reports[1].printed
