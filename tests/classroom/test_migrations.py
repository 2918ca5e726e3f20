"""Gradebooks of older formats open, and keep every mark."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import create_engine, insert, select, text

from grader.classroom.kept import database, schema, upgrading
from grader.classroom.kept.decisions import Decision, Kind
from grader.classroom.kept.gradebook import Gradebook, Student
from grader.classroom.run import ClassRun, Options
from grader.classroom.shown.grades import gradesheet
from grader.course.model import Policy
from grader.errors import UsageError

OLD = Path(__file__).resolve().parent / "gradebooks" / "version1.sqlite3"
# As that version of grade wrote them.
MARKS = {
    ("ada", "double"): 100,
    ("ada", "negate"): 100,
    ("alan", "double"): 100,
    ("grace", "double"): 0,
    ("kathleen", "double"): 0,
    ("kathleen", "negate"): 0,
    ("zoe", "double"): 100,
}


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path) -> "Path | str":
    """A gradebook of the first format, of either kind."""
    path = tmp_path / "gradebook.sqlite3"
    shutil.copy(OLD, path)
    if request.param == "sqlite":
        return path
    url = request.getfixturevalue("postgres_database")()
    copy_to(path, url)
    return url


def copy_to(path: Path, url: str) -> None:
    """Make a PostgreSQL gradebook of the first format with the rows of a SQLite one."""
    source = create_engine(f"sqlite:///{path}")
    target = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    known = sqlalchemy.MetaData()
    known.reflect(source)
    with target.begin() as connection, source.connect() as old:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(upgrading.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "1")
        connection.execute(text("DROP TABLE alembic_version"))  # that version had none
        there = sqlalchemy.MetaData()
        there.reflect(connection)
        for table in known.sorted_tables:
            rows = [dict(row._mapping) for row in old.execute(select(table))]
            connection.execute(insert(there.tables[table.name]), rows)
            if "id" in table.c:
                serial = f"pg_get_serial_sequence('{table.name}', 'id')"
                most = f"(SELECT max(id) FROM {table.name})"
                connection.execute(text(f"SELECT setval({serial}, {most})"))
    source.dispose()
    target.dispose()


def dump(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def marks(book: Gradebook, policy: Policy | None = None) -> dict[tuple[str, str], float | None]:
    grades = gradesheet(book, policy or Policy()).grades
    return {place: grade.score for place, grade in grades.items()}


def test_an_old_gradebook_opens_and_keeps_every_mark(old):
    """With its runs, its history and its dates; of a file a copy of what it was stays beside it."""
    with Gradebook.open(old) as book:
        assert marks(book) == MARKS
        assert [(r.score, r.why) for r in book.history("alan", "double")] == [
            (40, "first graded"),
            (100, "Alan mended it; first graded"),
        ]
        assert [(run.seed, run.ended_at is None) for run in book.runs()] == [(5, False), (5, True)]
        assert book.problems() == []
        if isinstance(old, Path):
            backup = Path(book.upgraded_from)
            assert backup.name == "gradebook.format1.sqlite3"
            assert dump(backup) == dump(OLD)
            assert backup.stat().st_mode & 0o077 == 0
    with Gradebook.open(old) as again:
        assert again.upgraded_from == ""
        assert marks(again) == MARKS


def test_what_a_late_file_cost_it_goes_on_to_cost(old):
    """That version took a file's date for the truth, and marks were given by it."""
    with Gradebook.open(old) as book:
        first = min(attempt.submitted_at for attempt in book.attempts())
        found = marks(book, Policy(deadline=first, late_penalty=10))
        assert (found["ada", "double"], found["alan", "double"]) == (100, 80)


def test_an_old_gradebook_is_written_to_like_a_new_one(old):
    """Students, a run, a decision: nothing of it meets a constraint of the old tables."""
    with Gradebook.open(old) as book:
        book.enrol([Student("bob")], [])
        book.begin(seed=5, engine="grade", why="", options={})
        book.decisions.add([Decision(Kind.SCORE, "ada", exercise="double", points=90)])
        assert marks(book)["ada", "double"] == 90
    with Gradebook.open(old, "another") as other:
        other.enrol([Student("ada")], [])  # the name is taken in the first book alone
        assert other.attempts() == []


def test_a_run_of_the_old_version_is_resumed(old):
    """It was cut off, and its choices are known as far as they were kept."""
    with Gradebook.open(old) as book:
        this = ClassRun(book, Options(resume=True))
        assert (this.seed, this.options.why) == (5, "Alan mended it")


def test_it_ends_with_the_tables_that_a_new_one_has(old, tmp_path):
    """No column, key or constraint differs, whatever way they came about."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    Gradebook.open(old).close()
    engine, _ = database.connect(old)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, schema.metadata) == []
        assert connection.scalar(select(schema.migrated)) == str(schema.VERSION)
    engine.dispose()


def test_a_migration_that_fails_leaves_the_old_one_as_it_was(old, monkeypatch):
    """Nothing is half done."""

    def fail(connection: object) -> None:
        connection.execute(text("DELETE FROM results"))
        raise UsageError("the machine is lost")

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "migrate", fail)
        with pytest.raises(UsageError, match="the machine is lost"):
            Gradebook.open(old)
    if isinstance(old, Path):
        assert old.read_bytes() == OLD.read_bytes()
    with Gradebook.open(old) as book:
        assert marks(book) == MARKS


def test_nothing_is_upgraded_that_is_only_to_be_read(tmp_path):
    """`grade class --dry-run` says so."""
    path = tmp_path / "gradebook.sqlite3"
    shutil.copy(OLD, path)
    with pytest.raises(UsageError, match="older format 1"):
        Gradebook.open(path, upgrade=False)
    assert path.read_bytes() == OLD.read_bytes()


def test_a_damaged_gradebook_is_found(tmp_path):
    """A kept content that is gone, or is another."""
    path = tmp_path / "gradebook.sqlite3"
    shutil.copy(OLD, path)
    Gradebook.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("""UPDATE submissions SET files = '[["x.py", "aa"]]' WHERE id = 1""")
        connection.execute("INSERT INTO contents VALUES ('bb', 3, x'010203')")
    with Gradebook.open(path) as book:
        assert book.problems() == [
            "the kept content bb is damaged",
            "the kept content aa is missing",
        ]
