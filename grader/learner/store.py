"""One small SQLite file that several programs use at once, and that nothing depends on.

Each thing that is read or written is one short transaction on a connection of its own. A file that
is broken, or another program's, is set aside under another name. Where the file can be neither read
nor written, its users go on without; `Store.notice` says either.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from grader.language import say
from grader.systems.here import SYSTEM

BUSY_SECONDS = 10.0
APPLICATION = 0x67726164  # "grad": tells a file of ours from another program's

T = TypeVar("T")


class Store:
    """The file at `path` with the tables that the statements of `tables` make.

    `version` is that of the tables. `notice` says what was set aside, or why nothing can be read or
    kept; None while all is well.
    """

    def __init__(self, path: Path, tables: Sequence[str], version: int) -> None:
        self.path = path
        self.notice: str | None = None
        self._tables = tables
        self._version = version

    def read(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `work` gives in one transaction; `otherwise` where there is nothing to read."""
        return self._try(work, otherwise, writes=False)

    def write(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `work` gives in one transaction that is kept; `otherwise` where none can be."""
        return self._try(work, otherwise, writes=True)

    def _try(
        self,
        work: Callable[[sqlite3.Connection], T],
        otherwise: T,
        *,
        writes: bool,
        again: bool = True,
    ) -> T:
        if not writes and not os.path.exists(self.path):
            return otherwise
        inode = _inode(self.path)
        try:
            with self._transaction(writes=writes) as db:
                return work(db)
        except _EmptyError:
            return otherwise
        except (sqlite3.Error, ValueError, OSError) as error:
            if again and inode is not None and _is_broken(error):
                self._set_aside(inode)
                return self._try(work, otherwise, writes=writes, again=False)
            self._unavailable(error)
            return otherwise

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[sqlite3.Connection]:
        if writes:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        uri = f"{self.path.absolute().as_uri()}?mode={'rwc' if writes else 'rw'}"
        # The journal is the plain one: WAL leaves two files more, and fails on network folders.
        with closing(sqlite3.connect(uri, BUSY_SECONDS, isolation_level=None, uri=True)) as db:
            db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            self._check(db, writes=writes)
            yield db
            db.execute("COMMIT")

    def _check(self, db: sqlite3.Connection, *, writes: bool) -> None:
        """Make the tables where there are none; ValueError where the file is another program's."""
        if not _number(db, "SELECT count(*) FROM sqlite_master"):
            if not writes:
                raise _EmptyError
            for statement in self._tables:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {self._version}")
        if _number(db, "PRAGMA application_id") != APPLICATION:
            raise ValueError("it is another program's")
        if _number(db, "PRAGMA user_version") > self._version:
            raise sqlite3.NotSupportedError("a newer version of grade has written it")

    def _set_aside(self, inode: int) -> None:
        """Give the broken file another name, unless another process has done so."""
        now = datetime.now().astimezone()
        aside = self.path.with_name(f"{self.path.name}.broken-{now:%Y%m%d-%H%M%S}")
        try:
            with _held(self.path) as held:
                if held != inode:
                    return
                self.path.rename(aside)
        except FileNotFoundError:
            return
        except OSError as error:
            self._unavailable(error)
            return
        self.notice = say(
            "Your history could not be read. It is kept as {aside}, and a new one begins.",
            aside=aside,
        )

    def _unavailable(self, error: Exception) -> None:
        self.notice = say(
            "Your history in {file} is not kept: {reason}. GRADE_HISTORY can name another folder.",
            file=self.path,
            reason=error,
        )


class _EmptyError(Exception):
    """Nothing was kept so far."""


def _number(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])


def _is_broken(error: Exception) -> bool:
    """Whether the file is to blame, and neither its folder nor who else uses it."""
    if isinstance(error, OSError | sqlite3.NotSupportedError):
        return False
    if isinstance(error, ValueError):
        return True
    # Text that is no UTF-8 has no code; a table or a column that is missing has SQLITE_ERROR.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """The inode of the file at `path`; while it is held, nobody else sets that file aside."""
    with SYSTEM.held(path):
        mine = _inode(path)
        if mine is None:
            raise FileNotFoundError(path)
        yield mine
