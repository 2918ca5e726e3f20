"""The gradebook's tables, the same in SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

# Raised with every migration, so that an older grade does not misread what a newer one wrote.
VERSION = 2
FIRST_BOOK = ""  # the name of the book that every database has


class Instant(TypeDecorator[datetime]):
    """A moment with its time zone; SQLite keeps none, so UTC is what it keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As it is stored."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """As it is read."""
        del dialect
        if value is None:
            return None
        instant: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return instant.astimezone(UTC)


metadata = MetaData()

# One row: what this database is.
book = Table(
    "gradebook",
    metadata,
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# Which of `migrations` it has had; alembic reads and writes it.
migrated = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))

# A class, or one homework of it: each has its own students, exercises and runs.
books = Table(
    "books",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

exercises = Table(
    "exercises",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", ForeignKey("books.id"), nullable=False),
    Column("slug", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("max_score", Integer, nullable=False),
    # What it is graded by now: a result by anything else is stale. Null: no run has said.
    Column("sha256", String(64)),
    UniqueConstraint("book_id", "slug", name="exercises_of_a_book"),
)

students = Table(
    "students",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", ForeignKey("books.id"), nullable=False),
    Column("name", String(300), nullable=False),
    Column("details", JSON, nullable=False),  # what a school knows them by: id, email, ...
    # Other names and ids that hand-ins may come under: [[name, id], ...], either may be empty.
    Column("aliases", JSON, nullable=False),
    Column("is_listed", Boolean),  # by the last list of the class; null: there was none
    Column("dropped_at", Instant),  # null: in the class
    UniqueConstraint("book_id", "name", name="students_of_a_book"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", ForeignKey("books.id"), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),  # null: it was cut off, or goes on
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("engine", String(200), nullable=False),
    Column("options", JSON, nullable=False),
    Column("before", JSON),  # what was told of the class last: shown/changes.py
)

# What was handed in, byte for byte, each content once; packed with zlib.
contents = Table(
    "contents",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the bytes before they were packed
    Column("size", Integer, nullable=False),  # the same
    Column("data", LargeBinary, nullable=False),
)

# One row a content: a student who hands the same file in again has handed it in already.
submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student_id", ForeignKey("students.id"), nullable=False),
    Column("exercise_id", ForeignKey("exercises.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("path", Text, nullable=False),
    Column("attempt", Integer, nullable=False),  # as the school counts them, 0 where it does not
    Column("submitted_at", Instant, nullable=False),  # grading never changes it
    Column("dated_by", String(20), nullable=False),  # who says so: see grader.classroom.kept.dates
    Column("seen_run_id", ForeignKey("runs.id"), nullable=False),  # the last that found it
    # The file and the modules that it imports: [[name, sha256 of its content], ...], the file
    # first; null where they are not kept.
    Column("files", JSON),
    UniqueConstraint("student_id", "exercise_id", "sha256", name="contents_of_a_student"),
)

# Rows are only ever added: the newest of a submission is its result, the others its history.
results = Table(
    "results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False, index=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("graded_at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("score", Integer, nullable=False),  # raw: before what the policy takes off
    Column("max_score", Integer, nullable=False),
    Column("misconception", String(200)),
    Column("seed", BigInteger, nullable=False),
    Column("speed", Boolean, nullable=False),
    Column("engine", String(200), nullable=False),
    Column("exercise_sha256", String(64), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("report", JSON, nullable=False),
    Index("results_by_key", "key"),
)

# What a person decided. Rows are only ever added: one that is taken back has a row that says so.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("book_id", ForeignKey("books.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("student_id", ForeignKey("students.id")),  # null: of a team, or of another decision
    Column("team", String(200), nullable=False),
    Column("exercise_id", ForeignKey("exercises.id")),  # null: of every exercise
    Column("property", String(200), nullable=False),
    Column("points", Float),
    Column("until", Instant),
    Column("undoes_id", ForeignKey("decisions.id")),
    Column("who", String(200), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("why", Text, nullable=False),
)
