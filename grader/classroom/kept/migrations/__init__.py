"""How a gradebook of an older format becomes one of today's, with everything in it (alembic)."""
