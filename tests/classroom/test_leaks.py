"""What the check of a release finds, and what it lets pass."""

import base64
import gzip
import html
import io
import json
import urllib.parse
import zipfile
from pathlib import Path

import nbformat
import pytest

from grader.classroom.given_out import contents
from grader.classroom.given_out.leaks import Secrets, leaks
from grader.course import model as course
from grader.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
ROOM = EXAMPLE / "solutions" / "ex01_rms_norm"
STUB = EXAMPLE / "exercises" / "ex01_rms_norm.py"
COURSE_FILE = EXAMPLE / course.COURSE_FILE
REFERENCE = (ROOM / "reference.py").read_text()
LINE = next(line.strip() for line in REFERENCE.splitlines() if line.strip().startswith("return"))


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    """The secrets of the example course, whose hints are public."""
    found = of_room()
    found.allow_code(STUB.read_text())
    found.allow(COURSE_FILE.read_text())
    return found


def of_room() -> Secrets:
    found = Secrets()
    for path in sorted(ROOM.rglob("*.*")):
        found.add(path, path.read_bytes())
    return found


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def notebook(line: str) -> bytes:
    """A notebook that hides a line in its metadata, three levels down."""
    written = nbformat.v4.new_notebook()
    written.cells = [nbformat.v4.new_code_cell("x = 1", metadata={"note": {"of": [line]}})]
    return nbformat.writes(written).encode()


def wrapped(data: bytes) -> bytes:
    """Base64 in lines of 76 characters, indented as in a YAML block."""
    lines = base64.encodebytes(data).decode().splitlines()
    return ("run: |\n" + "\n".join(f"    {line}" for line in lines)).encode()


HIDDEN = {
    "a line of a README": f"# Hello\n\nNobody reads `{LINE}`, surely.\n".encode(),
    "a quoted and spaced line": f"> {LINE.replace(' ', '   ')}\n".encode(),
    "a line in capitals": LINE.upper().encode(),
    "a notebook's metadata": notebook(LINE),
    "JSON with escapes": json.dumps({"a": [{"b": f"\t{LINE}\nx"}]}).encode(),
    "base64 in a workflow": wrapped(REFERENCE.encode()),
    "base64 behind a word": b"DATA/" + base64.b64encode(LINE.encode() * 2),
    "base64 of base64": base64.b64encode(base64.b64encode(REFERENCE.encode())),
    "base64 of gzip": b"x: " + base64.b64encode(gzip.compress(REFERENCE.encode())),
    "hexadecimal": LINE.encode().hex().encode(),
    "a zip": zipped("a.txt", LINE.encode()),
    "a zip in a zip": zipped("outer", zipped("inner", LINE.encode())),
    "gzip": gzip.compress(LINE.encode()),
    "HTML": html.escape(f'<b title="{LINE}">').encode(),
    "an address": f"https://example.org/?q={urllib.parse.quote(LINE)}".encode(),
    "a string of Python": repr(f"a\nb\t{LINE}\n").encode(),
    "UTF-16": LINE.encode("utf-16"),
    "UTF-16 without a mark": LINE.encode("utf-16-le"),
}


@pytest.mark.parametrize("how", HIDDEN)
def test_a_line_of_the_answer_is_found_wherever_it_hides(how, secrets, tmp_path):
    """In the open, packed, encoded or escaped: the file and the secret file are named."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(HIDDEN[how])
    found = leaks(tmp_path, secrets)
    assert found
    assert {leak.place.path for leak in found} == {Path("deep/file")}
    assert all(leak.secret.path.is_relative_to(ROOM) for leak in found)


@pytest.mark.parametrize(
    "name", sorted(str(p.relative_to(ROOM)) for p in ROOM.rglob("*.*") if p.suffix != ".pyc")
)
def test_no_file_of_the_room_passes(name, secrets, tmp_path):
    """Reference, properties, misconceptions, right and wrong answers: whole, and line by line."""
    text = (ROOM / name).read_text()
    (tmp_path / "whole").write_text(text)
    (tmp_path / "changed").write_text("x\n" + text)
    found = leaks(tmp_path, secrets)
    assert {leak.place.path.name for leak in found} == {"whole", "changed"}


def test_the_line_of_a_leak_is_named(secrets, tmp_path):
    """The report says on which line of which file, and on which of the room it stands."""
    (tmp_path / "README.md").write_text(f"one\ntwo\n{LINE}\n")
    (leak,) = leaks(tmp_path, secrets)
    assert leak.place == (Path("README.md"), 3)
    text = leak.secret.path.read_text().splitlines()[leak.secret.line - 1]
    assert LINE in text
    assert str(leak).startswith("README.md, line 3: ")


def test_the_line_of_a_leak_in_a_notebook_is_that_of_the_file(secrets, tmp_path):
    """A cell's line, and a string of the metadata, are where an editor shows them."""
    written = nbformat.v4.new_notebook(metadata={"note": f"one\n{LINE}"})
    written.cells = [nbformat.v4.new_code_cell(f"x = 1\ny = 2\n{LINE}")]
    nbformat.write(written, tmp_path / "a.ipynb")
    lines = (tmp_path / "a.ipynb").read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if LINE in line}
    assert len(expected) == 2
    assert {leak.place.line for leak in leaks(tmp_path, secrets)} == expected


def test_what_cannot_be_looked_through_is_refused(secrets, tmp_path, monkeypatch):
    """An archive that unpacks to more than is read is named; it might hold anything."""
    monkeypatch.setattr(contents, "MOST", 1000)
    (tmp_path / "large.zip").write_bytes(zipped("a", b"x" * 2000))
    with pytest.raises(UsageError, match=r"large\.zip unpacks to more"):
        leaks(tmp_path, secrets)


def test_what_students_may_see_is_no_leak(secrets, tmp_path):
    """The stub and the course file, whatever they share with the room."""
    (tmp_path / "stub.py").write_text(STUB.read_text())
    (tmp_path / "course.toml").write_text(COURSE_FILE.read_text())
    assert leaks(tmp_path, secrets) == []


def test_an_answer_left_in_a_comment_of_the_stub_is_found(tmp_path):
    """A stub is public but for its comments: the author may have forgotten something there."""
    stub = STUB.read_text() + f"    # {LINE}\n"
    (tmp_path / "ex01_rms_norm.py").write_text(stub)
    found = of_room()
    found.allow_code(stub)
    (leak,) = leaks(tmp_path, found)
    assert leak.place.line == len(stub.splitlines())


def test_a_sentence_without_spaces_is_found(tmp_path):
    """Chinese is told by its signs, since no spaces part its words."""
    found = Secrets()
    found.add(Path("zh.toml"), '"你的分数看起来没有缩放：把它们除以 sqrt(d)。"\n'.encode())
    (tmp_path / "README.md").write_text("注意！你的分数看起来没有缩放：把它们除以二。\n")
    (leak,) = leaks(tmp_path, found)
    assert leak.secret == (Path("zh.toml"), 1)
