"""The stage of the tests of reports: complaints of two units, some started, one mutated, one cancelled."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Flask

from app.extensions import db
from app.models import Posko, Unit
from app.services import reports
from app.services.cases import transitions
from app.services.core.access import Actor
from app.services.reports import ReportParams
from tests.cast import Cast

UNITS = ("ulp_menteng", "ulp_depok")
COMPLAINT = {
    "name": "Rina Maharani", "address": "Jl. Mawar 1", "posko": UNITS[0], "phone": "+62 812 3456 7345",
    "description": "Lampu padam", "channel": "cc_123", "customer_id": "541100223344",
}  # fmt: skip


class Office:
    """``cases``: the ids of the complaints, in order: started, mutated, cancelled, and one of the other unit, new."""

    def __init__(self, app: Flask) -> None:
        self.cast = Cast(app)
        for code in UNITS:
            unit = Unit(code=code, name=code.upper(), active=True)
            db.session.add(Posko(code=code, name=code.title(), active=True, unit=unit))
        db.session.commit()
        self.cases = [self.reported(posko=code) for code in (UNITS[0], UNITS[0], UNITS[0], UNITS[1])]
        self.does(self.cases[0], "start", note="Regu berangkat ke rumah Rina")
        self.does(self.cases[1], "mutate_to_gangguan", {"mutation_reason": "urgent"})
        self.does(self.cases[2], "cancel", note="=cmd|' /C calc'!A0")

    def actor(self, name: str, *roles: str, unit: str | None = None) -> Actor:
        return self.cast.actor(name, *roles, unit=unit)

    def reported(self, **answers: Any) -> int:
        return int(transitions.create(self.actor("cso"), "keluhan", COMPLAINT | answers).id)

    def does(self, pk: int, key: str, answers: dict[str, Any] | None = None, note: str = "") -> None:
        transitions.perform(self.actor("unit", unit=UNITS[0]), "keluhan", pk, key, answers or {}, None, note=note)


def content(actor: Actor, key: str, **filters: Any) -> bytes:
    report = reports.report_of(actor, key)
    return b"".join(reports.content(actor, report, ReportParams(**{"lang": "en", **filters}), lambda rows: iter(rows)))


def rows(actor: Actor, key: str, **filters: Any) -> list[dict[str, str]]:
    """The rows of a report's CSV by their headings."""
    return list(csv.DictReader(io.StringIO(content(actor, key, **filters).decode("utf-8-sig"))))


def every(actor: Actor) -> Iterator[tuple[str, str]]:
    """Every report of ``actor`` in every format that it has."""
    for report in reports.reports_of(actor):
        for form in report.formats:
            yield report.key, form
