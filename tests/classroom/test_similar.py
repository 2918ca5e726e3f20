"""Which pairs of answers `grade similar` points at, and which it leaves alone."""

import os
import random
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.classroom.similarity import similar
from grader.classroom.similarity.symbols import symbols
from grader.course import model as course
from grader.submission import text as submission

ROOT = Path(__file__).resolve().parent.parent.parent
EXERCISE = course.load(ROOT).exercise("attention_scoring")
STUB = EXERCISE.stub.read_text()

ANN = '''
import math
import torch


def shifted_exponentials(scores):
    """Exponentials that cannot overflow."""
    greatest, _ = scores.max(dim=-1, keepdim=True)
    return torch.exp(scores - greatest.detach())


def attention_scores(queries, keys):
    # one query at a time
    rows = []
    for position in range(queries.shape[1]):
        row = (queries[:, position : position + 1] * keys).sum(dim=-1)
        rows.append(row / math.sqrt(queries.size(-1)))
    return torch.stack(rows, dim=1)


def attention(queries, keys, values):
    weights = shifted_exponentials(attention_scores(queries, keys))
    weights = weights / weights.sum(dim=-1, keepdim=True)
    output = torch.zeros(*weights.shape[:2], values.shape[-1], dtype=values.dtype)
    for key in range(values.shape[1]):
        output = output + weights[:, :, key, None] * values[:, None, key]
    return output, weights
'''
# Ann's answer: other names, another order, other comments, other line breaks, an alias.
BOB = '''
import torch as th
from math import sqrt
import math


def attention(q, k, v):
    """My attention."""
    w = stable(attention_scores(q, k))
    w = w / w.sum(
        dim=-1, keepdim=True
    )
    result = th.zeros(*w.shape[:2], v.shape[-1], dtype=v.dtype)
    for j in range(v.shape[1]):  # go through all keys
        result = result + w[:, :, j, None] * v[:, None, j]
    return result, w


def attention_scores(q, k):
    out = []
    for i in range(q.shape[1]):
        r = (q[:, i : i + 1] * k).sum(dim=-1)
        out.append(r / math.sqrt(q.size(-1)))
    return th.stack(out, dim=1)


def stable(s):
    m, _ = s.max(dim=-1, keepdim=True)
    return th.exp(s - m.detach())
'''
CAT = """
import torch


def attention_scores(queries, keys):
    scale = queries.shape[-1] ** 0.5
    return torch.matmul(queries, keys.transpose(1, 2)) / scale


def attention(queries, keys, values):
    scores = attention_scores(queries, keys)
    weights = torch.nn.functional.softmax(scores, dim=2)
    output = torch.matmul(weights, values)
    return output, weights
"""
DAN = """
import math

import torch
from torch import Tensor


def attention_scores(queries: Tensor, keys: Tensor) -> Tensor:
    d = queries.size(2)
    kt = keys.permute(0, 2, 1)
    scores = torch.bmm(queries, kt)
    return scores / math.sqrt(d)


def attention(queries: Tensor, keys: Tensor, values: Tensor):
    s = attention_scores(queries, keys)
    w = torch.softmax(s, dim=-1)
    out = torch.bmm(w, values)
    return (out, w)
"""
CLASS = {"ann": ANN, "bob": BOB, "cat": CAT, "dan": DAN, "eve": STUB, "fay": STUB}


def compared(texts: dict[str, str], **options: float) -> similar.Compared:
    read = {
        name: submission.Submission(Path(f"{name}.py"), "", text) for name, text in texts.items()
    }
    return similar.compare(EXERCISE, read, **options)


@pytest.fixture(scope="module")
def a_class() -> similar.Compared:
    return compared(CLASS)


def test_a_disguised_copy_is_found(a_class):
    """Renamed variables, reordered functions, other comments and line breaks do not hide it."""
    (pair,) = a_class.pairs
    assert pair.students == ("ann", "bob")
    assert min(pair.shares) > 0.8


def test_the_passages_are_where_both_have_the_same(a_class):
    """Each function of one stands beside its copy in the other, whatever the order."""
    (pair,) = a_class.pairs
    beside = {
        ANN[left.start : left.end].split("(")[0]: BOB[right.start : right.end].split("(")[0]
        for left, right in pair.passages
    }
    assert beside == {
        "def shifted_exponentials": "def stable",
        "def attention_scores": "def attention_scores",
        "def attention": "def attention",
    }


def test_two_right_answers_to_a_short_exercise_are_no_pair(a_class):
    """Cat and Dan do the same thing; what they share is what the exercise asks for."""
    assert not [pair for pair in a_class.pairs if {"cat", "dan"} & set(pair.students)]
    assert compared({"cat": CAT, "dan": DAN}).pairs == ()


def test_what_the_course_itself_answers_is_no_pair():
    """Two students who write the reference, or one of the course's mistakes, word for word."""
    for name in ("reference.py", "misconceptions.py", "right/loops.py"):
        text = (EXERCISE.room / name).read_text()
        assert compared({"ann": text, "bob": text, "cat": CAT}).pairs == ()


def test_untouched_stubs_are_no_pair():
    """The stub is everybody's."""
    assert compared({"eve": STUB, "fay": STUB}).pairs == ()
    started = STUB.replace("raise NotImplementedError", "pass")
    assert compared({"eve": started, "fay": started}).pairs == ()


@pytest.mark.slow
def test_what_everybody_writes_is_no_pair():
    """A passage from the blackboard, which the whole class has, points at nobody."""
    everybody = {f"student {i:02}": CAT + ANN for i in range(20)}
    assert compared(everybody).pairs == ()


@pytest.mark.slow
def test_a_ring_within_a_class_is_found():
    """Seven of twenty with the same answer: they share what the others do not have."""
    right = [path.read_text() for path in sorted((EXERCISE.room / "right").glob("*.py"))]
    others = [CAT, DAN, *[STUB] * 5, *right * 2]
    texts = {f"other {i:02}": text for i, text in enumerate(others)}
    ring = {f"ring {i}": ANN if i % 2 else BOB for i in range(7)}
    found = {pair.students for pair in compared(texts | ring).pairs}
    assert all(name.startswith("ring") for students in found for name in students)
    assert len(found) == 21


def test_half_of_an_answer_is_found():
    """Who takes one function of two over shares about half."""
    half = CAT[: CAT.index("def attention(")] + ANN[ANN.index("def attention(queries, k") :]
    half = "import math\n" + ANN[: ANN.index("def attention_scores")] + half
    pairs = compared({"ann": ANN, "half": half, "dan": DAN}).pairs
    assert [pair.students for pair in pairs] == [("ann", "half")]


def test_the_least_share_can_be_chosen():
    """A higher one lists fewer pairs, a lower one more; the order is from the largest."""
    mixed = ANN[: ANN.index("def attention(queries, k")] + CAT[CAT.index("def attention(") :]
    texts = {"ann": ANN, "bob": BOB, "mixed": mixed}
    many = compared(texts, share=0.1).pairs
    assert [pair.share for pair in many] == sorted((p.share for p in many), reverse=True)
    assert len(many) == 3
    assert [p.students for p in compared(texts, share=0.85).pairs] == [("ann", "bob")]


def test_broken_code_is_compared_all_the_same():
    """A file with a syntax error is read as far as it looks like Python."""
    broken = ANN.replace("return output, weights", "return output,, weights")
    (pair,) = compared({"ann": ANN, "zoe": broken}).pairs
    assert pair.share > 0.4


@pytest.mark.slow
def test_endless_repetition_says_little():
    """A file that says one thing thousands of times shares that one thing, and holds nobody up."""
    endless = "x = 1" + " + 1" * 5_000
    assert compared({"ann": endless, "bob": endless, "cat": CAT}).pairs == ()
    both = ANN + endless
    (pair,) = compared({"ann": both, "bob": both}).pairs
    assert pair.shares == (1.0, 1.0)


@pytest.mark.slow
def test_the_order_of_the_students_makes_no_difference():
    """The same class gives the same pairs, whoever comes first, in any process."""
    names = sorted(CLASS)
    random.Random(1).shuffle(names)
    assert compared({name: CLASS[name] for name in names}).pairs == compared(CLASS).pairs
    code = (
        "from tests.classroom.test_similar import CLASS, compared\nprint(compared(CLASS).as_json())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1


def test_a_notebook_is_compared_with_files(tmp_path):
    """Code cells count, and places are named by cell."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# Mine"),
        *(nbformat.v4.new_code_cell(part) for part in BOB.split("\n\n\n")),
    ]
    nbformat.write(notebook, tmp_path / "bob.ipynb")
    (tmp_path / "ann.py").write_text(ANN)
    found = similar.compare(
        EXERCISE,
        {path.stem: submission.read(path) for path in tmp_path.iterdir()},
    )
    (pair,) = found.as_json()["pairs"]
    assert pair["students"] == ["ann", "bob"]
    assert all(p["right"]["from"].startswith("cell ") for p in pair["passages"])
    assert all(p["left"]["from"].startswith("line ") for p in pair["passages"])


def kinds(source: str) -> list[str]:
    return [symbol.kind for symbol in symbols(source)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "total = 1"),
        ("def f(a):\n    return a", "def g(b):\n    return b"),
        ("x = 'a' 'b'", 'y = "c"'),
        ("x = f(y)  # twice", "x = f(\n    y\n)"),
        ('def f():\n    """Says."""\n    return 1', "def g():\n    return 1"),
        ("class A:\n    def f(s):\n        s.x = 1", "class B:\n    def g(t):\n        t.y = 1"),
    ],
)
def test_disguises_leave_the_symbols_alone(one, other):
    """Names that are chosen, strings, comments, docstrings and line breaks do not count."""
    assert kinds(one) == kinds(other)


def test_what_is_imported_keeps_its_name():
    """An alias is no disguise."""
    plain = kinds("import torch\nx = torch.exp(y)")
    assert kinds("import torch as t\nz = t.exp(y)")[-8:] == plain[-8:]


@pytest.mark.parametrize(
    ("one", "other"), [("x.sum()", "x.mean()"), ("f(x, dim=1)", "f(x, dim=2)"), ("a + b", "a - b")]
)
def test_what_is_called_is_told_apart(one, other):
    """Methods, numbers and operators are what an answer is."""
    assert kinds(one) != kinds(other)


def test_symbols_know_where_they_stand():
    """The place of a symbol gives back its own text."""
    named = [s for s in symbols(ANN) if s.kind not in ("given", "string")]
    assert named
    assert all(ANN[symbol.start : symbol.end] == symbol.kind for symbol in named)
