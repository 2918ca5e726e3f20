"""The same class graded by nbgrader and by otter-grader, beside `grade class`.

Called by `classroom.py --peers PYTHON`. Each student hands in a notebook with an answer to exercise
3. The peers' tests are ten functions of plain assertions on twenty inputs each, as many as the
exercise has laws; they need no search, no smaller counterexample and no diagnosis, so the
comparison favours them. nbgrader grades one notebook after the other in a kernel of its own.
otter-grader's own parallel mode needs Docker, so `otter run` is called for one notebook at a time.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
from costs import Cost, answers, cost, grade_class
from nbformat.v4 import new_code_cell, new_notebook

from grader.course.model import Exercise

CHECKS = '''
import math
import torch
from torch.nn.functional import scaled_dot_product_attention


def drawn(scale=1.0, dtype=torch.float64):
    """Twenty cases, of several sizes."""
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        n, tq, tk, d, dv = torch.randint(1, 6, (5,), generator=generator).tolist()
        shapes = [(n, tq, d), (n, tk, d), (n, tk, dv)]
        yield [
            (scale * torch.randn(s, generator=generator, dtype=torch.float64)).to(dtype)
            for s in shapes
        ]


def expected(queries, keys, values):
    scores = queries @ keys.transpose(1, 2) / math.sqrt(queries.shape[-1])
    return scores, torch.softmax(scores, dim=-1) @ values


def same(result, wanted):
    assert result.dtype == wanted.dtype
    torch.testing.assert_close(result, wanted)


def test_scores(attention_scores, attention):
    for q, k, v in drawn():
        same(attention_scores(q, k), expected(q, k, v)[0])


def test_output(attention_scores, attention):
    for case in drawn():
        same(attention(*case)[0], expected(*case)[1])


def test_builtin(attention_scores, attention):
    for case in drawn():
        same(attention(*case)[0], scaled_dot_product_attention(*case))


def test_order_of_keys(attention_scores, attention):
    for q, k, v in drawn():
        order = torch.randperm(k.shape[1])
        output, weights = attention(q, k, v)
        shuffled = attention(q, k[:, order], v[:, order])
        same(shuffled[0], output)
        same(shuffled[1], weights[..., order])


def test_large_scores(attention_scores, attention):
    for case in drawn(scale=1e3):
        same(attention(*case)[0], expected(*case)[1])


def test_batch(attention_scores, attention):
    for case in drawn():
        whole = attention(*case)[0]
        for n in range(len(whole)):
            same(attention(*(each[n : n + 1] for each in case))[0], whole[n : n + 1])


def test_precision(attention_scores, attention):
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        for case in drawn(dtype=dtype):
            same(attention(*case)[0], expected(*case)[1])


def test_gradients(attention_scores, attention):
    for case in drawn():
        case = [each.requires_grad_() for each in case]
        gradients = [
            torch.autograd.grad(each.square().sum(), case)
            for each in (attention(*case)[0], expected(*case)[1])
        ]
        for result, wanted in zip(*gradients):
            same(result, wanted)


def test_layout(attention_scores, attention):
    for case in drawn():
        strided = [each.transpose(0, -1).contiguous().transpose(0, -1) for each in case]
        same(attention(*strided)[0], expected(*case)[1])


def test_inputs(attention_scores, attention):
    for case in drawn():
        kept = [each.clone() for each in case]
        attention(*case)
        for each, before in zip(case, kept):
            same(each, before)
'''
TESTS = [line[4:].split("(")[0] for line in CHECKS.splitlines() if line.startswith("def test_")]
ARGUMENTS = "attention_scores, attention"


def compare(exercise: Exercise, python: Path, students: int = 30) -> None:
    """Print what one submission costs each of the three."""
    print(
        f"\n{students} notebooks with exercise 3, half of them right, each grader with one job:\n"
    )
    print("| grader | seconds of one | processor time of one | memory |\n|---|---|---|---|")
    program = [python.absolute(), "-m"]
    os.environ["PATH"] = f"{python.absolute().parent}:{os.environ['PATH']}"  # nbgrader's alembic
    graders: dict[str, Callable[[Path, list[str]], Cost]] = {
        "grade class": ours,
        version(python, "nbgrader"): partial(nbgrader, program=[*program, "nbgrader"]),
        version(python, "otter-grader"): partial(otter, program=[*program, "otter"]),
    }
    sources = [source for _, source in zip(range(students), answers(exercise), strict=False)]
    for name, grader in graders.items():
        with tempfile.TemporaryDirectory() as folder:
            found = grader(Path(folder), sources)
        print(
            f"| {name} | {found.seconds / students:.2f} s | {found.processor / students:.2f} s "
            f"| {found.mib:.0f} MiB |",
            flush=True,
        )


def version(python: Path, package: str) -> str:
    """`nbgrader 0.9.6`, as it is installed beside `python`."""
    ask = f"import importlib.metadata as m; print('{package}', m.version('{package}'))"
    return subprocess.run(
        [python, "-c", ask], check=True, capture_output=True, text=True
    ).stdout.strip()


def ours(folder: Path, sources: list[str]) -> Cost:
    for number, source in enumerate(sources):
        write(folder / "submissions" / f"s{number:03d}" / "ex03.ipynb", new_code_cell(source))
    return grade_class(folder / "submissions", jobs=1)


def nbgrader(folder: Path, sources: list[str], program: list[object]) -> Cost:
    """Its gradebook, feedback and export are left out: `autograde` alone is timed."""

    def cell(source: str, name: str, **role: object) -> nbformat.NotebookNode:
        about = {"schema_version": 3, "grade_id": name, "solution": False, "grade": False,
                 "locked": False, "task": False}  # fmt: skip
        return new_code_cell(source, metadata={"nbgrader": about | role})

    checks = [cell(CHECKS, "checks", locked=True)] + [
        cell(f"{test}({ARGUMENTS})", test, locked=True, grade=True, points=10) for test in TESTS
    ]

    def answered(source: str) -> list[nbformat.NotebookNode]:
        return [cell(source, "answer", solution=True), *checks]

    stub = f"### BEGIN SOLUTION\n{sources[0]}\n### END SOLUTION"
    write(folder / "source" / "hw" / "answer.ipynb", *answered(stub))
    for number, source in enumerate(sources):
        path = folder / "submitted" / f"s{number:03d}" / "hw" / "answer.ipynb"
        write(path, *answered(source))
    cost([*program, "generate_assignment", "hw"], folder)
    found = cost([*program, "autograde", "hw"], folder)
    graded = sorted((folder / "autograded").glob("*/hw/answer.ipynb"))
    assert len(graded) == len(sources), f"nbgrader graded {len(graded)} of {len(sources)}"
    return found


def otter(folder: Path, sources: list[str], program: list[object]) -> Cost:
    tests = folder / "tests"
    tests.mkdir()
    for test in TESTS:
        (tests / f"{test}.py").write_text(
            f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {test!r}\n"
            f"points = 10\n{CHECKS}\n\n@test_case()\ndef check({ARGUMENTS}):\n"
            f"    {test}({ARGUMENTS})\n"
        )
    cost([*program, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"], folder)
    found = Cost(0.0, 0.0, 0.0)
    for number, source in enumerate(sources):
        one = folder / f"s{number:03d}"
        write(one / "answer.ipynb", new_code_cell(source))
        shutil.copy(folder / "autograder.zip", one)
        spent = cost([*program, "run", "answer.ipynb", "-a", "autograder.zip"], one)
        assert (one / "results.json").is_file(), "otter wrote no results"
        found = Cost(
            found.seconds + spent.seconds,
            found.processor + spent.processor,
            max(found.mib, spent.mib),
        )
    return found


def write(path: Path, *cells: nbformat.NotebookNode) -> None:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells), metadata=kernel), path)


if __name__ == "__main__":
    sys.exit("This is a part of `python benchmarks/classroom.py --peers PYTHON`.")
