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
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

VERSION = 1  # raised whenever an older gradebook would be misread


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

# One row: what this gradebook is.
book = Table(
    "gradebook",
    metadata,
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

exercises = Table(
    "exercises",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(200), nullable=False, unique=True),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("max_score", Integer, nullable=False),
)

students = Table(
    "students",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(300), nullable=False, unique=True),
    Column("details", JSON, nullable=False),  # what a school knows them by: id, email, ...
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),  # null: it was cut off, or goes on
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("engine", String(200), nullable=False),
    Column("options", JSON, nullable=False),
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
    Column("seen_run_id", ForeignKey("runs.id"), nullable=False),  # the last that found it
    UniqueConstraint("student_id", "exercise_id", "sha256"),
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
