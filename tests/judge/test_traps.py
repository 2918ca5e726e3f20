"""What `grade validate --traps` tries, and what it makes of it."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from commands import GRADE

from grader.course import model as course
from grader.errors import UsageError
from grader.judge.effort import Effort
from grader.judge.prove.traps import Silent, declared
from grader.judge.prove.validate import _trap_checks, traps_of
from grader.submission import text as submission

CLASSES = Path(__file__).parent.parent / "example_classes"

HEAD = """
from typing import NamedTuple
from grader.judge import laws
from grader.judge.strategies import cases_of

class Case(NamedTuple):
    x: torch.Tensor

shapes = cases_of(Case, lambda n, d: [(n, d)])
"""
VALUES = (
    HEAD
    + """
test_values = laws.reference(shapes(), {"double": tuple}, title="It doubles.", points=100)
"""
)
SIZES = (
    HEAD
    + """
test_sizes = laws.middle_sizes(shapes.sized, {"double": tuple}, points=50)
test_precision = laws.precision(shapes, {"double": tuple}, points=20)
test_inputs = laws.inputs_unchanged(shapes(), {"double": tuple}, points=20)
test_layout = laws.layout(shapes(), {"double": tuple}, points=10)
"""
)
DOUBLE = "def double(x):\n    return 2 * x\n"
SHIFT = "def double(x, shift=1.0, part=2.0, times=3):\n    return 2 * x + shift + 0 * x / part\n"


def made(tiny, properties, declarations="", reference=DOUBLE):
    exercise = tiny.exercise(properties, reference=reference)
    head = reference.splitlines()[0]
    exercise.stub.write_text(f"{head}\n    raise NotImplementedError\n")
    (exercise.room / "equivalent.toml").write_text(declarations or "mutants = []\n")
    return exercise


def run(tiny, *options, **more):
    """What the command says of it, and its exit code."""
    made(tiny, *options, **more)
    command = [*GRADE, "validate", "1", "--traps", "--course", tiny.folder]
    return subprocess.run(command, capture_output=True, text=True)


def problems(tiny, *options, **more):
    """The lines of its problems, without a command."""
    checks = _trap_checks(made(tiny, *options, **more), tiny.forkserver)
    return [check.text for check in checks if not check.holds]


def living(lines):
    return [line.split("not found: ")[1] for line in lines if "is not found" in line]


@pytest.mark.slow
def test_what_no_property_looks_at_is_told(tiny):
    """With values alone an answer may change its input, or be wrong for long axes."""
    done = run(tiny, VALUES)
    assert done.returncode == 1
    told = living(done.stdout.splitlines())
    assert "double gives zeros where x.shape[0] > 20" in told
    # What values tell is found.
    assert "double gives zeros in every fourth call" not in told
    assert "traps: " in done.stdout


@pytest.mark.slow
def test_laws_find_all_traps(tiny):
    """Sizes that coincide, long axes, gradients along them and in each dtype, changed inputs."""
    done = run(tiny, SIZES)
    assert (living(done.stdout.splitlines()), done.returncode) == ([], 0), done.stdout
    assert "All of it holds." in done.stdout


@pytest.mark.slow
def test_a_trap_that_the_contract_allows_is_declared(tiny):
    """By a pattern and with a reason; a declaration that covers no living trap is a problem."""
    silent = '[[traps]]\nwhere = "double gives zeros where x.shape*"\nreason = "short ones only"\n'
    stale = '[[traps]]\nwhere = "double gives zeros in every*"\nreason = "it is asked once"\n'
    told = problems(tiny, VALUES, silent + stale)
    assert "double gives zeros where x.shape[0] > 20" not in living(told)
    unused = "no trap lives that equivalent.toml declares: "
    assert [line for line in told if line.startswith(unused)] == [
        f"{unused}double gives zeros in every*"
    ]


@pytest.mark.slow
def test_whole_numbers_have_traps_of_their_own(tiny):
    """An answer may be wrong where a number is large, 1, or equal to another."""
    alike = """
@pytest.mark.points(100)
@given(st.integers(1, 9), st.integers(10, 19))
def test_values(student, n, k):
    assert student.double(n, k) == (n + k, [k])
"""
    told = problems(tiny, alike, reference="def double(n, k):\n    return n + k, [k]\n")
    assert set(living(told)) == {
        "double gives zeros where n > 20",
        "double gives zeros where k > 20",
        "double gives zeros where n == k",
    }


@pytest.mark.slow
def test_lists_and_what_is_left_out_have_traps_of_their_own(tiny):
    """An answer may be wrong for one item, for many, or for an argument that is None."""
    lists = """
@pytest.mark.points(100)
@given(st.lists(tensors((2,)), min_size=2, max_size=4))
def test_values(student, reference, items):
    agree(student.double(items), reference.double(items))
    agree(student.double(items, scale=3), reference.double(items, scale=3))
    agree(student.double(items[:1], None), reference.double(items[:1]))
"""
    answer = "def double(items, scale=None):\n    return sum(items) * (scale or 2)\n"
    living_ones = living(problems(tiny, lists, reference=answer))
    assert "double gives zeros where items has over 10 items" in living_ones
    assert "double gives zeros where items has one item" not in living_ones
    assert "double gives zeros where scale is left out" not in living_ones


def test_what_told_last_is_asked_first(tiny):
    """In a grading for the verdict alone the order of properties may be another, and needs count
    for nothing; what is wrong is wrong in any order."""
    two = """
def test_fine(student):
    assert True

@pytest.mark.needs("test_fine")
def test_wrong(student):
    assert student.double(torch.ones(1)) == 2
"""
    wrong = "def double(x):\n    return x\n"
    effort = {"effort": Effort.VERDICT, "first": ["test_wrong"]}
    report = tiny.grade(wrong, two, **effort)
    assert [result.name for result in report.properties] == ["test_wrong"]
    right = tiny.grade(DOUBLE, two, **effort)
    assert [result.name for result in right.properties] == ["test_wrong", "test_fine"]


def test_a_declaration_takes_all_but_a_star_as_it_stands():
    """Names of traps have brackets in them."""
    trap = SimpleNamespace(name="f gives zeros where x.shape[0] > 20")
    assert Silent("f gives zeros where x.shape[0] > 20", "").covers(trap)
    assert Silent("f * where x.shape[0] > *", "").covers(trap)
    assert not Silent("f gives zeros where x.shape[?] > 20", "").covers(trap)
    assert not Silent("f gives zeros where x.shape[1] > 20", "").covers(trap)


@pytest.mark.parametrize("text", ["[[traps]", '[[traps]]\nwhere = "a"\n', "\xff"])
def test_a_bad_declaration_is_said_so(tmp_path, text):
    """A file of declarations that cannot be read is named, with what it should be."""
    (tmp_path / "equivalent.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"equivalent\.toml cannot be read"):
        declared(tmp_path)


@pytest.mark.slow
def test_an_optional_number_that_is_never_0_is_told(tiny):
    """Where the reference takes a 0, though no property tries one."""
    found = living(problems(tiny, VALUES, reference=SHIFT))
    told = [line for line in found if " == 0" in line and "shape" not in line]
    assert told == ["double gives zeros where shift == 0"]
    shifted = "def double(x, shift=1.0):\n    return 2 * x + shift\n"
    found = living(problems(tiny, SIZES.partition("test_precision")[0], reference=shifted))
    assert not [line for line in found if "shift" in line]


@pytest.mark.slow
def test_a_trap_stands_in_a_method_too(forkserver):
    """By what the method is called with, and by what its object was made with."""
    (exercise,) = course.load(CLASSES).exercises
    base = submission.read(exercise.room / "reference.py")
    found = {each.name: each.source for each in traps_of(exercise, base, forkserver)}
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)

    def gives(where, *args, on=x):
        names = {}
        exec(found[f"RMSNorm.forward {where}"], names)
        layer = names["RMSNorm"](*args).double()
        return layer, layer(on)

    assert not gives("gives zeros where eps == 0", 3, 0.0)[1].any()
    assert gives("gives zeros where eps == 0", 3)[1].all()
    assert not gives("gives zeros where x.shape[0] == 1", 3, on=x[:1])[1].any()
    assert gives("gives zeros where x.shape[0] == 1", 3)[1].requires_grad
    layer, first = gives("gives what it gave before, for tensors of the same shapes", 3)
    assert torch.equal(layer(-x), first)
    # A size that the object was made for is that of its input, in every call.
    assert not any("size" in name for name in found)


@pytest.mark.slow
def test_traps_are_set_where_objects_are_handed_over(forkserver):
    """By the modes and parameters of a model, and by which object it is; an answer may also train a
    copy, and one that gives items may give wrong ones."""
    exercise = course.find().exercise("54")
    base = submission.read(exercise.room / "reference.py")
    found = {each.name: each.source for each in traps_of(exercise, base, forkserver)}
    given = {}
    exec((exercise.stub.parent / exercise.stub.stem / "given.py").read_text(), given)

    def trained(where, is_training):
        names = {}
        exec(found[f"train_epoch {where}"], names)
        torch.manual_seed(0)
        model = given["LanguageModel"](3, 2)
        before = [parameter.clone() for parameter in model.parameters()]
        optimizer = given["Descent"](model, 0.1)
        model.train(is_training)
        tokens = torch.tensor([[0, 1, 2], [2, 1, 0]])
        value = names["train_epoch"](model, [(tokens, tokens)], optimizer, 1.0)
        pairs = zip(before, model.parameters(), strict=True)
        return value, any(not torch.equal(one, other) for one, other in pairs)

    right = trained("trains a copy where model is in eval mode", True)
    assert right[0] > 1
    assert right[1]
    assert trained("trains a copy where model is in eval mode", False) == (right[0], False)
    assert trained("gives zeros where model is in eval mode", False)[0] != right[0]
    assert "train_epoch gives what it gave before, for the same optimizer" in found


@pytest.mark.slow
def test_items_of_an_iterator_are_trapped(forkserver):
    """A function that gives an iterator still gives one, of wrong items."""
    exercise = course.find().exercise("49")
    base = submission.read(exercise.room / "reference.py")
    found = {each.name: each.source for each in traps_of(exercise, base, forkserver)}
    names = {}
    exec(found["consecutive_batches gives zeros where offset == 0"], names)
    batches = names["consecutive_batches"](list(range(1, 20)), 2, 3, 0)
    assert all(not inputs.any() for inputs, _ in batches)
    batches = names["consecutive_batches"](list(range(1, 20)), 2, 3, 1)
    assert all(inputs.any() for inputs, _ in batches)


@pytest.mark.slow
def test_an_optimizer_is_trapped_by_what_it_is_made_with(forkserver):
    """By what is among its parameters and how they are handed over, and by how often it was asked;
    it still gets a generator where it was given one."""
    exercise = course.find().exercise("52")
    base = submission.read(exercise.room / "reference.py")
    found = {each.name: each.source for each in traps_of(exercise, base, forkserver)}

    def moved(where, handed, *gradients):
        names = {}
        exec(found[f"Adam.step does nothing where {where}"], names)
        w, b = torch.ones(2, requires_grad=True), torch.ones((), requires_grad=True)
        optimizer = names["Adam"](handed([w, b]))
        for gradient in gradients:
            before = w.detach().clone()
            w.grad, b.grad = torch.ones(2), gradient
            optimizer.step()
        return not torch.equal(w, before)

    zero, one = torch.zeros(()), torch.ones(())
    assert not moved("one of params has no axes", list, one)
    assert moved("one of params is empty", list, one)
    assert not moved("one of params has no gradient", iter, None)
    assert moved("one of params has no gradient", iter, one)
    assert not moved("one of params has a gradient of zeros", iter, zero)
    assert not moved("params can be read once", iter, one)
    assert moved("params can be read once", list, one)
    assert not moved("params is a list", list, one)
    assert not moved("it is an object's second call", iter, one, one)
    assert moved("it is an object's second call", iter, one, one, one)
    assert "Adam.zero_grad does nothing where an object had 10 calls before" in found
