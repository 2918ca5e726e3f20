"""What alembic runs to migrate a database: on the connection that `upgrading` gives it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
