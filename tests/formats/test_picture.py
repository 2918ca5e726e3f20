"""What `grade show N --plot` draws."""

import io
import math

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.formats import picture
from grader.picture import Curves, Exhibit, Heatmap


def drawn(exhibit: Exhibit, width: int = 80) -> str:
    """The drawing as a pipe gets it."""
    console = Console(file=io.StringIO(), width=width)
    picture.show(exhibit, console)
    return console.file.getvalue()


RISING = Curves({"up": (1.0, 10.0, 100.0), "down": (1.0, 0.1, 0.01)}, "layer", first=1, log=True)
FALLING = Curves({"up": (100.0, 10.0, 1.0)}, "layer", first=1, log=True)


def test_curves_rise_and_fall():
    """Each series has its mark, named below; values are placed by their exponent."""
    lines = drawn(Exhibit("Norms", RISING)).splitlines()
    grid = [line for line in lines if "|" in line]
    assert "1e+2" in grid[0]
    assert "o" in grid[0]
    assert "x" in grid[-1]
    assert grid[0].rindex("o") == grid[-1].rindex("x")
    assert any("o up" in line for line in lines)
    assert any("1 layer" in line and line.rstrip().endswith("3") for line in lines)


def test_the_students_picture_is_beside_the_references():
    """With room for both, they share lines; without, the second is below."""
    both = Exhibit("Norms", RISING, FALLING)
    assert any("reference" in line and "yours" in line for line in drawn(both).splitlines())
    narrow = drawn(both, width=50).splitlines()
    assert not any("reference" in line and "yours" in line for line in narrow)
    assert max(map(len, narrow)) <= 50


@pytest.mark.parametrize("values", [(), (math.nan, math.inf), (1.0,), (0.0, 0.0)])
@pytest.mark.parametrize("log", [True, False])
def test_odd_numbers_are_drawn_as_far_as_they_can_be(values, log):
    """No value, one value, equal values, nan and inf: there is a drawing, and no error."""
    assert "reference" in drawn(Exhibit("Odd", Curves({"odd": values}, "x", log=log)))


def test_a_heatmap_is_dark_where_numbers_are_small():
    """The least is a blank, the greatest an @; what the shades mean is said below."""
    text = drawn(Exhibit("Weights", Heatmap(((0.0, 1.0), (1.0, 0.5)), "queries", "keys")))
    assert "  @@\n" in text
    assert "rows: queries; columns: keys" in text
    assert "' ' is 0, '@' is 1" in text


def test_a_heatmap_fits_the_width():
    """A wide table is thinned out."""
    wide = Heatmap((tuple(range(500)),), "rows", "columns")
    assert max(map(len, drawn(Exhibit("Wide", wide)).splitlines())) <= 80


def test_a_heatmap_of_nothing():
    """A table without rows is no error."""
    assert "reference" in drawn(Exhibit("None", Heatmap((), "rows", "columns")))


def test_labels_in_chinese_take_the_room_that_they_need():
    """Characters of two columns push nothing out of line."""
    rising = Curves({"权重": (1.0, 2.0)}, "层", first=1)
    assert max(map(cell_len, drawn(Exhibit("范数", rising)).splitlines())) <= 80
