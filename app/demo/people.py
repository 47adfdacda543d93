"""The people of the large demo: more units, users in each role, customers; and who does a step."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from flask import current_app
from sqlalchemy import false, select

from app.demo import words
from app.demo.answers import Teller
from app.demo.beginning import username
from app.extensions import db
from app.models import REFERENCES, Crew, Customer, Posko, Staff, Unit, User
from app.models.derive import case_model
from app.services.core import clock, phones
from app.services.core.access import Actor, sees, user_named
from app.services.core.database import write_transaction
from app.sop import SOPS
from app.workflow.declaration import Sop, Transition

#: A customer list of one row for so many cases, within these bounds.
CASES_A_CUSTOMER, FEWEST, MOST = 12, 25, 6_000


def settle(chance: random.Random, teller: Teller, cases: int) -> None:
    """Makes units, poskos, crews, people and customers beside those of the demo's small day."""
    with write_transaction() as session:
        for code, name, poskos in words.UNITS:
            unit = Unit(code=code, name=name, active=True)
            session.add(unit)
            session.add_all(
                Posko(
                    code=f"PSK-{posko.replace(' ', '-')}", name=f"POSKO {name.upper()} {posko}", unit=unit, active=True
                )
                for posko in poskos
            )
            session.add_all(
                Crew(code=f"{code}-R{n}", name=f"Regu {n} {name}", unit=unit, active=True) for n in (1, 2, 3)
            )
        session.flush()
        _people(session, chance)
        session.add_all(_customer(chance, teller, n) for n in range(min(max(cases // CASES_A_CUSTOMER, FEWEST), MOST)))


def _people(session: Any, chance: random.Random) -> None:
    security = current_app.appbuilder.sm  # type: ignore[attr-defined]
    limited = {role for sop in SOPS.values() for role in sop.unit_roles}
    assigned = {role for sop in SOPS.values() for role in sop.assignee_roles}
    units = list(session.scalars(select(Unit).order_by(Unit.id)))
    for role in current_app.config["FAB_ROLES"]:
        places = [unit for unit in units for _n in range(words.PER_UNIT)] if role in limited else []
        first = user_named(username(role))
        for number, unit in enumerate(places or [None] * words.PEOPLE.get(role, words.OTHER_PEOPLE), 2):
            name = f"{username(role)}_{number:02}"
            user = security.add_user(
                name, chance.choice(words.FIRST), chance.choice(words.LAST), f"{name}@tuntas.example",
                security.find_role(role), hashed_password=first.password, commit=False,
            )  # fmt: skip
            user.unit = unit
            if role in assigned:
                session.add(Staff(code=name, name=user.get_full_name(), user=user, active=True))


def _customer(chance: random.Random, teller: Teller, number: int) -> Customer:
    person, bill = teller.person(), chance.choice((None, chance.randrange(4, 120) * 25_000))
    return Customer(
        code=f"ORD-{200_000 + number}", name=person.name, phone=person.phone, email=person.email, active=True,
        phone_normalised=phones.normalised(person.phone), product=chance.choice(words.PRODUCTS), bill=bill,
        due_date=clock.today() if bill else None, application_status=chance.choice(("Dana cair", "Sedang ditinjau")),
    )  # fmt: skip


class Cast:
    """Everybody and everything that a step may name, read once and let go from the session."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.by_role: dict[str, list[Actor]] = defaultdict(list)
        for user in db.session.scalars(select(User).where(User.active).order_by(User.id)).unique():
            actor = Actor.of(user)
            for role in sorted(actor.roles):
                self.by_role[role].append(actor)
        self._rows: dict[str, list[Any]] = {}
        self._order_ids: dict[str, Any] = {}
        self._phones: dict[str, list[Any]] = defaultdict(list)
        self._offered: dict[tuple[str, str, int | None], list[Any]] = {}
        self._able_to: dict[tuple[Any, ...], list[Actor]] = {}
        for reference in {
            f.reference for sop in SOPS.values() for t in sop.transitions for f in t.fields if f.reference
        }:
            self._read(reference)
        for reference in {"customer", *REFERENCES} - set(self._rows):
            self._read(reference)
        for customer in self._rows["customer"]:
            self._order_ids[customer.code.lower()] = customer
            self._phones[customer.phone_normalised].append(customer)
        db.session.expunge_all()

    def _read(self, reference: str) -> None:
        model: Any = REFERENCES.get(reference)
        if model is not None:
            query = select(model).where(model.active).order_by(model.id)
        else:
            model, sop = case_model(reference), SOPS[reference]
            usable = getattr(model, sop.offered_with).is_not(None) if sop.offered_with else false()
            query = select(model).where(model.state.in_(sop.open_states), usable).order_by(model.id)
        rows = list(db.session.scalars(query).unique())
        self._rows[reference] = rows

    def customer(self, order_id: str | None, phone: str | None) -> Any:
        """As ``services/core/customers.py``."""
        known = self._order_ids.get((order_id or "").strip().lower())
        same = self._phones[phones.normalised(phone)] if phone else []
        return known or (same[0] if len(same) == 1 else None)

    def offered(self, reference: str, case: Any, unit_id: int | None) -> list[Any]:
        """As ``services/core/references.py``: a stage of the forum, a crew of the unit."""
        key = (reference, case.state if case is not None else "", unit_id)
        if key not in self._offered:
            rows = self._rows[reference]
            if rows and hasattr(rows[0], "forum") and case is not None:
                rows = [row for row in rows if row.forum == case.state]
            elif rows and hasattr(rows[0], "unit_id") and unit_id is not None:
                rows = [row for row in rows if row.unit_id == unit_id]
            self._offered[key] = rows
        return self._offered[key]

    def who(self, sop: Sop, step: Transition, case: Any, done: Collection[tuple[str, int | None]]) -> Actor | None:
        """Somebody who may do the step; the case's assignee where the step is theirs."""
        people = self._able(sop, step, case)
        if step.four_eyes:
            barred = {user for action, user in done if action in step.four_eyes}
            people = [one for one in people if one.id not in barred]
        if case is not None and case.assignee_id is not None and set(step.by) <= set(sop.assignee_roles):
            people = [one for one in people if one.id == case.assignee_id] or people
        return self.chance.choice(people) if people else None

    def turn(self, sop: Sop, case: Any) -> Actor | None:
        """Somebody for whom the case waits."""
        people = [
            one
            for role in sop.responsible_roles(case.state)
            for one in self.by_role[role]
            if sees(one, sop, case.unit_id)
        ]
        return self.chance.choice(people) if people else None

    def _able(self, sop: Sop, step: Transition, case: Any) -> list[Actor]:
        """Who has a role of the step and, once there is a case, sees it."""
        key = (sop.key, step.key, case is not None, case.unit_id if case is not None else None)
        if key not in self._able_to:
            people = [one for role in step.by for one in self.by_role[role]]
            self._able_to[key] = [one for one in people if case is None or sees(one, sop, case.unit_id)]
        return self._able_to[key]
