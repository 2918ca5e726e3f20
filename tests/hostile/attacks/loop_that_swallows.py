"""Never comes back, ignores every signal that it can, and swallows every exception.

Has worked on graders whose time limit is an exception or a signal handler in the student's
process (pytest-timeout, check50).
"""

import contextlib
import signal

EARNS = 0
SECONDS = 1
IN_ALL = 1
SAYS = "did not come back within"


def attention_scores(queries, keys, *values):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        with contextlib.suppress(BaseException):
            while True:
                pass


attention = attention_scores
