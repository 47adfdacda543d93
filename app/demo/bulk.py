"""The large demo: many more cases beside the small working day, over two years and all SOPs; a seed repeats them.

Every case is walked in memory through its SOP's declared steps, all of them side by side in the order of time, and
written in large batches. Words and shares are in ``words.py``.
"""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from flask_babel import force_locale
from sqlalchemy import func, select

from app.demo import papers, words
from app.demo.answers import Context, Person, Teller
from app.demo.clocks import Clocks
from app.demo.fitting import fitting
from app.demo.office_time import DAY, OfficeTime, wait
from app.demo.people import Cast, settle
from app.demo.rows import Writer, finish
from app.demo.step import Stuck
from app.demo.walk import Walker, judged
from app.extensions import db
from app.models import Case, Counter, Document, Event
from app.models.derive import record_model
from app.services.cases import numbering
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.database import count_anew, write_transaction
from app.services.core.errors import Refused
from app.services.documents import documents, storage
from app.sop import SOPS
from app.workflow.declaration import Facts, Sop
from app.workflow.paths import steps_to_final

SEED = 2026
BATCH = 2_000
#: Small files for the newest open cases, so many at most; the others have none.
FILES, FILES_DAYS = 300, 30
#: How likely a case that is to be left rests where it has come to.
REST = 0.4
TRIES = 3


@dataclass(frozen=True)
class Progress:
    """``cases`` done of ``of``; ``rows`` written in ``seconds``."""

    cases: int
    of: int
    rows: int
    seconds: float

    def __str__(self) -> str:
        share, pace = 100 * self.cases // max(self.of, 1), self.rows / max(self.seconds, 0.001)
        return f"{share:3} %  {self.cases:,} of {self.of:,} cases, {pace:,.0f} rows/s"


def fill(cases: int, seed: int = SEED) -> Iterator[Progress]:
    """Adds so many cases to a database that ``day.fill`` has just filled; reports progress after each batch."""
    with force_locale("id"):
        chance = random.Random(seed)  # noqa: S311  (a seed, not a secret)
        teller = Teller(chance)
        settle(chance, teller, cases)
        yield from Bulk(cases, chance, teller).run()


class Bulk:
    """The world in which the cases live; see ``walk.World``."""

    def __init__(self, cases: int, chance: random.Random, teller: Teller) -> None:
        self.cases, self.chance, self.teller = cases, chance, teller
        self.office = OfficeTime(clock.now())
        self.away: Mapping[str, Mapping[str, int]] = {sop.key: steps_to_final(sop) for sop in SOPS.values()}
        self._weights = [words.SHARES.get(key, words.OTHER_SHARE) for key in SOPS]
        self._counters = dict(db.session.execute(select(Counter.prefix, Counter.value)).tuples().all())
        tables = {model.__tablename__: model for model in (Case, Event, Document, *_record_models())}
        self._ids = {name: db.session.scalar(select(func.max(m.id))) or 0 for name, m in tables.items()}
        self.clocks, self.cast = Clocks(), Cast(chance)
        teller.customers = self.cast.offered("customer", None, None)
        self._ahead: list[tuple[int, int, Walker]] = []
        self._finished: list[Walker] = []
        self._open: list[Walker] = []
        self._numbers: dict[str, int] = {}
        self._writer = Writer(self.clocks, clock.now())
        self._files = self._made = self._owed = self._at = 0

    def run(self) -> Iterator[Progress]:
        started, rows = time.monotonic(), 0
        for _moment in self._live():
            if len(self._finished) >= BATCH:
                rows += self._write(self._finished)
                self._finished = []
                yield Progress(self._made, self.cases, rows, time.monotonic() - started)
        waiting = iter([*self._finished, *self._open])
        while batch := list(islice(waiting, BATCH)):
            rows += self._write(batch)
        with write_transaction() as session:
            finish(session)
        count_anew()
        yield Progress(self._made, self.cases, rows, time.monotonic() - started)

    def _live(self) -> Iterator[int]:
        """Lets everything happen in the order of time, up to now."""
        for at in self.office.arrivals(self.chance, self.cases):
            yield from self._until(at)
            if self._owed:
                self._owed -= 1  # a case that another one has opened counts as well
            else:
                self._at = at
                self._arrive()
            yield at
        yield from self._until(self.office.now)

    def _until(self, end: int) -> Iterator[int]:
        while self._ahead and self._ahead[0][0] <= end:
            self._at, _order, walker = heapq.heappop(self._ahead)
            if walker.take_step(self.office.moment(self._at)):
                self._go_on(walker)
            else:
                self._rest(walker)
            yield self._at

    def _arrive(self) -> None:
        """A new case of one of the SOPs, of another one where none can be begun; raises ``Stuck`` where none can."""
        weights = dict(zip(SOPS, self._weights, strict=True))
        while weights:
            [key] = self.chance.choices(list(weights), list(weights.values()))
            if self._arrives(SOPS[key]):
                return
            del weights[key]
        raise Stuck(sop := next(iter(SOPS.values())), sop.create, LookupError("nobody can begin a case of any SOP"))

    def _arrives(self, sop: Sop) -> bool:
        now, person = self.office.moment(self._at), self._person(sop)
        handed = [papers.chosen(sop, r) for r in sop.create.documents if r.required and r.applies(None, now)]
        for _try in range(TRIES):
            actor = self.cast.who(sop, sop.create, None, ())
            if actor is None:
                break
            unit = actor.unit_id if actor.roles & set(sop.unit_roles) else None
            context = Context(sop, person, None, now, partial(self._offered, unit))
            facts = Facts(actor.id, actor.roles, now)
            judge = partial(judged, sop.create, facts, handed, "-")
            values, lacks = fitting(self.teller, sop.create.fields, context, judge)
            if not lacks and self._begun(sop, person, actor, values, now, handed):
                return True
        return False

    def _begun(self, sop: Sop, person: Person, actor: Actor, values: Mapping[str, Any], now: datetime,
               handed: list[str]) -> bool:  # fmt: skip
        """Begins a case; False where an effect of the step refuses it, of which the rules know nothing."""
        try:
            self._begin(sop, person, actor, values, now, papers=handed)
        except Refused:
            return False
        return True

    def _offered(self, unit: int | None, reference: str) -> list[Any]:
        return self.cast.offered(reference, None, unit)

    def _person(self, sop: Sop) -> Person:
        listed = any(field.reference == "customer" for field in sop.fields.values()) and self.chance.random() < 0.8
        return self.teller.customer() if listed else self.teller.person()

    def open(self, sop: str, actor: Actor, values: Mapping[str, Any], now: datetime, *, code: str | None,
             changes: Mapping[str, Any], person: Person) -> Walker:  # fmt: skip
        """A case that a step of another one opens."""
        self._owed += 1
        return self._begin(SOPS[sop], person, actor, values, now, code=code, changes=changes)

    def _begin(self, sop: Sop, person: Person, actor: Actor, values: Mapping[str, Any], now: datetime,
               code: str | None = None, **more: Any) -> Walker:  # fmt: skip
        age = self.office.age(self._at)
        left = self.chance.random() < words.FORGOTTEN + words.LEFT * 2.718 ** (-age / words.FADING)
        walker = Walker(self, sop, person, left)
        prefix = numbering.prefix_at(sop, now, code)
        number = self._counters.get(prefix, 0) + 1
        walker.begin(numbering.numbered(sop, prefix, number), actor, values, now, **more)
        self._numbers[prefix] = self._counters[prefix] = number  # a case that was refused has none
        self._made += 1
        self._go_on(walker)
        return walker

    def _go_on(self, walker: Walker) -> None:
        """Sees when the next step comes, if one does."""
        sop, state = walker.sop, walker.sop.state_by_key[walker.case.state]
        ahead = [step for step in sop.transitions if state.key in step.source]
        idle = all(step.optional for step in ahead)
        likely = (words.REOPENED if state.is_final else words.STIRRED) if idle else 1 - REST * walker.rests
        if not ahead or self.chance.random() >= likely:
            self._rest(walker)
        else:
            pace = words.PACE.get(sop.key, words.OTHER_PACE) * (words.WAITING if state.kind != "open" else 1)
            self._push(walker, self._at + wait(self.chance, pace))

    def _push(self, walker: Walker, at: int) -> None:
        if at > self.office.now:
            self._rest(walker)
        else:
            heapq.heappush(self._ahead, (at, walker.case.id, walker))

    def _rest(self, walker: Walker) -> None:
        (self._finished if walker.case.closed_at is not None else self._open).append(walker)

    def next_id(self, table: str) -> int:
        self._ids[table] += 1
        return self._ids[table]

    def papers(self, walker: Walker, actor: Actor, handed: list[str], now: datetime) -> list[dict[str, Any]]:
        """Real small files for what is handed in, on a few of the newest open cases."""
        if not (walker.rests and self.office.age(self._at) < FILES_DAYS and self._files + len(handed) <= FILES):
            return []
        self._files += len(handed)
        kinds = [kind for key in handed if papers.can_make(kind := walker.sop.document_by_key[key])]
        uploads = {kind.key: [papers.paper(kind, self._files + at)] for at, kind in enumerate(kinds)}
        with documents.taken_in(walker.sop, uploads) as incoming:
            made = [
                {
                    "id": self.next_id("documents"), "case_id": walker.case.id, "type": item.type,
                    "version": 1 + sum(old["type"] == item.type for old in walker.documents),
                    "round": walker.case.round, "filename": item.filename, "content_type": item.content_type,
                    "size": item.taken.size, "sha256": item.taken.sha256, "released": False,
                    "storage_key": storage.keep(item.taken.key), "uploader_id": actor.id, "uploader_name": actor.name,
                    "uploaded_at": now, "purged_at": None,
                }
                for item in incoming
            ]  # fmt: skip
        walker.documents += made
        return made

    def _write(self, walkers: list[Walker]) -> int:
        follows = [row for walker in walkers if walker.case.closed_at is None for row in self._watched(walker)]
        numbers, self._numbers = self._numbers, {}
        with write_transaction() as session:
            return self._writer.write(session, walkers, numbers, self._ids, follows)

    def _watched(self, walker: Walker) -> Iterator[dict[str, Any]]:
        """Somebody takes some of the open cases, and somebody follows others."""
        someone = self.cast.turn(walker.sop, walker.case)
        if someone is None:
            return
        last = walker.events[-1].at
        if self.chance.random() < words.TAKEN:
            walker.case.claimed_by_id = someone.id
            at = self.office.moment(self.office.now) if last >= self.office.moment(self.office.now - DAY) else last
            walker.append(someone, "take", at, walker.case.state, changes={"holder": [None, someone.name]})
        elif self.chance.random() < words.FOLLOWED:
            yield {"user_id": someone.id, "case_id": walker.case.id}


def _record_models() -> list[Any]:
    return [record_model(sop.key, records.key) for sop in SOPS.values() for records in sop.records]
