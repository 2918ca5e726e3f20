"""`grade similar` as a teacher meets it: the table, the JSON, and the page in a real browser."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from test_similar import ANN, BOB, CAT, ROOT, STUB

NAME = "ex03_attention_scoring.py"
HOSTILE = "<script>document.title = 'mine'</script><img src=x onerror=alert(1)>"


def similar(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", "similar", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> Path:
    """A folder a student, one a zip, one that cannot be read."""
    folder = tmp_path_factory.mktemp("class")
    texts = {"ann": ANN, "cat": CAT, "eve": STUB, HOSTILE.replace("/", "_"): f"{BOB}# {HOSTILE}\n"}
    for student, text in texts.items():
        (folder / student).mkdir()
        (folder / student / NAME).write_text(text)
    with zipfile.ZipFile(folder / "dan.zip", "w") as archive:
        archive.writestr(f"homework/{NAME}", CAT.replace("scale", "s"))
    (folder / "fay").mkdir()
    (folder / "fay" / NAME).write_bytes(b"\xff\xfe\xfd")
    return folder


def test_the_table_names_pairs_and_says_what_it_is_not(handed_in):
    """Who, how much, which exercise; that nothing is proven; what could not be read."""
    done = similar(handed_in)
    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stdout.split())
    assert re.search(r"100% cat and dan 3\. Attention scoring 1\b", shown)
    assert "a place to look, not a verdict" in shown
    assert "Compared answers: 5 to exercise 3." in shown
    assert "cannot be read, and are not compared: 1" in shown


def test_one_file_may_answer_several_exercises(tmp_path):
    """Of a file or a notebook of everything, each exercise's own functions are compared."""
    other = (ROOT / "solutions/ex06_count_conv_params/right/loops.py").read_text()
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in (other, BOB)]
    nbformat.write(notebook, tmp_path / "bob.ipynb")
    (tmp_path / "ann.py").write_text(ANN + other)
    exercises = json.loads(similar(tmp_path, "--format", "json").stdout)["exercises"]
    pairs = {each["exercise"]["number"]: each["pairs"] for each in exercises}
    assert pairs[6] == []
    assert [pair["students"] for pair in pairs[3]] == [["ann", "bob"]]
    assert pairs[3][0]["shares"][0] > 0.8


def test_nothing_to_see_is_said(tmp_path):
    """A class without such pairs gets an empty list and code 0."""
    for student, text in {"cat": CAT, "eve": STUB}.items():
        (tmp_path / student).mkdir()
        (tmp_path / student / NAME).write_text(text)
    done = similar(tmp_path)
    assert done.returncode == 0
    assert "No two answers share 40% or more." in done.stdout


def test_the_json_has_it_all(handed_in, tmp_path):
    """One object: the note, each pair with its shares and passages, and what was not read."""
    file = tmp_path / "similar.json"
    done = similar(handed_in, "--format", "json", "--output", file, "--exercise", "3")
    assert (done.returncode, done.stdout) == (0, "")
    content = json.loads(file.read_text())
    assert "not a verdict" in content["note"]
    (exercise,) = content["exercises"]
    students = [pair["students"] for pair in exercise["pairs"]]
    assert ["cat", "dan"] in students
    assert len(students) == 2
    assert all(pair["share"] == max(pair["shares"]) for pair in exercise["pairs"])
    assert content["unread"][0]["path"] == f"fay/{NAME}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent"], "There is no folder absent"),
        ([ROOT / "tests", "--exercise", "99"], "no exercise '99'"),
        ([ROOT / "tests", "--output", "absent/x"], "There is no folder absent"),
    ],
)
def test_mistakes_are_said(arguments, said):
    """A folder, an exercise or a place for the page that is not there."""
    done = similar(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.fixture(scope="module")
def page(handed_in, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("page") / "similar.html"
    assert similar(handed_in, "--format", "html", "--output", file).returncode == 0
    return file


@pytest.mark.slow
def test_the_page_stands_alone(page):
    """No script, nothing that is loaded, and the students' text escaped."""
    text = page.read_text()
    assert "<script" not in text
    assert "<img" not in text
    assert not re.search(r'(?:src|href)="(?!#)|url\(|@import', text)
    assert "not a verdict" in text


def test_the_page_in_a_browser(page, window):
    """A pair's link opens both answers, the same passages marked with the same numbers; nothing
    complains, and what a student wrote stays text."""
    opened = window(page)
    shown = opened.page
    link = shown.get_by_role("link").filter(has_text="ann")
    link.click()
    sources = shown.locator("details[open] .source:visible")
    marks = [sources.nth(i).locator("mark sup").all_text_contents() for i in range(sources.count())]
    assert sorted(marks[-1]) == sorted(marks[-2]) == ["1", "2", "3"]
    assert marks[-1] != marks[-2]  # Bob has the functions in another order
    colours = sources.last.locator("mark").first.evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    assert colours != "rgba(0, 0, 0, 0)"
    left, right = (sources.nth(i).bounding_box() for i in (-2 + sources.count(), -1))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert HOSTILE in shown.locator("body").inner_text()
    assert shown.title().startswith("Similar answers")
    assert opened.complaints == []
    assert opened.requests == [page.as_uri()]
