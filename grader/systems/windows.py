"""Windows: no fork, no signals, no descriptors over sockets.

A socket is duplicated for the process that is to have it, jobs end what a process started, and a
pipe says how much it holds. Written from Microsoft's and Python's documentation; it has not been
run on Windows.
"""

import _thread
import contextlib
import ctypes
import importlib
import mmap
import os
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.systems.system import Shared, System

_LENGTH = struct.Struct("=I")
_MOST_DUPLICATE = 1 << 12
# Source: Microsoft, "JOBOBJECT_BASIC_LIMIT_INFORMATION", "JOBOBJECTINFOCLASS".
_EXTENDED_LIMITS = 9
_KILL_ON_JOB_CLOSE = 0x2000
_NO_ERROR_BOX = 0x0001 | 0x0002  # of `SetErrorMode`
_PAUSE_SECONDS = 0.05
_NTSTATUS_ERRORS = 0xC000_0000


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("most_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _Limits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class Windows(System):
    """Windows: workers are executed, each in a job that ends with whoever started it."""

    name = "Windows"

    def __init__(self) -> None:
        self._kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
        self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
        self._winapi: Any = importlib.import_module("_winapi")
        self._msvcrt: Any = importlib.import_module("msvcrt")
        self._jobs: dict[int, int] = {}  # by process number

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        channel: socket.socket,
        output: int = subprocess.DEVNULL,
        errors: int | None = subprocess.STDOUT,
    ) -> "subprocess.Popen[bytes]":
        """Start a program in a job of its own; its end of the socket is duplicated for it."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=errors,
            cwd=os.path.abspath(os.sep),
            env=dict(environment),
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
            | getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._put_in_job(process)
        share: Any = channel.share  # type: ignore[attr-defined]
        duplicate = share(process.pid)
        assert process.stdin is not None
        process.stdin.write(_LENGTH.pack(len(duplicate)) + duplicate)
        process.stdin.close()
        return process

    def channel(self) -> socket.socket:
        """In a program that `start` has started: its end of the socket."""
        (length,) = _LENGTH.unpack(_exactly(_LENGTH.size))
        if length > _MOST_DUPLICATE:
            raise EOFError
        fromshare: Any = socket.fromshare  # type: ignore[attr-defined]
        channel: socket.socket = fromshare(_exactly(length))
        self.without_input()
        self._kernel.SetErrorMode(_NO_ERROR_BOX)  # a crash waits for nobody's click
        return channel

    def interpreter(self) -> tuple[str, dict[str, str]]:
        """The interpreter itself: a virtual environment's `python.exe` would start it as a child,
        for which nothing is duplicated."""
        base = getattr(sys, "_base_executable", sys.executable)
        needed = {} if base == sys.executable else {"__PYVENV_LAUNCHER__": sys.executable}
        return base, needed

    def _put_in_job(self, process: "subprocess.Popen[bytes]") -> None:
        """Have a process, and all that it starts, end when the handle of its job is closed: by
        `kill`, or because this process has ended."""
        job = self._kernel.CreateJobObjectW(None, None)
        limits = _Limits()
        limits.basic.flags = _KILL_ON_JOB_CLOSE
        handle = ctypes.c_void_p(int(process._handle))  # type: ignore[attr-defined]
        if not (
            job
            and self._kernel.SetInformationJobObject(
                ctypes.c_void_p(job), _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            and self._kernel.AssignProcessToJobObject(ctypes.c_void_p(job), handle)
        ):
            return  # within a job that allows no others: `kill` then looks for the children
        self._jobs[process.pid] = job

    def kill(self, pid: int) -> None:
        """End a process, and all that it started."""
        job = self._jobs.pop(pid, None)
        if job is not None:
            self._kernel.TerminateJobObject(ctypes.c_void_p(job), 1)
            self._kernel.CloseHandle(ctypes.c_void_p(job))
            return
        super().kill(pid)

    def exit_words(self, code: int) -> str | None:
        """The number of the error that ended a process: 0xC0000005 where it reached for memory that
        it does not have."""
        code &= 0xFFFF_FFFF
        return f"0x{code:08X}" if code >= _NTSTATUS_ERRORS else None

    def readable(self, descriptor: int) -> None:
        """Nothing: `read` asks first what is there."""
        del descriptor

    def read(self, descriptor: int, most: int) -> bytes | None:
        """What a pipe holds, `most` bytes of it; None where that is nothing for now."""
        try:
            held, _ = self._winapi.PeekNamedPipe(self._msvcrt.get_osfhandle(descriptor), 0)
        except OSError:  # nobody is left who writes
            return b""
        return os.read(descriptor, min(held, most)) if held else None

    def keys(self, terminal: int) -> "_Keyboard":
        """Single keys of the console, as they are pressed."""
        del terminal
        return _Keyboard(self._msvcrt)

    @contextlib.contextmanager
    def held(self, path: Path, *, waits: bool = True, creates: bool = False) -> Iterator[bool]:
        """Hold a file while nobody else does, by a lock on another beside it: one that is open
        cannot be given another name."""
        del creates
        place = path.with_name(f"{path.name}.held")
        with open(os.open(place, os.O_RDWR | os.O_CREAT), "rb") as file:
            while True:
                try:
                    self._msvcrt.locking(file.fileno(), self._msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    if not waits:
                        yield False
                        return
                    time.sleep(_PAUSE_SECONDS)
            try:
                yield True
            finally:
                file.seek(0)
                self._msvcrt.locking(file.fileno(), self._msvcrt.LK_UNLCK, 1)

    def share(self, size: int) -> Shared:
        """New memory of `size` bytes, in no file."""
        ticket = f"grade-{secrets.token_hex(16)}"
        tagged: Any = mmap.mmap
        return Shared(tagged(-1, size, tagname=ticket), ticket)

    def attach(self, ticket: str, size: int) -> mmap.mmap:
        """The memory that another process shares by this ticket."""
        tagged: Any = mmap.mmap
        memory: mmap.mmap = tagged(-1, size, tagname=ticket)
        return memory

    def forget(self, ticket: str) -> None:
        """Nothing: it goes with those who map it."""
        del ticket


class _Keyboard:
    """The console's keys; a thread waits for them, since nothing else can."""

    def __init__(self, console: Any) -> None:
        self._console = console
        self._reader, self._writer = socket.socketpair()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._hand_on, daemon=True)
        self._thread.start()

    def _hand_on(self) -> None:
        while not self._is_over.wait(_PAUSE_SECONDS):
            while self._console.kbhit():
                key = self._console.getwch()
                if key in "\0\xe0":  # of an arrow, whose second half says which
                    self._console.getwch()
                    continue
                if key == "\x03":  # what it sends elsewhere
                    _thread.interrupt_main()
                self._writer.sendall(key.encode("utf-8", "ignore"))

    def fileno(self) -> int:
        return self._reader.fileno()

    def read(self, most: int) -> bytes:
        return self._reader.recv(most)

    def give_back(self) -> None:
        self._is_over.set()
        self._thread.join()
        self._reader.close()
        self._writer.close()


def _exactly(count: int) -> bytes:
    """So many bytes of standard input."""
    data = b""
    while len(data) < count:
        piece = os.read(0, count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
