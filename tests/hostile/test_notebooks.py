"""Notebooks that are bombs: whatever is in one, it is read at once, or refused with a reason."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from grader.course import model as course
from grader.errors import UsageError
from grader.submission.text import MAX_BYTES, read

SECONDS = 5.0  # of this processor; eight megabytes take a fraction of it
EXERCISE = course.load(course.bundled()).exercise("3")
CODE = "def f(x):\n    return x\n"


def cell(source: Any = CODE, **more: Any) -> dict[str, Any]:
    node = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    return {**node, "execution_count": None, **more}


def notebook(*cells: Any, **more: Any) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more})


def nested(depth: int, opening: str = "[", closing: str = "]") -> str:
    return opening * depth + closing * depth


ONE = notebook(cell())
TEXT_OUTPUT = {"output_type": "stream", "name": "stdout", "text": "x" * 900_000}
# Texts that are refused, or read as the program that a person sees in them.
BOMBS = {
    "an output of a megabyte": notebook(cell(outputs=[TEXT_OUTPUT])),
    "100,000 outputs": notebook(cell(outputs=[0] * 100_000)),
    "outputs of the largest size": notebook(cell(outputs=[[]] * 2_000_000)),
    "an output over the largest size": notebook(cell(outputs=[TEXT_OUTPUT] * 9)),
    "50,000 cells": notebook(*[cell("x=1")["source"]] * 50_000),
    "5,000 code cells": notebook(*[cell("x = 1")] * 5_000),
    "50,000 code cells": notebook(*[cell("x = 1")] * 50_000),
    "100,000 lines": notebook(cell("x = 1\n" * 100_000)),
    "100,000 statements on a line": notebook(cell("x = 1;" * 100_000)),
    "code of three megabytes": notebook(*[cell("#" * 1_000_000)] * 3),
    "a format 3 of eight megabytes": notebook(cell(outputs=[0] * 2_000_000), nbformat=3),
    "the largest program that is read": notebook(
        *[cell("x = 0\nif x: x = 1\n" + "x = f(x)\n" * 97)] * 100
    ),
    "a list nested 100,000 deep": nested(100_000),
    "an object nested 100,000 deep": nested(100_000, '{"a":', "}"),
    "metadata nested 50,000 deep": ONE.replace(
        '"metadata": {}', f'"metadata": {nested(50_000)}', 1
    ),
    "outputs nested 50,000 deep": ONE.replace('"outputs": []', f'"outputs": {nested(50_000)}'),
    "code nested 50,000 deep": notebook(cell("x = " + nested(50_000))),
    "a number of 500,000 digits": ONE.replace("null", "9" * 500_000),
    "a number without end": ONE.replace("null", "1e999999"),
    "NaN for a format": ONE.replace('"nbformat": 4', '"nbformat": NaN'),
    "half a character": notebook(cell("x = '\\ud800'")),
    "a lone surrogate": ONE.replace("def f", "\\ud800"),
    "a source that is a number": notebook(cell(7)),
    "a source of lists": notebook(cell([["x"]])),
    "a source of 300,000 lines": notebook(cell([""] * 300_000)),
    "cells that are an object": ONE.replace('"cells": [', '"cells": {"a": [').replace("]}", "]}}"),
    "a cell that is null": notebook(None),
    "a cell of an unknown type": notebook(cell(cell_type="bomb")),
    "magics without end": notebook(cell("%x \\\n" * 100_000)),
    "a hundred thousand brackets in a magic": notebook(cell("!" + "(" * 100_000)),
    "attachments": notebook({**cell(), "attachments": {"a": {"image/png": "A" * 900_000}}}),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_read_or_refused_in_no_time(tmp_path, what):
    """Nothing but a UsageError comes out, and it fits a screen."""
    path = tmp_path / "bomb.ipynb"
    path.write_text(BOMBS[what], encoding="utf-8")
    began = time.process_time()
    try:
        outcome, most = read(path).answer_to(EXERCISE).source, MAX_BYTES
    except UsageError as error:
        outcome, most = str(error), 1000
    assert 0 < len(outcome) <= most
    assert time.process_time() - began < SECONDS


def test_of_two_entries_of_one_name_the_last_counts_as_everywhere(tmp_path):
    """What is graded is what Jupyter shows and runs, whatever another reader would see."""
    path = tmp_path / "twice.ipynb"
    first, second = (json.dumps([cell(f"x = {n}")]) for n in (1, 2))
    text = notebook().replace('"cells": []', f'"cells": {first}, "cells": {second}')
    path.write_text(text, encoding="utf-8")
    assert read(path).source.strip() == "x = 2"


@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
@pytest.mark.parametrize("target", ["/dev/zero", "/dev/stdin", "/proc/self/mem", "itself"])
def test_a_link_to_what_is_no_file_is_refused(tmp_path, suffix, target):
    """Neither devices without end nor links without one hold the reader up."""
    path = tmp_path / f"link{suffix}"
    path.symlink_to(path if target == "itself" else target)
    began = time.process_time()
    with pytest.raises(UsageError):
        read(path)
    assert time.process_time() - began < SECONDS


def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path):
    """It would be waited for, for ever."""
    path: Path = tmp_path / "pipe.py"
    os.mkfifo(path)
    with pytest.raises(UsageError, match="not an ordinary file"):
        read(path)
