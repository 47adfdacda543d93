"""A procedure as people read it, and who may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.services.core.access import Actor, sops_of
from app.services.core.errors import NotVisible
from app.services.procedures import parts, steps
from app.services.procedures.table import Table
from app.workflow import diagram
from app.workflow.declaration import Sop


@dataclass(frozen=True)
class Outline:
    """``sheet``: label and text of what the control sheet says. ``picture``: the drawing, as SVG; ``spoken``: the same
    in words (``diagram.spoken``). ``tables``: those that have a row, by their keys, in the order of the page."""

    title: str
    sheet: tuple[tuple[str, str], ...]
    picture: str
    spoken: tuple[tuple[str, str, str, str], ...]
    tables: Mapping[str, Table]


def procedure(actor: Actor, key: str) -> Sop:
    """The SOP, for who takes part in it or reads everything. Raises ``NotVisible``."""
    for sop in sops_of(actor):
        if sop.key == key:
            return sop
    raise NotVisible(_("There is no such SOP."))


def outline(sop: Sop, role: str = "") -> Outline:
    """In the reader's language; ``role``: with the steps of one role alone."""
    found = (
        parts.changes(sop), steps.steps(sop, role), steps.matrix(sop), parts.deadlines(sop), parts.documents(sop),
        parts.records(sop), parts.indicators(sop), parts.mending(sop),
    )  # fmt: skip
    description = _("The states of the procedure from the first to the last.")
    return Outline(
        title=str(sop.label),
        sheet=tuple(parts.sheet(sop)),
        picture=diagram.svg(sop, None, str(sop.label), description, ""),
        spoken=tuple(diagram.spoken(sop, _("Start"), _("stays"))),
        tables={table.key: table for table in found if table.rows},
    )
