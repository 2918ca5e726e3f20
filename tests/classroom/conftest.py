"""What the tests of a class share: a real PostgreSQL, and gradebooks of both kinds."""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.grading.local import LocalEngine

if TYPE_CHECKING:
    from test_gradebook import Class


def postgres_programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: the system's, or those of the wheel pgserver."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    with contextlib.suppress(ImportError):
        from pgserver._commands import POSTGRES_BIN_PATH

        return Path(POSTGRES_BIN_PATH)
    return None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server, without the database, on a socket in a folder."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL was NOT tested: there is no initdb, and no pgserver is installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket has 107 bytes
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        user = "nobody"
        shutil.chown(folder, user)

    def run(program: str, *arguments: object) -> None:
        subprocess.run(
            [programs / program, *map(str, arguments)],
            user=user,
            extra_groups=[] if user else None,
            cwd=folder,
            env={**os.environ, "HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )

    try:
        run("initdb", "-D", folder / "data", "-A", "trust", "-U", "grade", "-N", "--locale=C",
            "-E", "UTF8")  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        log = folder / "log"
        run("pg_ctl", "-D", folder / "data", "-w", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql://grade@/{{}}?host={folder}"
        finally:
            run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_path(postgres) -> str:
    """A PATH with pg_dump and pg_restore, where there are any."""
    del postgres
    programs = postgres_programs()
    assert programs is not None
    real = (programs / "initdb").resolve().parent
    path = os.pathsep.join((str(real), str(programs), os.environ["PATH"]))
    if not (shutil.which("pg_dump", path=path) and shutil.which("pg_restore", path=path)):
        pytest.skip("Backups of PostgreSQL were NOT tested: there is no pg_dump, or no pg_restore")
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres):
    """`postgres_database()`: the address of an empty database."""
    import sqlalchemy

    numbers = itertools.count()
    url = postgres.format("postgres").replace("postgresql:", "postgresql+psycopg:")

    def create() -> str:
        name = f"class{next(numbers)}"
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return postgres.format(name)

    return create


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path) -> "Path | str":
    """Where a new gradebook is kept: both kinds."""
    if request.param == "sqlite":
        return tmp_path / "gradebook.sqlite3"
    return request.getfixturevalue("postgres_database")()


@pytest.fixture(scope="session")
def judges(tmp_path_factory) -> Iterator[LocalEngine]:
    """Two judges, kept for all tests."""
    log = tmp_path_factory.mktemp("log") / "grader.log"
    with LocalEngine(2, str(log)) as given:
        yield given


@pytest.fixture
def here(tmp_path, monkeypatch) -> "Iterator[Class]":
    """Ada (id 7), Barbara and Zoe; Ada has 40 of 100 for exercise 3. The gradebook is the only one
    in the working directory."""
    from test_gradebook import Class, hand_in

    from grader.classroom.kept.gradebook import Gradebook, Student

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_GRADEBOOK", raising=False)
    with Gradebook.open(Path("gradebook.sqlite3")) as book:
        made = Class(book)
        book.enrol([Student("barbara")], [])
        made.graded(hand_in(dated_by="table"))
        yield made
