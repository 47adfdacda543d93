"""The people, places and customers with which the demo's working day begins: one user per role."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.demo import words
from app.demo.values import CUSTOMERS, PEOPLE, POSKOS, UNITS
from app.models import Crew, Customer, Posko, Staff, Unit
from app.services.core import phones
from app.services.core.access import user_named
from app.services.core.database import write_transaction
from app.sop import SOPS
from app.workflow.declaration import Transition

PASSWORD = "tuntas-demo"  # noqa: S105  (demo users are for loopback only)


def security() -> Any:
    return current_app.appbuilder.sm  # type: ignore[attr-defined]


def username(role: str, nth: int = 1) -> str:
    name = role.lower().replace(" ", "_")
    return name if nth == 1 else f"{name}_{nth}"


def settle() -> None:
    _places()
    _people()
    with write_transaction() as session:
        # The first posko that forms offer belongs to the unit of the user "unit".
        posko = session.scalars(select(Posko).order_by(Posko.name).limit(1)).one()
        for role in {r for sop in SOPS.values() for r in sop.unit_roles}:
            user_named(username(role)).unit = posko.unit
        for role in dict.fromkeys(r for sop in SOPS.values() for r in sop.assignee_roles):
            person = user_named(username(role))
            session.add(Staff(code=username(role), name=person.get_full_name(), user=person, active=True))
        session.add(Staff(code="cs-malam", name="Tim CS malam", active=True))


def _places() -> None:
    with write_transaction() as session:
        units = {code: Unit(code=code, name=name, active=True) for code, name in UNITS}
        session.add_all(units.values())
        session.add_all(Posko(code=code, name=name, unit=units[unit], active=True) for code, name, unit in POSKOS)
        session.add_all(
            Crew(code=f"{code}-R{n}", name=f"Regu {n} {unit.name}", unit=unit, active=True)
            for code, unit in units.items()
            for n in (1, 2, 3)
        )
        session.add_all(
            Customer(code=code, name=name, phone=phone, phone_normalised=phones.normalised(phone), email=email,
                     product=product, bill=bill, due_date=due, application_status=status, active=True)
            for code, name, phone, email, product, bill, due, status in CUSTOMERS
        )  # fmt: skip


def _people() -> None:
    """One user per role, and a colleague where two of a role are needed."""
    names = chain(PEOPLE, zip(words.FIRST, reversed(words.LAST), strict=False))
    in_twos = set(_in_twos())
    # They share a known password, and hashing it for each would be a quarter of the demo's time.
    hashed = security().hashed(PASSWORD)
    for role in current_app.config["FAB_ROLES"]:
        for nth in (1, 2) if role in in_twos else (1,):
            (first, last), name = next(names), username(role, nth)
            mail, roles = f"{name}@tuntas.example", security().find_role(role)
            security().add_user(name, first, last, mail, roles, hashed_password=hashed)


def _in_twos() -> Iterator[str]:
    """Roles of which one decides on the work of another."""
    for sop in SOPS.values():
        for step in sop.transitions:
            earlier: list[Transition] = [sop.transition_by_key[key] for key in step.four_eyes]
            if any(len({*step.by, *one.by}) == 1 for one in earlier):
                yield step.by[0]
