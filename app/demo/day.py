"""A believable working day: people, master data and a case in every state of every SOP.

Cases are walked there by the services themselves, so their histories are true ones.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from app.demo.step import Stuck
from app.demo.values import ANSWERS, CUSTOMERS, PEOPLE, POSKOS, UNITS, Answers
from app.extensions import db
from app.models import Crew, Customer, Posko, Staff, Unit
from app.services.cases import transitions
from app.services.cases.facts import load_facts
from app.services.core import clock, phones, references
from app.services.core.access import Actor, user_named, visible_or_404
from app.services.core.database import write_transaction
from app.services.deadlines.working_calendar import SATURDAY, Calendar
from app.services.documents import documents
from app.sop import SOPS
from app.workflow.declaration import Choice, DocumentType, Field, Sop, Transition
from app.workflow.engine import requirements
from app.workflow.paths import shortest_paths

Offered = Sequence[Choice]
#: A working day, in minutes from 08.00; steps are taken in office hours.
OFFICE = 9 * 60
#: Longer than any guard of an SOP asks to wait (somasi, step 11: three months), in office minutes.
GUARDED = 70 * OFFICE
PASSWORD = "tuntas-demo"  # noqa: S105  (demo users are for loopback only)


def fill() -> bool:
    """Fills an empty database; answers False, and changes nothing, when there are users already."""
    if _security().count_users():
        return False
    with force_locale("id"):
        _people_and_places()
        day = Day(random.Random(2026))  # noqa: S311  (a seed, not a secret)
        for sop in SOPS.values():
            day.fill(sop)
    return True


def _security() -> Any:
    return current_app.appbuilder.sm  # type: ignore[attr-defined]


def username(role: str) -> str:
    return role.lower().replace(" ", "_")


def _people_and_places() -> None:
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
    names = iter(PEOPLE)
    for role in current_app.config["FAB_ROLES"]:
        first, last = next(names)
        _security().add_user(
            username(role), first, last, f"{username(role)}@tuntas.example", _security().find_role(role), PASSWORD
        )
    with write_transaction() as session:
        # The first posko that forms offer belongs to the unit of the user "unit".
        posko = session.scalars(select(Posko).order_by(Posko.name).limit(1)).one()
        for role in {r for sop in SOPS.values() for r in sop.unit_roles}:
            user_named(username(role)).unit = posko.unit
        cs = user_named("cs")
        session.add(Staff(code="cs", name=cs.get_full_name(), user=cs, active=True))
        session.add(Staff(code="cs-malam", name="Tim CS malam", active=True))


def office_time(now: datetime, ago: int) -> datetime:
    """The moment ``ago`` office minutes before ``now``, on a weekday between 08.00 and 17.00."""
    days, minutes = divmod(ago, OFFICE)
    since_eight = min(max((now.hour - 8) * 60 + now.minute, 0), OFFICE) - minutes
    if since_eight < 0:
        days, since_eight = days + 1, since_eight + OFFICE
    day = now.replace(hour=8, minute=0)
    while days > 0 or day.weekday() >= SATURDAY:
        day -= timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day + timedelta(minutes=since_eight)


class Day:
    """Walks cases of an SOP to each of its states."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.elsewhere = False  # new cases come in everywhere, those that are walked stay with the demo's unit
        self.actors = {role: Actor.of(user_named(username(role))) for role in current_app.config["FAB_ROLES"]}

    def fill(self, sop: Sop) -> None:
        for path in shortest_paths(sop).values():
            self.walk(sop, (*path, *_fixing(sop, path[-1])), next(self._answers(sop)))
        self.elsewhere = True
        for _again in range(5):
            self.walk(sop, (sop.create,), next(self._answers(sop)))
        self.elsewhere = False

    def _answers(self, sop: Sop) -> Any:
        while True:
            yield self.chance.choice(ANSWERS.get(sop.key) or ({},))

    def walk(self, sop: Sop, path: tuple[Transition, ...], known: Answers) -> None:
        steps = self._timed(sop, path)
        pk = 0
        for step, moment in steps:
            actor = self._who(step)
            try:
                with clock.at(moment):
                    pk = self._create(sop, actor, known) if step.creates else self._perform(sop, step, actor, pk, known)
            except Exception as error:
                raise Stuck(sop, step, error) from error
            db.session.expire_all()

    def _create(self, sop: Sop, actor: Actor, known: Answers) -> int:
        form, papers = self._form(sop, sop.create, actor, None, known), self._papers(sop, sop.create, None)
        return int(transitions.create(actor, sop.key, form, papers).id)

    def _perform(self, sop: Sop, step: Transition, actor: Actor, pk: int, known: Answers) -> int:
        case = visible_or_404(actor, sop.key, pk)
        form, papers = self._form(sop, step, actor, case, known), self._papers(sop, step, load_facts(actor, case))
        transitions.perform(actor, sop.key, pk, step.key, form, papers, note="Sesuai SOP.")
        return pk

    def _timed(self, sop: Sop, path: tuple[Transition, ...]) -> list[tuple[Transition, datetime]]:
        """The steps with their moments, the last one today. What a guard asks for comes before it: a row of the
        records that its state keeps, and time."""
        steps: list[tuple[Transition, int]] = []
        for before, step in zip((None, *path), path, strict=False):
            if step.guards and before is not None:
                state = before.target_from(None)
                keeping = (t for t in sop.transitions if t.records and not t.targets and state in t.source)
                steps += [(t, OFFICE) for t in keeping]
            steps.append((step, GUARDED if step.guards else self.chance.randrange(40, OFFICE)))
        ago = self.chance.randrange(5, 300) + sum(wait for _step, wait in steps)
        timed = []
        for step, wait in steps:
            ago -= wait
            timed.append((step, office_time(clock.now(), ago)))
        return timed

    def _who(self, step: Transition) -> Actor:
        """A holder of the most particular role that may do the step."""
        return self.actors[step.by[-1] if len(step.by) > 2 else step.by[0]]

    def _form(self, sop: Sop, step: Transition, actor: Actor, case: Any, known: Answers) -> dict[str, Any]:
        field = [f for f in step.fields if f.required or f.key in known or f.key in sop.calendars]
        return {f.key: self._answer(f, sop, actor, case, known) for f in field}

    def _answer(self, field: Field, sop: Sop, actor: Actor, case: Any, known: Answers) -> Any:
        if field.key in known:
            return known[field.key]
        if field.is_rows:
            return [{c.key: self._answer(c, sop, actor, case, known) for c in field.columns}]
        return MADE_UP[field.kind.key](self, field, sop, references.choices(field, sop, actor, case))

    def date(self, field: Field, sop: Sop, offered: Offered) -> str:
        days = self.chance.randrange(1, 15)
        if field.key in sop.calendars:
            return Calendar(clock.zone()).after_days(clock.now(), days).date().isoformat()
        return (clock.today() - timedelta(days=days)).isoformat()

    def moment(self, field: Field, sop: Sop, offered: Offered) -> str:
        return (clock.now() - timedelta(minutes=self.chance.randrange(10, 300))).isoformat()

    def row(self, field: Field, sop: Sop, offered: Offered) -> str:
        return (self.chance.choice(offered) if self.elsewhere else offered[0]).key

    def _papers(self, sop: Sop, step: Transition, facts: Any) -> dict[str, list[documents.Upload]]:
        wanted = requirements(step, facts) if facts is not None else step.documents
        return {r.any_of[0]: [paper(sop.document_by_key[r.any_of[0]])] for r in wanted if r.required}


def _words(day: Day, field: Field, sop: Sop, offered: Offered) -> str:
    return "Sesuai keterangan pelapor"


#: What is made up where ``demo_values`` says nothing, by kind of field.
MADE_UP: dict[str, Callable[[Day, Field, Sop, Offered], Any]] = {
    "text": _words, "longtext": _words,
    "email": lambda day, field, sop, offered: "pelapor@contoh.example",
    "phone": lambda day, field, sop, offered: "0812 3344 5566",
    "contact": lambda day, field, sop, offered: "pelapor@contoh.example",
    "integer": lambda day, field, sop, offered: max(field.minimum or 1, 1),
    "position": lambda day, field, sop, offered: 1,
    "money": lambda day, field, sop, offered: day.chance.randrange(5, 60) * 50_000,
    "date": Day.date, "datetime": Day.moment,
    "boolean": lambda day, field, sop, offered: True,
    "choice": lambda day, field, sop, offered: day.chance.choice(offered).key,
    "reference": Day.row,
    "list": lambda day, field, sop, offered: [choice.key for choice in offered[:2]],
}  # fmt: skip


def _fixing(sop: Sop, last: Transition) -> tuple[Transition, ...]:
    """The step that fixes a next day in the state that ``last`` leads to, where there is one: a hearing."""
    state = last.target_from(None)
    staying = (t for t in sop.transitions if not t.targets and not t.creates and state in t.source)
    return tuple(t for t in staying if any(f.key in sop.calendars for f in t.fields))[:1]


def paper(kind: DocumentType) -> documents.Upload:
    """A page that says what it stands for, or a recording where only one will do."""
    if "application/pdf" in kind.accept:
        return documents.Upload(f"{kind.key}.pdf", io.BytesIO(_page(kind.key)))
    if "audio/mpeg" in kind.accept:
        return documents.Upload(f"{kind.key}.mp3", io.BytesIO(_silence(seconds=90)))
    return documents.Upload(f"{kind.key}.txt", io.BytesIO(b"Contoh dokumen"))


def _silence(seconds: int) -> bytes:
    """MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono: frames of 104 bytes, each 1152 samples of nothing."""
    frame = b"\xff\xfb\x10\xc0" + bytes(100)
    return b"ID3\x03\x00\x00\x00\x00\x00\x00" + frame * (seconds * 44_100 // 1152)


def _page(name: str) -> bytes:
    """A small, valid PDF."""
    text = f"BT /F1 18 Tf 60 760 Td (Contoh dokumen: {name}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
