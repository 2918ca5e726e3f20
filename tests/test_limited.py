"""Work within limits: what comes back of it, and what ends it."""

import glob
import os
import threading
import time
from pathlib import Path

import pytest

from grader import language
from grader.errors import UsageError
from grader.language import say
from grader.submission import limited

pytestmark = pytest.mark.usefixtures("within_limits")


def double(x):
    return {"twice": [x, x]}


def refuse(what):
    raise UsageError(what, "Do that.")


def swallow():
    try:
        while True:
            pass
    finally:
        while True:
            pass


def fill():
    kept = []
    while True:
        kept.append(bytearray(1 << 24))


def descend():
    return descend()


def crash():
    os.abort()


def crash_late():
    until = time.process_time() + 0.6
    while time.process_time() < until:
        pass
    os.abort()


def blame():
    raise ZeroDivisionError


def flood():
    return "x" * (limited.MOST_ANSWERED + 1)


def write():
    os.write(1, b"printed")
    os.write(2, b"printed")
    return os.getpid()


def where():
    return say("line {line}", line=7)


@pytest.fixture(params=["fork", "program"])
def way(request, monkeypatch):
    """Each way of asking: as a fork of this process, and as a program of its own."""
    monkeypatch.setattr(limited, "_can_fork", lambda: request.param == "fork")
    return request.param


def test_a_value_comes_back(way):
    """What JSON can hold, as it holds it."""
    assert limited.ask(double, "é\ud800") == {"twice": ["é\ud800", "é\ud800"]}


def test_it_is_done_in_another_process(way, capfd):
    """Nothing that it prints is seen."""
    assert limited.ask(write) != os.getpid()
    assert capfd.readouterr() == ("", "")


def test_a_usage_error_is_one_here_too(way):
    """With its two lines."""
    with pytest.raises(UsageError) as caught:
        limited.ask(refuse, "Not this.")
    assert (caught.value.problem, caught.value.advice) == ("Not this.", "Do that.")


@pytest.mark.slow
@pytest.mark.parametrize("work", [swallow, fill, descend, crash, flood])
def test_what_takes_too_much_is_ended(way, work, monkeypatch):
    """Endless, without bounds, or the end of the interpreter: it costs its own process."""
    monkeypatch.setattr(limited, "SECONDS", 1)  # of a fork; a program has its own
    with pytest.raises(limited.TakesTooMuch):
        limited.ask(work)


def test_a_fault_of_ours_is_no_fault_of_the_file(way):
    """An exception that nobody expects is told as the grader's."""
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        limited.ask(blame)


def test_the_language_is_the_same(way):
    """What is said there is said in the language in use here."""
    with language.speaking("zh"):
        assert limited.ask(where) == say("line {line}", line=7) != "line 7"


def test_with_threads_there_is_no_fork():
    """A fork has one of the threads, and what the others held is held for ever."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not limited._can_fork()
        assert limited.ask(double, 1) == {"twice": [1, 1]}
    finally:
        done.set()
        thread.join()


@pytest.mark.slow
def test_one_stranger_has_one_allowance(way, monkeypatch):
    """When it is used up, nothing more of theirs is read; others have theirs."""
    monkeypatch.setattr(limited, "ALLOWED", 0.5)
    with limited.Allowance() as allowance:
        assert limited.ask(double, 1) == {"twice": [1, 1]}
        with pytest.raises(limited.TakesTooMuch):
            limited.ask(crash_late)
        assert allowance.left <= 0
        with limited.Allowance():
            assert limited.ask(double, 1) == {"twice": [1, 1]}
        with pytest.raises(limited.TakesTooMuch):
            limited.ask(double, 1)
    assert limited.ask(double, 1) == {"twice": [1, 1]}


def children():
    return {Path(each).read_text() for each in glob.glob("/proc/self/task/*/children")}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at /proc")
def test_no_descriptor_and_no_process_stays(way):
    """However often it is asked."""
    before = len(os.listdir("/proc/self/fd")), children()
    for _ in range(5):
        limited.ask(double, 1)
    with pytest.raises(limited.TakesTooMuch):
        limited.ask(crash)
    assert (len(os.listdir("/proc/self/fd")), children()) == before


def test_what_is_our_own_is_read_here():
    """It answers alike, in this process; what a stranger wrote next is read in another again."""
    with limited.own():
        assert limited.ask(os.getpid) == os.getpid()
        assert limited.ask(double, "é\ud800") == {"twice": ["é\ud800", "é\ud800"]}
        with pytest.raises(UsageError, match="Not this"):
            limited.ask(refuse, "Not this.")
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            limited.ask(blame)
    assert limited.ask(os.getpid) != os.getpid()
