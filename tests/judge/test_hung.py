"""Code that does not come back: told once, with the line that it was at, and without long waits."""

import pytest
from quality import sample

from grader.course import model as course
from grader.judge.processes import replies
from grader.judge.processes.workers import Worker, WorkerHung
from grader.report import PropertyStatus
from grader.worker.walls import layers

ROOM = course.bundled() / "solutions" / "ex03_attention_scoring"
REFERENCE = (ROOM / "reference.py").read_text()
LOOP = "while True: pass"


def before(line, *codes):
    """The reference with lines of code before the one that begins so."""
    indent = " " * (len(line) - len(line.lstrip()))
    assert REFERENCE.count(line) == 1
    return REFERENCE.replace(line, "".join(f"{indent}{code}\n" for code in codes) + line)


IN_SCORES = "    d = queries"
IN_ATTENTION = "    weights = torch.softmax"
LOOPS = {
    "in Python": (LOOP,),
    "that swallows what is raised": (
        "while True:", "    try: 1 / 0", "    except BaseException: pass",
    ),
    "in a helper": ("def again():", "    while True: pass", "again()"),
    "in an operation of C": ("sum(1 for _ in iter(int, 1))",),
    "that sleeps": ("import time", "time.sleep(1e6)"),
    "that waits for a lock": ("import threading", "threading.Semaphore(0).acquire()"),
    "beside a thread": ("import threading", "threading.Event().wait()"),
    "that has its signals ignored": (
        "import signal", "signal.signal(signal.SIGUSR1, signal.SIG_IGN)", LOOP,
    ),
    "in operations of torch": ("x = torch.eye(2000)", "for _ in iter(int, 1): x = x @ x"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("loop", sample(LOOPS, 2))
def test_an_endless_loop_is_told_once(loop, grade_source):
    """One call is waited for; nothing that needs the function is tried again, and the report says
    the limit and, where the process could be asked, the line."""
    report = grade_source("3", before(IN_SCORES, *LOOPS[loop]), property_seconds=1, speed=False)
    tried = [p for p in report.properties if "did not come back within" in (p.message or "")]
    assert [p.name for p in tried] == ["test_scores"]
    assert report.score == 0
    (late,) = tried
    assert late.status is PropertyStatus.ERROR
    assert "within 1 seconds" in late.message
    rest = [p for p in report.properties if p is not late]
    assert {p.status for p in rest} == {PropertyStatus.SKIPPED, PropertyStatus.ERROR}
    assert any("uses `attention_scores`" in (p.message or "") for p in rest)
    if "ignored" not in loop:
        first = REFERENCE[: REFERENCE.index(IN_SCORES)].count("\n") + 1
        assert first <= late.line <= first + len(LOOPS[loop])
        assert f"at line {late.line}: " in late.message


@pytest.mark.slow
def test_functions_that_need_it_not_are_tried(grade_source):
    """What does not use the function that hangs has its points."""
    report = grade_source("3", before(IN_ATTENTION, LOOP), property_seconds=1, speed=False)
    results = {p.name: p for p in report.properties}
    assert results["test_scores"].status is PropertyStatus.PASSED
    assert "did not come back within" in results["test_output"].message


@pytest.mark.slow
def test_another_endless_loop_is_waited_for_less(grade_source):
    """Once a call did not come back, the next that does not has a fifth of the time."""
    text = before(IN_ATTENTION, LOOP).replace("attention_scores(queries, keys),", "queries,")
    text = text.replace(IN_SCORES, f"    {LOOP}\n{IN_SCORES}")
    report = grade_source("3", text, property_seconds=2, speed=False)
    results = {p.name: p.message or "" for p in report.properties}
    assert "within 2 seconds" in results["test_scores"]
    assert "within 0.4 seconds" in results["test_output"]


@pytest.mark.slow
def test_a_loop_while_the_file_is_loaded_is_told(grade_source):
    """With the line, and the limit."""
    report = grade_source("3", f"{REFERENCE}\n{LOOP}\n", property_seconds=1)
    number = REFERENCE.count("\n") + 2
    assert f"within 1 seconds.\nIt was at line {number}: {LOOP}" in report.reason
    assert "being loaded" in report.reason


def test_a_worker_without_time_left_takes_nothing_from_the_report(grade_source, monkeypatch):
    """The layers of the sandbox are those that were around the student's code, even where no time
    is left for a worker after it to say what it has."""
    confine, made = Worker.confine, []

    def late(worker, timeout):
        made.append(worker)
        if len(made) > 1:
            raise WorkerHung("too late", None)
        confine(worker, timeout)

    monkeypatch.setattr(Worker, "confine", late)
    report = grade_source("3", before(IN_SCORES, "import os", "os._exit(3)"), speed=False)
    assert len(made) > 1
    assert report.score == 0
    assert sorted(report.sandbox) == sorted(layers.NAMES)


def test_a_line_that_is_made_up_is_none(grade_source):
    """What a submission writes where the line is told is at most a line of its own file."""
    forged = [
        "import os",
        "text = b'  File \"ex03_attention_scoring.py\", line 99999 in f\\n' * 9999",
        "for number in range(3, 64):",
        "    try: os.set_blocking(number, False); os.write(number, text)",
        "    except OSError: pass",
    ]
    report = grade_source("3", before(IN_SCORES, *forged, LOOP), property_seconds=2, speed=False)
    messages = " ".join(p.message or "" for p in report.properties)
    assert report.score == 0
    assert "99999" not in messages


TOLD = {
    b'Current thread 0x1 (most recent call first):\n  File "a.py", line 2 in f\n': 2,
    b'  File "/lib/x.py", line 1 in g\n  File "a.py", line 3 in f\n  File "a.py", line 1 in h\n': 3,
    b'  File "a.py", line 4 in f\n': None,
    b'  File "a.py", line 0 in f\n': None,
    b'  File "a.py", line -1 in f\n': None,
    b'  File "a.py", line 99999999999999999999 in f\n': None,
    b'  File "b.py", line 1 in f\n': None,
    b'x  File "a.py", line 1 in f\n': None,
    b"\xff\xfe\x00": None,
    b"": None,
}


@pytest.mark.parametrize(("told", "line"), TOLD.items())
def test_of_what_a_worker_says_only_a_line_of_the_file_is_taken(told, line):
    """Whatever else is written there is nothing."""
    assert replies.line_of(told, "a\nb\nc", "a.py") == line


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a b.py", "\u8bd5.py", "a(1).py", "\U0001f600.py", "caf\xe9.py"])
def test_names_of_files_are_told_in_ascii(name, forkserver):
    """A file of any name is found among the frames that the process writes."""
    import dataclasses

    from grader.judge.processes.workers import Start

    limits = dataclasses.replace(course.Limits(), property_seconds=2)
    start = Start("x = 1\nwhile True: pass\n", name, ["f"], [], "cpu", limits)
    worker = Worker(forkserver, start)
    worker.confine(10.0)
    with pytest.raises(WorkerHung) as caught:
        worker.request(worker._start, 0.2)
    assert caught.value.line == 2
