"""Strangers' text is fit for any format, and no longer than there is room for."""

import json
from xml.etree import ElementTree

import pytest
from samples import NASTY

from grader.formats.text import clip, fitted
from grader.report import clean


def test_clean_text_can_go_anywhere():
    """What is left is UTF-8 and XML, and steers no terminal."""
    text = clean(NASTY)
    text.encode()
    element = ElementTree.Element("a")
    element.text = text
    assert ElementTree.fromstring(ElementTree.tostring(element)).text == text
    assert json.loads(json.dumps(text, ensure_ascii=False)) == text
    assert not set("\x1b\x00\r\x85\u202e\ud800") & set(text)


def test_plain_text_stays_as_it_is():
    """Accents, Chinese, mathematics and line ends pass."""
    text = "é 注意力 ≤ ∂\n  indented\n"
    assert clean(text) == text


@pytest.mark.parametrize("most", [0, 1, 10, 100, 500])
def test_clipped_text_has_at_most_that_many_characters(most):
    """Also where the remark on what was cut has no room."""
    assert len(clip("x" * 1000, most)) <= most
    assert clip("x" * most, most) == "x" * most


def test_a_cut_is_said():
    """Whoever reads a part knows that there is more."""
    assert clip("x" * 1000, 100).endswith("(cut: 1000 characters in all)")


def test_a_fitted_text_shows_as_much_as_there_is_room_for():
    """The limit counts bytes, and the greatest length that fits is taken."""
    seen = fitted(lambda length: "é" * length, 50_000)
    assert seen == "é" * 20_000
    assert fitted(lambda length: "é" * length, 0) == ""
