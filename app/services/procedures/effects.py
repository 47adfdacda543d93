"""What happens with a step besides the change of its state, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext as _

from app.services.core.formatting import length
from app.services.procedures.table import Cell, Line
from app.services.procedures.wording import when_in_words
from app.sop import SOPS
from app.workflow.declaration import Effect, Sop, Transition
from app.workflow.document import actions
from app.workflow.document.context import name_of
from app.workflow.outline import condition_in_words

Said = Callable[[Sop, Transition, Any], str]


def effects(sop: Sop, step: Transition) -> Cell:
    """A line for each effect, in the order in which they happen."""
    return tuple(_line(sop, step, effect) for effect in step.effects)


def _line(sop: Sop, step: Transition, effect: Effect) -> Line:
    if isinstance(effect, actions.When):
        return Line(_line(sop, step, effect.action).text, when_in_words(effect.condition))
    return Line(SENTENCES.get(type(effect), _own_rule)(sop, step, effect))


def _own_rule(sop: Sop, step: Transition, rule: Any) -> str:
    """A function in Python; where it has no words, its name is what the document has."""
    return condition_in_words(rule) or str(_("Follows a rule of its own: %(rule)s.", rule=name_of(rule)))


def _mail(sop: Sop, step: Transition, mail: actions.Mail) -> str:
    to, subject = _fields(sop, step, [mail.to]), mail.subject.general
    if mail.documents:
        attached = _documents(sop, mail.documents)
        return str(
            _("E-mail to %(to)s: “%(subject)s”, with %(documents)s.", to=to, subject=subject, documents=attached)
        )
    return str(_("E-mail to %(to)s: “%(subject)s”.", to=to, subject=subject))


def _extend(sop: Sop, step: Transition, extend: actions.Extend) -> str:
    written = extend.amount.source.strip()
    measures = [limit.measure for one in sop.deadlines if one.key == extend.deadline for limit in one.limits]
    amount = length(int(written), measures[0]) if written.isdecimal() and measures else extend.amount.words
    deadline = sop.clock_label(extend.deadline)
    return str(_("Extends “%(deadline)s” by %(amount)s.", deadline=deadline, amount=amount))


def _open_case(sop: Sop, step: Transition, opened: actions.OpenCase) -> str:
    other = SOPS.get(opened.sop)
    return str(_("Continues as a new case of “%(sop)s”.", sop=other.label if other else opened.sop))


def _next_round(sop: Sop, step: Transition, opened: actions.NextRound) -> str:
    if not sop.round_fields:
        return str(_("A new round begins."))
    return str(_("A new round begins, which answers anew: %(fields)s.", fields=_fields(sop, step, sop.round_fields)))


def _documents(sop: Sop, keys: Iterable[str]) -> str:
    return ", ".join(f"“{sop.document_by_key[key].label}”" for key in keys)


def _fields(sop: Sop, step: Transition, keys: Iterable[str]) -> str:
    """Fields by their labels; what only the form has is the step's."""
    found = (step.field(key) or sop.fields[key] for key in keys)
    return ", ".join(f"“{field.label}”" for field in found)


#: By the kind of action; a condition is said beside it.
SENTENCES: dict[type, Said] = {
    actions.Set: lambda s, t, a: str(_("Fills in %(fields)s.", fields=_fields(s, t, dict(a.values)))),
    actions.Clear: lambda s, t, a: str(_("Empties %(fields)s.", fields=_fields(s, t, a.fields))),
    actions.Release: lambda s, t, a: str(
        _("Releases %(documents)s to everybody who sees the case.", documents=_documents(s, a.documents))
    ),
    actions.NextRound: _next_round,
    actions.AskAgain: lambda s, t, a: str(
        _("Asks again for what is chosen in %(field)s.", field=_fields(s, t, [a.field]))
    ),
    actions.Mail: _mail,
    actions.Extend: _extend,
    actions.OpenCase: _open_case,
    actions.AttachForm: lambda s, t, a: str(
        _("Attaches the printed form as %(documents)s.", documents=_documents(s, dict(a.documents)))
    ),
}
