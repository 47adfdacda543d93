"""A believable working day: people, master data and a case in every state of every SOP.

Cases are walked there by the services themselves, so their histories are true ones. Where a step can't be done, another
way is tried; a case that gets no further stays in the state to which it has come.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from flask import current_app
from flask_babel import force_locale

from app.demo import beginning, papers
from app.demo.answers import Context, Person, Teller
from app.demo.fitting import fitting
from app.demo.step import Stuck
from app.demo.values import ANSWERS, Answers
from app.demo.words import OPTIONAL
from app.extensions import db
from app.services.cases import form_input, transitions
from app.services.cases.facts import facts_for_new, load_facts
from app.services.core import clock, references
from app.services.core.access import Actor, user_named, visible_or_404
from app.services.core.errors import Refused, Unavailable
from app.services.core.wording import describe_violation
from app.services.deadlines.working_calendar import SATURDAY
from app.sop import SOPS
from app.workflow.declaration import Facts, Field, Sop, Transition
from app.workflow.engine import Violation, missing, requirements
from app.workflow.paths import shortest_paths

#: A working day, in minutes from 08.00; steps are taken in office hours.
OFFICE = 9 * 60
#: Longer than any guard of an SOP asks to wait (somasi, step 11: three months), in office minutes and on the calendar.
GUARDED, GUARDED_DAYS = 70 * OFFICE, 100
#: Ways to a state that are tried, each with a case of its own; cases that have just come in.
WAYS, NEW = 3, 5
NOTE = "Sesuai SOP."
ELSEWHERE = Violation("guard", "elsewhere", "It leads to another state.")


def fill(tell: Callable[[str], object] = lambda said: None) -> bool:
    """Fills an empty database; answers False, and changes nothing, when there are users already. ``tell`` receives a
    sentence for each state to which no case could be brought."""
    if beginning.security().count_users():
        return False
    with force_locale("id"):
        beginning.settle()
        day = Day(random.Random(2026))  # noqa: S311  (a seed, not a secret)
        for sop in SOPS.values():
            for said in day.fill(sop):
                tell(said)
    return True


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
        self.chance, self.teller = chance, Teller(chance)
        self.elsewhere = False  # new cases come in everywhere, those that are walked stay with the demo's unit
        self.papers = count(1)
        self.stuck: dict[str, str] = {}
        roles = current_app.config["FAB_ROLES"]
        self.actors = {role: [Actor.of(user) for nth in (1, 2) if (user := user_named(beginning.username(role, nth)))]
                       for role in roles}  # fmt: skip

    def fill(self, sop: Sop) -> list[str]:
        """A sentence for each state to which no case came."""
        self.stuck = {}  # per step that could not be done, why
        failed = [state.key for state in sop.states if not self._bring(sop, state.key)]
        self.elsewhere = True
        for _again in range(NEW if sop.create.key not in self.stuck else 0):
            self.walk(sop, (sop.create,), "", self._nice(sop))
        self.elsewhere = False
        why = "; ".join(f"step “{key}”: {reason}" for key, reason in self.stuck.items())
        return [f"{sop.key}: no case of the demo is in state “{state}” ({why})" for state in failed]

    def _bring(self, sop: Sop, goal: str) -> bool:
        """Brings a case to a state, on another way where a step can't be done."""
        for _way in range(WAYS):
            open_ = tuple(step for step in sop.transitions if step.key not in self.stuck)
            if not any(step.creates for step in open_):
                break
            path = shortest_paths(replace(sop, transitions=open_)).get(goal)
            if path is None:
                break
            steps = tuple(sop.transition_by_key[step.key] for step in path)
            if self.walk(sop, (*steps, *_fixing(sop, goal)), goal, self._nice(sop)):
                return True
        return False

    def _nice(self, sop: Sop) -> Answers:
        return self.chance.choice(ANSWERS.get(sop.key) or ({},))

    def walk(self, sop: Sop, path: tuple[Transition, ...], goal: str, known: Answers) -> bool:
        """Whether the case came to the end of the path; it stays where it could get no further."""
        steps, person, pk = self._timed(sop, path), self.teller.person(), 0
        for at, (step, moment) in enumerate(steps):
            ahead = next((later for later, _moment in steps[at + 1 :] if later in path), None)
            ends = set(ahead.source) if ahead else {goal} - {""}
            try:
                with clock.at(moment):
                    done = self._done(sop, step, pk, person, known, ends)
            except Exception as error:
                raise Stuck(sop, step, error) from error
            db.session.expire_all()
            pk = done or pk
            if not done and step in path:
                return False
        return True

    def _done(self, sop: Sop, step: Transition, pk: int, person: Person, known: Answers, ends: set[str]) -> int:
        """Does the step on the case, or creates one (0); the case's id, 0 where nobody could do it."""
        why = "nobody has a role that may do it"
        for actor in self._able(step):
            for given in (known, {}) if known else ({},):
                attempt = Attempt(self, sop, step, actor, person, given, ends)
                try:
                    if attempt.prepared(pk):
                        return attempt.submit(pk)
                    why = attempt.why()
                except Unavailable:
                    raise
                except Refused as refusal:
                    why = refusal.message
        if step.key not in self.stuck:
            self.stuck[step.key] = why
        return 0

    def _able(self, step: Transition) -> Iterator[Actor]:
        """Who may do the step: first a holder of its most particular role."""
        first = step.by[-1:] if len(step.by) > 2 else step.by[:1]
        for role in dict.fromkeys((*first, *step.by)):
            yield from self.actors.get(role, ())

    def _timed(self, sop: Sop, path: tuple[Transition, ...]) -> list[tuple[Transition, datetime]]:
        """The steps with their moments, the last one today. What a guard asks for comes before it: a row of the
        records that its state keeps, and time."""
        steps: list[tuple[Transition, int]] = []
        for before, step in zip((None, *path), path, strict=False):
            if step.guards and before is not None:
                state = before.target_from(None)
                keeping = (t for t in sop.transitions if t.records and not t.targets and state in t.source)
                steps += [(t, OFFICE) for t in keeping if t not in path]
            steps.append((step, GUARDED if _waits(sop, step) else self.chance.randrange(40, OFFICE)))
        ago = self.chance.randrange(5, 300) + sum(wait for _step, wait in steps)
        timed = []
        for step, wait in steps:
            ago -= wait
            timed.append((step, office_time(clock.now(), ago)))
        return timed


class Attempt:
    """One person's attempt at a step, with nice answers as far as they are ``known``. ``ends``: the states to which it
    should lead, none for any."""

    def __init__(self, day: Day, sop: Sop, step: Transition, actor: Actor, person: Person, known: Answers,
                 ends: set[str]) -> None:  # fmt: skip
        self.day, self.sop, self.step, self.actor, self.person, self.ends = day, sop, step, actor, person, ends
        self.known = {key: _on_its_day(value) for key, value in known.items() if step.field(key)}
        for field in step.fields:
            if field.is_rows and all(column.key in known for column in field.columns if column.required):
                self.known[field.key] = [{c.key: known[c.key] for c in field.columns if c.key in known}]
        self.handed: list[str] = []
        self.form: dict[str, Any] = {}
        self.lacks: list[Violation] = []

    def prepared(self, pk: int) -> bool:
        """Whether answers were found with which the step can be done; it may lead elsewhere."""
        case = visible_or_404(self.actor, self.sop.key, pk) if pk else None
        facts = load_facts(self.actor, case) if case is not None else facts_for_new(self.actor)
        wanted = [one for one in requirements(self.step, facts) if one.required]
        makeable = {key: papers.can_make(self.sop.document_by_key[key]) for key in self.step.accepts}
        self.handed = [key for one in wanted if makeable[key := papers.chosen(self.sop, one)]]
        asked = tuple(field for field in self.step.fields if field.key not in self.known)

        def judge(values: Mapping[str, Any]) -> list[Violation]:
            return self._judged(facts, case, values)

        values, lacks = fitting(self.day.teller, asked, self._context(case), judge)
        self.form, self.lacks = _typed(values) | self.known, list(lacks)
        return all(lack is ELSEWHERE for lack in lacks)

    def _judged(self, facts: Facts, case: Any, values: Mapping[str, Any]) -> list[Violation]:
        """All that the services would refuse, and the wrong end."""
        raw = _typed(values) | self.known
        read, unreadable = form_input.read(self.sop, self.step, raw, self.actor, case)
        lacks = [*missing(self.step, replace(facts, values={**read, "note": NOTE}), self.handed)]
        lacks += [Violation("field", error.key) for error in unreadable]
        if not lacks and self.ends and case is not None and self.step.resolve_target(case, read) not in self.ends:
            lacks.append(ELSEWHERE)
        return lacks

    def submit(self, pk: int) -> int:
        uploads = {key: [papers.paper(self.sop.document_by_key[key], next(self.day.papers))] for key in self.handed}
        if not pk:
            note = NOTE if self.step.note == "required" else ""
            return int(transitions.create(self.actor, self.sop.key, self.form, uploads, note).id)
        transitions.perform(
            self.actor, self.sop.key, pk, self.step.key, self.form, uploads, NOTE, note_open=self.step.note_open
        )
        return pk

    def why(self) -> str:
        return " ".join(str(describe_violation(self.sop, self.step, lack).message) for lack in self.lacks)

    def _context(self, case: Any) -> Context:
        def rows(reference: str) -> list[Any]:
            field = Field(reference, "", "reference", reference=reference)
            found = references.rows(field, self.sop, self.actor, case)
            return found if self.day.elsewhere else found[:1]

        nice = self.sop.key in ANSWERS
        return Context(self.sop, self.person, case, clock.now(), rows, 0 if nice else OPTIONAL)


def _on_its_day(value: Any) -> Any:
    """An answer of the demo; a span is counted from today."""
    return (clock.today() + value).isoformat() if isinstance(value, timedelta) else value


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a form sends them: a row by its code; what is left empty is not sent."""
    return {key: _written(value) for key, value in values.items() if value is not None}


def _written(value: Any) -> Any:
    if isinstance(value, list):
        return [_typed(item) if isinstance(item, dict) else item for item in value]
    return getattr(value, "code", value)


def _waits(sop: Sop, step: Transition) -> bool:
    """Whether guards of the step wait for time to pass after the steps before it."""
    now = clock.now()
    case = SimpleNamespace(
        **dict.fromkeys(sop.fields), **{records.key: [] for records in sop.records}, state="", round=1,
        created_at=now, changed_at=now, state_since=now,
    )  # fmt: skip
    before = Facts(
        None, frozenset(), now, case, last={one.key: (now, None) for one in sop.transitions},
        counts={records.key: 1 for records in sop.records},
    )  # fmt: skip
    after = replace(before, now=now + timedelta(days=GUARDED_DAYS))
    try:
        return any(guard.holds(after) and not guard.holds(before) for guard in step.guards)
    except Exception:
        return True  # it reads more than such a case has


def _fixing(sop: Sop, state: str) -> tuple[Transition, ...]:
    """The step that fixes a next day in the state, where there is one: a hearing."""
    staying = (t for t in sop.transitions if not t.targets and not t.creates and state in t.source)
    return tuple(t for t in staying if any(f.key in sop.calendars for f in t.fields))[:1]
