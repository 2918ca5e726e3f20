"""What the reverse check of the diagnosis counts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.judge.explain.diagnosis import Named, Witness, Wrong, functions_of, observed
from grader.judge.prove.names import Asked, measure
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
'''
WRONG = '''
class CubesIt:
    """Cubes each element."""
    def double(x):
        return x * x * x


class SquaresAgain:
    """Squares by a power."""
    def double(x):
        return x ** 2


class ForMeOnly:
    """Right, but with a wave on it."""
    def double(x):
        return 2 * x + x.sin()
'''


@pytest.fixture
def exercise(tiny):
    """An exercise whose room holds a misconception and three other wrong answers."""
    found = tiny.exercise(PROPERTIES, MISCONCEPTIONS)
    (found.room / "wrong.py").write_text(WRONG)
    return found


def told(exercise, asked):
    (names,) = measure([exercise], 1, asked)
    return names, {each.answer: (each.named, each.is_right) for each in names.told}


@pytest.mark.slow
def test_known_answers_are_told_what_they_are(exercise):
    """An answer that does what a misconception does is told that; one that only its author can
    read of is told nothing."""
    names, found = told(exercise, Asked.KNOWN)
    assert found == {
        "Squared": ("Squared", True),
        "cubes_it": ("cubes_it", True),
        "squares_again": ("Squared", True),
        "for_me_only": (None, False),
    }
    assert (names.right, len(names.wrong), len(names.unnamed), names.passed) == (3, 0, 1, 0)


@pytest.mark.slow
def test_an_answer_that_nobody_foresaw_is_told_nothing_else(exercise):
    """Without itself in the room, an answer is told what does the same, or nothing."""
    _, found = told(exercise, Asked.NOVEL)
    assert found["Squared"] == ("squares_again", True)
    assert found["cubes_it"] == (None, False)


@pytest.mark.slow
def test_mutants_are_told_what_they_are(exercise):
    """`x + x` made `x - x` is zero, and told so."""
    _, found = told(exercise, Asked.MUTANTS)
    assert ("Zero", True) in found.values()
    assert all(holds for name, holds in found.values() if name)


def test_a_name_that_the_answer_does_not_bear_out_is_wrong():
    """A name counts as right only where its mistake does what the answer does, everywhere."""
    import torch

    from grader.judge.prove.names import _is_right
    from grader.judge.wrong import WrongAnswer

    right = functions_of("def double(x):\n    return x + x\n", Path("right.py"))
    squared = functions_of("def double(x):\n    return x * x\n", Path("squared.py"))
    suspect = Wrong("Squared", "You square.", squared, "squared")
    named = Named("Squared", "You square.", (suspect,))

    def seen(answer):
        for values in ([1.0, 3.0], [-2.0, 5.0]):
            call = Invocation("double", (torch.tensor(values, dtype=torch.float64),))
            yield Witness(observed(answer, call), observed(right["double"], call))

    for answer, holds in ((lambda x: x**2, True), (lambda x: x.abs() * x, False)):
        witnesses = list(seen(answer))
        assert _is_right(WrongAnswer("it", "", "other"), named, lambda w=witnesses: w) is holds


@pytest.mark.slow
def test_the_command_prints_the_table(exercise):
    """`grade validate --names` counts, and says which answers have no name; then the shares."""
    result = CliRunner().invoke(
        app, ["validate", "1", "--names", "-j", "1", "--course", f"{exercise.course}"]
    )
    assert result.exit_code == 0, result.output
    assert "for_me_only is not named" in result.output
    table, _, shares = result.output.partition("\n\n")
    assert table.split()[-5:] == ["all", "3", "0", "1", "0"]
    assert shares == (
        "Named right: 3 of 4 (75.0%) wrong answers, 1 of 1 (100.0%) misconceptions,"
        " 2 of 3 (66.7%) others.\nNamed wrong: 0. Not named: 1.\n"
    )
