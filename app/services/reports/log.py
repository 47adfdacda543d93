"""The log of exports for people and programs: who, what, how many rows, and progress."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.models import Export
from app.services import reports
from app.services.core.access import READ_ALL, Actor
from app.services.core.errors import Forbidden
from app.services.core.paging import Paged, page_of_rows
from app.services.reports.jobs import KEPT, LIST, WAITING
from app.sop import SOPS
from app.workflow.declaration import Text

#: Rows of a page.
SIZE = 50
#: Prefix of the CSV of a dashboard's figure in the log.
DASHBOARD = "dashboard-"
#: The audit log in the log.
AUDIT = "audit"
STATES: dict[str, Text] = {
    "queued": _l("Waiting"),
    "running": _l("Being made"),
    "done": _l("Done"),
    "failed": _l("Failed on our side; please ask for it again"),
    "broken_off": _l("Aborted before its end"),
    "refused": _l("Not made: you may not have this report any more"),
}


def may_see(actor: Actor) -> bool:
    return bool(actor.roles & READ_ALL)


def log(actor: Actor, person: str, what: str, page: int) -> Paged[Export]:
    """Everybody's exports, for those who read everything: of users with ``person`` in their name, of one report."""
    if not may_see(actor):
        raise Forbidden(_("Only %(roles)s may do this.", roles=", ".join(sorted(READ_ALL))))
    query = select(Export)
    if person:
        query = query.where(Export.user_name.icontains(person, autoescape=True))
    if what:
        query = query.where(Export.what == what)
    return _page(query, page)


def downloads(actor: Actor, page: int) -> Paged[Export]:
    """``actor``'s own exports."""
    return _page(select(Export).where(Export.user_id == actor.id), page)


def whats() -> dict[str, str]:
    """Everything that can be in the log, with its label."""
    return {what: label(what) for what in (*reports.known(), *(LIST + key for key in SOPS))}


def label(what: str) -> str:
    """The label of a report or a list in the log."""
    if what.startswith(LIST):
        sop = SOPS.get(what.removeprefix(LIST))
        return str(_("List: %(sop)s", sop=sop.label_plural if sop else what))
    if what.startswith(DASHBOARD):
        return str(_("Dashboard: %(figure)s", figure=what.removeprefix(DASHBOARD)))
    if what == AUDIT:
        return str(_("Audit log"))
    known = reports.known()
    return str(known[what].label) if what in known else what


def is_ready(row: Export) -> bool:
    return row.state == "done" and row.storage_key is not None


def is_waiting(row: Export) -> bool:
    """Whether it is made in the background and not yet finished."""
    return row.state in WAITING and bool(row.filename)


def kept_until(row: Export) -> datetime | None:
    return row.ended_at + KEPT if row.ended_at and is_ready(row) else None


def told_of(row: Export) -> Mapping[str, Any]:
    """An export that is made in the background, for programs."""
    return {
        "id": row.id, "report": row.what, "format": row.form, "state": row.state, "message": str(STATES[row.state]),
        "rows": row.rows, "expected": row.expected, "ready": is_ready(row),
    }  # fmt: skip


def _page(query: Select[tuple[Export]], number: int) -> Paged[Export]:
    return page_of_rows(query.order_by(Export.at.desc(), Export.id.desc()), number, SIZE).map(lambda row: row[0])
