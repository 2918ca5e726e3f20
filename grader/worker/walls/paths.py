"""Where Python, torch and other libraries are: what a worker must be able to read."""

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from grader.worker.walls.layers import Prepared


def libraries() -> tuple[str, ...]:
    """The folders that code of Python, torch and other libraries comes from."""
    return (*Prepared.readable, *(e for e in sys.path if e not in Prepared.readable))


def worth_hiding(folders: Iterable[str]) -> tuple[str, ...]:
    """Those of the folders that lie among what a worker may read, or hold it. It has no way to the
    others, and is not told of them."""
    readable = readable_folders()
    real = (os.path.realpath(folder) for folder in folders)
    return tuple(f for f in real if within(f, readable) or any(within(r, (f,)) for r in readable))


def within(path: str, folders: Iterable[str]) -> bool:
    """Whether `path` is one of the folders, or lies in one."""
    return any(path == folder or path.startswith(f"{folder}{os.sep}") for folder in folders)


def readable_folders() -> list[str]:
    """Where Python, torch, and the libraries that they load are."""
    found = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    found += [f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix)]
    found.append(os.path.join(sys.base_prefix, "DLLs"))  # of Windows
    found += [e for e in sys.path if Path(e).name in ("site-packages", "dist-packages")]
    if torch := sys.modules.get("torch"):
        found.append(str(Path(str(torch.__file__)).parent.parent))
    found += ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"]
    found += ["/etc/localtime", "/usr/share/zoneinfo", "/usr/share/locale"]
    real = sorted({os.path.realpath(path) for path in found if os.path.exists(path)})
    return [path for path in real if not within(path, [other for other in real if other != path])]


def own_folders() -> list[str]:
    """The grader itself, and the course that it brings, wherever it is installed."""
    folders = {os.path.join(entry, "grader") for entry in sys.path}
    folders.add(str(Path(__file__).parent.parent.parent))
    return sorted(os.path.realpath(folder) for folder in folders if os.path.isdir(folder))
