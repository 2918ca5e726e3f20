"""Archives that strangers made, opened without trust.

Nothing is unpacked: what may be graded is read into memory, everything else is passed over. So no
name of a member is ever a place on this disk, and what a member says of itself (its size, what it
links to) decides about nothing but whether it is read.
"""

import bz2
import gzip
import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from grader.errors import UsageError
from grader.submission.naming import is_clutter
from grader.submission.text import SUFFIXES, most_bytes

ZIPS = (".zip",)
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2")
UNOPENED = (".7z", ".rar", ".xz", ".txz", ".zst", ".gz", ".bz2", ".jar", ".whl", ".cab", ".iso")

MAX_ARCHIVE_BYTES = 64 << 20
MAX_MEMBERS = 5_000
MAX_FILES = 500  # that may be graded
MAX_TOTAL_BYTES = 16 << 20  # of the Python files together
MAX_NOTEBOOK_BYTES = 96 << 20  # of the notebooks, which may be mostly plots
MAX_EXPANDED_BYTES = 512 << 20  # that a compressed tar may be gone through
MAX_RATIO = 200
MAX_READ = 2 << 20  # at once: the directory of a zip, the extended header of a tar
MAX_NAME = 1000
_DRIVE = re.compile("[A-Za-z]:/")


class _Refused(Exception):
    """The archive as a whole is not read; the message says why."""


@dataclass
class Contents:
    """What an archive holds: files that may be graded, and what was passed over, with the reason.

    Files go by their paths inside the archive, which name nothing outside it.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    passed_over: dict[str, str] = field(default_factory=dict)


def is_archive(name: str) -> bool:
    """Whether a file of that name is an archive, one that can be opened or another."""
    return name.lower().endswith((*ZIPS, *TARS, *UNOPENED))


def stem(name: str) -> str:
    """The name without what says that it is an archive."""
    for suffix in sorted((*ZIPS, *TARS, *UNOPENED), key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def read(path: Path) -> Contents:
    """What the archive at `path` holds. UsageError says why it is not read as a whole."""
    try:
        if not path.name.lower().endswith((*ZIPS, *TARS)):
            raise _Refused("only .zip, .tar, .tar.gz and .tar.bz2 are")
        if (size := path.stat().st_size) > MAX_ARCHIVE_BYTES:
            raise _Refused(f"it has {size >> 20} MiB, and at most {MAX_ARCHIVE_BYTES >> 20} are")
        with path.open("rb") as file:
            return _kept(_members(file, size))
    except _Refused as refusal:
        reason = str(refusal)
    except MemoryError:
        reason = "it takes more memory than there is"
    except OSError as error:
        reason = error.strerror or "it is damaged"
    except (
        Exception
    ):  # damage and malice make the readers raise anything: struct.error, KeyError, ...
        reason = "it is damaged, or no archive at all"
    raise UsageError(
        f"The archive {path.name} cannot be opened: {reason}.",
        "Hand in a .zip or .tar.gz of your files, made anew.",
    )


@dataclass(frozen=True)
class _Member:
    name: str
    is_folder: bool
    refusal: str | None  # why it is passed over, whatever it is called
    packed: int  # bytes; 0 where the whole archive is packed as one
    opened: Callable[[], Any]


def _kept(members: Iterator[_Member]) -> Contents:
    """Read what may be graded, within the bounds."""
    contents = Contents()
    totals: dict[int, int] = {}
    for count, member in enumerate(members, 1):
        if count > MAX_MEMBERS:
            raise _Refused(f"it has more than {MAX_MEMBERS} members")
        name = member.name.replace("\\", "/")
        if member.is_folder or is_clutter(name):
            continue
        if refusal := _why_not(member, name):
            contents.passed_over[name[:MAX_NAME]] = refusal
            continue
        if len(contents.files) == MAX_FILES:
            raise _Refused(f"it has more than {MAX_FILES} Python files and notebooks")
        try:
            with member.opened() as file:
                data = file.read(most_bytes(name) + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
            contents.passed_over[name] = "it is damaged or encrypted"
            continue
        most = MAX_NOTEBOOK_BYTES if name.lower().endswith(".ipynb") else MAX_TOTAL_BYTES
        totals[most] = totals.get(most, 0) + len(data)
        if totals[most] > most:
            raise _Refused(f"its code has more than {most >> 20} MiB")
        if len(data) > most_bytes(name):
            contents.passed_over[name] = f"it has over {most_bytes(name) >> 20} MiB"
        elif member.packed and len(data) > MAX_RATIO * member.packed + 1024:
            contents.passed_over[name] = f"it is packed over {MAX_RATIO} fold"
        else:
            contents.files[name] = data
    return contents


def _why_not(member: _Member, name: str) -> str | None:
    """Why a member is passed over, or None."""
    path = PurePosixPath(name)
    if ".." in path.parts or path.is_absolute() or _DRIVE.match(name):
        return "its name points outside the archive"
    if len(name) > MAX_NAME:
        return "its name is too long"
    if member.refusal:
        return member.refusal
    if is_archive(name):
        return "archives in archives are not opened"
    if path.suffix.lower() not in SUFFIXES:
        return "it is neither Python nor a notebook"
    return None


def _members(file: IO[bytes], size: int) -> Iterator[_Member]:
    """The members of an archive of `size` bytes, whatever kind its name says that it is."""
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(b"PK"):
        return _in_zip(_Bounded(file))
    expanded: Any = file
    if magic.startswith(b"\x1f\x8b"):
        expanded = gzip.GzipFile(fileobj=file)
    elif magic.startswith(b"BZh"):
        expanded = bz2.BZ2File(file)
    budget = min(MAX_EXPANDED_BYTES, max(MAX_READ, MAX_RATIO * size))
    return _in_tar(_Bounded(expanded, budget))


def _in_zip(file: Any) -> Iterator[_Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            refusal = None
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind and kind not in (stat.S_IFREG, stat.S_IFDIR):
                refusal = "it is a link or a device"
            elif info.flag_bits & 1:
                refusal = "it is encrypted"
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                refusal = "it is compressed in an unusual way"

            opened = partial(archive.open, info)
            yield _Member(info.filename, info.is_dir(), refusal, info.compress_size, opened)


def _in_tar(file: Any) -> Iterator[_Member]:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for info in archive:
            refusal = None
            if not info.isreg() or info.issparse():
                refusal = "it is a link or a device"

            opened = partial(archive.extractfile, info)
            yield _Member(info.name, info.isdir(), refusal, 0, opened)


class _Bounded:
    """A file of which no more than a budget is gone through, and little at once."""

    def __init__(self, file: Any, budget: int | None = None) -> None:
        self._file = file
        self._budget = budget

    def read(self, size: int = -1) -> bytes:
        """The next bytes, by default all that are left; too many at once are refused."""
        data: bytes = self._file.read(min(size, MAX_READ + 1) if size >= 0 else MAX_READ + 1)
        if len(data) > MAX_READ:
            raise _Refused("its table of contents is larger than any that people make")
        self._spend(len(data))
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere; in what is compressed, that is reading too."""
        if self._budget is not None:
            here = self._file.tell()
            target = offset + (here if whence == io.SEEK_CUR else 0)
            self._spend(target - here if target >= here else target)
        return int(self._file.seek(offset, whence))

    def _spend(self, size: int) -> None:
        if self._budget is not None:
            self._budget -= size
            if self._budget < 0:
                raise _Refused("it expands beyond all measure")

    def tell(self) -> int:
        """Where it stands."""
        return int(self._file.tell())

    def seekable(self) -> bool:
        """Always."""
        return True
