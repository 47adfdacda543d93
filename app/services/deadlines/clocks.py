"""The clocks of a case: started, paused, extended and ended with its steps.

``keep`` is called in the transaction of every step, so that the clocks never contradict the case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.models import Case, Clock, DeadlinePolicy
from app.models.derive import CHANNEL as CHANNEL
from app.services.core.clock import zone
from app.services.deadlines.counting import counted, plan
from app.services.deadlines.working_calendar import Calendar, NeverDue, calendar_of
from app.sop import SOPS
from app.sop.common import SUPERVISOR
from app.workflow.declaration import OF_STATE, TARGET, Deadline, Limit, Sop
from app.workflow.parts import since_opening

KEPT, MISSED, VOID = "kept", "missed", "void"


@dataclass(frozen=True)
class Rule:
    """A deadline that applies in the case's present state: until the day ``due``, or for an ``amount`` of a
    ``measure``. ``moves``: its start is read from the case again each time."""

    key: str
    started: datetime
    due: datetime | None = None
    amount: int | None = None
    measure: str | None = None
    joint_leave: bool = True
    escalate_to: str = ""
    kept_in: str | None = None
    pauses: bool = False
    moves: bool = False


def keep(
    session: Session, sop: Sop, case: Case, now: datetime, anew: bool = False, before: Mapping[str, Rule] | None = None
) -> dict[str, list[Any]]:
    """Brings the clocks of a case up to date with its state; returns the fields of the case that changed with them, in
    the form in which the history stores changes. Sets the case's ``due_at``, the earliest of what runs. ``anew``: other
    rules hold for the case from now on (it has moved to another revision), also for the clocks that run. ``before``:
    the case was corrected, and these were its rules: what differs holds as if it had been so from the beginning."""
    clocks, policies = _of_case(session, sop, case)
    if not (clocks or policies or sop.deadlines):
        return {}
    due_at = case.due_at
    changed = settle(sop, case, clocks, policies, calendar_of(case.unit_id), now, session.add, anew, before)
    if case.due_at != due_at:
        # Past the case's version: consequences of a step make nobody's form stale.
        cases = Case.__table__
        session.execute(update(cases).where(cases.c.id == case.id).values(due_at=case.due_at))
        set_committed_value(case, "due_at", case.due_at)
    return changed


def rules_of(session: Session, sop: Sop, case: Case, now: datetime) -> dict[str, Rule]:
    """The rules that hold for the case as it is, for ``keep`` after a correction."""
    clocks, policies = _of_case(session, sop, case)
    return {rule.key: rule for rule in _rules(sop, case, policies, clocks, calendar_of(case.unit_id), now)}


def _of_case(session: Session, sop: Sop, case: Case) -> tuple[list[Clock], Sequence[DeadlinePolicy]]:
    clocks = list(session.scalars(select(Clock).where(Clock.case_id == case.id).order_by(Clock.id)))
    active = select(DeadlinePolicy).where(DeadlinePolicy.sop == sop.key, DeadlinePolicy.active)
    return clocks, session.scalars(active).all()


def settle(
    sop: Sop, case: Case, clocks: Sequence[Clock], policies: Sequence[DeadlinePolicy], calendar: Calendar,
    now: datetime, add: Callable[[Clock], None], anew: bool = False, before: Mapping[str, Rule] | None = None,
) -> dict[str, list[Any]]:  # fmt: skip
    """The same with everything loaded: ``clocks`` of the case, ``policies`` of the SOP. ``add`` receives a clock that
    starts."""
    rules = {rule.key: rule for rule in _rules(sop, case, policies, clocks, calendar, now)}
    running = {clock.key: clock for clock in clocks if not clock.outcome}
    # A deadline that the new rules do not know was not kept: unless it is late, there is nothing to keep any more.
    settled = sop.state_by_key[case.state].counts_for_deadlines and not anew
    for key, clock in list(running.items()):
        rule = rules.get(key)
        if rule is None or (before is None and _another_day(rule, clock)):
            # Nor is anything to be kept where there had never to be a deadline.
            never = before is not None or case.voided_at is not None
            _end(clock, now, void=never or (rule is None and _was_withdrawn(key, case, rules)), settled=settled)
            del running[key]
    for key, rule in rules.items():
        if key not in running:
            running[key] = _start(add, sop, case, rule)
        elif anew or (before is not None and before.get(key) != rule):
            _replace(running[key], rule)
        _set(calendar, running[key], rule, now)
    case.due_at = min((c.due_at for c in running.values() if c.due_at is not None), default=None)
    return _write_back(case, rules, running, calendar, now)


def extend(session: Session, sop: Sop, case: Case, key: str, amount: int, now: datetime) -> None:
    """Gives a running clock ``amount`` more of its measure; the day stored on the case moves along."""
    runs = select(Clock).where(Clock.case_id == case.id, Clock.key == key, Clock.outcome == "")
    clock = session.scalars(runs).first()
    if clock is not None:
        clock.extra += amount
        keep(session, sop, case, now)


def running(session: Session, case_ids: Sequence[int]) -> list[Clock]:
    """The running and paused clocks of some cases, the most urgent first."""
    found = session.scalars(select(Clock).where(Clock.case_id.in_(case_ids), Clock.outcome == ""))
    return sorted(found, key=lambda c: (c.due_at is None, c.due_at or c.started_at, c.id))


def paused(session: Session, case_ids: Collection[int]) -> frozenset[int]:
    """Those of the cases that have a paused clock."""
    still = select(Clock.case_id).where(Clock.case_id.in_(case_ids), Clock.outcome == "", Clock.due_at.is_(None))
    return frozenset(session.scalars(still))


def _rules(
    sop: Sop, case: Case, policies: Sequence[DeadlinePolicy], clocks: Sequence[Clock], calendar: Calendar, now: datetime
) -> Iterator[Rule]:
    if sop.state_by_key[case.state].is_final or case.voided_at is not None:
        return
    waits = sop.state_by_key[case.state].kind == "waiting"
    local = now.astimezone(zone())
    for deadline in sop.deadlines:
        if case.state in (deadline.states or sop.open_states) and since_opening(deadline.opened_from, case, local):
            rule = _declared(sop, case, deadline, policies, clocks, calendar, waits, now)
            if rule is not None:
                yield rule
                yield from _target(deadline, rule, case, policies)
    own = [p for p in policies if not p.deadline and p.state == case.state]
    policy = fitting(own, case)
    if policy is not None:
        # A limit on a state that waits for somebody outside limits just that waiting, so it does not pause.
        yield Rule(
            OF_STATE + policy.state, case.state_since, None, policy.amount, policy.measure, policy.joint_leave,
            policy.escalate_to or escalation(sop),
        )  # fmt: skip


def _declared(
    sop: Sop, case: Case, deadline: Deadline, policies: Sequence[DeadlinePolicy], clocks: Sequence[Clock],
    calendar: Calendar, waits: bool, now: datetime,
) -> Rule | None:  # fmt: skip
    role = escalation(sop)
    if deadline.due is not None:
        day = _moment(calendar, deadline.due(case), end=True)
        return Rule(deadline.key, case.state_since, day, escalate_to=role) if day else None
    limit = deadline.limit_of(case, now.astimezone(zone()))
    started = _started(case, deadline, limit, clocks, calendar)
    if started is None:
        return None
    policy = fitting([p for p in policies if p.deadline == deadline.key], case)
    moves = deadline.since is not None or (limit is not None and limit.since is not None)
    if policy is not None:
        return Rule(deadline.key, started, None, policy.amount, policy.measure, policy.joint_leave,
                    policy.escalate_to or role, deadline.kept_in, waits, moves)  # fmt: skip
    if limit is None:
        return None
    return Rule(deadline.key, started, None, limit.amount, limit.measure, True, role, deadline.kept_in, waits, moves)


def _target(deadline: Deadline, rule: Rule, case: Case, policies: Sequence[DeadlinePolicy]) -> Iterator[Rule]:
    """The internal target before a deadline: counted from the same start and paused with it, but never extended."""
    key = TARGET + deadline.key
    policy = fitting([p for p in policies if p.deadline == key], case)
    if policy is not None and rule.measure is not None:
        yield replace(
            rule, key=key, amount=policy.amount, measure=policy.measure, joint_leave=policy.joint_leave,
            escalate_to=policy.escalate_to or rule.escalate_to, kept_in=None,
        )  # fmt: skip


def _started(
    case: Case, deadline: Deadline, limit: Limit | None, clocks: Sequence[Clock], calendar: Calendar
) -> datetime | None:
    """The start of the count. A reopened case starts again: the time before was judged already."""
    if deadline.since is not None:
        return _moment(calendar, deadline.since(case), end=False)
    ended = [clock.ended_at for clock in clocks if clock.key == deadline.key and clock.outcome and clock.ended_at]
    running = next((clock for clock in clocks if clock.key == deadline.key and not clock.outcome), None)
    # A clock that runs keeps its own start, whatever states the case has come through since.
    opened: datetime = running.started_at if running else case.state_since if ended else case.created_at
    later = _moment(calendar, limit.since(case), end=False) if limit is not None and limit.since is not None else None
    return opened if later is None else max(opened, later)


def fitting(policies: Sequence[DeadlinePolicy], case: Case) -> DeadlinePolicy | None:
    """The policy for the case's channel, else the one for all of them; of those in effect on the day on which the case
    was received, the latest."""
    channel = getattr(case, CHANNEL, None) or ""
    received = case.created_at.astimezone(zone()).date()
    valid = [p for p in policies if p.effective is None or p.effective <= received]
    latest = sorted(valid, key=lambda p: p.effective or date.min, reverse=True)
    return next((p for wanted in (channel, "") for p in latest if p.channel == wanted), None)


def escalation(sop: Sop) -> str:
    """The role that is notified when a deadline has run out, where no policy names one: the SOP's overseers, else the
    supervisors."""
    return next(iter(sop.overseers), SUPERVISOR)


def _moment(calendar: Calendar, day: date | datetime | None, end: bool) -> datetime | None:
    """A day as the moment at which it ends or begins where the case is; a moment as it is."""
    if day is None or isinstance(day, datetime):
        return day
    return calendar.end_of(day) if end else calendar.midnight(day)


def _start(add: Callable[[Clock], None], sop: Sop, case: Case, rule: Rule) -> Clock:
    clock = Clock(
        case_id=case.id, sop=sop.key, key=rule.key, state=case.state, amount=rule.amount, measure=rule.measure,
        joint_leave=rule.joint_leave, escalate_to=rule.escalate_to, extra=0, started_at=rule.started, pauses=[],
        level=0, outcome="",
    )  # fmt: skip
    add(clock)
    return clock


def _replace(clock: Clock, rule: Rule) -> None:
    """Gives a running clock the length of another rule; what it was extended by counts in its own measure only."""
    if clock.measure != rule.measure:
        clock.extra = 0
    clock.amount, clock.measure = rule.amount, rule.measure
    clock.joint_leave, clock.escalate_to = rule.joint_leave, rule.escalate_to


def _set(calendar: Calendar, clock: Clock, rule: Rule, now: datetime) -> None:
    """Updates a clock's due time and pause. Its length was fixed when it started, whatever policies say since."""
    open_pause = bool(clock.pauses) and clock.pauses[-1][1] is None
    if rule.pauses != open_pause:
        at = now.astimezone(UTC).isoformat()
        clock.pauses = [*clock.pauses, [at, None]] if rule.pauses else [*clock.pauses[:-1], [clock.pauses[-1][0], at]]
    if clock.measure is None:
        clock.due_at = rule.due
    else:
        clock.started_at = rule.started if rule.moves else clock.started_at
        if rule.moves:
            # What was waited for before the count began puts nothing off.
            clock.pauses = [
                one for one in clock.pauses if one[1] is None or datetime.fromisoformat(one[1]) > clock.started_at
            ]
        clock.due_at = None if rule.pauses else _due(calendar, clock)
    plan(calendar, clock, now)


def _due(calendar: Calendar, clock: Clock, until: datetime | None = None) -> datetime | None:
    """When it runs out; ``until``: as if its open pause ended then."""
    try:
        return counted(calendar, clock, until=until)
    except NeverDue:
        return None


def _was_withdrawn(key: str, case: Case, rules: Mapping[str, Rule]) -> bool:
    """Whether a clock without a rule has lost its policy rather than what it limits: then nothing is to be kept."""
    return key == OF_STATE + case.state or (key.startswith(TARGET) and key.removeprefix(TARGET) in rules)


def _another_day(rule: Rule, clock: Clock) -> bool:
    """Whether the day on the case differs from the clock's, so that the clock's own day is over."""
    return rule.due is not None and clock.due_at is not None and rule.due != clock.due_at


def _end(clock: Clock, now: datetime, void: bool, settled: bool) -> None:
    """Ends a clock as kept or missed; a paused clock has time left. What was aborted (a cancelled report) before its
    day is void."""
    clock.ended_at, clock.next_at = now, None
    late = clock.due_at is not None and now > clock.due_at
    clock.outcome = VOID if void or not (late or settled) else MISSED if late else KEPT
    if clock.pauses and clock.pauses[-1][1] is None:
        clock.pauses = [*clock.pauses[:-1], [clock.pauses[-1][0], now.astimezone(UTC).isoformat()]]


def _write_back(
    case: Case, rules: dict[str, Rule], clocks: dict[str, Clock], calendar: Calendar, now: datetime
) -> dict[str, list[Any]]:
    """Writes the due days of the clocks to the case's own fields (``kept_in``), for lists and reports; for a paused
    clock, the day it would be due if it continued now."""
    changed = {}
    for key, rule in rules.items():
        if rule.kept_in is None:
            continue
        due = clocks[key].due_at or _due(calendar, clocks[key], until=now)
        if due is None:
            continue
        before, after = getattr(case, rule.kept_in), due.astimezone(calendar.zone).date()
        if before != after:
            setattr(case, rule.kept_in, after)
            changed[rule.kept_in] = [before.isoformat() if before else None, after.isoformat()]
    return changed


def declared_limits() -> Iterator[tuple[Sop, Deadline]]:
    """Every counted deadline that a revision of an SOP declares."""
    every = (one for sop in SOPS.values() for one in sop.revisions)
    return ((sop, deadline) for sop in every for deadline in sop.deadlines if deadline.limits)
