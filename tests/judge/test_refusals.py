"""What the grader does not allow: each named once, with what to do, whatever was raised."""

import re

import pytest
from quality import WHOLE, sample

from grader.course import model as course
from grader.judge import refusals, student
from grader.judge.effort import Effort

REFERENCE = (course.bundled() / "solutions/ex03_attention_scoring/reference.py").read_text()
TYPE, COMPILE, NETWORK = "Nobody can type", "No program may be started", "There is no network"
PROCESS, SAVE, READ = "No other process", "Nothing is kept", "Only Python and its libraries"
DATA = "Data files do not go along"
HELD = "Leave out what looks into frames"

# What stands in the answer, and the sentence that says what is not allowed.
MET = {
    "breakpoint()": TYPE,
    "import pdb; pdb.set_trace()": TYPE,
    "import pdb; pdb.Pdb().set_trace()": TYPE,
    "import pdb; pdb.run('1')": TYPE,
    "input('x? ')": TYPE,
    "print(input())": TYPE,
    "import urllib.request as r; r.urlopen('https://example.com/x')": NETWORK,
    "torch.hub.load('pytorch/vision', 'resnet18')": NETWORK,
    "torch.hub.load_state_dict_from_url('https://example.com/x.pth')": NETWORK,
    "torch.hub.download_url_to_file('https://example.com/x', 'x')": NETWORK,
    "import socket; socket.create_connection(('1.1.1.1', 80))": NETWORK,
    "import http.client as h; h.HTTPConnection('example.com').request('GET', '/')": NETWORK,
    "torch.save(queries, '/tmp/x.pt')": SAVE,
    "torch.save(queries, '/nowhere/x.pt')": SAVE,
    "open('/tmp/x', 'w')": SAVE,
    "import pathlib; pathlib.Path('/tmp/x').write_text('')": SAVE,
    "import os; os.makedirs('/tmp/a/b')": SAVE,
    "torch.load('weights.pt')": DATA,
    "open('data.csv').read()": DATA,
    "open('/etc/hostname').read()": READ,
    "import numpy; numpy.load('x.npy')": DATA,
    "import os; os.listdir('/')": READ,
    "import subprocess; subprocess.run(['ls'])": PROCESS,
    "import subprocess; subprocess.check_output('ls', shell=True)": PROCESS,
    "import os; os.popen('ls').read()": PROCESS,
    "import os; os.fork()": PROCESS,
    "import multiprocessing as m; m.Process(target=print).start()": PROCESS,
    "import multiprocessing as m; m.Pool(2)": PROCESS,
    "import torch.multiprocessing as m; m.spawn(print, nprocs=2)": PROCESS,
    "list(torch.utils.data.DataLoader([1, 2], num_workers=2))": PROCESS,
    "from concurrent.futures import ProcessPoolExecutor as P; list(P().map(abs, [1]))": "sandbox",
    "import sys; sys._getframe()": HELD,
    "import sys; sys.settrace(None)": HELD,
    "import gc; gc.get_objects()": HELD,
}

# Those whose mistake is looked for too, as in any grading; of the others the message is known
# before.
IN_FULL = sample(MET, 9)


@pytest.mark.parametrize("code", MET)
def test_a_wall_says_what_to_do(code, grade_source):
    """One sentence, at the line that met it, in the first property that was tried."""
    text = REFERENCE.replace("    d = queries", f"    {code}\n    d = queries")
    effort = Effort.FULL if code in IN_FULL else Effort.VERDICT
    report = grade_source("3", text, speed=False, effort=effort)
    first = report.properties[0]
    line = text.split("\n").index(f"    {code}") + 1
    assert f"at line {line}: {code}" in first.message
    assert first.line == line
    said = first.message.split("\n")
    assert MET[code] in said[-1]
    assert len(said) == 3
    assert len(said[0]) < 300


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="it compiles for half a minute; scripts/check --quality")
def test_a_compiler_is_a_program(grade_source):
    """torch.compile, as a decorator, is named by what it raises; its own pages are left out."""
    text = REFERENCE.replace("def attention_scores", "@torch.compile\ndef attention_scores")
    first = grade_source("3", text, speed=False, property_seconds=60).properties[0]
    assert COMPILE in first.message
    assert len(first.message) < 600


def test_a_wall_met_while_the_file_is_loaded_is_named(grade_source):
    """Outside of any function too."""
    report = grade_source("3", f"{REFERENCE}\nopen('data.csv')\n")
    assert DATA in report.reason


ORDINARY = {
    ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", "x @ y  # see https://a.b"),
    ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", "net(x)  # torch.compile"),
    ("RuntimeError", "shape '[2]' is invalid", "Process(x).start()"),
    ("TypeError", "got an unexpected keyword", "torch.save(x, path, wrong=1)"),
    ("NameError", "name 'open' is not defined", "open('x')"),
    ("IndexError", "index 3 is out of range", "Pool(x)[3]"),
    ("LinAlgError", "not permitted", "subprocess"),
    ("FileNotFoundError", "[Errno 2] No such file", "x = helper(y)"),
    ("OutOfMemoryError", "CUDA out of memory", "num_workers"),
}


@pytest.mark.parametrize(("kind", "message", "line"), sorted(ORDINARY))
def test_an_ordinary_mistake_stays_what_it_is(kind, message, line):
    """Whatever else stands on its line."""
    assert refusals.advice(kind, message, [line]) is None


def test_the_innermost_line_counts_first():
    """Where one function of the submission calls another, the one that met the wall."""
    lines = ["helper(torch.load)", "torch.hub.load('a')"]
    assert NETWORK in refusals.advice("OSError", "[Errno 1]", lines)
    assert READ in refusals.advice("FileNotFoundError", "No such file", ["open('a')", "f()"])


def test_every_pattern_is_one():
    """None of them is a slip."""
    for wall in refusals._WALLS:
        for pattern in (wall.types, wall.messages, wall.torchs, wall.lines):
            re.compile(pattern)


def test_a_line_that_nobody_writes_is_looked_at_in_its_beginning_alone():
    """The judge looks for walls on it, in steps that are as many as its square."""
    met = ("PermissionError", "[Errno 13] Permission denied")
    line = "open('x', 'w')"
    assert SAVE in (refusals.advice(*met, [line]) or "")
    far = "open(" * refusals.MOST_OF_A_LINE + line
    assert SAVE not in (refusals.advice(*met, [far]) or "")


def test_names_that_code_misses_anew_in_every_call_are_looked_for_a_few_times(
    grade_source, monkeypatch
):
    """Each takes as long as the file has names."""
    looked: list[str] = []
    really = student._nearest

    def noted(name, others):
        looked.append(name)
        return really(name, others)

    monkeypatch.setattr(student, "_nearest", noted)
    report = grade_source(
        "3",
        "near_to_1 = calls = []\n"
        "def attention_scores(queries, keys):\n"
        "    calls.append(0)\n"
        "    raise NameError(f\"name 'near_to_{len(calls)}' is not defined\")\n"
        "attention = attention_scores\n",
        speed=False,
    )
    assert report.score == 0
    assert "near_to_" in (report.properties[0].message or "")
    assert len(looked) == len(set(looked)) <= student.MOST_MEANT
