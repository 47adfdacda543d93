"""The steps of a procedure in words: who does them, from where to where, what they ask and when they are possible."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from app.services.core import clock
from app.services.core.access import openers
from app.services.core.wording import state_label
from app.services.procedures.effects import effects
from app.services.procedures.table import Cell, Column, Line, Table, lines, table
from app.services.procedures.wording import (
    answer_in_words,
    comparisons_in_words,
    limits_in_words,
    since_in_words,
    when_in_words,
)
from app.workflow.declaration import Field, Requirement, Sop, Transition
from app.workflow.outline import branches, guard_in_words

DOES = "✓"


def steps(sop: Sop, role: str = "") -> Table:
    """``role``: those of one role alone."""
    columns = (
        Column(_("No.")), Column(_("Step"), 4), Column(_("Roles"), 3), Column(_("From status"), 3),
        Column(_("To status"), 3), Column(_("Asks for"), 7), Column(_("Documents"), 5), Column(_("Conditions"), 5),
        Column(_("What happens"), 5),
    )  # fmt: skip
    shown = (step for step in sop.transitions if not role or role in step.by)
    return table("steps", _("Steps"), columns, (_row(sop, step) for step in shown))


def matrix(sop: Sop) -> Table:
    """Who does which step: a column per role."""
    columns = (Column(_("Step"), 3), *(Column(role) for role in sop.roles))
    rows = tuple(
        (lines(step.label), *(lines(DOES if role in step.by else "") for role in sop.roles)) for step in sop.transitions
    )
    return Table("matrix", _("Who does what"), columns, rows)


def asked(field: Field) -> Line:
    """A field that a form or a row asks for."""
    sentences = " ".join(filter(None, (str(field.help), *comparisons_in_words(field))))
    secret = _("confidential to: %(roles)s", roles=", ".join(openers(field))) if field.confidential_to else ""
    notes = (answer_in_words(field), *limits_in_words(field), *when_in_words(field.needed), secret, sentences)
    return Line(str(field.label), tuple(filter(None, notes)), field.required)


def _row(sop: Sop, step: Transition) -> tuple[Cell, ...]:
    return (
        lines(step.source_step),
        (Line(str(step.label), tuple(filter(None, (str(step.help),))), strong=True),),
        lines(*step.by),
        lines(*(state_label(sop, state) for state in step.source or (None,))),
        tuple(ends(sop, step)),
        tuple(asked(field) for field in step.fields),
        tuple(paper(sop, requirement) for requirement in step.documents),
        lines(*conditions(sop, step)),
        effects(sop, step),
    )


def ends(sop: Sop, step: Transition) -> Iterator[Line]:
    """The state in which it ends as a rule, then its branches."""
    yield Line(state_label(sop, step.target) if step.target else str(_("stays")))
    for state, condition in branches(step):
        yield Line(state_label(sop, state), when_in_words(condition))


def paper(sop: Sop, requirement: Requirement) -> Line:
    """A document that a step asks for."""
    fresh = (str(_("added anew since the case is in this status")),) if requirement.fresh else ()
    notes = (*fresh, *when_in_words(requirement.when), *since_in_words(requirement.opened_from))
    return Line(_either(sop, requirement.any_of), notes, requirement.required)


def conditions(sop: Sop, step: Transition) -> Iterator[str]:
    """When a step is possible, and what it demands besides answers and documents."""
    now = clock.now().astimezone(clock.zone())
    yield from (guard_in_words(guard, now) for guard in step.guards)
    if step.four_eyes:
        earlier = ", ".join(f"“{sop.transition_by_key[key].label}”" for key in step.four_eyes)
        yield _("Four eyes: not by whoever did %(steps)s in this round.", steps=earlier)
    if step.decides_on:
        made = _either(sop, step.decides_on)
        yield _("Not by whoever made the version to be decided on of: %(documents)s.", documents=made)
    if step.works_from:
        yield _("Works from the newest version of: %(documents)s.", documents=_either(sop, step.works_from))
    if step.note == "required":
        yield _("The reason must be written.")
    if step.confidential_to:
        yield _("Only these read the note, unless a tick opens it: %(roles)s.", roles=", ".join(openers(step)))


def _either(sop: Sop, documents: tuple[str, ...]) -> str:
    return str(_(" or ")).join(str(sop.document_by_key[key].label) for key in documents)
