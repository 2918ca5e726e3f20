"""What the process that workers come from does for its judge, however it comes by them.

It starts workers, ends them with all of their descendants, and says how they ended. When its judge
has gone it leaves nothing of them.
"""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable

from grader.worker.walls import disk

MAX_REQUEST = 1 << 13  # the path of a scratch folder, at most


class Serving:
    """The workers of one judge.

    `start` makes a worker of descriptors: those of its channel, of what it prints, of where it is,
    and of what it shares; of that a letter each says what it is: "p" the memory for timed calls,
    "d" what processes on a device have in common. It gives the process number. `expect` is told how
    many are wanted soon; `waiting` gives the processes that are no workers yet; `warm` is called
    where workers will make optimizers.
    """

    def __init__(
        self,
        start: Callable[[list[int], str], int],
        expect: Callable[[int], None] = lambda _: None,
        waiting: Callable[[], set[int]] = set,
        warm: Callable[[], None] = lambda: None,
    ) -> None:
        self._start, self._expect, self._waiting, self._warm = start, expect, waiting, warm
        self._alive: dict[int, str] = {}  # process numbers of workers, and their scratch folders

    def obey(self, control: socket.socket) -> None:
        """Do what the judge at the other end of `control` asks for, until it hangs up."""
        try:
            while self._obeyed(control):
                pass
        finally:
            # The judge has gone, killed perhaps: nobody else is left to clean up.
            for pid, scratch in list(self._alive.items()):
                self._end(pid, grace=0)
                disk.remove(scratch)

    def _obeyed(self, control: socket.socket) -> bool:
        """Do one thing that the judge asks for; False where it has hung up."""
        request, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 5)
        if not request:
            return False
        verb, *arguments = os.fsdecode(request).split(" ", 1)
        if verb == "spawn":
            which, scratch = arguments[0].split(" ", 1)
            answer = self._start(descriptors, which.strip("-"))
            for descriptor in descriptors:
                os.close(descriptor)
            self._alive[answer] = scratch
        elif verb == "strays":
            answer = self._sweep()
        elif verb == "expect":
            self._expect(int(arguments[0]))
            answer = 0
        elif verb == "optimizers":
            self._warm()
            answer = 0
        else:
            number, grace = arguments[0].split()
            answer = self._end(int(number), float(grace))
        control.sendall(str(answer).encode())
        return True

    def _end(self, pid: int, grace: float) -> int:
        """End a worker and its descendants; the wait status of the worker.

        It has `grace` seconds to end by itself, so that the status tells how it did.
        """
        deadline = time.monotonic() + grace
        ended, status = os.waitpid(pid, os.WNOHANG)
        while not ended and time.monotonic() < deadline:
            time.sleep(0.002)
            ended, status = os.waitpid(pid, os.WNOHANG)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if not ended:
            _, status = os.waitpid(pid, 0)
        self._alive.pop(pid, None)
        self._sweep()
        return status

    def _sweep(self) -> int:
        """Kill what escaped its process group, and count it: orphans come to this process, the
        subreaper."""
        count = 0
        for _ in range(100):
            orphans = _children() - self._alive.keys() - self._waiting()
            if not orphans:
                break
            count += len(orphans)
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(orphan, 0)
        return count


def _children() -> set[int]:
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as children:
        return {int(pid) for pid in children.read().split()}
    return set()
