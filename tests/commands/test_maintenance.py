"""Commands for whoever runs a deployment, where an SOP with cases does not run: its document is wrong or gone."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.extensions import db
from app.models import Case, Clock
from app.services.core import clock
from app.services.core.database import write_transaction
from tests.cast import Cast

GONE = "left_out"


@pytest.fixture
def stranded(app: Flask) -> int:
    """An open case, with a deadline that is over, of an SOP that does not run here."""
    with app.app_context(), write_transaction() as session:
        now = clock.now()
        case = {"number": "GONE-1", "sop": GONE, "state": "open", "version": 1, "title": "Setrika rusak", "due_at": now}
        pk: int = session.execute(insert(Case.__table__).values(case)).inserted_primary_key[0]  # type: ignore[arg-type]
        late = {"case_id": pk, "sop": GONE, "key": "settle", "state": "open", "started_at": now, "due_at": now}
        session.execute(insert(Clock.__table__).values(late | {"next_at": now}))  # type: ignore[arg-type]
    return pk


@pytest.mark.parametrize(
    "command", [["watch-deadlines"], ["watch-deadlines", "--recount"], ["reindex-search"], ["purge-due", "--apply"],
                ["verify-history"], ["sweep-orphans"], ["setup"], ["sop", "check"]],
    ids=" ".join,
)  # fmt: skip
def test_its_cases_rest_and_everything_else_goes_on(app: Flask, stranded: int, command: list[str]) -> None:
    with app.app_context():
        done = app.test_cli_runner().invoke(args=command)
        assert done.exit_code == 0, done.output
        [kept] = db.session.execute(select(Case.sop, Case.state, Case.closed_at).where(Case.id == stranded))
    assert tuple(kept) == (GONE, "open", None)


@pytest.mark.parametrize("path", ["/", "/search?q=Setrika", "/calendar", "/api/v1/worklist"])
def test_people_see_nothing_of_them(app: Flask, cast: Cast, stranded: int, path: str) -> None:
    page = cast.login("supervisor").get(path, follow_redirects=True)
    assert page.status_code < 500
    assert "GONE-1" not in page.text
