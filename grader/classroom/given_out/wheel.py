"""This very program as a wheel without its course: what a release installs, and holds no answer."""

import base64
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from grader import DISTRIBUTION, __version__

PACKAGE = Path(__file__).resolve().parent.parent.parent
START = f"{DISTRIBUTION}.py"  # beside the package
NAME = DISTRIBUTION
COURSE = "bundled"  # in an installed package, the course that comes with it
FIRST_OF_1980 = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say
PROGRAM, DATA = 0o755, 0o644


@dataclass(frozen=True)
class _Project:
    """What pip is told: what to install besides, and the programs and plugins by their groups."""

    requires_python: str
    dependencies: tuple[str, ...]
    entry_points: Mapping[str, Mapping[str, str]]


def files() -> dict[str, bytes]:
    """The program's own files by their paths from its root; the course apart."""
    paths = (path for path in PACKAGE.rglob("*") if path.is_file())
    within = {
        path.relative_to(PACKAGE.parent).as_posix(): path.read_bytes()
        for path in sorted(paths)
        if not {"__pycache__", COURSE} & set(path.relative_to(PACKAGE).parts)
    }
    return {**within, START: (PACKAGE.parent / START).read_bytes()}


def build() -> tuple[str, bytes]:
    """The name and the bytes of the wheel; the same program gives the same bytes."""
    project = _project()
    info = f"{NAME}-{__version__}.dist-info"
    content = {
        **files(),
        f"{info}/METADATA": _metadata(project).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: grade release\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": _entry_points(project).encode(),
    }
    record = [f"{name},sha256={_hash(data)},{len(data)}\n" for name, data in content.items()]
    content[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    return f"{NAME}-{__version__}-py3-none-any.whl", zipped(content)


def zipped(content: Mapping[str, bytes], programs: frozenset[str] = frozenset()) -> bytes:
    """A zip archive that depends on its content alone; `programs` may be executed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, FIRST_OF_1980)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made: the mode counts
            entry.external_attr = (0o100000 | (PROGRAM if name in programs else DATA)) << 16
            archive.writestr(entry, content[name])
    return buffer.getvalue()


def _project() -> _Project:
    """From pyproject.toml in a checkout, whose installation may be older; else as installed."""
    checkout = PACKAGE.parent / "pyproject.toml"
    if checkout.is_file():
        table = tomllib.loads(checkout.read_text(encoding="utf-8"))["project"]
        points = {"console_scripts": table["scripts"], **table.get("entry-points", {})}
        return _Project(table["requires-python"], tuple(table["dependencies"]), points)
    installed = distribution(NAME)
    named: dict[str, dict[str, str]] = {}
    for point in installed.entry_points:
        named.setdefault(point.group, {})[point.name] = point.value
    needed = [line for line in installed.requires or () if "extra ==" not in line]
    return _Project(installed.metadata["Requires-Python"], tuple(needed), named)


def _metadata(project: _Project) -> str:
    # Without the description: the README shows what properties and misconceptions say.
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {NAME}",
        f"Version: {__version__}",
        f"Requires-Python: {project.requires_python}",
        *(f"Requires-Dist: {requirement}" for requirement in project.dependencies),
    ]
    return "\n".join(lines) + "\n"


def _entry_points(project: _Project) -> str:
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project.entry_points.items()
    )


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
