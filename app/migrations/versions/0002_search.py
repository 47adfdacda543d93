"""search index: keys by which a case is found exactly, its words, and the vocabulary for misspelt ones

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    # One row a case, its id as rowid; positions are not needed, so they are not kept.
    "CREATE VIRTUAL TABLE search_text USING fts5(words, detail=none, columnsize=0, tokenize='ascii')",
    # As pg_trgm does, a word's beginning and end count: short words have little else in common with a misspelt one.
    "CREATE VIRTUAL TABLE search_grams USING fts5(word, content='', tokenize='trigram')",
    "CREATE VIRTUAL TABLE search_gram_counts USING fts5vocab('search_grams', 'row')",
    """CREATE TRIGGER search_words_added AFTER INSERT ON search_words BEGIN
         INSERT INTO search_grams (rowid, word) VALUES (new.id, '  ' || new.word || ' ');
       END""",
    """CREATE TRIGGER search_words_removed AFTER DELETE ON search_words BEGIN
         INSERT INTO search_grams (search_grams, rowid, word) VALUES ('delete', old.id, '  ' || old.word || ' ');
       END""",
)
POSTGRESQL = (
    "CREATE TABLE search_text (case_id integer PRIMARY KEY, words text NOT NULL, found tsvector NOT NULL)",
    "CREATE INDEX ix_search_text_found ON search_text USING gin (found)",
    "CREATE INDEX ix_search_words_grams ON search_words USING gin (word gin_trgm_ops)",
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        _allow_trigrams()
    # Byte order on both databases, so that a range finds what begins alike.
    text = sa.Text(collation="C") if postgresql else sa.Text()
    op.create_table(
        "search_keys",
        sa.Column("key", text, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "field", "is_open", "case_id"),
    )
    op.create_index("ix_search_keys_case_id", "search_keys", ["case_id"])
    op.create_table(
        "search_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("word"),
    )
    for statement in POSTGRESQL if postgresql else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        op.execute("DROP TABLE search_gram_counts")
        op.execute("DROP TABLE search_grams")
    op.execute("DROP TABLE search_text")
    op.drop_table("search_words")
    op.drop_index("ix_search_keys_case_id", "search_keys")
    op.drop_table("search_keys")


def _allow_trigrams() -> None:
    installed = sa.text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    if op.get_bind().execute(installed).scalar():
        return
    try:
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError as error:
        raise RuntimeError(
            "Searching needs the PostgreSQL extension pg_trgm, which this user may not create. Let a superuser run "
            "CREATE EXTENSION pg_trgm in this database, then migrate again."
        ) from error
