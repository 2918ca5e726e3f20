"""Grade deep-learning exercises: a judge that holds the answers, and a worker that holds none.

In a notebook, `%load_ext grader` and then `%grade 3`, or `grader.check(3)`. Nothing else is for
import: the program is `grade`.
"""

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from grader.notebook.session import Checked

DISTRIBUTION = "torchgrade"  # by which `torchgrade.py` knows this package from others of its name
__version__ = "0.1.0"

# torch says so at its first import where NumPy is not installed; nothing here needs it.
warnings.filterwarnings("ignore", message="Failed to initialize NumPy")


def check(
    exercise: int | str,
    *,
    speed: bool = True,
    seed: int | None = None,
    device: str = "auto",
    course: "str | Path | None" = None,
    lang: str | None = None,
) -> "Checked":
    """Grade the answer to `exercise` that the notebook holds in which this is called.

    It is graded as `grade exercise` grades the saved file: a notebook that ran from top to bottom
    gets the same score, failures and counterexample from both. Cells count as they ran last. The
    grading runs in a process of its own (see `grader.notebook.grade_cells`): neither the solutions
    nor the judge are ever in the notebook's process, and no cell can read or change them.

    `exercise` is a number, a slug or a file's stem; without `speed` the running time is left out;
    `seed` draws other inputs than the usual ones; `device` is `auto`, `cpu` or `cuda`; `course` is
    a folder, by default the nearest above the working directory, or the bundled one; `lang` is `en`
    or `zh`, by default the locale's where it is one of them.

    The result shows itself in a notebook; its `report` holds the score and the properties.
    UsageError outside of a notebook, for an unknown exercise or device, and where the notebook has
    no code.
    """
    from grader.notebook import session

    return session.check(exercise, speed=speed, seed=seed, device=device, course=course, lang=lang)


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """`%load_ext grader`: add `%grade`."""
    from grader.notebook import extension

    extension.load(ipython)


def unload_ipython_extension(ipython: "InteractiveShell") -> None:
    """`%unload_ext grader`, and the first half of `%reload_ext grader`."""
    from grader.notebook import extension

    extension.unload(ipython)
