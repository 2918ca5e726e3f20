"""The report as Markdown, read by a CommonMark parser with GitHub's tables."""

import pytest
from markdown_it import MarkdownIt
from samples import EVERY, NASTY, report, result

from grader.formats import markdown
from grader.report import PropertyStatus, Status, clean

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text):
    """Every token of the page, those inside of lines too."""
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def plain(token):
    """The text that a reader sees."""
    return "".join(child.content for child in token.children)


@pytest.mark.parametrize("kind", EVERY)
def test_hostile_text_is_only_text(kind):
    """No HTML, no link, no image comes out of what others wrote."""
    found = {token.type for token in tokens(markdown.render_all([EVERY[kind]]))}
    assert not {"html_inline", "html_block", "link_open", "image"} & found


def test_code_is_shown_as_it_is():
    """Messages and prints stand in fences that nothing in them closes."""
    page = markdown.render_all([EVERY["nasty"]])
    fences = [token.content for token in PARSER.parse(page) if token.type == "fence"]
    assert any(fence.startswith(clean(NASTY)) for fence in fences)
    assert len(fences) == 2


def test_titles_are_read_as_they_were_written():
    """Underscores, stars, bars and code in backticks come through, in headings and in tables."""
    title = "Keys of `a|b` are *not* a_b_c <i> | [x](y) & ~~z~~"
    page = markdown.render_all(
        [
            report(
                Status.PARTIAL,
                title=title,
                properties=(result(PropertyStatus.FAILED, title=title),),
            )
        ]
    )
    inlines = [token for token in PARSER.parse(page) if token.type == "inline"]
    shown = title.replace("`", "")
    assert f"Exercise 3. {shown}: 50 / 100, partial" in [plain(token) for token in inlines]
    assert [plain(token) for token in inlines].count(shown) == 2  # its row, its heading


def test_an_assignment_begins_with_the_scores():
    """The sum, then a row for each exercise."""
    page = markdown.render_all([report(), report(Status.PARTIAL, number=4, title="Other")])
    assert page.startswith("# 150 / 200\n")
    assert "| Exercise 4. Other | 50 / 100, partial |" in page


def test_one_exercise_says_what_to_mend():
    """The diagnosis, the properties with their points, the counterexample, the next step."""
    page = markdown.render_all([EVERY["partial"]])
    for part in (
        "## Exercise 3. Attention scoring: 50 / 100, partial",
        "**→ Divide by sqrt(d).**",
        "| ✗ | 0/50 | It is failed. |",
        "f(\n    x = 1\n)",
        "For a nudge: grade hint 3",
    ):
        assert part in page


def test_what_could_not_be_graded_shows_no_properties():
    """The reason alone: none of its points count."""
    page = markdown.render_all([EVERY["ungraded"]])
    assert "The grader itself is at fault here" in page
    assert "It is passed." not in page
