"""Files that somebody asked for: whole or not at all, and one sentence where they cannot be."""

import contextlib
import errno
import os
from pathlib import Path

from grader.errors import UsageError
from grader.language import say

# Of folders that take no new file, and of files that another cannot be put in the place of (one
# that is mounted or open elsewhere): what is there may still be written to.
_NO_DRAFT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.ENAMETOOLONG}


def put(path: Path, content: str | bytes) -> None:
    """Write a file in one piece: text as UTF-8, what no text can hold as `?`.

    A link to a file stays one, a pipe or a device takes what is written. UsageError where it
    cannot be written; what was there before is then there still, as far as the system can.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    try:
        target = path.resolve() if is_replaceable(path) else path
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if target is path:
            target.write_bytes(data)
        else:
            _replace(target, data)
    except (OSError, RuntimeError) as error:  # the latter of links in a circle, in Python 3.12
        raise unwritable(path, error) from None


def _replace(target: Path, data: bytes) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        if error.errno not in _NO_DRAFT or not target.is_file():
            raise
        target.write_bytes(data)


def is_replaceable(path: Path) -> bool:
    """Whether a file is there, or can be; a pipe or a device takes what is written, once."""
    return path.is_file() or not path.exists()


def unwritable(path: Path, error: Exception) -> UsageError:
    """What to say where the system refuses to write something."""
    reason = (isinstance(error, OSError) and error.strerror) or f"{error}"
    return UsageError(say("{file} cannot be written: {reason}.", file=path, reason=reason))
