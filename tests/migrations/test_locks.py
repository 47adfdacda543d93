"""No migration stops a PostgreSQL that has grown: squawk reads what each sends.

What a migration may do instead of what squawk refuses, its own sentence says: an index ``CONCURRENTLY`` in an
``autocommit_block``, a constraint ``NOT VALID`` and validated afterwards, a column without NOT NULL.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import Engine, event

from app.extensions import db
from tests import databases
from tests.conftest import missing_part

#: Rules of squawk that are about taste or about clients of their own, not about locks: code and schema change together
#: here, while nobody is served.
TASTE = (
    # PostgreSQL itself refuses it; ours come from an autocommit_block, which squawk does not see.
    "ban-concurrent-index-creation-in-transaction",
    "ban-drop-column", "ban-drop-constraint", "ban-drop-function", "ban-drop-not-null", "ban-drop-table",
    "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity", "prefer-robust-stmts",
    "prefer-text-field", "prefer-timestamp-tz", "renaming-column", "require-timeout-settings",
)  # fmt: skip
INDEX, DROP = "require-concurrent-index-creation", "require-concurrent-index-deletion"
FOREIGN, VALID, UNIQUE = "adding-foreign-key-constraint", "constraint-missing-not-valid", "disallowed-unique-constraint"
#: What was sent to deployments before this was looked at, by revision, and why it stays. An index blocks writers while
#: it is built, a foreign key while the rows are read: seconds for a million of them (docs/growth.md). A migration that
#: has been run somewhere is history and is not written anew.
KNOWN: dict[str, set[str]] = {
    "0004": {INDEX},  # cases
    "0005": {FOREIGN, INDEX},  # cases and events
    "0007": {DROP, INDEX},  # cases; the index took the column's new name
    "0010": {INDEX, UNIQUE, VALID},  # policies: a handful of rows
    "0013": {FOREIGN, INDEX, VALID},  # documents
    "0014": {FOREIGN, VALID},  # documents
    "0015": {VALID},  # made NOT VALID, and validated in an autocommit_block, which squawk does not see
}
OPTIONS = ("--reporter", "json", "--pg-version", "15.0", "--assume-in-transaction")
DEFINES = re.compile(r"\s*(CREATE|ALTER|DROP|UPDATE|DELETE|TRUNCATE|LOCK)\b", re.IGNORECASE)


def squawk() -> str:
    found = shutil.which("squawk", path=str(Path(sys.executable).parent)) or shutil.which("squawk")
    if found is None:
        missing_part("squawk")
    return str(found)


@pytest.fixture
def sent(make_app: Callable[..., Flask], pg_server: Engine) -> dict[str, list[str]]:
    """By revision, what it sends to a database in which those before it were."""
    statements: dict[str, list[str]] = {}
    with databases.own_database(pg_server) as name:
        app = make_app(SQLALCHEMY_DATABASE_URI=databases.url_of(name))
        with app.app_context():
            migrate = current_app.extensions["migrate"]
            config = migrate.migrate.get_config(migrate.directory)
            for step in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
                heard: list[str] = []
                statements[step.revision] = heard

                def hear(_c: Any, _cursor: Any, statement: str, *_more: Any, heard: list[str] = heard) -> None:
                    if DEFINES.match(statement) and "alembic_version" not in statement:
                        heard.append(statement.strip().rstrip(";") + ";")

                event.listen(db.engine, "before_cursor_execute", hear)
                command.upgrade(config, step.revision)
                event.remove(db.engine, "before_cursor_execute", hear)
            db.engine.dispose()
    return statements


def broken_rules(statements: list[str]) -> dict[str, str]:
    """What squawk finds, by rule."""
    done = subprocess.run(
        [squawk(), *OPTIONS, *(f"--exclude={rule}" for rule in TASTE)],
        input="\n".join(statements), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return {one["rule_name"]: one["message"] for one in json.loads(done.stdout or "[]")}


def test_no_migration_locks_a_table_that_has_grown(sent: dict[str, list[str]]) -> None:
    found = {revision: broken_rules(statements) for revision, statements in sent.items() if statements}
    assert {revision: set(rules) for revision, rules in found.items() if rules} == KNOWN


def test_what_would_stop_it_is_found() -> None:
    assert broken_rules(["CREATE INDEX ix_slow ON events (note);"])
    assert broken_rules(["ALTER TABLE cases ALTER COLUMN title TYPE text;"])
    assert not broken_rules(["ALTER TABLE cases ADD COLUMN more text;"])
