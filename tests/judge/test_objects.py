"""Classes are graded as functions are: handles, stories, and what a hostile class gets."""

import dataclasses
import textwrap

import nbformat
import pytest
import torch

from grader.course import model as course
from grader.errors import UsageError
from grader.judge.effort import Effort
from grader.judge.explain import stories
from grader.judge.grading import grade
from grader.judge.harness import size_of
from grader.judge.student import Example, Record
from grader.submission import text as submission
from grader.worker.invoke import Invocation

COURSE = """
format = 2
title = "Tiny"
[[parts]]
title = "One"
[[parts.exercises]]
number = 1
slug = "scale"
title = "Scale"
functions = ["total"]
[parts.exercises.classes]
Scale = ["__init__", "forward"]
Counter = ["__init__", "more"]
Around = ["__init__", "forward"]
"""
REFERENCE = """
import torch
from torch import nn


def total(model, x):
    return model(x).sum()


class Scale(nn.Module):
    def __init__(self, size, bias=True, dropout=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.shift = nn.Parameter(torch.zeros(size)) if bias else None
        self.dropout = dropout

    def forward(self, x):
        y = x * self.weight
        if self.shift is not None:
            y = y + self.shift
        return nn.functional.dropout(y, self.dropout, self.training)


class Counter:
    def __init__(self, start=0):
        self.value = start
        self.history = []

    def more(self, by):
        self.value += by
        self.history.append(self.value)
        return self.value

    def upwards(self):
        n = self.value
        while True:
            yield n
            n += 1

    def downwards(self):
        yield from range(self.value, 0, -1)

    def __len__(self):
        return len(self.history)


class Around(nn.Module):
    def __init__(self, layer, activation, out):
        super().__init__()
        self.layer, self.activation, self.out = layer, activation, out

    def forward(self, x):
        return self.out(self.activation(self.layer(x)[0]))
"""
HEAD = '''
import pytest, torch
from hypothesis import given, settings, strategies as st
from grader.judge import handles
from grader.judge.compare import Mismatch, agree
from grader.judge.strategies import tensors

@st.composite
def cases(draw, dtype=torch.float64):
    n, size = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    weights = {"weight": draw(tensors((size,), dtype)), "shift": draw(tensors((size,), dtype))}
    return size, weights, draw(tensors((n, size), dtype))

def made(owner, case):
    size, weights, _ = case
    layer = owner.Scale(size).to(weights["weight"].dtype)
    layer.load_state_dict(weights)
    return layer.eval()

@pytest.mark.points(60)
@given(cases())
def test_output(student, reference, case):
    """It scales and shifts."""
    agree(made(student, case)(case[2]), made(reference, case)(case[2]))
'''
GRADIENTS = '''
@pytest.mark.points(20)
@given(cases(), st.integers(0, 99))
def test_gradients(student, reference, case, seed):
    """Gradients reach the input and the parameters."""
    mine, right = made(student, case), made(reference, case)
    agree(mine.gradients(case[2], seed=seed), right.gradients(case[2], seed=seed))
'''
LIVES = '''
@pytest.mark.points(20)
def test_lives(student, reference):
    """Objects live between calls, read as Python, and go as arguments."""
    for owner in (student, reference):
        counter = owner.Counter(start=3)
        assert value(counter.more(2)) == 5 and value(counter.more(by=4)) == 9
        assert value(counter.value) == 9 and value(counter.history) == [5, 9]
        assert len(counter) == 2
        upwards = counter.upwards()
        assert [value(upwards.take(2)), value(upwards.take(2))] == [[9, 10], [11, 12]]
        assert [n for n, _ in zip(upwards, range(3))] == [13, 14, 15]
        layer = owner.Scale(2)
        assert value(layer.training) is True
        assert value(layer.eval().training) is False
        assert list(value(layer.state_dict())) == ["weight", "shift"]
        assert [name for name, _ in layer.named_parameters()] == ["weight", "shift"]
        layer.load_state_dict({"weight": torch.tensor([2.0, 3.0]), "shift": torch.zeros(2)})
        assert float(value(owner.total(layer, torch.ones(4, 2)))) == 20.0
        twin = owner.given.copy.deepcopy(layer)
        layer.load_state_dict({"weight": torch.zeros(2), "shift": torch.zeros(2)})
        assert float(value(owner.total(twin, torch.ones(1, 2)))) == 5.0
        linear = owner.given.torch.nn.Linear(2, 2, bias=False)
        linear.load_state_dict({"weight": torch.eye(2)})
        assert float(value(owner.total(linear, torch.ones(1, 2)))) == 2.0
        kept = owner.total.held(layer, torch.ones(1, 2))
        assert float(value(kept.item())) == 0.0
        weight = layer.state_dict.held().held_item("weight")
        assert value(weight.requires_grad) is False and value(weight.dim()) == 1
        owner.Counter(start=1).more.raises(TypeError, "one")

def value(found):
    return getattr(found, "form", found)
'''
PLAIN = """
import torch
from torch import nn


def total(model, x):
    return model(x).sum()


class Counter:
    def __init__(self, start=0):
        self.value, self.history = start, []

    def more(self, by):
        self.value += by
        self.history.append(self.value)
        return self.value

    def upwards(self):
        import itertools

        return itertools.count(self.value)

    def __len__(self):
        return len(self.history)
"""


@pytest.fixture
def graded(tmp_path, forkserver):
    """`graded(answer, properties)`: the report of an answer to the classes of a small course."""

    def of(answer, properties="", misconceptions="", given=None, **options):
        room = tmp_path / "solutions" / "ex01_scale"
        room.mkdir(parents=True, exist_ok=True)
        (tmp_path / "exercises" / "ex01_scale").mkdir(parents=True, exist_ok=True)
        (tmp_path / "exercises" / "course.toml").write_text(COURSE)
        (room / "reference.py").write_text(REFERENCE)
        (room / "properties.py").write_text(HEAD + properties)
        (room / "misconceptions.py").write_text(misconceptions)
        if given is not None:
            (tmp_path / "exercises" / "ex01_scale" / "given.py").write_text(given)
        path = tmp_path / options.pop("name", "answer.py")
        path.write_text(answer)
        exercise = course.load(tmp_path).exercise("1")
        seconds = options.pop("seconds", 10)
        limits = dataclasses.replace(exercise.limits, property_seconds=seconds)
        exercise = dataclasses.replace(exercise, limits=limits)
        options = {"forkserver": forkserver, "device": "cpu", "speed": False, **options}
        return grade(exercise, submission.read(path), **options)

    return of


def by_name(report):
    return {result.name: result for result in report.properties}


SCALE = """
class Scale(nn.Module):
    def __init__(self, size, bias=True, dropout=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(size))
        self.register_parameter("shift", nn.Parameter(torch.rand(size)) if bias else None)

    def forward(self, x):
        return torch.addcmul(self.shift, x, self.weight)
"""
RIGHT = PLAIN + SCALE


def test_a_right_class_gets_full_marks(graded):
    """Outputs, gradients, attributes, iterators, given objects: all read like Python."""
    report = graded(RIGHT, GRADIENTS + LIVES)
    assert (report.status, report.score) == ("passed", 100), [
        (each.name, each.message) for each in report.properties
    ]


def test_the_case_is_code_that_can_be_pasted(graded):
    """The story of a failing case is a program that fails in the same way."""
    wrong = RIGHT.replace("torch.addcmul(self.shift, x, self.weight)", "x * self.weight")
    result = by_name(graded(wrong))["test_output"]
    assert result.status == "failed"
    told = result.counterexample.split("\n\n")[0]
    names = {}
    exec("import torch\n" + wrong, names)
    *made, called = _statements(told)
    for line in made:
        exec(line, names)
    mine = eval(called, names)
    exec(REFERENCE, names)
    for line in made:
        exec(line, names)
    assert not names["torch"].equal(mine, eval(called, names))


READS = '''
@pytest.mark.points(40)
def test_reads(student, reference):
    """What counts down is read to its end, an iterator or a list."""
    def down(owner):
        return owner.Counter(3).downwards.held()

    agree(down(student).read(5), down(reference).read(5))
    once = down(student).iterator()
    agree([once.read(5), once.read(5)], [[3, 2, 1], []])
    agree([3, 2], down(reference).iterator().iterator().take(2))
    agree(student.Counter(2).downwards.held().iterator().take(1), [2])
'''
BODIES = {
    "yield from range(self.value, 0, -1)": "",
    "return list(range(self.value, 0, -1))": "",
    "return {n + 1: n for n in reversed(range(self.value))}": "",
    "return None": "`Counter.downwards` gives None; it should give items one after another",
    "return 3": "`Counter.downwards` gives an int; it should give items one after another",
    "while True: yield 1": "`Counter.downwards` does not end where it should: it goes on after 5",
    "while True: yield torch.zeros(1).expand(1 << 30)": "`Counter.downwards` returned more than",
    "yield object()": "`Counter.downwards` returned a value of type object, which cannot be graded",
    "yield 3": "The result is [3]; it should be [3, 2, 1]",
    "yield 3; raise ValueError('no more')": "ValueError: no more",
}


@pytest.mark.slow
def test_items_are_read_to_their_end(graded):
    """Whatever can be iterated over may come back; what cannot, or does not end, is told in
    words."""
    for body, words in BODIES.items():
        answer = RIGHT.replace(
            "    def __len__", f"    def downwards(self):\n        {body}\n\n    def __len__"
        )
        (result,) = graded(answer, READS, only="test_reads").properties
        assert (result.message or "").startswith(words), (body, result.message)
        assert (result.status == "passed") == (not words), (body, result.message)


def _statements(text):
    import ast

    return [ast.unparse(node) for node in ast.parse(text).body]


IDEAS = '''
class ShiftForgotten:
    """You seem to forget the shift."""

    caught_by = "test_output"
    diff = """
    - y = y + self.shift
    + pass
    """


class WeightForgotten:
    """You seem to forget the weight."""

    caught_by = "test_output"
    diff = """
    - y = x * self.weight
    + y = x
    """
'''


def test_a_misconception_is_named(graded):
    """A story is told to the misconceptions too, and the one that does the same is named."""
    wrong = RIGHT.replace("torch.addcmul(self.shift, x, self.weight)", "x * self.weight")
    assert graded(wrong, "", IDEAS).misconception.name == "ShiftForgotten"
    wrong = RIGHT.replace("torch.addcmul(self.shift, x, self.weight)", "x + self.shift")
    assert graded(wrong, "", IDEAS).misconception.name == "WeightForgotten"


WHERE = """
@pytest.mark.points(10)
@given(st.integers(2, 5))
def test_where(student, size):
    \"\"\"Two states lie apart.\"\"\"
    states = [student.Scale(size).state_dict.held() for _ in range(2)]
    if len({state.held_item("weight").data_ptr() for state in states}) < 2:
        raise Mismatch("the states lie in one place")
"""


def test_where_a_tensor_lies_is_no_evidence(graded):
    """An address is another one in each process, and each time: it clears no mistake, and tells of
    none; where it is shown, an item is read as one reads it."""
    wrong = REFERENCE.replace("y = y + self.shift", "pass")
    assert graded(wrong, WHERE, IDEAS).misconception.name == "ShiftForgotten"
    shared = REFERENCE.replace("nn.Parameter(torch.ones(size))", "KEPT").replace(
        "class Scale", "KEPT = nn.Parameter(torch.ones(2))\n\n\nclass Scale"
    )
    assert shared != REFERENCE
    failed = by_name(graded(shared, WHERE))["test_where"]
    assert "Tried again" not in failed.message
    assert "['weight']\n" in failed.counterexample
    assert "getitem" not in failed.counterexample


DROPS = """
import warnings

@pytest.mark.points(10)
def test_drops(student):
    \"\"\"Some are dropped, and the others twice as large.\"\"\"
    warnings.warn("it takes long")
    layers = [student.Scale(1, dropout=0.5).train() for _ in range(6)]
    for layer in layers:
        layer.load_state_dict({"weight": torch.ones(1), "shift": torch.zeros(1)})
    if not {layer(torch.ones(1)).item() for layer in layers} <= {0.0, 2.0}:
        raise Mismatch("neither dropped nor twice as large")
"""


@pytest.mark.filterwarnings("ignore:it takes long")
def test_what_is_drawn_for_a_single_number_clears_no_mistake(graded):
    """It may fall alike twice for the answer, and twice otherwise for whoever made its mistake.
    (And a property may warn.)"""
    wrong = REFERENCE.replace("y = y + self.shift", "pass")
    assert graded(wrong, DROPS, IDEAS).misconception.name == "ShiftForgotten"


def test_a_flag_is_as_long_to_read_as_another():
    """Fewer layers make the smaller case, and not that `True` has fewer letters than `False`."""

    def size(layers, bias):
        call = Invocation("JANET", (1, 1), {"num_layers": layers, "bias": bias})
        return size_of(Example([Record(call, None, None)]))

    assert size(1, False) < size(1, True) < size(3, False) < size(3, True)


@pytest.mark.slow
def test_lower_precision_has_its_own_tolerance(graded):
    """float32 is held to what its rounding explains, and half the bits of it are told apart."""
    single = HEAD.partition("@pytest.mark.points(60)")[2].replace("cases()", "cases(torch.float32)")
    single = "@pytest.mark.points(40)" + single.replace("test_output", "test_single")
    assert graded(RIGHT, single).score == 100
    low = RIGHT.replace("self.weight)", "self.weight.bfloat16().to(x.dtype))")
    (result,) = graded(low, single, only="test_single").properties
    assert result.status == "failed"


BORROWED = '''
@pytest.mark.points(20)
@given(st.integers(1, 3), st.integers(0, 99))
@settings(max_examples=4)
def test_borrowed(student, reference, size, seed):
    """It uses the layers that it is given, in their order."""
    torch_, x = handles.given.torch, torch.ones(4, 2, size, dtype=torch.float64)
    layer = torch_.nn.GRU(size, size, num_layers=2).to(torch.float64)
    out = torch_.nn.Sequential(torch_.nn.Linear(size, 2), torch_.nn.Tanh()).to(torch.float64)
    first = torch_.nn.Linear(size, size, bias=False).load_state_dict({"weight": torch.eye(size)})
    mine, right = (o.Around(layer, torch_.tanh, out=out).eval() for o in (student, reference))
    agree(mine(x), right(x))
    agree(mine.gradients(x, seed=seed), right.gradients(x, seed=seed))
    lent = [first.to(torch.float64).of(owner) for owner in (student, reference)]
    mine, right = (o.total.gradients(l, x, seed=seed) for o, l in zip((student, reference), lent))
    agree(mine, right)
    for owner, layer in zip((student, reference), lent):
        owner.given.torch.optim.SGD(layer.parameters.held(), lr=0.1).zero_grad()
    agree(lent[0].state_dict(), {"weight": torch.eye(size, dtype=torch.float64)}, within=0)
    agree(student.total(handles.given.Twice(), x), reference.total(handles.given.Twice(), x))
    agree(student.total.changes(first, x.float()), reference.total.changes(first, x.float()))
'''
TWICE = "from torch import nn\nclass Twice(nn.Module):\n    def forward(self, x): return 2 * x\n"
AROUND = "class Around" + REFERENCE.partition("class Around")[2]


@pytest.mark.slow
def test_both_sides_are_given_objects_of_their_own_with_the_same_weights(graded):
    """What a property gives is an argument of a constructor or of a call, for either side; an
    answer that changes it, or has others, is caught, and the case says what was given."""
    right = RIGHT + AROUND
    options = {"given": TWICE, "only": "test_borrowed"}
    assert graded(right, BORROWED, **options).status == "passed"
    assigned = "self.layer, self.activation, self.out = layer, activation, out"
    assert assigned in right
    swapped = right.replace(assigned, f"layer.reset_parameters()\n        {assigned}")
    (result,) = graded(swapped, BORROWED, **options).properties
    assert result.status == "failed"
    for line in ("gru = torch.nn.GRU(", "gru.load_state_dict(", "around = Around(gru, tanh"):
        assert line in result.counterexample, result.counterexample
    changed = "model.weight.data += 1\n    return (model(x) - x).sum()"
    own = right.replace("return model(x).sum()", changed)
    (result,) = graded(own, BORROWED, effort=Effort.EVERY, **options).properties
    assert result.status == "failed"


COUNTED = '''
@pytest.mark.points(20)
def test_counted(student):
    """Its parameters are its own."""
    nn = student.given.torch.nn
    layer, linear = student.Scale(2, bias=False), nn.Linear(2, 1, bias=False)
    linear.load_state_dict({"weight": torch.ones(1, 2)})
    agree(student.total(linear, torch.ones(1, 2)), torch.tensor(2.0))
    found = nn.utils.get_total_norm(layer.parameters.held())
    assert abs(float(found) - 2 ** 0.5) < 1e-6, found
'''


def test_what_torch_gives_is_torchs_whatever_the_answer_puts_in_its_place(graded):
    """Neither a function by which a property looks, nor a layer that it lends."""
    lies = """
torch.nn.utils.get_total_norm = lambda *_: torch.tensor(2.0).sqrt()
torch.nn.Linear = torch.nn.Identity
"""
    right = (RIGHT + AROUND).replace("torch.rand(size)", "torch.ones(size)")
    kept = "self.weight = nn.Parameter(torch.ones(size))"
    result = by_name(graded(right + lies, COUNTED))["test_counted"]
    assert result.status == "passed", result.message
    assert kept in right
    lost = right.replace(kept, "self.__dict__['weight'] = torch.ones(size)")
    assert by_name(graded(lost + lies, COUNTED))["test_counted"].status == "failed"


LAWS = """
from grader.judge import laws_of_modules as modules

@modules.cases_of
def forms(draw):
    n, size = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    return modules.Form((size,), {}, {"weight": (size,), "shift": (size,)}, [(n, size)])

test_parameters = modules.parameters(forms(), "Scale", points=10, ordered=False)
test_round_trip = modules.round_trip(forms(), "Scale", points=15)
test_apart = modules.apart(forms(), "Scale", points=15)
"""


@pytest.mark.slow
def test_a_state_may_have_another_order_and_a_module_keep_its_last_result(graded):
    """Loading goes by names, and a result that is kept with its history lets no copy be made."""
    first, second = SCALE.splitlines()[5:7]
    other = SCALE.replace(f"{first}\n{second}", f"{second}\n{first}")
    kept = "self.last = torch.addcmul(self.shift, x, self.weight)\n        return self.last"
    report = graded(
        PLAIN + other.replace("return torch.addcmul(self.shift, x, self.weight)", kept), LAWS
    )
    assert report.score == 100, [each.message for each in report.properties]
    # What is no parameter is none in whatever order, and objects of one form are two.
    buffers = RIGHT.replace(
        "self.weight = nn.Parameter(torch.rand(size))",
        "self.register_buffer('weight', torch.rand(size))",
    )
    (result,) = graded(buffers, LAWS, only="test_parameters").properties
    assert result.status == "error"
    # What one starts with may be anything finite.
    unset = RIGHT.replace("torch.rand(size)", "torch.full((size,), torch.nan)")
    (result,) = graded(unset, LAWS, only="test_round_trip").properties
    assert "starts with nan" in result.message
    shared = (
        PLAIN
        + "KEPT = {}\n"
        + SCALE.replace(
            "self.weight = nn.Parameter(torch.rand(size))",
            "self.weight = KEPT.setdefault(size, nn.Parameter(torch.rand(size)))",
        )
    )
    (result,) = graded(shared, LAWS, only="test_apart").properties
    assert result.status == "failed"


def test_what_is_drawn_anew_by_a_right_answer_too_is_not_called_unsteady(graded):
    """That a result is another one each time says nothing where the reference draws as well."""
    body = """
@pytest.mark.points(40)
def test_training(student, reference):
    layers = [owner.Scale(2, dropout=0.5).train() for owner in (student, reference)]
    agree(*(layer(torch.ones(3, 2)) for layer in layers))
"""
    answer = PLAIN + SCALE.replace("self.weight)", "self.weight)[..., None] + torch.rand(())")
    results = by_name(graded(answer, body))
    assert "gave another result" in results["test_output"].message
    assert "shape" in results["test_training"].message
    assert "gave another result" not in results["test_training"].message


COUNTS = """
@pytest.mark.points(40)
def test_counts(student, reference):
    agree(student.Counter(1).more(2), reference.Counter(1).more(2))
"""


@pytest.mark.parametrize("seed", [1, 4, 7])
def test_what_is_drawn_is_not_taken_for_something_kept(graded, seed):
    """A draw of two may fall alike twice, and otherwise in a worker of its own: that is chance."""
    drawn = RIGHT.replace("return self.value", "return self.value + 7 + int(torch.randint(2, ()))")
    message = by_name(graded(drawn, COUNTS, seed=seed))["test_counts"].message
    assert "Made alone" not in message


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_numbers_are_written_as_short_as_their_dtype_allows(dtype):
    """What is pasted is the very number, and reads as a person would write it."""
    value = torch.tensor([[0.1, -0.4, 1 / 3], [1e-7, 12.5, 0.0]], dtype=getattr(torch, dtype))
    for each in (value, torch.full((3,), 0.3, dtype=value.dtype)):
        assert torch.equal(eval(stories.tensor(each), {"torch": torch}), each)
    assert stories.tensor(value).startswith("torch.tensor([[0.1, -0.4, 0.33")


BAD = {
    "missing": (PLAIN, "has no class `Scale`; it should define `class Scale(size, bias=True"),
    "in main": (
        PLAIN + 'if __name__ == "__main__":\n' + SCALE.replace("\n", "\n    "),
        'below `if __name__ == "__main__":`, which is not run when the file is graded',
    ),
    "another name": (
        PLAIN + SCALE.replace("class Scale", "class scale"),
        "You have `scale`: rename it to `Scale`.",
    ),
    "a function of another name": (
        RIGHT.replace("def total", "def Totals"),
        "You have `Totals`: rename it to `total`.",
    ),
    "a method of another name": (
        RIGHT.replace("def forward", "def foward"),
        "it should define `Scale.forward(x)`. You have `foward`: rename it to `forward`.",
    ),
    "a function": (PLAIN + "\ndef Scale(size):\n    pass\n", "is a function, not a class"),
    "an instance": (
        RIGHT + "\nScale = Scale(3)\n",
        "`Scale` is an object of your class, no longer the class",
    ),
    "no parameters": (
        PLAIN + "\nclass Scale(nn.Module):\n    def __init__(self):\n        super().__init__()\n",
        "does not take the arguments that it is called with",
    ),
    "raises": (
        PLAIN + "\nclass Scale(nn.Module):\n    def __init__(self, *a, **k):\n        1 / 0\n",
        "ZeroDivisionError: division by zero\nat line",
    ),
    "gives nothing": (
        RIGHT + "\n    def __new__(cls, *args, **kwargs):\n        return None\n",
        "`Scale(...)` gives None; it should give an object of the class",
    ),
    "no super": (
        PLAIN + "\nclass Scale(nn.Module):\n    def __init__(self, size, bias=True, dropout=0.0):\n"
        "        self.weight = nn.Parameter(torch.ones(size))\n",
        "Begin your `__init__` with `super().__init__()`: it makes the object a module.",
    ),
    "no super, and no parameters": (
        RIGHT.replace("super().__init__()", "vars(self).update(training=True)"),
        "Begin your `__init__` with `super().__init__()`",
    ),
    "a constructor that returns something": (
        RIGHT.replace("super().__init__()", "super().__init__()\n        return self"),
        "Leave the `return` out of your `__init__`: it gives nothing back.",
    ),
    "nearly its name": (
        RIGHT.replace("class Scale", "class Scales"),
        "You have `Scales`: rename it to `Scale`.",
    ),
    "no forward": (SCALE.partition("    def forward")[0], "has no method `forward`"),
    "no module": (
        PLAIN + "\nclass Scale:\n    def __init__(self, size, bias=True, dropout=0.0): pass\n",
        "AttributeError: 'Scale' object has no attribute 'to'",
    ),
    "nan": (
        RIGHT.replace("x, self.weight)", "x, self.weight * torch.nan)"),
        "is nan; it should be",
    ),
    "another kind": (
        RIGHT.replace("torch.addcmul(self.shift, x, self.weight)", "self"),
        "`Scale.forward` returned a value of type Scale, which cannot be graded",
    ),
    "nothing": (
        RIGHT.replace("return torch.addcmul(self.shift, x, self.weight)", "pass"),
        "is None; it should be a tensor. Did you forget `return`?",
    ),
    "a class for a function": (
        RIGHT + "\nclass total:\n    def __init__(self, model, x): pass\n",
        None,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_sentence(graded, name):
    """What is no right class is said in words, costs its own points, and no traceback of ours."""
    answer, said = BAD[name]
    if name == "no forward":
        answer = PLAIN + answer
    report = graded(answer, LIVES)
    assert report.status in ("failed", "partial")
    told = "\n".join(each.message or "" for each in report.properties)
    assert (said or "`total` is a class, not a function") in told
    assert "grader" not in told
    assert "Tried again" not in told


HOSTILE = {
    "lies of its attributes": """
class Scale(nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()

    def __getattr__(self, name):
        return lambda *a, **k: self

    def __call__(self, x):
        return x * 0
""",
    "a metaclass that gives whatever is asked": """
class Meta(type):
    def __call__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __instancecheck__(cls, other):
        return True


class Scale(metaclass=Meta):
    def to(self, *a): return self
    def load_state_dict(self, state): self.state = state
    def eval(self): return self
    def __call__(self, x): return self.state["weight"] * x
""",
    "asks itself for ever": """
class Scale(nn.Module):
    def __init__(self, size):
        super().__init__()

    def __getattr__(self, name):
        return getattr(self, name + "_")
""",
    "a tensor that answers for itself": """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return torch.zeros(1)


class Scale(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size).as_subclass(Liar))
        self.shift = nn.Parameter(torch.zeros(size).as_subclass(Liar))

    def forward(self, x):
        return self.weight
""",
    "hands out what it was loaded with": """
class Scale(nn.Module):
    def __init__(self, size):
        super().__init__()

    def load_state_dict(self, state):
        self.seen = list(state.values())

    def forward(self, x):
        return self.seen[0] * x
""",
    "changes every other one": SCALE.replace(
        "return torch.addcmul(self.shift, x, self.weight)",
        """for each in ALL:
            each.weight.data.zero_()
        ALL.append(self)
        return torch.addcmul(self.shift, x, self.weight)""",
    ).replace("class Scale", "ALL = []\nclass Scale"),
    "hooks that change the gradients": SCALE.replace(
        "super().__init__()",
        "super().__init__()\n        self.register_full_backward_hook(lambda m, i, o: None)",
    ).replace("self.shift, x, self.weight)", "self.shift, x, self.weight.detach())"),
}
TWO = '''
@pytest.mark.points(20)
@given(cases(), cases())
@settings(max_examples=10)
def test_two(student, reference, case, other):
    """Two share nothing."""
    one, two = made(student, case), made(student, other)
    for _ in range(2):
        agree(two(other[2]), made(reference, other)(other[2]))
        agree(one(case[2]), made(reference, case)(case[2]))
'''


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_class_gains_nothing(graded, name):
    """A class that lies of itself gets no point for what it does not compute."""
    report = graded(PLAIN + HOSTILE[name], GRADIENTS + TWO, effort=Effort.EVERY)
    results = by_name(report)
    assert "broken" not in {each.status for each in report.properties}
    if name.startswith(("changes", "hooks")):
        caught = "test_two" if name.startswith("changes") else "test_gradients"
        assert results[caught].status == "failed"
    else:
        assert report.score == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("    def __del__(self):\n        while True: pass\n", "did not come back"),
        ("    def __getattribute__(self, name):\n        while True: pass\n", "did not come back"),
        ("    def __call__(self, x):\n        import os; os._exit(3)\n", "exit code 3"),
    ],
    ids=["a destructor", "an attribute", "a death"],
)
def test_what_hangs_or_dies_costs_its_own_property(graded, made, said):
    """A destructor that hangs, an attribute that never comes, a dead worker: in words, in time."""
    report = graded(RIGHT + "\n".join(["", made]), LIVES, seconds=1, effort=Effort.EVERY)
    assert said in "\n".join(each.message or "" for each in report.properties)
    assert report.score < 100
    assert "broken" not in {each.status for each in report.properties}


@pytest.mark.slow
def test_an_iterator_without_end_is_read_as_far_as_it_is_asked(graded):
    """What an iterator gives is bounded by the judge, whatever it would go on to give."""
    assert graded(RIGHT, GRADIENTS + LIVES).score == 100
    flood = RIGHT.replace("return itertools.count(self.value)", "return iter([0] * 10**6)")
    assert by_name(graded(flood, LIVES))["test_lives"].status == "failed"


def test_a_course_of_format_1_has_no_classes(tmp_path):
    """An older grade would misread them, so the file says that it has them."""
    (tmp_path / "exercises").mkdir()
    path = tmp_path / "exercises" / "course.toml"
    path.write_text(COURSE.replace("format = 2", "format = 1"))
    with pytest.raises(UsageError, match="format = 2"):
        course.load(tmp_path)
    path.write_text(COURSE.replace('["__init__", "forward"]', '"forward"'))
    with pytest.raises(UsageError, match="classes has Scale"):
        course.load(tmp_path)


def test_a_class_may_stand_in_several_cells(graded, tmp_path):
    """A notebook that begins a class in one cell and goes on with it in others is an answer."""
    begun, _, rest = SCALE.partition("    def forward")
    cells = [
        PLAIN,
        begun,
        f"def forward{textwrap.dedent('    ' + rest)}\nScale.forward = forward",
        "class Scale(Scale):\n    def twice(self, x):\n        return self(self(x))",
        "Scale(2)(torch.ones(1, 2))",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    report = graded(nbformat.writes(book), LIVES, name="answer.ipynb")
    assert report.score == report.max_score, [each.message for each in report.properties]


SETTINGS = {
    "gradients off": "torch.set_grad_enabled(False)",
    "inference": "globals().setdefault('mode', torch.inference_mode()).__enter__()",
    "dtype": "torch.set_default_dtype(torch.float16)",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_step_leaves_torchs_settings_as_they_are(graded, name):
    """What is computed next would have no gradients, or another dtype: one property says so."""
    answer = REFERENCE.replace(
        "return model(x).sum()", f"y = model(x).sum()\n    {SETTINGS[name]}\n    return y"
    )
    report = graded(answer, LIVES)
    (failed,) = (each for each in report.properties if each.status != "passed")
    assert ("default dtype" if name == "dtype" else "gradients switched off") in failed.message


def test_a_step_may_change_torchs_settings_meanwhile(graded):
    """With gradients off inside, and put back at the end."""
    answer = REFERENCE.replace(
        "        self.value = start",
        "        with torch.no_grad():\n            self.value = start",
        1,
    )
    assert graded(answer, LIVES).score == 100
