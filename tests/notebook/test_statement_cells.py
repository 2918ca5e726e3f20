"""Statements as Markdown that shows what their authors wrote."""

import pytest

from grader.notebook.markdown import document, inline


def test_paragraphs_are_prose_and_formulas_are_code():
    """Formulas keep their lines and columns; several in a row are one block."""
    text = """\
A query asks,
every key answers.

    scores = q . k
    weights = softmax

      (over the keys)

Source: Vaswani et al."""
    assert document(text) == (
        "A query asks, every key answers.\n\n"
        "```text\nscores = q . k\nweights = softmax\n\n  (over the keys)\n```\n\n"
        "Source: Vaswani et al."
    )


def test_a_formula_needs_no_blank_line_before_it():
    """As authors of other courses may write."""
    assert document("It is:\n    x = 1\nand so on") == "It is:\n\n```text\nx = 1\n```\n\nand so on"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("every |u| * 2 <b> & [x](y)", r"every \|u\| \* 2 \<b\> \& \[x\](y)"),
        ("#1 ~a~ $z$ \\n", r"\#1 \~a\~ \$z\$ \\n"),
        ("as `beam_width` says", "as `beam_width` says"),
        ("in clip_grad_norm_ of torch.nn.utils.", "in `clip_grad_norm_` of `torch.nn.utils`."),
        ("logits = h w_hq + b_q.", "logits = h `w_hq` + `b_q`."),
        ("norm1 and self_attn.out_proj.weight.", "norm1 and `self_attn.out_proj.weight`."),
        ("nn.RNN's weights", "`nn.RNN`'s weights"),
        ("see https://a.org/b_c.html, below", "see <https://a.org/b_c.html>, below"),
        ("(https://a.org/x).", "(<https://a.org/x>)."),
        ("in e.g. 2.3; 1e-6 and 3.14", "in e.g. 2.3; 1e-6 and 3.14"),
        ("a lone ` tick", r"a lone \` tick"),
        ("用torch.nn.GRU来算", "用`torch.nn.GRU`来算"),
    ],
)  # fmt: skip
def test_nothing_is_taken_for_markup(text, markdown):
    """Signs are escaped; names of code and addresses look like what they are."""
    assert inline(text) == markdown


def test_lists_stay_lists():
    """And their items are escaped like all else."""
    assert document("- a *b*\n  goes on\n- c\n\n1. one\n2. two") == (
        "- a \\*b\\*\n  goes on\n- c\n\n1. one\n2. two"
    )


def test_lines_of_chinese_are_joined_without_a_space():
    """Between words of other scripts there is one."""
    assert document("每个值\n占多大分量。\nsoftmax\n变成") == "每个值占多大分量。 softmax 变成"
