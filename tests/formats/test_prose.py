"""How prose is broken into lines, also where no spaces say where."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.formats.prose import broken, prose

CHINESE = (
    "你的分数似乎没有缩放：要除以 sqrt(d)，d 是查询的长度（见 queries 的最后一轴）。“如此而已”。"
)


def printed(text: str, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(prose(text))
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [12, 20, 31, 80])
def test_chinese_fills_its_lines(width):
    """Lines are as wide as there is room, lose nothing, and begin with no closing punctuation."""
    lines = list(broken(CHINESE, width))
    assert "".join(lines).replace(" ", "") == CHINESE.replace(" ", "")
    assert max(map(cell_len, lines)) <= width
    assert all(cell_len(line) > width - 12 for line in lines[:-1])  # a word may not fit
    assert not any(line[0] in "，。：；、）”" for line in lines)
    assert not any(line[-1] in "（“" for line in lines)


def test_names_stay_whole():
    """What is written with letters is not cut, unless no line could hold it."""
    lines = list(broken("每个查询用 scaled_dot_product 打分", 20))
    assert "scaled_dot_product" in lines
    assert list(broken("甲abcdefghij乙", 4)) == ["甲", "abcd", "efgh", "ij乙"]


def test_indentation_and_empty_lines_are_kept():
    """A formula keeps its place, and a blank line stays one."""
    assert printed("题目\n\n    y = x    四个块", 40) == ["题目", "", "    y = x    四个块"]


def test_english_is_broken_at_spaces():
    """English is printed as it always was."""
    lines = [line.rstrip() for line in printed("one two three\n  four", 9)]
    assert lines == ["one two", "three", "  four"]
