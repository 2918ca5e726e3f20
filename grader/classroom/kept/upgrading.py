"""Gradebooks of older formats: brought to today's with everything in them, copied, and looked at.

A SQLite gradebook is migrated as a copy that takes the original's place when it is whole; the
original stays beside it. In PostgreSQL all of it is one transaction.
"""

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from grader.classroom.kept import contents, database, schema
from grader.errors import UsageError

MIGRATIONS = Path(__file__).with_name("migrations")
_SHOWN = 5  # of what SQLite finds wrong with a file


def migrate(connection: Connection) -> None:
    """Bring the tables that a connection leads to to today's format; the caller commits."""
    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if schema.migrated.name not in inspect(connection).get_table_names():
        command.stamp(config, "1")
    command.upgrade(config, "head")


def upgrade_file(path: Path, version: int) -> Path:
    """Upgrade a SQLite gradebook of the format `version`; where the one that it was is kept.

    UsageError where the copy is not whole; the original is then as it was.
    """
    backup = unused(path.with_name(f"{path.stem}.format{version}{path.suffix}"))
    copy_file(path, backup)
    draft = path.with_name(f".{path.name}.upgrading")
    try:
        draft.unlink(missing_ok=True)
        copy_file(path, draft)
        engine = create_engine(f"sqlite:///{draft}")
        try:
            with engine.begin() as connection:
                migrate(connection)
            with engine.connect() as connection:
                problems = sqlite_problems(connection)
        finally:
            engine.dispose()
        if problems:
            raise UsageError(
                f"{path} could not be upgraded: {problems[0]}.",
                f"It is as it was; a copy is in {backup}.",
            )
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return backup


def copy_file(source: Path, target: Path) -> None:
    """A copy of a SQLite database that is whole, whoever writes meanwhile, and for its owner alone.

    UsageError where it cannot be written.
    """
    if target.exists():
        raise UsageError(f"{target} is there already.", "Name another file.")
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            target.unlink()
        if database.is_damage(error):
            raise UsageError(f"The gradebook {source} is damaged.", database.DAMAGED) from None
        raise UsageError(f"{target} cannot be written: {error}.") from None


def file_problems(path: Path) -> list[str]:
    """What SQLite finds wrong with a file: nothing, as a rule."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return sqlite_problems(connection)
    except SQLAlchemyError as error:
        return [f"the file is damaged ({getattr(error, 'orig', None) or error})"]
    finally:
        engine.dispose()


def unused(path: Path) -> Path:
    """`path`, or where something is there already, the same with a number."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def sqlite_problems(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong with its file."""
    found = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
    loose = [str(row[0]) for row in connection.execute(text("PRAGMA foreign_key_check"))]
    shown = found[:_SHOWN] + [f"and {len(found) - _SHOWN} more"] * (len(found) > _SHOWN)
    wrong = [] if found == ["ok"] else [f"the file is damaged ({line})" for line in shown]
    return wrong + [f"a row of {table} belongs to nothing" for table in loose]


def problems(engine: Engine) -> list[str]:
    """What is wrong with a gradebook of today's format: nothing, as a rule."""
    found: list[str] = []
    with engine.connect() as connection:
        looks: list[Callable[[Connection], list[str]]] = [_content_problems, _row_problems]
        if engine.dialect.name == "sqlite":
            looks.insert(0, sqlite_problems)
        for look in looks:
            try:
                found += look(connection)
            except (SQLAlchemyError, ValueError, TypeError) as error:
                # What a file says that was overwritten in places is anything at all.
                if not (database.is_damage(error) or engine.dialect.name == "sqlite"):
                    raise
                reason = getattr(error, "orig", None) or error
                found.append(f"the file is damaged ({reason})")
    return list(dict.fromkeys(found))


def _content_problems(connection: Connection) -> list[str]:
    found, held = [], set()
    for row in connection.execute(select(schema.contents)):
        held.add(row.sha256)
        if not contents.is_whole(row.data, row.sha256):
            found.append(f"the kept content {row.sha256[:12]} is damaged")
    missing = {
        digest
        for files in connection.scalars(select(schema.submissions.c.files))
        for _, digest in files or ()
        if digest not in held
    }
    return found + [f"the kept content {digest[:12]} is missing" for digest in sorted(missing)]


def _row_problems(connection: Connection) -> list[str]:
    for table in schema.metadata.sorted_tables:
        for _ in connection.execute(select(table)):  # read, whatever it is
            pass
    too_high = schema.results.c.score > schema.results.c.max_score
    count = select(func.count()).select_from(schema.results).where(too_high)
    number = connection.scalar(count)
    return [f"{number} scores are more than there is to get"] if number else []
