"""What `grade validate --mutants` tries, and what it makes of it."""

import json
import subprocess

import pytest
from commands import GRADE

from grader.errors import UsageError
from grader.judge.prove import mutants, traps
from grader.judge.prove.validate import _mutant_checks

SOURCE = '''
import torch

def step(x, h, w):
    """One step."""
    if x.dim() != 2:
        raise ValueError("two axes")
    r, z = torch.sigmoid(x @ w.T + h).chunk(2, dim=-1)
    return r * 2.0, z
'''
PROPERTIES = """
@pytest.mark.points(100)
@given(cases())
def test_values(student, reference, case):
    \"\"\"Every element is doubled.\"\"\"
    agree(student.double(case), reference.double(case))
"""
EQUIVALENT = """
[[mutants]]
before = "return 2 * x + 0"
after = "return 2 * x - 0"
reason = "0 is 0"
"""


@pytest.mark.parametrize(
    "statement",
    [
        "return (r / 2.0, z)",
        "return (r * 4.0, z)",
        "return (r, z)",
        "return (z, r * 2.0)",
        "return ((r * 2.0).detach(), z)",
        "z, r = torch.sigmoid(x @ w.T + h).chunk(2, dim=-1)",
        "r, z = torch.tanh(x @ w.T + h).chunk(2, dim=-1)",
        "r, z = torch.sigmoid(x @ w.T - h).chunk(2, dim=-1)",
        "r, z = torch.sigmoid(x @ w.T).chunk(2, dim=-1)",
        "r, z = torch.sigmoid(x @ w + h).chunk(2, dim=-1)",
        "r, z = torch.sigmoid(h @ w.T + h).chunk(2, dim=-1)",
        "r, z = torch.sigmoid(x @ w.T + h).chunk(2)",
        "r, z = torch.sigmoid(x @ w.T + h).chunk(2, dim=-2)",
        "if x.dim() == 2:",
        "if x.dim() != 3:",
        "if False:",
    ],
)
def test_every_kind_of_slip_is_tried(statement):
    """Operators, constants, order, axes, dropped terms, calls, statements, detached tensors."""
    assert statement in {mutant.after for mutant in mutants.mutants(SOURCE)}


def test_mutants_are_different_programs_that_compile():
    """No two are the same text, none is the reference, and Python reads all of them."""
    found = mutants.mutants(SOURCE)
    texts = {mutant.source for mutant in found}
    assert len(texts) == len(found)
    for mutant in found:
        compile(mutant.source, "mutant", "exec")
        assert mutant.before != mutant.after or mutant.source != SOURCE


def test_what_nobody_runs_is_left_alone():
    """Docstrings, annotations and the words of an error make no mutants."""
    assert not [
        m for m in mutants.mutants(SOURCE) if "two axes_" in m.source or "One step._" in m.source
    ]
    assert (
        mutants.mutants(
            "def f(x: int | None = None) -> 'int | None':\n    'Doc.'\n    raise E('a')"
        )
        != []
    )
    assert (
        len(mutants.mutants("def f(x: 'a') -> 'b':\n    'Doc.'\n    return x")) == 3
    )  # none, two tensors


def made(tiny, reference, equivalent=None):
    exercise = tiny.exercise(PROPERTIES, reference=reference)
    exercise.stub.write_text("def double(x):\n    raise NotImplementedError\n")
    if equivalent is not None:
        (exercise.room / "equivalent.toml").write_text(equivalent)
    return exercise


def problems(tiny, reference, equivalent=None):
    """The problems that `grade validate --mutants` has with it, without the command."""
    checks = _mutant_checks(made(tiny, reference, equivalent), tiny.forkserver)
    return "\n".join(check.text for check in checks if not check.holds)


@pytest.mark.slow
def test_mutants_that_die_are_counted(tiny):
    """A reference whose mutants all die validates, by exit code and on the screen."""
    made(tiny, "def double(x):\n    return 2 * x\n", "mutants = []\n")
    done = subprocess.run(
        [*GRADE, "validate", "1", "--mutants", "--course", tiny.folder],
        capture_output=True,
        text=True,
    )
    assert "die, " in done.stdout
    # No property asks for gradients here, and the law that would is not in the file.
    assert [line for line in done.stdout.splitlines() if line.startswith("✗")] == [
        "✗  1  a mutant lives (detached), line 2: return 2 * x  ->  return (2 * x).detach()"
    ]
    assert done.returncode == 1


@pytest.mark.slow
def test_a_living_mutant_is_a_problem_unless_it_is_declared(tiny):
    """A survivor is shown as a change of a line; with a reason in the room it may live."""
    reference = "def double(x):\n    return 2 * x + 0\n"
    change = "return 2 * x + 0  ->  return 2 * x - 0"
    told = problems(tiny, reference)
    assert change in told
    assert "detached" in told
    whole = '[[mutants]]\noperator = "detached"\nreason = "no gradients here"\n'
    told = problems(tiny, reference, EQUIVALENT + whole)
    assert change not in told
    assert "detached" not in told


@pytest.mark.slow
def test_a_declaration_must_be_true(tiny):
    """A declared mutant that dies is a problem, and so is a declaration of what does not occur."""
    dying = EQUIVALENT.replace("2 * x - 0", "2 / x + 0")
    reference = "def double(x):\n    return 2 * x + 0\n"
    stale = EQUIVALENT.replace("2 * x + 0", "3 * x + 0")
    told = problems(tiny, reference, dying + stale)
    assert "declared equivalent and dies" in told
    assert "no mutant is what equivalent.toml declares: return 3 * x + 0" in told


@pytest.mark.parametrize("read", [mutants.declared, traps.declared], ids=["mutants", "traps"])
@pytest.mark.parametrize("text", ["[[mutants]", "x = 1\n", "[[TABLE]]\nother = 1\n", "\xff"])
def test_a_bad_declaration_is_said_so(tmp_path, text, read):
    """A file of declarations that cannot be read is named, with what it should be."""
    text = text.replace("TABLE", read.__module__.rpartition(".")[2])
    (tmp_path / "equivalent.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"equivalent\.toml cannot be read"):
        read(tmp_path)


@pytest.mark.slow
def test_strength_tells_what_each_property_kills(tiny):
    """`grade strength`: kills, kills that no other property has, and seconds; as table and JSON."""
    idle = """
@pytest.mark.points(0)
@pytest.mark.needs("test_values")
@given(cases())
def test_idle(student, case):
    \"\"\"It has a result.\"\"\"
    student.double(case)
"""
    exercise = tiny.exercise(PROPERTIES + idle, reference="def double(x):\n    return 2 * x + 0\n")
    exercise.stub.write_text("def double(x):\n    raise NotImplementedError\n")
    command = [*GRADE, "strength", "1", "--course", tiny.folder]
    done = subprocess.run([*command, "-f", "json"], capture_output=True, text=True)
    (found,) = json.loads(done.stdout)
    values, seen = found["properties"]
    assert (values["name"], values["points"], seen["name"]) == ("test_values", 100, "test_idle")
    assert found["mutants"] > values["kills"] == found["killed"] > 0
    # It was tried on mutants that test_values kills, kills those that raise, and none alone.
    assert 0 < seen["kills"] < values["kills"]
    assert (values["alone"], seen["alone"]) == (values["kills"] - seen["kills"], 0)
    table = subprocess.run(command, capture_output=True, text=True).stdout
    assert "test_values (most)" in table
    assert "test_idle (none alone)" in table
