"""What deadline policies can limit, and which of them override what an SOP declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import DeadlinePolicy
from app.services.core.formatting import day, length
from app.services.deadlines.clocks import CHANNEL, declared_limits, escalation
from app.sop import SOPS
from app.sop.common import SUPERVISOR
from app.workflow.declaration import OF_STATE, TARGET, Deadline, Limit, Sop, Text


@dataclass(frozen=True)
class Target:
    """What a policy can limit: a counted ``deadline`` that the SOP declares, the internal target before it (its key
    after ``target:``), or the time in a ``state``."""

    sop: Sop
    deadline: str = ""
    state: str = ""

    @property
    def key(self) -> str:
        """Its value in forms: the SOP and the key of the clock."""
        return f"{self.sop.key}/{self.deadline or OF_STATE + self.state}"

    @property
    def label(self) -> str:
        if self.deadline:
            return str(self.sop.clock_label(self.deadline))
        return str(_("Time in “%(state)s”", state=self.sop.clock_label(OF_STATE + self.state)))


@dataclass(frozen=True)
class Declared:
    """A deadline as its SOP declares it: with a limit for some ``channels`` (none: all of them), or without one where
    its day is a field of the case. ``policies``: those that override it."""

    sop: Sop
    deadline: Deadline
    limit: Limit | None = None
    channels: tuple[Text, ...] = ()
    policies: tuple[DeadlinePolicy, ...] = ()


def targets() -> list[Target]:
    """Everything that can be limited, SOP by SOP: first its deadlines, each with its internal target, then the time in
    its states."""
    counted = [
        Target(sop, deadline=prefix + deadline.key) for sop, deadline in declared_limits() for prefix in ("", TARGET)
    ]
    return [
        target
        for sop in SOPS.values()
        for target in (
            *(one for one in counted if one.sop is sop),
            *(Target(sop, state=state) for state in sop.open_states),
        )
    ]


def target_of(policy: DeadlinePolicy) -> Target | None:
    """None when the SOP no longer runs here."""
    sop = SOPS.get(policy.sop)
    return Target(sop, policy.deadline, policy.state) if sop else None


def channels_of(sop: Sop) -> dict[str, Text]:
    """The channels by which cases of an SOP come, by key; none where it has no such field."""
    field = sop.fields.get(CHANNEL)
    return {choice.key: choice.label for choice in field.choices} if field else {}


def channel_in_words(policy: DeadlinePolicy) -> str:
    """The channel of a policy; empty for one over all channels."""
    sop = SOPS.get(policy.sop)
    return str((channels_of(sop) if sop else {}).get(policy.channel, policy.channel))


def limit_in_words(policy: DeadlinePolicy) -> str:
    limit = length(policy.amount, policy.measure)
    if policy.joint_leave or not policy.measure.startswith("working"):
        return limit
    return str(_("%(limit)s, joint leave is worked", limit=limit))


def in_short(policy: DeadlinePolicy) -> str:
    """A policy in words: its limit, and the channel when it has one."""
    limit, channel = limit_in_words(policy), channel_in_words(policy)
    short = f"{limit} ({channel})" if channel else limit
    law = ", ".join(part for part in (policy.citation, _since(policy)) if part)
    return f"{short}: {law}" if law else short


def _since(policy: DeadlinePolicy) -> str:
    return str(_("received from %(day)s", day=day(policy.effective))) if policy.effective else ""


def needs_citation(target: Target, channel: str, amount: int, measure: str) -> bool:
    """Whether a limit differs from what the SOP declares, so that somebody has to say by what law."""
    deadline = next((one for one in target.sop.deadlines if one.key == target.deadline), None)
    limits = [one for one in deadline.limits if not channel or one.fits(channel)] if deadline else []
    return bool(limits) and all((one.amount, one.measure) != (amount, measure) for one in limits)


def longest(target: Target, channel: str, measure: str) -> int | None:
    """How long the deadline runs before which an internal target lies; None for anything else, and where they are
    counted in different measures."""
    key = target.deadline.removeprefix(TARGET)
    deadline = next((one for one in target.sop.deadlines if one.key == key != target.deadline), None)
    limits = [one for one in deadline.limits if not channel or one.fits(channel)] if deadline else []
    same = [one.amount for one in limits if one.measure == measure]
    return max(same) if same and len(same) == len(limits) else None


def roles_of(sop: Sop) -> tuple[str, ...]:
    """The roles that may be notified that a deadline has run out."""
    return tuple(dict.fromkeys((*sop.roles, SUPERVISOR)))


def told_by_default(policy: DeadlinePolicy) -> str:
    """The role that is notified where the policy names none."""
    sop = SOPS.get(policy.sop)
    return SUPERVISOR if sop is None else escalation(sop)


def is_taken(target: Target, channel: str, effective: date | None = None, besides: int = 0) -> bool:
    """Whether another policy than ``besides`` limits the same for the same channel from the same day on."""
    same = select(DeadlinePolicy.id).where(
        DeadlinePolicy.sop == target.sop.key,
        DeadlinePolicy.deadline == target.deadline,
        DeadlinePolicy.state == target.state,
        DeadlinePolicy.channel == channel,
        DeadlinePolicy.effective.is_(None) if effective is None else DeadlinePolicy.effective == effective,
        DeadlinePolicy.id != besides,
    )
    return db.session.scalars(same.limit(1)).first() is not None


def declared(sops: Iterable[Sop] | None = None) -> Iterator[Declared]:
    """What these SOPs declare (all of them when none is named), and the active policies that override it; one query."""
    wanted = select(DeadlinePolicy).where(DeadlinePolicy.active, DeadlinePolicy.deadline != "")
    policies = db.session.scalars(wanted.order_by(DeadlinePolicy.channel)).all()
    for sop in SOPS.values() if sops is None else sops:
        for deadline in sop.deadlines:
            if deadline.due is not None:
                yield Declared(sop, deadline)
            own = [p for p in policies if (p.sop, p.deadline) == (sop.key, deadline.key)]
            yield from _limits(sop, deadline, own)


def _limits(sop: Sop, deadline: Deadline, policies: Sequence[DeadlinePolicy]) -> Iterator[Declared]:
    """The first limit that fits a channel applies to it, so the later ones apply to the remaining channels."""
    left = channels_of(sop)
    split = any(limit.channels for limit in deadline.limits)
    for limit in deadline.limits:
        here = {key: label for key, label in left.items() if limit.fits(key)}
        if limit.opened_from is None:
            left = {key: label for key, label in left.items() if key not in here}
        over = tuple(_over(here, policies))
        yield Declared(sop, deadline, limit, tuple(here.values()) if split else (), over)


def _over(channels: Iterable[str], policies: Sequence[DeadlinePolicy]) -> Iterator[DeadlinePolicy]:
    """A policy for a channel overrides the one for all of them, which applies to the channels without their own."""
    here = set(channels)
    own = {policy.channel for policy in policies}
    for policy in policies:
        if policy.channel in here or (not policy.channel and not (here and here <= own)):
            yield policy
