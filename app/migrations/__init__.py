"""Alembic migrations; they run on SQLite and PostgreSQL, up and down."""
