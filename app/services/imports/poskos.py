"""Plans and creates poskos that an import file names and that are not in the master data, with their units."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Posko, Unit
from app.services.core.errors import Malformed
from app.services.search import tokens

LONGEST_CODE = 64


class PlannedPoskos:
    """``known``: the id of each posko by its folded name or code. ``poskos``: name -> unit code of those to be made;
    ``units``: codes of those to be made."""

    def __init__(self, session: Session, unit: str | None) -> None:
        if unit is not None and not 0 < len(unit.strip()) <= LONGEST_CODE:
            raise Malformed(_("A unit's code has 1 to %(longest)s characters.", longest=LONGEST_CODE))
        self.session, self.unit = session, unit.strip() if unit else None
        self.poskos: dict[str, str | None] = {}
        self.units: list[str] = []
        self._units = set(session.scalars(select(Unit.code)))
        there = select(Posko.id, Posko.code, Posko.name, Unit.code).outerjoin(Unit, Unit.id == Posko.unit_id)
        rows = session.execute(there.order_by(Posko.id)).tuples().all()
        self.known = {self.key(written): pk for pk, code, name, _unit in rows for written in (code, name)}
        self._unit_of = {_bare(name): unit for _pk, _code, name, unit in reversed(rows) if unit}

    @staticmethod
    def key(name: str | None) -> str:
        return " ".join((name or "").split()).casefold()

    def need(self, name: str | None) -> None:
        """Plans the posko of this name unless there is one; its unit is that of a posko whose name differs only by the
        word POSKO, else the unit that was given."""
        if not name or self.key(name) in self.known or self.key(name) in map(self.key, self.poskos):
            return
        unit = self._unit_of.get(_bare(name), self.unit)
        self.poskos[" ".join(name.split())] = unit
        if unit is not None:
            self._unit_of.setdefault(_bare(name), unit)
            if unit not in self._units and unit not in self.units:
                self.units.append(unit)

    def make(self, planned: dict[str, str | None]) -> None:
        """Makes the planned poskos, and their units."""
        codes = set(self.session.scalars(select(Posko.code)))
        for name, unit in planned.items():
            posko = Posko(code=_code(name, codes), name=name, active=True, unit=self._unit(unit) if unit else None)
            self.session.add(posko)
            self.session.flush()
            codes.add(posko.code)
            self.known[self.key(name)] = posko.id

    def _unit(self, code: str) -> Unit:
        unit = self.session.scalars(select(Unit).where(Unit.code == code)).one_or_none()
        if unit is None:
            unit = Unit(code=code, name=code, active=True)
            self.session.add(unit)
        return unit


def _bare(name: str) -> str:
    """A name without the word POSKO: the same place is written with it in front, at the end, or not at all."""
    return " ".join(word for word in tokens.words_in(name) if word != "posko")


def _code(name: str, taken: set[str]) -> str:
    """``POSKO ULP DEPOK KOTA`` -> ``POSKO-ULP-DEPOK-KOTA``; with a number behind it when that is taken."""
    code = re.sub(r"\W+", "-", name.upper()).strip("-")[: LONGEST_CODE - 5] or "POSKO"
    at = 1
    while code + (f"-{at}" if at > 1 else "") in taken:
        at += 1
    return code + (f"-{at}" if at > 1 else "")
