"""Where a gradebook is kept: SQLite in a file, or PostgreSQL at a URL."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from grader.classroom.kept import schema
from grader.errors import UsageError
from grader.systems.here import SYSTEM

ADVISORY_LOCK = 0x6772616465  # "grade"
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
KINDS = ("sqlite", "postgresql")


DAMAGED = (
    "Keep this file as it is, and go on with the newest copy from before (grade gradebook backup"
    " makes them); without one, sqlite3 FILE .recover may save most of it."
)
# What reading says where a damaged file still has rows, but no sense in them.
NONSENSE = (json.JSONDecodeError, UnicodeDecodeError)


class NotThere(UsageError):
    """There is no gradebook, or no such book in it."""


def connect(place: str | Path, *, make: bool = True, upgrade: bool = True) -> tuple[Engine, str]:
    """An engine for the gradebook at a path or URL, whose tables are there and of today's format;
    and where the one of an older format is kept that was there before, "" where none was.

    UsageError where it cannot be reached, holds something else, or, without `upgrade`, is older;
    NotThere, without `make`, where there is none.
    """
    url = _url(place)
    try:
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _hold_foreign_keys)
        backup = _prepare(engine, make=make, upgrade=upgrade)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{shown(url)} needs the Python package {error.name}.",
            "Install it with: pip install 'torchgrade[postgres]'",
        ) from None
    except NONSENSE:
        raise _damaged(url) from None
    except SQLAlchemyError as error:
        raise _out_of_reach(url, error) from None
    return engine, backup


def shown(url: URL) -> str:
    """The address as it may be printed: without its password."""
    if "password" in url.query:
        url = url.update_query_dict({"password": "***"})
    return url.render_as_string(hide_password=True)


def without_password(text: str) -> str:
    """What somebody typed, as it may be printed: a password in an address is left out."""
    text = re.sub(r"(://[^:/@?#\s]*):.*@", r"\1:***@", text)
    return re.sub(r"([?&]password=)[^&\s]*", r"\1***", text)


def libpq(place: str) -> tuple[str, str]:
    """The address of a PostgreSQL database as its own programs take it, without the password; and
    that, "" where there is none in it."""
    url = _url(place).set(drivername="postgresql")
    query = dict(url.query)
    password = str(query.pop("password", "") or url.password or "")
    return url.set(password=None, query=query).render_as_string(hide_password=False), password


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is all there at the end, or none of it.

    UsageError where the database does not do as it is asked.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except NONSENSE:
        raise _damaged(engine.url) from None
    except SQLAlchemyError as error:
        if is_damage(error):
            raise _damaged(engine.url) from None
        raise UsageError(
            f"The gradebook {_name(engine.url)} fails: {_reason(error)}.",
            "What was graded is kept. Try again when it works; grade class goes on with --resume.",
        ) from None


def is_damage(error: BaseException) -> bool:
    """Whether that is said of a file of SQLite's which is not what it was."""
    if isinstance(error, NONSENSE):
        return True
    origin = getattr(error, "orig", None) or error
    name = getattr(origin, "sqlite_errorname", "") or ""
    is_text = isinstance(origin, sqlite3.OperationalError) and "decode to UTF-8" in str(origin)
    return is_text or name.startswith("SQLITE_CORRUPT")


def _damaged(url: URL) -> UsageError:
    return UsageError(f"The gradebook {_name(url)} is damaged.", DAMAGED)


def _name(url: URL) -> str:
    """What a person calls it: its file, or its address without the password."""
    is_file = url.get_backend_name() == "sqlite" and url.database
    return str(url.database) if is_file else shown(url)


@contextmanager
def held(engine: Engine, book: int = 0) -> Iterator[None]:
    """Keep other runs out of a book meanwhile, where it is in a file out of the whole; UsageError
    where one is in it."""
    lock = _flock if engine.dialect.name == "sqlite" else _advisory_lock
    with lock(engine, book) as is_ours:
        if not is_ours:
            raise UsageError(
                f"Another `grade class` is at work on {shown(engine.url)}.",
                "Wait for its end, or stop it; then go on with --resume.",
            )
        yield


def _url(place: str | Path) -> URL:
    if isinstance(place, Path):
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
    except ArgumentError:
        raise UsageError(
            f"{without_password(place)!r} is no address of a gradebook.",
            "Write it like postgresql://user:password@host/database.",
        ) from None
    if url.get_backend_name() not in (*KINDS, *DRIVERS):
        raise UsageError(
            f"A gradebook is kept in SQLite or PostgreSQL, not in {url.get_backend_name()}.",
            "Write its address like postgresql://user:password@host/database.",
        )
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


def _hold_foreign_keys(connection: Any, _: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def _prepare(engine: Engine, *, make: bool, upgrade: bool) -> str:
    """Make the tables, or bring them to today's format; where a backup is, or ""."""
    name = shown(engine.url)
    tables = set(inspect(engine).get_table_names())
    with engine.begin() as connection:
        if schema.book.name not in tables:
            if theirs := tables & schema.metadata.tables.keys():
                raise UsageError(
                    f"{name} holds something else: it has tables named {', '.join(sorted(theirs))}"
                    " and is no gradebook.",
                    "Name an empty database.",
                )
            if not make:
                raise NotThere(f"{name} holds no gradebook yet.", "grade class makes one.")
            schema.metadata.create_all(connection)
            now = datetime.now(UTC)
            row = {"version": schema.VERSION, "created_at": now}
            connection.execute(insert(schema.book).values(row))
            first = {"name": schema.FIRST_BOOK, "created_at": now}
            connection.execute(insert(schema.books).values(first))
            connection.execute(insert(schema.migrated).values(version_num=str(schema.VERSION)))
        version = _version(connection)
    if version > schema.VERSION:
        raise UsageError(
            f"The gradebook {name} has version {version}; this grade reads {schema.VERSION}.",
            "Use the version of grade that made it, or begin a new gradebook.",
        )
    if version == schema.VERSION:
        return ""
    if not upgrade:
        raise UsageError(
            f"The gradebook {name} has the older format {version}.",
            "Bring it to today's first: grade gradebook upgrade",
        )
    with held(engine):  # nobody writes meanwhile
        return _upgraded(engine)


def _version(connection: Connection) -> int:
    return int(connection.scalar(select(schema.book.c.version)) or 0)


def _upgraded(engine: Engine) -> str:
    """Migrate, unless somebody just did."""
    from grader.classroom.kept import upgrading

    with engine.connect() as connection:
        version = _version(connection)
    if version == schema.VERSION:
        return ""
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        engine.dispose()  # its connections are to the file that gives way
        return str(upgrading.upgrade_file(Path(engine.url.database), version))
    with engine.begin() as connection:
        upgrading.migrate(connection)
    return ""


def _out_of_reach(url: URL, error: SQLAlchemyError) -> UsageError:
    if is_damage(error):
        return _damaged(url)
    if getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_NOTADB":
        return UsageError(
            f"{_name(url)} is no gradebook.", "Name the file gradebook.sqlite3 or its folder."
        )
    return UsageError(
        f"The gradebook {_name(url)} cannot be opened: {_reason(error)}.",
        "Check its address, and that you may write there.",
    )


def _reason(error: SQLAlchemyError) -> str:
    if isinstance(error, NoSuchModuleError):
        return "no such driver is installed"
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


@contextmanager
def _flock(engine: Engine, book: int) -> Iterator[bool]:
    del book
    assert engine.url.database is not None
    file = Path(engine.url.database)
    with SYSTEM.held(file.with_name(f".{file.name}.lock"), waits=False, creates=True) as is_ours:
        yield is_ours


@contextmanager
def _advisory_lock(engine: Engine, book: int) -> Iterator[bool]:
    key = {"key": ADVISORY_LOCK + book}
    # The server lets go of it when this connection ends, however that happens.
    with engine.connect() as connection:
        question = text("SELECT pg_try_advisory_lock(:key)")
        is_ours = bool(connection.scalar(question, key))
        connection.commit()
        try:
            yield is_ours
        finally:
            # A connection that goes back to the pool would hold it on; one that is lost does not.
            if is_ours:
                with suppress(SQLAlchemyError):
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
                    connection.commit()
