"""Wrong answers told by what differs from the reference, and the programs that they stand for."""

import re

import pytest

from grader.course import model as course
from grader.errors import UsageError
from grader.judge.explain import diagnosis
from grader.judge.prove.validate import validate
from grader.judge.wrong import misconceptions, wrong_answers

REFERENCE = '''
"""The reference."""

FACTOR = 2


def doubled(x):
    """Twice x."""
    # Each of them.
    y = _times(x, FACTOR)  # not in place
    if y is None:
        y = 0
    return y


def _times(x, factor):
    y = x
    y = y * factor

    return y
'''


@pytest.fixture
def room(tmp_path):
    """`room(text)` is a room whose wrong.py holds `text`."""

    def with_wrong(text, name="wrong.py"):
        (tmp_path / "reference.py").write_text(REFERENCE)
        (tmp_path / name).write_text(text)
        return tmp_path

    return with_wrong


def only(folder):
    """The one wrong answer of a room, run."""
    (told,) = wrong_answers(folder)
    module = {}
    exec(told.source, module)
    return module


def diff(*lines):
    return (
        "class Other:\n    '''Says.'''\n    diff = '''\n    " + "\n    ".join(lines) + "\n    '''\n"
    )


def test_a_class_defines_only_what_differs(room):
    """A function, a helper or a constant takes the place of the reference's; the rest stays."""
    function = "class Other:\n    def doubled(x):\n        return _times(x, 3)\n"
    assert only(room(function))["doubled"](5) == 15
    helper = "class Other:\n    def _times(x, factor):\n        return x - factor\n"
    assert only(room(helper))["doubled"](5) == 3
    assert only(room("class Other:\n    FACTOR = 7\n"))["doubled"](5) == 35


def test_a_diff_changes_lines_of_the_reference(room):
    """Wherever they stand, and comments of the reference aside."""
    text = diff("- y = _times(x, FACTOR)", "+ y = _times(x, FACTOR) + 1")
    assert only(room(text))["doubled"](5) == 11
    text = diff("- y = _times(x, FACTOR)", "- if y is None:", "-     y = 0", "+ y = 0")
    assert only(room(text))["doubled"](5) == 0
    text = diff("  y = y * factor", "+ y = y + 1")
    assert only(room(text))["doubled"](5) == 11


def test_a_diff_has_several_places(room):
    """Parted by an empty line; all are places in the reference as it is."""
    text = diff("- FACTOR = 2", "+ FACTOR = 3", "", "- y = y * factor", "+ y = y * factor * 10")
    assert only(room(text))["doubled"](5) == 150


def test_a_diff_and_functions_go_together(room):
    """The diff changes the reference, and the class defines what comes after."""
    text = (
        diff("- FACTOR = 2", "+ FACTOR = 3") + "    def _times(x, factor):\n        return factor\n"
    )
    assert only(room(text))["doubled"](5) == 3


def test_the_lines_keep_their_places_to_each_other(room):
    """What a hunk adds below an `if` is below it in the reference too."""
    text = diff("- if y is None:", "-     y = 0", "+ if y:", "+     y = 1")
    assert only(room(text))["doubled"](5) == 1
    assert only(room(text))["doubled"](0) == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("- y = 3", "+ y = 4"), "nowhere"),
        (("- y = _times(x, FACTOR)  # not in place", "+ y = 0"), "Comments do not count"),
        (("- return y", "+ return 0"), "2 times"),
        (("- y = x", "-     y = y * factor", "+ y = 0"), "nowhere"),
        (("+ y = 0",), "says where"),
        (("-return y", "+ return 0"), "begins with"),
        (("- FACTOR = 2", "", "- FACTOR = 2"), "two hunks"),
    ],
    ids=["absent", "comment", "twice", "indented", "placeless", "unmarked", "overlapping"],
)
def test_a_diff_that_does_not_fit_is_an_error(room, lines, said):
    """It names the room, the file and the class."""
    folder = room(diff(*lines))
    with pytest.raises(UsageError, match=re.escape(said)) as raised:
        wrong_answers(folder)
    assert f"{folder.name}/wrong.py, Other" in str(raised.value)


def test_a_class_in_which_nothing_differs_is_an_error(room):
    """It would be the reference, and right."""
    with pytest.raises(UsageError, match="Other is the reference itself"):
        wrong_answers(room('class Other:\n    """Nothing."""\n'))


def test_the_classes_do_not_see_each_other(room):
    """Each program holds what it needs: the reference, what stands beside the classes, its own."""
    text = "import math\n\nclass A:\n    FACTOR = math.inf\n\n\nclass B:\n    FACTOR = 4\n"
    first, second = wrong_answers(room(text))
    assert "FACTOR = 4" not in first.source
    assert "inf" not in second.source
    assert "import math" in second.source


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("LeakyRelu", "leaky_relu"),
        ("LongestASample", "longest_a_sample"),
        ("DetachedH0", "detached_h0"),
        ("Float32Logits", "float32_logits"),
        ("Always_280", "always_280"),
    ],
)
def test_a_wrong_answer_is_named_as_a_file(room, kind, name):
    """By small words, and with those of the folder in one order."""
    folder = room(f"class {kind}:\n    FACTOR = 3\n")
    (folder / "wrong").mkdir()
    (folder / "wrong" / "a_file.py").write_text('"""Whole."""\ndef doubled(x):\n    return x\n')
    found = wrong_answers(folder)
    assert [each.name for each in found] == sorted(["a_file", name])
    assert {each.explanation for each in found} == {"Whole.", ""}


def test_misconceptions_are_told_alike(room):
    """One form for both files; a misconception keeps its class's name and has functions to run."""
    text = diff("- FACTOR = 2", "+ FACTOR = 3").replace("Other", "Tripled")
    text = text.replace("Says.", "You\n    triple.") + "    caught_by = 'test_it'\n"
    folder = room(text, "misconceptions.py")
    (told,) = misconceptions(folder)
    assert (told.name, told.explanation, told.caught_by) == ("Tripled", "You triple.", "test_it")
    (loaded,) = diagnosis.load(folder)
    assert loaded.functions["doubled"](5) == 15
    assert wrong_answers(folder) == []


@pytest.mark.slow
def test_a_diff_that_no_longer_fits_fails_the_validation(tiny):
    """`grade validate` says which class, and nothing is taken for proved."""
    properties = """
@pytest.mark.points(100)
@given(cases())
def test_values(student, reference, case):
    \"\"\"Every element is doubled.\"\"\"
    agree(student.double(case), reference.double(case))
"""
    exercise = tiny.exercise(properties)
    exercise.stub.write_text("def double(x):\n    raise NotImplementedError\n")
    (exercise.room / "wrong.py").write_text(diff("- return 3 * x", "+ return x"))
    failed = [
        check.text
        for _, checks in validate([exercise], seeds=1)
        for check in checks
        if not check.holds
    ]
    assert any("ex01_double/wrong.py, Other" in text for text in failed)


@pytest.mark.parametrize("exercise", course.load(course.bundled()).exercises, ids=lambda e: e.stem)
def test_every_wrong_answer_of_the_course_says_what_is_wrong(exercise):
    """A sentence each, in a file that still fits its reference; no two alike."""
    found = [*misconceptions(exercise.room), *wrong_answers(exercise.room)]
    assert all(len(each.explanation.split()) > 1 for each in found)
    assert len({each.source for each in found}) == len(found)
