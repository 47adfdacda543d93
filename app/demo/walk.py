"""A case on its way through the declared steps, in memory: the engine decides and the SOP's own effects run, so that
what is written afterwards is what the services would have written."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, NoReturn, Protocol

from app.demo import papers, words
from app.demo.answers import SHORTEST_RECORDING, Context, Person, Teller
from app.demo.clocks import Clocks
from app.demo.fitting import fitting
from app.demo.people import Cast
from app.demo.step import Stuck
from app.models import Clock
from app.services.cases import creation
from app.services.core import history
from app.services.core.access import NOTE_OPEN, Actor
from app.services.core.errors import FieldError, ValidationFailed
from app.services.notices.outbox import SENT
from app.workflow.declaration import Facts, Sop, Transition
from app.workflow.engine import Violation, missing, requirements

#: Steps after which a case takes the shortest way to its end.
LONG = 14


def judged(
    step: Transition, facts: Facts, handed: Sequence[str], note: str, values: Mapping[str, Any]
) -> tuple[Violation, ...]:
    """What stands in the way of the step with these answers."""
    return missing(step, replace(facts, values={**facts.values, **values, "note": note}), handed)


class World(Protocol):
    """What a case needs of all the others."""

    chance: random.Random
    cast: Cast
    teller: Teller
    clocks: Clocks
    #: Per SOP and state: steps to its end.
    away: Mapping[str, Mapping[str, int]]

    def open(self, sop: str, actor: Actor, values: Mapping[str, Any], now: datetime, *, code: str | None,
             changes: Mapping[str, Any], person: Person) -> Walker: ...  # fmt: skip
    def next_id(self, table: str) -> int: ...
    def papers(self, walker: Walker, actor: Actor, handed: list[str], now: datetime) -> list[dict[str, Any]]: ...


class Walker:
    """``case``: a stand-in with the attributes of the SOP's model. ``rests``: it is left somewhere on its way. The
    lists hold rows that are still to be written; ``saved``: they are."""

    def __init__(self, world: World, sop: Sop, person: Person, rests: bool) -> None:
        self.world, self.sop, self.person, self.rests = world, sop, person, rests
        self.case: Any = SimpleNamespace(
            **dict.fromkeys(sop.fields), sop=sop.key, round=1, title="", reporter_name="", reporter_phone="",
            unit_id=None, assignee_id=None, claimed_by_id=None, due_at=None, closed_at=None, voided_at=None,
            void_request=None, requested_documents=[], history_hash="", submission=None, version=1,
            **{records.key: [] for records in sop.records},
        )  # fmt: skip
        self.events: list[SimpleNamespace] = []
        self.links: list[tuple[str, Walker, datetime]] = []
        self.mails: list[dict[str, Any]] = []
        self.documents: list[dict[str, Any]] = []
        self.clocks: list[Clock] = []
        self.saved = False
        self._new_round()

    def _new_round(self) -> None:
        self.last: dict[str, tuple[datetime, int | None]] = {}
        self.done: set[tuple[str, int | None]] = set()
        self.attached: set[str] = set()
        self.fresh: set[str] = set()

    def begin(self, number: str, actor: Actor, values: Mapping[str, Any], now: datetime,
              changes: Mapping[str, Any] | None = None, papers: list[str] | None = None) -> None:  # fmt: skip
        """As ``services/cases/creation.py`` opens a case."""
        case, step = self.case, self.sop.create
        case.id, case.number, case.state = self.world.next_id("cases"), number, step.target_from(None)
        case.revision = self.sop.revision
        case.created_at = case.changed_at = case.state_since = now
        changed = creation.write_fields(self.sop, case, values)
        creation.refresh(self.sop, case)
        added = self.world.papers(self, actor, papers or [], now)
        # A case that another one opens begins without the effects of its own first step.
        work = StepWork(self, actor, values, "", now)
        changed = changed if changes is not None else self._effects(step, work, changed)
        changed |= self.world.clocks.keep(self.sop, case, self.clocks, now)
        self.append(actor, step.key, now, None, changes=changed | dict(changes or {}), documents=added)

    def take_step(self, now: datetime) -> bool:
        """Does one of the steps that are possible now; False when there is none."""
        facts = self._facts(now)
        return any(self._try(step, facts, now) for step in self._options(facts))

    def _options(self, facts: Facts) -> list[Transition]:
        """What may be done next, in the order in which chance would have it."""
        state, ends = self.case.state, self.world.away[self.sop.key]
        open_ = [t for t in self.sop.transitions if state in t.source and all(g.holds(facts) for g in t.guards)]
        if self.rests:
            open_ = [
                t for t in open_ if not any(self.sop.state_by_key[end].is_final for end in t.possible_targets(state))
            ]
        random_ = self.world.chance.random
        drawn = sorted(open_, key=lambda t: random_() ** (1 / self._weight(t)), reverse=True)
        if len(self.events) > LONG:
            drawn.sort(key=lambda t: (t.optional, min(ends[end] for end in t.possible_targets(state))))
        return drawn

    def _weight(self, step: Transition) -> float:
        usual = words.ASIDE if step.optional else words.SENT_BACK if step.key in self.sop.sent_back_by else 1.0
        return words.WEIGHTS.get(step.key, usual)

    def _try(self, step: Transition, facts: Facts, now: datetime) -> bool:
        actor = self.world.cast.who(self.sop, step, self.case, self.done)
        if actor is None:
            return False
        handed = [papers.chosen(self.sop, r) for r in requirements(step, facts) if r.required]
        wanted = step.note == "required" or (step.note == "optional" and self.world.chance.random() < words.NOTED)
        note = self.world.chance.choice(words.NOTES) if wanted else ""
        emptied = self.sop.emptied_by(step)
        judge = partial(judged, step, self._facts(now, actor, emptied), handed, note)
        answers, lacks = fitting(self.world.teller, step.fields, self._context(actor, now), judge)
        values = emptied | answers
        if lacks:
            return False
        try:
            self._do(step, actor, values, note, handed, now)
        except Exception as error:
            raise Stuck(self.sop, step, error) from error
        return True

    def _do(self, step: Transition, actor: Actor, values: Mapping[str, Any], note: str, handed: list[str],
            now: datetime) -> None:  # fmt: skip
        """As ``services/cases/transitions.py`` does it."""
        case, before, since = self.case, self.case.state, self.case.state_since
        after = step.resolve_target(case, values)
        added = self.world.papers(self, actor, handed, now)
        changes: dict[str, Any] = dict(creation.write_fields(self.sop, case, values))
        changes |= self._records(step, actor, values, now)
        case.state, case.changed_at, case.version = after, now, case.version + 1
        self.attached |= set(handed)
        self.fresh |= set(handed)
        if after != before:
            case.state_since, case.requested_documents = now, []
            self.fresh = set()
        else:
            case.requested_documents = [key for key in case.requested_documents if key not in handed]
        work = StepWork(self, actor, values, note, now)
        changes = self._effects(step, work, changes)
        changes |= self.world.clocks.keep(self.sop, case, self.clocks, now)
        if note and step.note_open:
            changes[NOTE_OPEN] = [None, True]
        for document in added:
            document["round"] = case.round
        self.append(actor, step.key, now, before, note, changes, added, since if after != before else None)

    def _effects(self, step: Transition, work: StepWork, changed: Mapping[str, Any]) -> dict[str, Any]:
        before = creation.kept(self.sop, self.case)
        for effect in step.effects:
            effect(self.case, work)
        creation.refresh(self.sop, self.case)
        return creation.with_effects(changed, before, creation.kept(self.sop, self.case)) | work.linked

    def _records(self, step: Transition, actor: Actor, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Adds the rows of records that the answers make; what the history keeps of them, by kind."""
        rows = {f.key: values[f.key] for f in step.fields if f.is_rows and values.get(f.key)}
        if step.records:
            rows[step.records] = [values]
        recorded = {}
        for key, added in rows.items():
            records = self.sop.records_by_key[key]
            there = [] if key in self.sop.replaced else getattr(self.case, key)
            known = [{column.key: row.get(column.key) for column in records.columns} for row in added]
            about = {"case_id": self.case.id, "recorded_at": now, "recorded_by": actor.name}
            new = [SimpleNamespace(id=self.world.next_id(f"{self.sop.key}_{key}"), **about, **row) for row in known]
            setattr(self.case, key, there + new)
            recorded[key] = [{k: creation.plain(v) for k, v in row.items() if v is not None} for row in known]
        return recorded

    def append(self, actor: Actor, action: str, at: datetime, before: str | None, note: str = "",
               changes: Mapping[str, Any] | None = None, documents: list[dict[str, Any]] | None = None,
               since: datetime | None = None) -> None:  # fmt: skip
        """As ``services/core/history.py`` appends."""
        case = self.case
        event = SimpleNamespace(
            id=self.world.next_id("events"), case_id=case.id, seq=len(self.events) + 1, at=at, actor_id=actor.id,
            actor_name=actor.name, action=action, from_state=before, to_state=case.state, round=case.round,
            note=note or None, changes=dict(changes or {}),
            documents=[{key: d[key] for key in ("type", "version", "sha256")} for d in documents or ()],
            salt=f"{self.world.chance.getrandbits(128):032x}", version=case.version, since=since,
            account=actor.account,
        )  # fmt: skip
        event.digest = history.digest_of(event)
        event.hash = case.history_hash = history.hash_of(event, case.history_hash)
        if self.events and self.events[-1].round != case.round:
            self._new_round()
        self.events.append(event)
        self.last[action] = (at, actor.id)
        self.done.add((action, actor.id))

    def _context(self, actor: Actor, now: datetime) -> Context:
        case = self.case
        return Context(self.sop, self.person, case, now, lambda ref: self.world.cast.offered(ref, case, case.unit_id))

    def _facts(self, now: datetime, actor: Actor | None = None, values: Mapping[str, Any] | None = None) -> Facts:
        case = self.case
        return Facts(
            actor.id if actor else None, actor.roles if actor else frozenset(), now, case, case.state,
            frozenset(self.attached), frozenset(self.fresh), frozenset(case.requested_documents), self.last,
            frozenset(self.done), {r.key: len(getattr(case, r.key)) for r in self.sop.records}, values or {},
        )  # fmt: skip


class StepWork:
    """``workflow.declaration.Work`` on cases in memory: mails count as sent, forms are not printed."""

    def __init__(self, walker: Walker, actor: Actor, values: Mapping[str, Any], note: str, now: datetime) -> None:
        self.walker, self.actor, self.values, self.note, self.now = walker, actor, values, note, now
        self.actor_id, self.actor_name = actor.id, actor.name
        self.linked: dict[str, list[Any]] = {}
        self._opened: dict[str, Walker] = {}

    def open_case(self, sop: str, values: Mapping[str, Any], *, code: str | None = None) -> Any:
        recorded = {"from": [None, self.walker.case.number]}
        made = self.walker.world.open(
            sop, self.actor, values, self.now, code=code, changes=recorded, person=self.walker.person
        )
        self._opened[made.case.number] = made
        return made.case

    def link(self, kind: str, source: Any, target: Any) -> None:
        other = self._opened[(target if source is self.walker.case else source).number]
        ends = (self.walker, other) if source is self.walker.case else (other, self.walker)
        ends[0].links.append((kind, ends[1], self.now))
        self.linked[kind] = [None, other.case.number]

    def release(self, document: str) -> None:
        mine = [one for one in self.walker.documents if one["type"] == document]
        if mine:
            mine[-1]["released"] = True

    def customer(self, order_id: str | None, phone: str | None) -> Any:
        return self.walker.world.cast.customer(order_id, phone)

    def refuse(self, field: str, sentence: Any) -> NoReturn:
        raise ValidationFailed(sentence, [FieldError("field", field, str(sentence))])

    def mail(self, to: str, subject: Any, text: Any, documents: tuple[str, ...] = ()) -> None:
        ids = [one["id"] for one in self.walker.documents if one["type"] in documents]
        sent = {"recipient": to, "subject": str(subject)[:255], "text": str(text), "documents": ids}
        self.walker.mails.append(
            {
                "case_id": self.walker.case.id,
                **sent,
                "written_at": self.now,
                "sent_at": self.now,
                "internal": False,
                "state": SENT,
            }
        )

    def extend(self, deadline: str, amount: int) -> None:
        walker = self.walker
        walker.world.clocks.extend(walker.sop, walker.case, walker.clocks, deadline, amount, self.now)

    def attach_form(self, form: str, documents: Mapping[str, str]) -> None:
        """Printing takes longer than all the rest, so there is none."""

    def seconds_of(self, document: str) -> int:
        if any(one["type"] == document for one in self.walker.documents):
            return SHORTEST_RECORDING
        return self.walker.world.chance.randrange(SHORTEST_RECORDING, 600)
