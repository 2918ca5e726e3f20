"""The program: `grade`, and `python -m grader`."""

import gc
import os
import sys

# The commands that need torch whatever else is said, unless it is only how they are used.
GRADING = ("exercise", "debug", "watch")
HELP = frozenset(("-h", "--help"))


def main() -> None:
    """Run it, with Python's own modules and installed ones before what lies on PYTHONPATH."""
    gc.disable()  # looking for garbage among all that is imported takes a tenth of the time
    _put_last(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    try:
        if sys.argv[1:2] and sys.argv[1] in GRADING and HELP.isdisjoint(sys.argv):
            from grader.judge.processes.origin import begin_ahead

            begin_ahead()  # before all that a command line takes
        from grader.cli import main as command_line
    except ImportError:  # another project's `grader/__init__.py` may lie over this one's
        from torchgrade import refuse_another

        refuse_another()
        raise
    gc.freeze()
    gc.enable()
    command_line()


def _put_last(folders: list[str]) -> None:
    """A `json.py` or `torch.py` of the user's is not what this program means by the name."""
    named = {os.path.abspath(folder) for folder in folders if folder}
    last = [entry for entry in sys.path if entry and os.path.abspath(entry) in named]
    sys.path[:] = [entry for entry in sys.path if entry not in last] + last


if __name__ == "__main__":  # a process that was spawned to help imports this file too
    main()
