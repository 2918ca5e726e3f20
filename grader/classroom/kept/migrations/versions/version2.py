"""Format 2: several books in a database, what was handed in, dates with their source, decisions."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

# How SQLite, which does not keep the names of such constraints, is made to call them.
NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}


def upgrade() -> None:
    """Add what is new; everything there was is of the one book that there was."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "books",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("created_at", moment, nullable=False),
    )
    books = sa.table("books", sa.column("name"), sa.column("created_at", moment))
    op.bulk_insert(books, [{"name": "", "created_at": datetime.now(UTC)}])
    first = str(op.get_bind().scalar(sa.text("SELECT id FROM books")))

    for table, own, name in (
        ("exercises", "slug", "exercises_of_a_book"),
        ("students", "name", "students_of_a_book"),
    ):
        constraint = _unique(table, [own])
        with op.batch_alter_table(table, naming_convention=NAMES) as batch:
            batch.add_column(_of_a_book(table, first))
            if table == "exercises":
                batch.add_column(sa.Column("sha256", sa.String(64)))
            else:
                batch.add_column(sa.Column("aliases", sa.JSON, nullable=False, server_default="[]"))
                batch.add_column(sa.Column("is_listed", sa.Boolean))
                batch.add_column(sa.Column("dropped_at", moment))
            batch.drop_constraint(constraint, type_="unique")
            batch.create_unique_constraint(name, ["book_id", own])
    with op.batch_alter_table("runs", naming_convention=NAMES) as batch:
        batch.add_column(_of_a_book("runs", first))
        batch.add_column(sa.Column("before", sa.JSON))
    op.create_index("ix_runs_book_id", "runs", ["book_id"])
    # What a file's own date cost until now it goes on to cost: no mark changes here.
    dated = sa.Column("dated_by", sa.String(20), nullable=False, server_default="before")
    columns = ["student_id", "exercise_id", "sha256"]
    constraint = _unique("submissions", columns)
    with op.batch_alter_table("submissions", naming_convention=NAMES) as batch:
        batch.add_column(dated)
        batch.add_column(sa.Column("files", sa.JSON))
        batch.drop_constraint(constraint, type_="unique")
        batch.create_unique_constraint("contents_of_a_student", columns)
    op.create_table(
        "contents",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("book_id", sa.Integer, sa.ForeignKey("books.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("student_id", sa.Integer, sa.ForeignKey("students.id")),
        sa.Column("team", sa.String(200), nullable=False),
        sa.Column("exercise_id", sa.Integer, sa.ForeignKey("exercises.id")),
        sa.Column("property", sa.String(200), nullable=False),
        sa.Column("points", sa.Float),
        sa.Column("until", moment),
        sa.Column("undoes_id", sa.Integer, sa.ForeignKey("decisions.id")),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.execute(sa.text("UPDATE gradebook SET version = 2"))


def _of_a_book(table: str, first: str) -> sa.Column[int]:
    key = sa.ForeignKey("books.id", name=f"{table}_book_id_fkey")
    return sa.Column("book_id", sa.Integer, key, nullable=False, server_default=first)


def _unique(table: str, columns: list[str]) -> str:
    """What the database calls the constraint that these columns are unique together."""
    for found in sa.inspect(op.get_bind()).get_unique_constraints(table):
        if sorted(found["column_names"]) == sorted(columns) and found["name"]:
            return found["name"]
    return f"uq_{table}_{columns[0]}"
