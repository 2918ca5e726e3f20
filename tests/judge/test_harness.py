"""What an author of properties, and a student under them, can rely on."""

import gc
import subprocess
import sys
import weakref

import pytest

from grader.judge import room
from grader.judge.effort import Effort

RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x * x\n"
AGREES = """
@pytest.mark.points(60)
@given(cases())
def test_values(student, reference, case):
    \"\"\"Every element
    is doubled.\"\"\"
    agree(student.double(case), reference.double(case))
"""
NEEDS = """
@pytest.mark.points(40)
@pytest.mark.needs("test_values")
@given(cases())
def test_sum(student, case):
    \"\"\"The sum is doubled.\"\"\"
    agree(student.double(case).sum(), case.sum() * 2)
"""


def by_name(report):
    return {result.name: result for result in report.properties}


@pytest.mark.parametrize("drawn", [False, True])
def test_a_result_that_nobody_can_compute_with_is_the_students(tiny, drawn):
    """What a property raises over a value of theirs, and not over a right one, is a failure."""
    draw = "    data.draw(st.integers(0, 9))\n" * drawn
    body = f"""
@pytest.mark.points(100)
@given(case=cases(), data=st.data())
def test_values(student, reference, case, data):
    \"\"\"Every element is doubled.\"\"\"
{draw}    import math
    x = case.clamp(-9, 9)
    wide = [math.exp(value) for value in student.double(x).flatten().tolist()]
    right = reference.double(x).form.exp().flatten()
    agree(torch.tensor(wide, dtype=right.dtype), right, within=1e6)
"""
    assert tiny.grade(RIGHT, body).score == 100
    wrong = "def double(x):\n    return 2 * x + 1000\n"
    report = tiny.grade(wrong, body, effort=Effort.EVERY)
    assert (report.status, report.score) == ("failed", 0)
    result = by_name(report)["test_values"]
    assert "gives OverflowError" in result.message
    assert "x = " in result.counterexample


def test_points_titles_and_needs(tiny):
    """Points come from the mark, the title from the docstring; what it needs failing skips it."""
    right = tiny.grade(RIGHT, AGREES + NEEDS)
    assert (right.status, right.score, right.max_score) == ("passed", 100, 100)
    assert by_name(right)["test_values"].title == "Every element is doubled."
    wrong = tiny.grade(WRONG, AGREES + NEEDS)
    assert (wrong.status, wrong.score) == ("failed", 0)
    assert by_name(wrong)["test_sum"].status == "skipped"
    assert "Every element is doubled." in by_name(wrong)["test_sum"].message


def test_the_order_mark_moves_a_property(tiny):
    """Properties run as they stand in the file, unless a mark says otherwise."""
    first = NEEDS.replace('@pytest.mark.needs("test_values")', "@pytest.mark.order(-1)")
    names = [result.name for result in tiny.grade(RIGHT, AGREES + first).properties]
    assert names == ["test_sum", "test_values"]


def test_the_counterexample_is_small(tiny):
    """The smallest input that fails is shown, with both results."""
    result = by_name(tiny.grade(WRONG, AGREES))["test_values"]
    assert result.status == "failed"
    assert "(1, 1) float64" in result.counterexample
    assert "yours" in result.counterexample
    assert "expected" in result.counterexample


def test_an_exception_is_shown_with_the_students_line(tiny):
    """What the student's code raised is named, with their own line and the input."""
    answer = (
        "def double(x):\n    if x.shape[0] > 1:\n        raise KeyError('no')\n    return 2 * x\n"
    )
    result = by_name(tiny.grade(answer, AGREES))["test_values"]
    assert result.status == "error"
    assert "KeyError: 'no'" in result.message
    assert "line 3: raise KeyError('no')" in result.message
    assert "x = " in result.counterexample


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("x = 1\n", "no function `double`"),
        ("double = 3\n", "is an int, not a function"),
        ("def double():\n    return 1\n", "does not take the arguments that it is called with"),
        ("def double(x, y):\n    return 1\n", "does not take the arguments that it is called with"),
        ("def double(x):\n    return {1}\n", "a value of type set"),
        ("def double(x):\n    return x.to_sparse()\n", "not dense"),
        ("def double(x):\n    return\n", "is None; it should be a tensor"),
        ("def double(x, y=1):\n    z = 0\n    raise NotImplementedError\n", "still to be written"),
    ],
)
def test_what_is_no_answer_is_said(tiny, answer, said):
    """A missing function, another signature, a value of another kind: graded, with the reason."""
    report = tiny.grade(answer, AGREES, effort=Effort.EVERY)
    assert report.status == "failed"
    assert said in by_name(report)["test_values"].message


@pytest.mark.parametrize(
    "answer",
    [
        "def double(tensor):\n    return 2 * tensor\n",
        "def double(x, *, factor=2):\n    return factor * x\n",
        "def double(*args, **kwargs):\n    return 2 * args[0]\n",
        "class Double:\n    def __call__(self, x):\n        return 2 * x\ndouble = Double()\n",
        "from functools import partial\nimport torch\ndouble = partial(torch.mul, other=2)\n",
        "import torch\n@torch.jit.script\ndef double(x):\n    return 2 * x\n",
        "import torch\ntorch.set_num_threads(4)\ndef double(x):\n    return 2 * x\n",
    ],
)
def test_right_answers_of_any_style_pass(tiny, answer):
    """Other parameter names, further defaults, callables of every kind: right is right."""
    assert tiny.grade(answer, AGREES).status == "passed"


def test_keyword_parameters_keep_their_names(tiny):
    """A parameter with a default is passed by name, so that name must be there."""
    reference = "def double(x, times=2):\n    return x * times\n"
    body = AGREES.replace("double(case)", "double(case, times=3)")
    assert tiny.grade(reference, body, "", reference).status == "passed"
    renamed = tiny.grade(reference.replace("times", "n"), body, "", reference)
    assert "does not take" in by_name(renamed)["test_values"].message


@pytest.mark.parametrize(
    "broken",
    [
        "    raise RuntimeError('ours')\n",
        "    agree(student.double(case), undefined)\n",
        "    student.triple(case)\n",
    ],
)
def test_a_fault_of_ours_is_charged_to_nobody(tiny, broken):
    """A property that is itself at fault is `broken`, and the exercise `ungraded`."""
    body = AGREES.rsplit("    agree", 1)[0] + broken
    report = tiny.grade(RIGHT, body + NEEDS)
    assert report.status == "ungraded"
    assert by_name(report)["test_values"].status == "broken"
    assert "at fault here, not your code" in report.reason


def test_a_reference_at_fault_is_charged_to_nobody(tiny):
    """A reference that raises makes the exercise `ungraded`."""
    reference = "def double(x):\n    raise ValueError('ours')\n"
    assert tiny.grade(RIGHT, AGREES, "", reference).status == "ungraded"


def test_a_property_without_hypothesis_counts(tiny):
    """A plain pytest function is a property like any other."""
    plain = """
@pytest.mark.points(100)
def test_three(student):
    \"\"\"Three doubled is six.\"\"\"
    agree(student.double(torch.tensor([3])), torch.tensor([6]))
"""
    assert tiny.grade(RIGHT, plain).score == 100
    result = by_name(tiny.grade(WRONG, plain))["test_three"]
    assert "is 9; it should be 6" in result.message


def test_an_answer_that_changes_its_mind_fails(tiny):
    """A result that depends on state or chance is wrong, and the message says what to look for."""
    answer = (
        "calls = []\ndef double(x):\n    calls.append(1)\n    return 2 * x + (len(calls) == 12)\n"
    )
    report = tiny.grade(answer, AGREES)
    assert report.status == "failed"
    assert "state" in by_name(report)["test_values"].message


def test_random_numbers_are_the_same_in_every_grading(tiny):
    """What a submission draws depends on the seed alone."""
    answer = (
        "import random, torch\n"
        "def double(x):\n"
        "    return 2 * x + (torch.rand(()) + random.random() > 1.6)\n"
    )
    texts = {tiny.grade(answer, AGREES).properties[0].message for _ in range(2)}
    assert len(texts) == 1


def test_a_forbidden_call_at_run_time_is_rejected(tiny):
    """What the source hides, the watch in the worker sees."""
    answer = "import torch\ndef double(x):\n    return getattr(torch, 'le' + 'rp')(x, x, 2)\n"
    report = tiny.grade(answer, AGREES)
    assert (report.status, report.score) == ("rejected", 0)
    assert "`torch.lerp`" in report.reason


def test_the_seed_decides_what_is_drawn(tiny):
    """Two seeds draw other inputs; one seed draws the same."""
    body = AGREES + "\n    import sys; sys.modules.setdefault('drawn', []).append(case)\n"
    drawn = []
    for seed in (1, 1, 2):
        sys.modules["drawn"] = []
        tiny.grade(RIGHT, body, seed=seed, remembers=False)
        drawn.append([tuple(case.flatten().tolist()) for case in sys.modules.pop("drawn")])
    assert drawn[0] == drawn[1] != drawn[2]


def test_what_was_loaded_before_does_not_decide_what_is_drawn(tiny, tmp_path):
    """A judge that has graded other exercises draws as a fresh one does."""
    body = """
@pytest.mark.points(100)
@given(st.lists(st.integers(), min_size=20, max_size=20))
def test_numbers(drawn):
    sys.modules.setdefault("drawn", []).append(drawn)
"""
    drawn = []
    other = tmp_path / "other.py"
    other.write_text(f"NUMBERS = {[7_000_003 * n for n in range(1, 200)]}\n")
    for _ in range(2):
        sys.modules["drawn"] = []
        tiny.grade(RIGHT, "import sys\n" + body, seed=1, remembers=False)
        drawn.append(sys.modules.pop("drawn"))
        room.load(other)
    assert drawn[0]
    assert drawn[0] == drawn[1]


def test_configuration_around_does_not_matter(tiny, monkeypatch):
    """A conftest.py, a pytest.ini or PYTEST_ADDOPTS where one stands change nothing."""
    (tiny.folder / "conftest.py").write_text("raise SystemExit(0)")
    (tiny.folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    monkeypatch.setenv("CI", "1")
    monkeypatch.chdir(tiny.folder)
    assert tiny.grade(RIGHT, AGREES).score == 100
    assert tiny.grade(WRONG, AGREES, effort=Effort.EVERY).score == 0


def test_one_failure_can_be_enough(tiny):
    """`Effort.VERDICT` ends at the first property that fails; a right answer is tried on all."""
    both = AGREES + NEEDS.replace('@pytest.mark.needs("test_values")\n', "")
    wrong = tiny.grade(WRONG, both, effort=Effort.VERDICT)
    assert (wrong.status, list(by_name(wrong))) == ("failed", ["test_values"])
    right = tiny.grade(RIGHT, both, effort=Effort.VERDICT)
    assert (right.status, right.score, len(right.properties)) == ("passed", 100, 2)


def test_the_global_generator_can_be_asked_after(tiny):
    """`student.f.leaves_generator(...)` holds for who draws elsewhere, fails for who seeds anew."""
    law = """
@pytest.mark.points(100)
@given(cases())
def test_generator(student, case):
    \"\"\"The global generator is left alone.\"\"\"
    student.double.leaves_generator(case)
"""
    assert tiny.grade(RIGHT, law).score == 100
    seeded = "import torch\ndef double(x):\n    torch.manual_seed(1)\n    return 2 * x\n"
    result = by_name(tiny.grade(seeded, law, effort=Effort.EVERY))["test_generator"]
    assert (result.status, result.score) == ("failed", 0)
    assert "Draw from a torch.Generator of your own" in result.message


def test_a_list_that_is_emptied_is_an_input_that_is_changed(tiny):
    """`changes` sees what became of a list itself, not only of the tensors that were in it."""
    law = """
@pytest.mark.points(100)
@given(cases())
def test_inputs(student, reference, case):
    \"\"\"The inputs are left as they were.\"\"\"
    agree(student.double.changes([case]), reference.double.changes([case]))
"""
    first = "\ndef double(x):\n    return x[0] + x[0]\n"
    popping = "def double(x):\n    return 2 * x.pop()\n"
    assert tiny.grade(first, law, "", first).score == 100
    report = tiny.grade(popping, law, "", first, effort=Effort.EVERY)
    result = by_name(report)["test_inputs"]
    assert "A list or a dict among the arguments was changed" in result.message


@pytest.mark.parametrize("fault", ["import torch.absent", "1 / 0", "def test_x(:"])
def test_properties_that_cannot_be_read_say_why(tiny, fault):
    """A fault in the file of properties is the author's to see, and never a student's zero."""
    report = tiny.grade(RIGHT, AGREES + fault + "\n")
    assert (report.status, report.score) == ("ungraded", 0)
    assert any(
        word in report.reason for word in ("absent", "ZeroDivision", "SyntaxError", "test_x")
    )


def test_a_small_counterexample_of_plain_values(tiny):
    """Where there are no tensors, the shortest input is shown."""
    law = """
@pytest.mark.points(100)
@given(st.lists(st.lists(st.sampled_from(["a", "b"]), max_size=4), max_size=4))
def test_counts(student, reference, lines):
    \"\"\"Every word is counted.\"\"\"
    agree(student.double(lines), reference.double(lines))
"""
    right = "\ndef double(lines):\n    return sum(map(len, lines))\n"
    wrong = "def double(lines):\n    return sum(len(set(line)) for line in lines)\n"
    result = by_name(tiny.grade(wrong, law, "", right))["test_counts"]
    assert "[['a', 'a']]" in result.counterexample or "[['b', 'b']]" in result.counterexample


def test_a_judge_that_grades_many_keeps_none_of_them(tiny):
    """What one grading held is given back before long: a class takes no more memory than a few."""

    class Progress:
        def __call__(self, result):
            pass

    gc.disable()  # so that what the first one leaves is there when the second begins
    try:
        progress = Progress()
        left = weakref.ref(progress)
        tiny.grade(RIGHT, AGREES, progress=progress)
        del progress
        tiny.grade(RIGHT, AGREES)
    finally:
        gc.enable()
    gc.collect()
    assert left() is None


@pytest.mark.slow
def test_laws_that_are_imported_first_are_graded_as_ever():
    """No clock of Hypothesis's and no file of its own decides, whatever imports the laws when."""
    code = (
        "from grader.judge.laws import FEW, inputs_unchanged\n"
        "law = inputs_unchanged(None, {}, points=1)\n"
        "for each in (FEW, law._hypothesis_internal_use_settings):\n"
        "    print(each.deadline, each.database, each.max_examples < 20)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "None None True\n" * 2


def test_an_exception_of_ones_own_is_what_it_inherits_from(tiny):
    """`raises(ValueError)` takes a subclass of it; another of that name, or a sibling, is none."""
    law = """
@pytest.mark.points(100)
def test_refused(student):
    \"\"\"It refuses whole numbers.\"\"\"
    student.double.raises(ValueError, torch.ones(2))
"""
    answer = """
class Wrong({base}):
    pass

{extra}
def double(x):
    raise {raised}("no whole numbers")
"""
    cases = {
        ("ValueError", "Wrong"): "passed",
        ("UnicodeError", "Wrong"): "passed",
        ("TypeError", "Wrong"): "failed",
        ("Exception", "ValueError_"): "failed",
    }
    for (base, raised), status in cases.items():
        extra = "ValueError_ = type('ValueError', (Exception,), {})"
        report = tiny.grade(
            answer.format(base=base, extra=extra, raised=raised), law, effort=Effort.EVERY
        )
        assert report.properties[0].status == status, (base, raised)
