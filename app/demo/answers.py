"""Makes up form input for any SOP: from the words of the demo, or else from a field's type, key, label and limits."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.demo import words
from app.demo.guesses import guessed, lies_ahead
from app.demo.phrases import PHRASES
from app.services.core import clock
from app.services.deadlines.working_calendar import Calendar
from app.workflow.declaration import Field, Sop

#: A recording of the demo is never shorter, so every position up to it lies within.
SHORTEST_RECORDING = 90
#: Amounts are whole multiples of this.
RUPIAH = 50_000
#: A dropped choice of three leaves the first one most often.
LEANING = (5, 3, 2)


@dataclass(frozen=True)
class Person:
    """Somebody who reports; ``known``: their row in the customer list."""

    name: str
    phone: str
    address: str
    account: str
    known: Any = None

    @property
    def email(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@contoh.example"


@dataclass(frozen=True)
class Context:
    """What an answer depends on. ``case``: None for what creates one; ``rows``: what each reference offers here;
    ``optional``: how likely an optional field is answered."""

    sop: Sop
    person: Person
    case: Any
    now: datetime
    rows: Callable[[str], list[Any]]
    optional: float = words.OPTIONAL


class Teller:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.customers: list[Any] = []

    def person(self) -> Person:
        pick, number = self.chance.choice, self.chance.randrange
        name = f"{pick(words.FIRST)} {pick(words.LAST)}"
        address = f"Jl. {pick(words.STREETS)} No. {number(1, 190)} RT {number(1, 12):02}/{number(1, 9):02}, "
        address += f"{pick(words.QUARTERS)}, {pick(words.TOWNS)}"
        phone = pick(words.PHONES) + f" {number(1000, 10_000)} {number(1000, 10_000)}"
        return Person(name, phone, address, f"53{number(10**9, 10**10)}")

    def customer(self) -> Person:
        """Somebody in the customer list."""
        known = self.chance.choice(self.customers)
        made = self.person()
        return Person(known.name, known.phone, made.address, made.account, known)

    def answers(self, fields: tuple[Field, ...], context: Context) -> dict[str, Any]:
        """Values by key, read already, None for what is left empty. What other answers make necessary is there."""
        values: dict[str, Any] = {}
        for one in fields:
            # Its papers are chosen afterwards: any of them may come.
            papers = {"documents": frozenset(), "fresh": frozenset(context.sop.document_by_key)}
            needed = one.is_required(context.case, {**values, **papers})
            # Fields required of some cases only are left empty on the others; a day to come is always fixed.
            wanted = needed or one.key in context.sop.calendars
            wanted = wanted or (not one.required and self.chance.random() < context.optional)
            values[one.key] = self.answer(one, context) if wanted else None
        return values

    def answer(self, one: Field, context: Context) -> Any:
        if one.is_rows:
            return [self.answers(one.columns, context) for _row in range(self.chance.randrange(1, 4))]
        # What is known by its key is a text or a day, of no format of its own.
        by_key = KNOWN.get(one.key) if one.kind.key in ("text", "contact", "date") else None
        return by_key(self, context) if by_key else ANSWERS[one.kind.key](self, one, context)

    def words(self, one: Field, context: Context) -> str:
        """A phrase of the field; where there is none, what its key and label let one guess."""
        groups = PHRASES.get(f"{context.sop.key}.{one.key}") or PHRASES.get(one.key)
        groups = groups or guessed(self.chance, one, context.person)
        return "".join(self.chance.choice(group) for group in groups)

    def day(self, context: Context, first: int, last: int) -> date:
        """A day between so many days from now, both included."""
        return (context.now + timedelta(days=self.chance.randint(first, last))).date()

    def _ahead(self, context: Context) -> date:
        return Calendar(clock.zone()).after_days(context.now, self.chance.randint(1, 15)).date()

    def date(self, one: Field, context: Context) -> date:
        if one.key in context.sop.calendars:
            return self._ahead(context)
        return self.day(context, 3, 30) if lies_ahead(one) else self.day(context, -9, 0)

    def moment(self, one: Field, context: Context) -> datetime:
        if one.key in context.sop.calendars:
            at = time(self.chance.randrange(9, 16), self.chance.choice((0, 15, 30, 45)))
            return datetime.combine(self._ahead(context), at, context.now.tzinfo).astimezone(UTC)
        away = timedelta(minutes=self.chance.randrange(5, 180))
        moment = context.now + 24 * away if lies_ahead(one) else context.now - away
        return moment.astimezone(UTC).replace(microsecond=0)

    def number(self, one: Field, low: int, high: int, unit: int = 1) -> int:
        """A whole number of units, where one lies within the limits."""
        least, most = limits(one, low, high)
        return rounded(self.chance.randint(least, most), least, most, unit)

    def row(self, rows: list[Any]) -> Any:
        return self.chance.choice(rows) if rows else None

    def choice(self, one: Field, context: Context) -> str:
        weights = (*LEANING, *[1] * len(one.choices))[: len(one.choices)]
        return str(self.chance.choices(one.choices, weights)[0].key)

    def several(self, one: Field, context: Context) -> list[str]:
        return [choice.key for choice in self.chance.sample(one.choices, min(2, len(one.choices)))]


def limits(one: Field, low: int, high: int) -> tuple[int, int]:
    """The least and the greatest number that is usual, or what the field itself sets."""
    least = low if one.minimum is None else one.minimum
    most = max(high, 2 * least) if one.maximum is None else one.maximum
    return (least, most) if least <= most else (most, most)


def rounded(value: int, least: int, most: int, unit: int) -> int:
    """A whole number of units near the value, or of thousands, within the limits; itself where there is none."""
    near = (value // one * one + more for one in (unit, min(unit, 1_000)) for more in (0, one))
    return next((one for one in near if least <= one <= most), value)


#: Texts and days that are more than a phrase and more than any day.
KNOWN: dict[str, Callable[[Teller, Context], Any]] = {
    "name": lambda t, a: a.person.name,
    "client_name": lambda t, a: a.person.name,
    "customer_name": lambda t, a: a.person.name,
    "sender": lambda t, a: f"{t.chance.choice(words.FIRMS)} {t.chance.choice(words.LAST)} & Rekan",
    "counsel": lambda t, a: f"{t.chance.choice(words.FIRST)} {t.chance.choice(words.LAST)}, S.H.",
    "requester_contact": lambda t, a: a.person.phone,
    "address": lambda t, a: a.person.address,
    "postal_address": lambda t, a: a.person.address,
    "customer_id": lambda t, a: a.person.account,
    "customer_number": lambda t, a: "1" + a.person.account[1:],
    "order_id": lambda t, a: a.person.known.code if a.person.known is not None else f"ORD-{a.person.account[-6:]}",
    "device_serial": lambda t, a: f"WK-{t.chance.randrange(200_000, 280_000)}",
    "waybill_number": lambda t, a: f"TRK{t.chance.randrange(88_000_000, 89_000_000)}",
    "agent": lambda t, a: f"Agent {t.chance.randrange(100, 480):04}",
    "letter_number": lambda t, a: f"{t.chance.randrange(1, 400):03}/SOM/{a.now:%m/%Y}",
    "court_case_number": lambda t, a: f"{t.chance.randrange(1, 300)}/Pdt.G/{a.now:%Y}",
    "bpsk_case_number": lambda t, a: f"{t.chance.randrange(1, 90):02}/BPSK/{a.now:%Y}",
    "letter_deadline": lambda t, a: t.day(a, 10, 40),
}
#: By kind of field.
ANSWERS: dict[str, Callable[[Teller, Field, Context], Any]] = {
    "text": Teller.words,
    "email": lambda t, one, a: a.person.email,
    "phone": lambda t, one, a: a.person.phone,
    "contact": lambda t, one, a: a.person.email,
    "position": lambda t, one, a: t.number(one, 0, SHORTEST_RECORDING - 1),
    "longtext": Teller.words,
    "integer": lambda t, one, a: t.number(one, 1, 100),
    "money": lambda t, one, a: t.number(one, 2 * RUPIAH, 400 * RUPIAH, RUPIAH),
    "date": Teller.date,
    "datetime": Teller.moment,
    "boolean": lambda t, one, a: True,
    "choice": Teller.choice,
    "reference": lambda t, one, a: t.row(a.rows(one.reference or "")),
    "list": Teller.several,
}
