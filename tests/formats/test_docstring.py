"""How statements fit a narrow screen: every one of the course, at any width."""

import re

import pytest
from rich.cells import cell_len

from grader.course import model as course
from grader.formats.docstring import fitted
from grader.language import speaking
from grader.learner import statement

COURSE = course.load(course.bundled())


def words(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_statement_fits_and_loses_nothing(width, language):
    """No line is wider than the screen, and every word is there, in its order."""
    with speaking(language):
        texts = [str(statement.of(exercise)) for exercise in COURSE.exercises]
    for text in texts:
        lines = fitted(text, width)
        assert max(map(cell_len, lines.split("\n"))) <= width
        # Beside a formula, what is said of it may move to the line of its first half.
        assert sorted(words(lines)) == sorted(words(text))


def test_what_fits_is_left_alone():
    """An author's own lines stay as they are where there is room for them."""
    text = str(statement.of(COURSE.exercise("1")))
    assert fitted(text, 200) == text


def test_a_paragraph_is_filled():
    """No short line follows a long one, and a sentence on a line of its own keeps it."""
    text = (
        "    x: (N, D), a batch of inputs; h, c: (N, H), the state before\n"
        "    the step, and nothing else.\n"
        "    Returns (h', c'), each (N, H)."
    )
    assert fitted(text, 50).split("\n") == [
        "    x: (N, D), a batch of inputs; h, c: (N, H),",
        "    the state before the step, and nothing else.",
        "    Returns (h', c'), each (N, H).",
    ]


def test_what_is_said_beside_a_formula_has_its_own_column():
    """It wraps there; the formulas stay lines of their own, signs of equality below each other."""
    text = (
        "    g       = tanh(g)                   the candidate: what might be remembered\n"
        "    c'      = f * c + i * g\n"
        "    h'      = o * tanh(c')              what is shown"
    )
    assert fitted(text, 60).split("\n") == [
        "    g       = tanh(g)       the candidate: what might be",
        "                            remembered",
        "    c'      = f * c + i * g",
        "    h'      = o * tanh(c')  what is shown",
    ]


def test_a_formula_with_no_room_beside_it_has_the_words_below():
    """Words in a sliver of a column would be hard to read."""
    text = "    norm = sqrt(sum of the squares of all elements)   the Frobenius norm"
    assert fitted(text, 60).split("\n") == [
        "    norm = sqrt(sum of the squares of all elements)",
        "            the Frobenius norm",
    ]


def test_a_signature_breaks_between_parameters():
    """Never within a type."""
    text = (
        "def run(x: Tensor, layers: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]\n"
        "    Run it."
    )
    assert fitted(text, 50).split("\n") == [
        "def run(x: Tensor,",
        "        layers: list[tuple[Tensor, Tensor]])",
        "        -> tuple[Tensor, Tensor]",
        "    Run it.",
    ]
