"""Counterexamples that teach: on real wrong answers, and on tiny ones made for a rule."""

import re
from pathlib import Path

import pytest

from grader.course import model as course
from grader.formats.terminal import plain
from grader.judge import harness, room, wrong
from grader.judge.compare import Mismatch, dtypes_apart
from grader.judge.effort import Effort
from grader.judge.explain import diagnosis
from grader.judge.explain.parts import relation
from grader.judge.reference import Reference
from grader.report import PropertyStatus, Status

COURSE = course.find(course.bundled())


def source_of(number: str, name: str) -> str:
    """The program of a wrong answer of that exercise."""
    folder = COURSE.exercise(number).room
    every = [*wrong.misconceptions(folder), *wrong.wrong_answers(folder)]
    return next(each.source for each in every if each.name == name)


@pytest.fixture
def seen(monkeypatch):
    """The calls that the reports of a test show, in order."""
    shown = []
    render = harness.render

    def watched(example, functions, mismatch=None, places=(-1,)):
        if example.records:
            shown.append([example.records[place] for place in places])
        return render(example, functions, mismatch, places)

    monkeypatch.setattr(harness, "render", watched)
    return shown


@pytest.fixture
def unnamed(monkeypatch):
    """The mistake is not looked for: what is shown of it is known before."""
    monkeypatch.setattr(diagnosis, "diagnose", lambda *_: None)


# --- on real answers ------------------------------------------------------------------------------

REAL = [
    ("1", "RawCell"),
    ("3", "SoftmaxOverBatch"),
    ("5", "ScalesUp"),
    ("9", "Flipped"),
    ("13", "StatesBefore"),
    ("13", "StateDetached"),
    ("24", "stale_last"),
    ("26", "LastOnly"),
    ("31", "FilledWithZero"),
]


@pytest.mark.slow
@pytest.mark.usefixtures("unnamed")
@pytest.mark.parametrize(("number", "name"), REAL)
def test_the_call_that_is_printed_fails_by_itself(number, name, grade_source, seen):
    """Made anew, it gives what the report says, and not what the reference gives; and no two of
    the known mistakes give the same."""
    report = grade_source(number, source_of(number, name), speed=False)
    assert report.status in (Status.PARTIAL, Status.FAILED)
    (record,) = seen[0]
    exercise = COURSE.exercise(number)
    solution = vars(room.load(exercise.room / "reference.py"))
    reference = Reference({each: solution[each] for each in exercise.functions})
    right = diagnosis.observed(reference.functions[record.call.function], record.call)
    assert not diagnosis.same(record, right)
    alike = [
        each.name
        for each in diagnosis.load(exercise.room)
        if diagnosis.same(
            record, diagnosis.observed(each.functions[record.call.function], record.call)
        )
    ]
    assert len(alike) <= 1


@pytest.mark.slow
@pytest.mark.usefixtures("unnamed")
@pytest.mark.parametrize("name", ["replaced", "replaced_when_clipped"])
def test_what_is_right_already_is_not_expected(name, grade_source):
    """A gradient that was replaced has the right numbers: none are shown beside it."""
    report = grade_source("5", source_of("5", name), speed=False)
    shown = report.first_failure
    assert "was replaced by another tensor" in shown.message
    assert "expected" not in shown.counterexample
    assert ".grad = tensor([" in shown.counterexample


@pytest.mark.slow
@pytest.mark.usefixtures("unnamed")
def test_only_the_parts_that_are_wrong_stand_side_by_side(grade_source):
    """By the names that the statement gives them; what is right is named."""
    report = grade_source("24", source_of("24", "stale_last"), speed=False)
    shown = next(p for p in report.properties if p.name == "test_forward")
    assert "yours:\n    h_n = " in shown.counterexample
    assert "as it should be: output" in shown.counterexample
    assert "`h_n`" in shown.message
    assert "result[" not in shown.message + shown.counterexample


@pytest.mark.usefixtures("unnamed")
def test_what_differs_looks_different(grade_source):
    """As many digits as it takes, and in words what all elements have in common."""
    report = grade_source("2", source_of("2", "offset"), speed=False)
    shown = report.first_failure.counterexample
    yours, expected = shown[shown.index("yours") :].split("expected:")
    numbers = [part.split("=")[1].split("#")[0].strip() for part in (yours, expected)]
    assert numbers[0] != numbers[1]


@pytest.mark.slow
@pytest.mark.usefixtures("unnamed")
def test_a_gradient_that_is_wrong_is_shown_by_the_property_about_gradients(grade_source):
    """Not under "Values in the thousands", which looks at gradients too and fails before it."""
    report = grade_source("22", source_of("22", "detached_hidden"), speed=False)
    failed = [p.name for p in report.properties if p.has_failed]
    assert failed[0] != "test_gradients"
    assert report.first_failure.name == "test_gradients"
    assert report.failures[1].name == failed[0]
    text = plain(report)
    assert text.index("✗ Gradients reach every argument") < text.index("test_")
    assert "✗ Values in the thousands" not in text.split("✓")[0]


@pytest.mark.slow
@pytest.mark.usefixtures("unnamed")
def test_steps_in_a_row_are_held_one_by_one(grade_source):
    """The step that is shown is the one that went wrong, not one that was handed its result."""
    report = grade_source("23", source_of("23", "GateInverted"), speed=False)
    shown = report.first_failure.counterexample
    kept = re.search(r"^c += tensor\(\[\[(.*?)\]\]", shown, re.M)[1]
    expected = re.search(r"^expected += \[\[(.*?)\]\]", shown, re.M)[1]
    assert float(kept) == float(expected)


@pytest.mark.usefixtures("unnamed")
def test_a_factor_that_is_nearly_one_is_not_told(grade_source):
    """ "1 times what it should be" says nothing."""
    report = grade_source("37", source_of("37", "eps_squared"), speed=False)
    assert report.properties
    assert not [p for p in report.properties if "times what it should be" in (p.message or "")]


# --- on tiny ones ---------------------------------------------------------------------------------

TWO_CALLS = """
@pytest.mark.points(100)
@given(cases())
def test_scales(student, x):
    \"\"\"Twice x gives twice the result.\"\"\"
    student.double(x + 1)
    once = student.double(x)
    agree(student.double(2 * x), 2 * once)
"""
PLAIN = """
@pytest.mark.points(50)
@given(cases())
def test_double(student, reference, x):
    \"\"\"It doubles.\"\"\"
    agree(student.double(x), reference.double(x))


@pytest.mark.points(50)
@pytest.mark.needs("test_double")
@given(cases())
def test_again(student, reference, x):
    \"\"\"It doubles again.\"\"\"
    agree(student.double(x), reference.double(x))
"""


def test_two_calls_that_are_compared_are_both_shown(tiny):
    """Those that the two sides came of, and no other."""
    report = tiny.grade("def double(x): return x * x", TWO_CALLS)
    (shown,) = report.properties
    assert shown.counterexample.count("double(") == 2
    assert shown.counterexample.startswith("# 1\nfrom torch import float64, tensor\nx = tensor(")
    assert "\ndouble(x)\n# 2\n" in shown.counterexample
    assert "Your own calls are compared" in shown.message
    assert shown.comparison.call.count("double(") == 2


def test_a_call_that_another_spoils_is_said_not_to_fail_alone(tiny):
    """Printed by itself, it would not fail: the report says so."""
    answer = "seen = []\ndef double(x):\n    seen.append(1)\n    return 2 * x + (len(seen) > 3)"
    report = tiny.grade(answer, PLAIN)
    assert "Made alone, in a program of its own" in report.first_failure.message


def test_a_call_that_fails_alone_says_nothing_of_others(tiny):
    """Most do."""
    report = tiny.grade("def double(x): return 3 * x", PLAIN)
    assert "alone" not in report.first_failure.message
    assert "Tried again" not in report.first_failure.message


def test_gradients_are_part_of_the_call(tiny):
    """What the backward pass begins with, without which nothing would fail."""
    property_ = """
@pytest.mark.points(100)
@given(cases())
def test_gradients(student, reference, x):
    \"\"\"Gradients are right.\"\"\"
    agree(student.double.gradients(x, seed=1), reference.double.gradients(x, seed=1))
"""
    report = tiny.grade("def double(x): return x + x.detach()", property_)
    shown = report.first_failure.counterexample
    assert "requires_grad=True" in shown
    assert "loss = (result * weights).sum()\nloss.backward()" in shown


def test_the_prints_of_the_call_are_kept_apart(tiny):
    """Those of the call that is shown, of the many that were made."""
    answer = "def double(x):\n    print('rows', x.shape[0], x.tolist())\n    return 3 * x"
    report = tiny.grade(answer, PLAIN)
    (line,) = report.first_failure.printed.splitlines()
    assert line.startswith("rows ")
    assert report.printed.count("rows ") > 1


def test_an_example_is_passed_over_where_known_mistakes_look_alike(tiny, seen):
    """Zeros would show that it fails; only others show which of two mistakes it is."""
    mistakes = (
        "class Square:\n    '''You square.'''\n    def double(x):\n        return x * x + 1\n\n"
        "class Triple:\n    '''You triple.'''\n    def double(x):\n        return 3 * x + 1\n"
    )
    report = tiny.grade("def double(x): return 3 * x + 1", PLAIN, mistakes)
    ((record,), *_) = seen
    assert record.call.args[0].any()
    assert report.misconception.name == "Triple"
    # Where nothing but such inputs fails, they are what is shown.
    only_zeros = "def double(x): return 2 * x + (not x.any())"
    report = tiny.grade(only_zeros, PLAIN, mistakes)
    assert report.properties[0].status is PropertyStatus.FAILED
    assert not seen[-1][0].call.args[0].any()


# --- one property alone, points, names ------------------------------------------------------------


def test_one_property_alone_is_tried_whatever_it_needs(tiny):
    """Out of its own points, and said to be no grade."""
    report = tiny.grade("def double(x): return 3 * x", PLAIN, only="test_again")
    assert [p.name for p in report.properties] == ["test_again"]
    assert report.properties[0].status is PropertyStatus.FAILED
    assert (report.score, report.max_score) == (0, 50)
    assert "no grade" in report.note


def test_points_that_do_not_add_up_are_explained(grade_source):
    """Without the running time 85 of 90 are 94."""
    source = (COURSE.exercise("4").room / "reference.py").read_text()
    wrong = source.replace("torch.float32", "torch.float64")
    report = grade_source("4", wrong, effort=Effort.EVERY, speed=False)
    assert sum(p.score for p in report.properties) == 85
    assert report.score == 94
    assert "85 of 90: out of 100, that makes 94" in report.note


def test_a_name_that_is_nearly_right_is_said():
    """Of a function, and of a variable."""
    from grader.judge.student import _names_in, _nearest

    assert _nearest("attention_scores", ["attention_score", "attention"]) == "attention_score"
    assert _nearest("attentionScores", ["attention_scores"]) == "attention_scores"
    assert _nearest("lstm", ["gru", "helper"]) is None
    assert _names_in("def f(x):  # a word\n    '''another'''\n    return y") >= {"f", "x", "y"}
    assert "word" not in _names_in("x = 1  # a word")


def test_a_missing_function_names_the_one_that_was_meant(tiny):
    """Before anything is tried; and where only another property would raise a NameError."""
    report = tiny.grade("def doubel(x): return 2 * x", PLAIN)
    assert "You have `doubel`: rename it to `double`." in report.first_failure.message
    report = tiny.grade("def double(values): return 2 * value", PLAIN)
    assert "Did you mean `values`?" in report.first_failure.message


# --- dtypes ---------------------------------------------------------------------------------------

DTYPES = PLAIN.replace(
    "@pytest.mark.points(50)\n@pytest.mark.needs",
    "@pytest.mark.dtypes\n@pytest.mark.points(50)\n@pytest.mark.needs",
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_wrong_dtype_costs_the_property_that_is_about_dtypes(tiny, dtype):
    """And no other; in float64, the reference's own, none."""
    answer = f"import torch\ndef double(x): return (2 * x).to(torch.{dtype})"
    report = tiny.grade(answer, DTYPES)
    assert report.score == (50 if dtype == "float32" else 100)
    if dtype == "float32":
        assert report.properties[0].status is PropertyStatus.PASSED
        assert "has dtype float32; it should be float64" in report.properties[1].message
        assert "expected" not in report.properties[1].counterexample


def test_no_wrong_dtype_gets_full_marks(tiny):
    """Where it is seen only after that property has passed, it costs the one that saw it."""
    order = DTYPES.replace('@pytest.mark.needs("test_double")\n', "@pytest.mark.order(-1)\n")
    answer = (
        "import torch\ncalls = []\ndef double(x):\n    calls.append(1)\n"
        "    return (2 * x).float() if len(calls) > 30 else 2 * x"
    )
    report = tiny.grade(answer, order)
    assert report.properties[0].name == "test_again"
    assert report.score < 100


def test_without_such_a_property_every_one_is_strict(tiny):
    """As it is where a course has none."""
    report = tiny.grade("def double(x): return (2 * x).float()", PLAIN)
    assert report.score == 0


def test_values_count_where_dtypes_do_not():
    """A result that is wrong by more than float32 explains is wrong in float32, too."""
    import torch

    from grader.judge.compare import agree

    right = torch.linspace(0, 1, 5, dtype=torch.float64)
    with dtypes_apart() as found:
        agree(right.float(), right)
        assert "has dtype float32" in found[0].message
        with pytest.raises(Mismatch):
            agree(right.float() + 1e-3, right)
    with dtypes_apart(wanted=False), pytest.raises(Mismatch):
        agree(right.float(), right)
    with dtypes_apart(), pytest.raises(Mismatch):
        agree(right.half(), right)


# --- what all elements have in common -------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("2.0 * right", "The result is 2 times what it should be, everywhere."),
        ("right / 3", "The result is 0.3333 times what it should be, everywhere."),
        ("-right", "The result has the opposite sign everywhere."),
        ("right + 1e-5", "The result is 1e-05 too large everywhere."),
        ("right - 0.25", "The result is 0.25 too small everywhere."),
        ("right ** 2", None),
        ("right * 0", None),
        ("right * (1 - 1e-8)", None),  # digits that nobody would see
    ],
)
def test_a_constant_ratio_or_difference_is_said(change, said):
    """In words, where it is the same for all elements that are wrong."""
    import torch

    from grader.judge.compare import agree

    right = torch.tensor([0.3, -1.2, 0.7, 2.0], dtype=torch.float64)
    with pytest.raises(Mismatch) as caught:
        agree(eval(change, {"right": right}), right)
    assert relation(caught.value) == said


def test_one_element_has_nothing_in_common():
    """Any two numbers have a ratio."""
    import torch

    from grader.judge.compare import agree

    with pytest.raises(Mismatch) as caught:
        agree(torch.tensor([2.0]), torch.tensor([1.0]))
    assert relation(caught.value) is None


def test_the_answers_of_this_file_are_there():
    """Whoever renames a wrong answer hears of it here."""
    for number, name in REAL:
        assert source_of(number, name)
    assert Path(COURSE.exercise("1").room / "reference.py").is_file()
