"""How an interpreter is begun that knows nothing: fixed arguments, and a minimal environment."""

import os
import re
import sys
from pathlib import Path

from grader.systems.here import SYSTEM

# What Python, torch and its libraries read, and nothing that a person keeps there: what stands in
# the environment of a process can be read in all that descend from it.
KEPT = re.compile(
    r"LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+|ATEN_CPU_CAPABILITY"
    r"|(?:OMP|KMP|MKL|OPENBLAS|CUDA|NVIDIA|HIP|ROCR)_\w+"
)
ROOT = Path(__file__).resolve().parent.parent.parent
# The grader that started it comes first, the other folders last.
BEGIN = (
    "import sys; root, *more = sys.argv[1:]; del sys.argv[1:];"
    " root in sys.path or sys.path.insert(0, root);"
    " sys.path.extend(path for path in more if path not in sys.path);"
    " from {module} import main; main({argument})"
)


def command(module: str, argument: str = "") -> list[str]:
    """The command that runs `main` of a module of the grader's; `argument` is text of its own."""
    begin = BEGIN.format(module=module, argument=repr(argument) if argument else "")
    program, _ = SYSTEM.interpreter()
    return [program, *_flags(), "-c", begin, str(ROOT), *_libraries()]


def environment() -> dict[str, str]:
    """The variables that it is given."""
    kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    _, needed = SYSTEM.interpreter()
    return {"PATH": os.defpath, "PYTHONUTF8": "1", **needed, **kept}


def _flags() -> list[str]:
    """Python's own, none of which depends on what is graded."""
    flags = ["-I"]  # no folder of anybody's on the path, no PYTHON* variable
    if sys.dont_write_bytecode:
        flags.append("-B")
    if sys.pycache_prefix:
        flags += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return flags


def _libraries() -> list[str]:
    """Where libraries are that this process sees; isolated Python leaves out the user's own."""
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
