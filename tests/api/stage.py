"""Master data for tests that walk any SOP, and the programs that walk it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import REFERENCES, Unit
from app.services.core import phones
from app.sop import SOPS
from tests.cast import Api, Cast
from tests.client import PHONE, Program, SignIn

UNIT = "ULP-DPK"


def fill_master_data(app: Flask) -> None:
    """One row in every table of references that has none; whatever belongs to a unit belongs to the same one."""
    with app.app_context():
        unit = Unit(code=UNIT, name="ULP Depok Kota", active=True)
        db.session.add(unit)
        db.session.flush()
        for name, model in REFERENCES.items():
            if db.session.scalars(select(model.id).limit(1)).first() is None:
                more: dict[str, Any] = {"unit_id": unit.id} if hasattr(model, "unit_id") else {}
                # The customer is who the programs say that reports.
                more |= {"phone_normalised": phones.normalised(PHONE)} if hasattr(model, "phone_normalised") else {}
                db.session.add(model(code=name.upper(), name=f"{name.title()} 1", active=True, **more))
        db.session.commit()


def users_of(cast: Cast) -> SignIn:
    """Signs in the n-th user of a role, who works in the unit of the master data."""

    def sign_in(role: str, nth: int) -> Api:
        name = role.lower().replace(" ", "_") + ("" if nth == 0 else f"_{nth + 1}")
        return cast.api(name, role, unit=UNIT)

    return sign_in


def walker(cast: Cast, sop: str, wait: Callable[[], None]) -> Program:
    """A program for an SOP; there is a case to choose of every SOP whose cases others refer to."""
    sign_in = users_of(cast)
    for other in SOPS.values():
        if other.offered_with and other.key != sop:
            maker = Program(other.key, sign_in, wait)
            maker.case_in(other.open_states[-1:])  # as far along as it is offered
    return Program(sop, sign_in, wait)
