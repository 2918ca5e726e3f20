"""When a file counts as saved."""

import mmap
import os
import select

import pytest

from grader.watch.files import Saves, state

PATIENCE_SECONDS = 60
NEVER = 3600.0  # seconds between two looks: only what is told counts


@pytest.fixture
def watching():
    """`watching(path, **options)`: the saves of a file, after the watch is known to be up."""
    begun = []

    def begin(path, **options):
        saves = Saves(path, **{"look_seconds": NEVER, **options})
        begun.append(saves)
        while not select.select([saves], [], [], 0.05)[0]:
            os.utime(path)  # until the first one is told
        settle(saves)
        return saves

    yield begin
    for saves in begun:
        saves.close()


def settle(saves):
    """Take what is still on its way."""
    while select.select([saves], [], [], 0.2)[0]:
        saves.drain()


def told(saves):
    """Whether a save is told."""
    return bool(select.select([saves], [], [], PATIENCE_SECONDS)[0])


def test_a_write_and_a_replacement_are_told(tmp_path, watching):
    """Writing in place, and renaming another file over it, are both saves of the file."""
    path = tmp_path / "answer.py"
    path.write_text("x = 1\n")
    saves = watching(path)
    path.write_text("x = 2\n")
    assert told(saves)
    settle(saves)
    (tmp_path / "new").write_text("x = 3\n")
    (tmp_path / "new").replace(path)
    assert told(saves)


def test_other_files_are_not_told(tmp_path, watching):
    """What is saved beside the file is not the file's."""
    path = tmp_path / "answer.py"
    path.write_text("x = 1\n")
    saves = watching(path)
    for name in ("other.py", ".answer.py.swp", "answer.py~"):
        (tmp_path / name).write_text("x = 1\n")
    assert not select.select([saves], [], [], 0.5)[0]


def test_the_file_that_a_link_leads_to_is_watched(tmp_path, watching):
    """Where the file is a link, a save of what it leads to counts."""
    there = tmp_path / "there"
    there.mkdir()
    (there / "mine.py").write_text("x = 1\n")
    path = tmp_path / "answer.py"
    path.symlink_to(there / "mine.py")
    saves = watching(path)
    (there / "mine.py").write_text("x = 2\n")
    assert told(saves)


def test_polling_sees_what_no_event_tells(tmp_path, watching):
    """With `poll`, a change that the system tells nobody of is found, such as one through mapped
    memory."""
    path = tmp_path / "answer.py"
    path.write_text("x = 1\n" * 1000)
    for poll in (False, True):
        saves = watching(path, poll=poll)
        with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            memory[4:5] = b"3" if poll else b"2"
            memory.flush()
        if poll:
            assert told(saves)
        else:
            assert not select.select([saves], [], [], 0.5)[0]


def test_a_file_without_a_folder_is_looked_for(tmp_path):
    """Where even the folder is missing, the file is found once both are there."""
    path = tmp_path / "later" / "answer.py"
    saves = Saves(path, look_seconds=0.05)
    path.parent.mkdir()
    path.write_text("x = 1\n")
    seen = None
    while seen is None:
        assert told(saves)
        saves.drain()
        seen = state(path)
    saves.close()


def test_the_state_of_a_file_changes_with_each_save(tmp_path):
    """A save changes it, also one of the same size or of a replacement; reading does not."""
    path = tmp_path / "answer.py"
    assert state(path) is None
    path.write_text("x = 1\n")
    first = state(path)
    path.read_text()
    assert state(path) == first
    os.utime(path, ns=(1, 1))
    assert state(path) != first
    before = state(path)
    (tmp_path / "new").write_text("x = 2\n")
    os.utime(tmp_path / "new", ns=(1, 1))
    (tmp_path / "new").replace(path)
    assert state(path) != before


@pytest.mark.parametrize(
    "line", ["import helpers", "from helpers import scale", "from .helpers import scale"]
)
def test_a_module_that_the_file_imports_is_a_part_of_it(tmp_path, line):
    """Saving it is a change; saving another file beside it is none."""
    path = tmp_path / "a.py"
    path.write_text(f"import torch\n{line}\n")
    (tmp_path / "other.py").write_text("x = 1\n")
    alone = state(path)
    (tmp_path / "helpers.py").write_text("x = 1\n")
    first = state(path)
    (tmp_path / "helpers.py").write_text("x = 10\n")
    second = state(path)
    (tmp_path / "other.py").write_text("x = 10\n")
    assert len({alone, first, second}) == 3
    assert state(path) == second
