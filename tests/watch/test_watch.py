"""What a person who watches can rely on: the real program, in a terminal."""

import io
import json
import os
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pexpect
import pytest
from pexpect.popen_spawn import PopenSpawn

from grader.course import model as course
from grader.learner.history import History

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60
RIGHT = "def double(x):\n    return 2 * x\n"
TRIPLE = "def double(x):\n    return 3 * x\n"
SQUARE = "def double(x):\n    return x * x\n"
ABSOLUTE = "def double(x):\n    return 2 * x.abs()\n"
HANGING = "def double(x):\n    while True:\n        pass\n"


def echoes(terminal):
    """Whether the terminal shows what is typed, as it does outside of a watch."""
    return bool(termios.tcgetattr(terminal.program.child_fd)[3] & termios.ECHO)


def descendants(pid):
    """The process numbers of all that descends from `pid`, nearest first."""
    found = []
    for line in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(line), *descendants(int(line))]
    return found


@pytest.mark.slow
def test_a_person_is_led_from_the_stub_to_the_next_exercise(start):
    """Save wrong, see why; ask for a hint; save right, see it pass with its time and be asked to go
    on; go on; leave. The terminal is as before, and the attempts are remembered."""
    terminal = start()
    terminal.until("Each save is graded.")
    assert "Exercise 1. Double" in terminal.shown()
    assert "not started" in terminal.shown()
    assert "replace the TODO" in terminal.shown()
    assert not echoes(terminal)

    terminal.save(TRIPLE)
    terminal.until("Each save is graded.")
    assert "✗ 0/60 Every element is multiplied." in terminal.shown()
    assert "expected = [[" in terminal.shown()
    assert "press h" in terminal.shown()

    terminal.press("h")
    terminal.until("What is x + x?")
    assert "Hint 1 of 2" in terminal.shown()
    assert "expected = [[" in terminal.shown()

    terminal.save(RIGHT)
    terminal.until("All 2 properties of the values hold")
    terminal.until("Go on to exercise 2, Triple?")
    assert "100 / 100  passed" in terminal.shown()
    assert "Time of one call" in terminal.shown()
    assert max(map(len, terminal.shown().splitlines())) <= 80

    terminal.press("\r")
    terminal.until("Each save is graded.")
    assert "Exercise 2. Triple" in terminal.shown()
    assert "Double" not in terminal.shown()

    terminal.press("q")
    assert terminal.ended() == 0
    assert echoes(terminal)
    found = course.load(terminal.course)
    history = History.of(found)
    attempts = history.attempts(found.exercise("1"))
    assert [(a.score, a.passed) for a in attempts] == [(0, False), (0, False), (100, True)]
    assert attempts[-1].ratio is not None
    assert history.tiers(found.exercise("1")) == 1
    assert history.next_exercise(found).slug == "triple"


def test_the_screen_and_the_keys_do_not_wait_for_torch():
    """The process that the person sees holds no torch, so that it is there at once."""
    code = "import sys, grader.cli.watch, grader.watch.loop; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


@pytest.mark.slow
def test_statement_and_list_are_read_until_one_goes_back(watched):
    """`s` shows the statement and `l` the list with what was reached; Enter goes back to the
    verdict, and so does the next save."""
    watched.save(TRIPLE)
    watched.until("Each save is graded.")
    watched.press("s")
    watched.until("Enter back")
    assert "The result is 2 times x." in watched.shown()
    assert "expected" not in watched.shown()
    watched.press("\r")
    watched.until("quit")
    assert "expected = [[" in watched.shown()
    watched.press("l")
    watched.until("Enter back")
    assert "1 Double  double" in watched.shown()
    assert "2 Triple  triple" in watched.shown()
    watched.save(SQUARE)
    watched.until("Each save is graded.")
    assert "expected" in watched.shown()
    assert "Enter back" not in watched.shown()


@pytest.mark.slow
def test_the_list_picks(watched):
    """On the list a number and Enter open that exercise; a number that is not there is said, and
    can be taken back."""
    watched.save(TRIPLE)
    watched.until("Each save is graded.")
    watched.press("l")
    watched.until("Open which one?")
    watched.press("29")
    watched.until("then Enter: 29")
    watched.press("\r")
    watched.until("There is no exercise 29 here")
    watched.press("25")
    watched.press("\x7f")
    watched.until("then Enter: 2")
    watched.press("\r")
    watched.until("Exercise 2. Triple")
    watched.until("Each save is graded.")
    watched.press("l")
    watched.until("Open which one?")
    watched.press("1")
    watched.until("then Enter: 1")
    watched.press("\r")
    watched.until("Exercise 1. Double")
    watched.until("Each save is graded.")


def test_r_grades_again(watched):
    """`r` grades the file once more, saved or not."""
    watched.save(SQUARE)
    watched.until("Each save is graded.")
    watched.press("r")
    watched.until("Grading ...")
    watched.until("Each save is graded.")


@pytest.mark.slow
def test_hints_come_to_an_end_and_n_goes_on_without_a_pass(start):
    """`h` gives one hint more each time, then says that there are no further ones. `n` leaves an
    exercise for the next that is not passed, and comes round again."""
    terminal = start("2")
    terminal.until("Each save is graded.")
    terminal.press("h")
    terminal.until("Hint 1 of 1")
    terminal.press("h")
    terminal.until("You have had all the hints of this exercise.")
    assert "1. What is x + x + x?" in terminal.shown()  # and they can be read again
    terminal.press("n")
    terminal.until("Exercise 1. Double")
    terminal.until("Each save is graded.")
    terminal.press("n")
    terminal.until("Exercise 2. Triple")


def test_a_syntax_error_is_survived(watched):
    """A line that is no Python is shown, and the next save is graded."""
    watched.save("def double(x:\n")
    watched.until("Each save is graded.")
    assert "not valid Python" in watched.shown()
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")


def test_a_deleted_file_is_waited_for(watched):
    """A file that is deleted is said to be missing, and graded when it is back."""
    watched.save(TRIPLE)
    watched.until("Each save is graded.")
    watched.file.unlink()
    watched.until("Waiting for ex01_double.py.")
    assert "ex01_double.py is not there." in watched.shown()
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")


def test_a_file_that_is_half_written_is_waited_for(watched):
    """What an editor leaves for a moment, an empty file or half a letter, ends nothing."""
    for half in (b"", 'x = "é'.encode()[:-1]):
        watched.written = b""
        watched.file.write_bytes(half)
        watched.until("Waiting for ex01_double.py.")
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")


@pytest.mark.slow
def test_an_editor_may_replace_the_file(watched):
    """A file that is written under another name and renamed, or moved aside first, is graded."""
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")
    new = watched.file.with_name("new~")
    new.write_text(TRIPLE)
    watched.written = b""
    new.replace(watched.file)
    watched.until("Each save is graded.")
    watched.file.rename(watched.file.with_name("ex01_double.py~"))
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")


@pytest.mark.slow
def test_a_folder_that_is_replaced_is_watched_anew(watched):
    """The whole folder may be exchanged, as a checkout of another branch does."""
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")
    folder = watched.file.parent
    folder.rename(folder.with_name("away"))
    folder.mkdir()
    for path in folder.with_name("away").iterdir():
        if path != folder.with_name("away") / watched.file.name:
            path.rename(folder / path.name)
    watched.save(TRIPLE)
    watched.until("Each save is graded.")


@pytest.mark.slow
def test_what_failed_before_is_tried_first(watched):
    """The input that the last grading failed on is tried before the others, and said at once."""
    watched.save(TRIPLE)
    watched.until("Each save is graded.")
    watched.save(SQUARE)
    watched.until("What failed before still does: The result is")
    watched.until("Each save is graded.")
    watched.save(ABSOLUTE)
    watched.until("What failed before is right now.")
    watched.until("Each save is graded.")
    assert "What is negative stays negative." in watched.shown()


@pytest.mark.slow
def test_a_newer_save_does_not_wait_for_code_that_hangs(watched):
    """A save while an older one hangs is graded; the older one is given up."""
    watched.save(HANGING)
    watched.until("Grading ...")
    watched.save(RIGHT)
    seen = watched.until("Go on to exercise 2")
    assert "did not come back" not in seen


@pytest.mark.slow
@pytest.mark.parametrize("which", ["forkserver", "judge"])
def test_the_watch_outlives_what_grades(watched, which):
    """Where the forkserver or the judge itself is killed, as an answer might do, there is another
    for the next save."""
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")
    judge, forkserver = descendants(watched.program.pid)[-2:]
    os.kill(forkserver if which == "forkserver" else judge, signal.SIGKILL)
    watched.save(TRIPLE)
    watched.until("Each save is graded.")
    assert "expected = [[" in watched.shown()


@pytest.mark.slow
def test_a_judge_that_dies_at_work_is_replaced(watched):
    """Where the judge is killed while it grades, that is said, and the next save is graded."""
    # A new one remembers no input of before, which would hang first, until its limit.
    judge, _ = descendants(watched.program.pid)[-2:]
    os.kill(judge, signal.SIGKILL)
    watched.save("def double(x:\n")
    watched.until("Each save is graded.")
    judge, _ = descendants(watched.program.pid)[-2:]  # it is idle: nothing of a grading is there
    watched.save(HANGING)
    watched.until("1 of 2:")
    os.kill(judge, signal.SIGKILL)
    watched.until("The grader itself failed at this: SIGKILL.")
    watched.save(RIGHT)
    watched.until("Go on to exercise 2")


TRAINS = """

@pytest.mark.points(10)
def test_learns(student):
    \"\"\"It learns.\"\"\"
    from grader.report import Trained
    student.on_training(Trained(300, 400, float("nan"), 1.0))
"""


@pytest.mark.slow
def test_what_is_done_now_is_said_from_the_first_property_on(start):
    """The first property is named while it is tried; so is a model that is being trained."""
    terminal = start("2", "--no-speed")
    terminal.until("Each save is graded.")
    with (terminal.course / "solutions" / "ex02_triple" / "properties.py").open("a") as properties:
        properties.write(TRAINS)
    terminal.file = terminal.file.with_name("ex02_triple.py")
    terminal.save("def triple(x):\n    return 3 * x\n")
    seen = terminal.until("100 / 100")
    assert "1 of 3: Every element is multiplied." in seen
    assert "training: 300 steps of 400 ..." in seen


@pytest.mark.slow
def test_the_verdict_is_that_of_grade_exercise(watched):
    """After all that was remembered, the verdict is the one of a single grading."""
    watched.save(TRIPLE)
    watched.until("Each save is graded.")
    watched.save(ABSOLUTE)
    watched.until("Each save is graded.")
    done = subprocess.run(
        [sys.executable, "-m", "grader", "exercise", "1", "--no-speed", "--format", "json",
         "--course", str(watched.course)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    report = json.loads(done.stdout)
    shown = watched.shown()
    assert f"{report['score']} / 100" in shown
    failing = [result for result in report["properties"] if result["counterexample"]]
    for line in failing[0]["counterexample"].split("\n"):
        assert line.strip() in shown


@pytest.mark.slow
def test_a_plain_terminal_gets_plain_text_and_itself_back(start):
    """With TERM=dumb nothing steers the terminal. Ctrl-Z stops the watch and gives the terminal
    back, as does Ctrl-C, which ends it."""
    terminal = start("1", TERM="dumb")
    terminal.until("Each save is graded.")
    assert not echoes(terminal)
    terminal.program.sendcontrol("z")
    _, status = os.waitpid(terminal.program.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert echoes(terminal)
    terminal.program.kill(signal.SIGCONT)
    terminal.press("h")
    terminal.until("What is x + x?")
    assert not echoes(terminal)
    terminal.program.sendintr()
    assert terminal.ended() == 130
    assert echoes(terminal)
    assert b"\x1b" not in terminal.written


def test_a_window_of_another_size_is_painted_again(watched):
    """When the window's size changes, the page is laid out for it."""
    watched.save(TRIPLE)
    watched.until("Each save is graded.")
    watched.resize(60)
    try:
        seen = watched.until("Each save is graded.")
    finally:
        watched.resize(80)
        watched.until("q quit")
    _, title, page = seen.partition("Exercise 1. Double")
    assert title
    assert max(map(len, page.splitlines())) <= 60  # before it, the end of the wider page may stand


@pytest.mark.slow
def test_without_a_terminal_there_are_no_keys(tmp_path, write_course):
    """In a pipe the keys are off, which is said, the text is plain, and SIGTERM ends it."""
    folder = write_course(tmp_path / "course")
    file = folder / "exercises" / "ex01_double.py"
    file.write_text(TRIPLE)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FORCE_"))}
    program = PopenSpawn(
        [sys.executable, "-m", "grader", "watch", "1", "--course", str(folder), "--no-speed"],
        cwd=ROOT,
        env={**environment, "COLUMNS": "300"},
        timeout=PATIENCE_SECONDS,
        encoding="utf-8",
        logfile=(log := io.StringIO()),
    )
    program.expect_exact("For a nudge: grade hint 1 --course")
    program.expect_exact("Each save is graded.")
    file.write_text(RIGHT)
    program.expect_exact(f"Go on: grade watch 2 --course {folder}")
    program.kill(signal.SIGTERM)
    program.expect(pexpect.EOF)
    assert program.wait() == 128 + signal.SIGTERM
    assert "Keys are off" in log.getvalue()
    assert "press" not in log.getvalue()
    assert "\x1b" not in log.getvalue()


@pytest.mark.slow
def test_a_system_that_cannot_grade_so_is_said(start):
    """`--device cuda` without one ends the watch with a usage error."""
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    terminal = start("1", "--device", "cuda")
    terminal.save(RIGHT)
    terminal.until("no CUDA device")
    assert terminal.ended() == 2
    assert echoes(terminal)


def test_a_grader_that_cannot_start_is_said(start, tmp_path):
    """Where what the judge needs is broken, the watch ends and says so, and tries no further."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(
        "import sys\nsys.executable = '/bin/false'\n"
    )
    path = os.pathsep.join([str(tmp_path / "broken"), os.environ.get("PYTHONPATH", "")])
    terminal = start("1", PYTHONPATH=path)
    terminal.until("The grader cannot start: exit code 1.")
    assert terminal.ended() == 2
    assert echoes(terminal)
