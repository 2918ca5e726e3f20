"""The layer `seatbelt`, macOS's own: which files may be opened, and neither networks nor programs.

Written from profiles that macOS brings (/System/Library/Sandbox/Profiles); not run on a Mac.
"""

import os
from collections.abc import Iterable, Sequence

from grader.systems.here import SYSTEM
from grader.worker.walls.layers import Plan, Prepared


def restrict(plan: Plan) -> str:
    """Hold this process to a profile, for good; why it cannot be held, or nothing."""
    home = os.path.expanduser(f"~{os.environ.get('USER', '')}")
    closed = (*Prepared.private, *plan.hidden, *plan.unreadable)
    if why := SYSTEM.confine(profile(Prepared.readable, closed, plan.scratch, home)):
        return why
    return "" if _holds() else "it was put up and does not hold"


def _holds() -> bool:
    try:
        os.listdir("/Users")
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def profile(readable: Iterable[str], closed: Sequence[str], scratch: str, home: str) -> str:
    """What Seatbelt allows a worker: to read no file of the user's but Python's and torch's, to
    write to its folder, and nothing of networks, programs, or signals to others.

    Of two rules that fit, the later counts.
    """
    private = ("/Users", "/Volumes", "/private/tmp", home, os.path.dirname(scratch))
    rules = [
        "(version 1)",
        "(allow default)",
        "(deny network*)",
        "(deny process-fork)",
        "(deny process-exec*)",
        "(deny signal)",
        "(allow signal (target self))",
        "(deny file-write*)",
        f'(allow file-write* {_beneath((scratch,))} (literal "/dev/null"))',
        f"(deny file-read-data {_beneath(private)})",
        f"(allow file-read-data {_beneath((*readable, scratch))})",
    ]
    if closed:
        rules.append(f"(deny file-read-data {_beneath(closed)})")
    return "\n".join(rules)


def _beneath(paths: Iterable[str]) -> str:
    real = (os.path.realpath(path).replace("\\", "\\\\").replace('"', '\\"') for path in paths)
    return " ".join(f'(subpath "{path}")' for path in real)
