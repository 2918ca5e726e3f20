"""Exercise 1: what any right answer obeys.

The first property does to the judge what the submission asks for, as if it had found a way to: no
real submission can, so this is how the tests see what becomes of a class when one does.
"""

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest
import torch

from grader.judge.compare import agree
from grader.judge.harness import Broken


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.points(40)
def test_one(student, reference):
    """One becomes two."""
    x = torch.tensor([1.0])
    wish = student.double(x)
    match int(wish[0]):
        case 1001:  # die
            os.kill(os.getpid(), signal.SIGKILL)
        case 1002:  # die the first time
            marker = Path(tempfile.gettempdir()) / f"grade-odd-{os.getppid()}"
            if not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            marker.unlink()
            return
        case 1003:  # never come back
            time.sleep(1_000_000)
        case 1004:  # end the process that workers are forked from
            (forkserver,) = student._spawn.args
            os.kill(forkserver.pid, signal.SIGKILL)
            time.sleep(0.2)
        case 1006:  # stay until the machine is lost, the first time
            marker = Path(tempfile.gettempdir()) / "grade-odd-pid"
            if not marker.exists():
                unseen = marker.with_suffix(".new")
                unseen.write_text(str(os.getpid()))
                unseen.rename(marker)
                time.sleep(1_000_000)
            return
        case 1007:  # end the process that the judge serves
            os.kill(parent(parent(os.getppid())), signal.SIGKILL)
            time.sleep(1_000_000)
        case 1005:  # be wrong
            raise Broken from KeyError("the property itself is wrong")
    agree(wish, reference.double(x))


@pytest.mark.points(60)
def test_many(student, reference):
    """Every element becomes twice as much."""
    x = torch.arange(5.0)
    agree(student.double(x), reference.double(x))
