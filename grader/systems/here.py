"""The system that this process runs on."""

import os
import sys

from grader.systems.system import System


def found() -> System:
    """What there is here. A system that has less than its file counts on is one that nothing more
    is known of."""
    if sys.platform == "win32":
        from grader.systems.windows import Windows

        return Windows()
    if sys.platform in ("linux", "darwin") and hasattr(os, "fork"):
        if sys.platform == "darwin":
            from grader.systems.macos import MacOS

            return MacOS()
        from grader.systems.linux import Linux

        return Linux()
    return System()


SYSTEM = found()
