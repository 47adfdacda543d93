"""What somebody does in the procedures, by their roles: where they begin, and what to do when it is their turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.services.core.access import Actor, sops_of
from app.services.core.wording import state_label
from app.services.procedures import parts
from app.services.procedures.steps import asked, conditions, ends, paper
from app.services.procedures.table import Cell, Line
from app.workflow.declaration import Sop, Transition


@dataclass(frozen=True)
class Duty:
    """A step as whoever does it needs it. ``asks``, ``papers``: what it asks for; ``leads``: the statuses in which it
    can end; ``bound``: when it is possible, and what it demands besides."""

    label: str
    help: str
    asks: Cell
    papers: Cell
    leads: Cell
    bound: tuple[str, ...]


@dataclass(frozen=True)
class Moment:
    """A status in which a case waits for the reader; ``steps``: the main way first."""

    status: str
    steps: tuple[Duty, ...]


@dataclass(frozen=True)
class Part:
    """What somebody does in one procedure. ``begins``: the step with which they open a case; ``always``: steps aside of
    the main way, in whatever status; ``deadlines``: name and limit of each."""

    key: str
    label: str
    begins: Duty | None
    moments: tuple[Moment, ...]
    always: tuple[Duty, ...]
    deadlines: tuple[tuple[str, str], ...]

    @property
    def reads_alone(self) -> bool:
        return not (self.begins or self.moments or self.always)


def guide(actor: Actor) -> list[Part]:
    """Those that ask something of the reader first."""
    found = [part(sop, actor.roles) for sop in sops_of(actor)]
    return sorted(found, key=lambda one: one.reads_alone)


def part(sop: Sop, roles: Iterable[str]) -> Part:
    roles = frozenset(roles)
    create = sop.create
    return Part(
        key=sop.key,
        label=str(sop.label),
        begins=_duty(sop, create) if roles & set(create.by) else None,
        moments=tuple(_moments(sop, roles)),
        always=tuple(_duty(sop, step) for step in sop.transitions if step.optional and roles & set(step.by)),
        deadlines=tuple(_deadlines(sop)),
    )


def _moments(sop: Sop, roles: frozenset[str]) -> Iterator[Moment]:
    for state in sop.open_states:
        if not roles & set(sop.responsible_roles(state)):
            continue
        mine = [step for step in sop.transitions if state in (step.source or ()) and roles & set(step.by)]
        steps = tuple(_duty(sop, step) for step in mine if not step.optional)
        if steps:
            yield Moment(state_label(sop, state), steps)


def _duty(sop: Sop, step: Transition) -> Duty:
    return Duty(
        label=str(step.label),
        help=str(step.help),
        asks=tuple(asked(field) for field in step.fields),
        papers=tuple(paper(sop, requirement) for requirement in step.documents),
        leads=tuple(ends(sop, step)),
        bound=tuple(conditions(sop, step)),
    )


def _deadlines(sop: Sop) -> Iterator[tuple[str, str]]:
    table = parts.deadlines(sop)
    for row in table.rows:
        name, limits = row[0], row[1] if len(row) > 1 else ()
        yield _joined(name), _joined(limits)


def _joined(lines: Iterable[Line]) -> str:
    return "; ".join(line.text for line in lines)
