"""The same work by a bare Flask route: one plain query or two plain writes, and a plain template; what a page of ours
is compared with."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from flask import Flask, render_template_string
from sqlalchemy import Engine, text

ROW = """c.id, c.number, c.title, c.reporter_name, c.reporter_phone, c.state, c.due_at, c.created_at, u.name AS unit,
    p.username AS holder"""
JOINED = "cases c LEFT JOIN units u ON u.id = c.unit_id LEFT JOIN ab_user p ON p.id = c.claimed_by_id"
LIST = f"""SELECT {ROW} FROM {JOINED} WHERE c.sop = 'keluhan' AND c.closed_at IS NULL AND c.due_at IS NOT NULL
    ORDER BY c.due_at LIMIT 25"""
CASE = f"SELECT {ROW}, k.* FROM {JOINED} JOIN keluhan k ON k.id = c.id WHERE c.id = :pk"
EVENTS = "SELECT * FROM events WHERE case_id = :pk ORDER BY seq"
DOCUMENTS = "SELECT * FROM documents WHERE case_id = :pk ORDER BY id"
NEW = """INSERT INTO cases (number, sop, revision, state, round, title, reporter_name, reporter_phone, created_at,
    changed_at, state_since, requested_documents, history_hash, version)
    VALUES (:number, 'keluhan', 0, 'reported', 1, 'Lampu padam', 'Siti', '+62', :at, :at, :at, '[]', 'x', 1)
    RETURNING id"""
OWN = """INSERT INTO keluhan (id, name, address, phone, description)
    VALUES (:pk, 'Siti', 'Jl. Mawar', '0812', 'Lampu padam')"""
EVENT = """INSERT INTO events (case_id, seq, at, actor_name, action, to_state, round, documents, digest, hash)
    SELECT :pk, coalesce(max(seq), 0) + 1, :at, 'Siti', 'report', 'reported', 1, '[]', 'd', 'h'
    FROM events WHERE case_id = :pk"""
STEP = (
    "UPDATE cases SET state = 'in_progress', changed_at = :at, state_since = :at, version = version + 1 WHERE id = :pk"
)
TABLE = """<!doctype html><title>x</title><table>
{% for r in rows %}<tr>{% for v in r %}<td>{{ v }}</td>{% endfor %}</tr>
{% endfor %}</table>"""
PAGE = """<!doctype html><title>{{ case.number }}</title><dl>
{% for k, v in case.items() %}<dt>{{ k }}<dd>{{ v }}{% endfor %}
</dl>{% for e in events %}<p>{{ e.at }} {{ e.action }} {{ e.note }}</p>{% endfor %}
{% for d in documents %}{{ d }}{% endfor %}"""
_serial = count()


def bare_app(engine: Engine) -> Flask:
    app = Flask("bare")

    @app.get("/list")
    def rows() -> str:
        with engine.connect() as connection:
            return render_template_string(TABLE, rows=connection.execute(text(LIST)).all())

    @app.get("/case/<int:pk>")
    def case(pk: int) -> str:
        with engine.connect() as connection:
            found: dict[str, Any] = {"pk": pk}
            return render_template_string(
                PAGE, case=connection.execute(text(CASE), found).mappings().one(),
                events=connection.execute(text(EVENTS), found).all(),
                documents=connection.execute(text(DOCUMENTS), found).all(),
            )  # fmt: skip

    @app.post("/create")
    def create() -> tuple[str, int]:
        at = str(datetime.now(UTC))
        with engine.begin() as connection:
            pk = connection.scalar(text(NEW), {"number": f"BARE{at[14:]}{next(_serial)}", "at": at})
            connection.execute(text(OWN), {"pk": pk})
            connection.execute(text(EVENT), {"pk": pk, "at": at})
        return "", 302

    @app.post("/step/<int:pk>")
    def step(pk: int) -> tuple[str, int]:
        at = str(datetime.now(UTC))
        with engine.begin() as connection:
            connection.execute(text("SELECT id FROM cases WHERE id = :pk" + _locking(engine)), {"pk": pk})
            connection.execute(text(STEP), {"pk": pk, "at": at})
            connection.execute(text(EVENT), {"pk": pk, "at": at})
        return "", 302

    return app


def _locking(engine: Engine) -> str:
    return " FOR UPDATE" if engine.dialect.name == "postgresql" else ""
