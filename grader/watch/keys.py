"""What a person does at the terminal: keys as they are pressed, and the terminal's signals."""

import contextlib
import signal
import socket
import sys
from types import FrameType, TracebackType
from typing import Any, Self

from grader.systems import system
from grader.systems.here import SYSTEM

END_OF_FILE = "\x04"
ESCAPE = "\x1b"


class Keys:
    """Single keys from standard input, while the context lasts; `on` is False without a terminal.

    Ctrl-C, Ctrl-Z and the others that send a signal go on doing so. However the context is left,
    the terminal is as it was.
    """

    def __init__(self) -> None:
        self._taken: system.Keys | None = None
        with contextlib.suppress(ValueError, AttributeError):  # closed, or replaced by no file
            self.on = sys.stdin.isatty()
            return
        self.on = False

    def __enter__(self) -> Self:
        if self.on:
            self.take()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.give_back()

    def take(self) -> None:
        """Have each key come at once, and not appear on the screen."""
        self._taken = SYSTEM.keys(sys.stdin.fileno())
        self.on = self._taken is not None

    def give_back(self) -> None:
        """Leave the terminal as it was."""
        if self._taken is not None:
            self._taken.give_back()
            self._taken = None

    def fileno(self) -> int:
        """What to wait for."""
        assert self._taken is not None
        return self._taken.fileno()

    def read(self) -> str:
        """The keys that were pressed; empty for one that is no letter, such as an arrow."""
        assert self._taken is not None
        pressed = self._taken.read(64)
        if not pressed:  # the terminal was closed
            return END_OF_FILE
        text = pressed.decode("utf-8", "ignore")
        return "" if len(text) > 1 and text.startswith(ESCAPE) else text


class Signals:
    """Signals to wait for beside other things, while the context lasts; use it in the main thread.

    They arrive as numbers instead of interrupting whatever is going on.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._numbers = numbers
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()  # for Windows waits for nothing else
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in self._numbers:
            self._before[number] = signal.signal(number, _noted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._reader.close()
        self._writer.close()

    def fileno(self) -> int:
        """What to wait for."""
        return self._reader.fileno()

    def read(self) -> set[int]:
        """The signals that came."""
        try:
            return set(self._reader.recv(64))
        except BlockingIOError:
            return set()


def _noted(number: int, frame: FrameType | None) -> None:
    """The number is in the pipe by now."""
