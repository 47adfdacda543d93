"""Words for what a declaration says: limits, answers, conditions, deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.services.core.formatting import SHOWN, day
from app.workflow.declaration import Deadline, Field, Text
from app.workflow.outline import Rule, condition_in_words, rules

#: What is to be answered, by kind of field; an ordinary text needs no word. Choices, rows and attestations are told by
#: what they offer.
ANSWERS: dict[str, Text] = {
    "text": "",
    "email": _l("e-mail address"),
    "phone": _l("phone number"),
    "contact": _l("e-mail address or phone number"),
    "longtext": _l("text of any length"),
    "integer": _l("whole number"),
    "position": _l("minutes:seconds"),
    "money": _l("amount in rupiah"),
    "date": _l("date"),
    "datetime": _l("date and time"),
    "boolean": _l("yes or no"),
    "choice": _l("one of the answers offered"),
    "reference": _l("chosen from a list"),
    "list": _l("several answers"),
}


def answer_in_words(field: Field) -> str:
    """What the answer to a field looks like; empty for an ordinary text."""
    if field.columns:
        return str(_("rows of: %(columns)s", columns=_named(field.columns)))
    if field.choices and field.type == "list":
        return str(_("any of: %(choices)s", choices=_named(field.choices)))
    if field.choices:
        return str(_("one of: %(choices)s", choices=_named(field.choices)))
    return str(_("must be ticked") if field.attests else ANSWERS[field.kind.key])


@dataclass(frozen=True)
class Bound:
    """``short`` stands beside the field's name, ``sentence`` alone."""

    short: Text
    sentence: Text


#: The rules that need no sentence of the document, by ``Rule.rule``.
BOUNDS: dict[str, Bound] = {
    "minimum": Bound(_l("at least %(value)s"), _l("“%(field)s” must be at least %(value)s.")),
    "maximum": Bound(_l("at most %(value)s"), _l("“%(field)s” must be at most %(value)s.")),
}


def rule_in_words(field: Field, rule: Rule) -> str:
    """A sentence that stands alone."""
    if rule.sentence:
        return str(rule.sentence)
    return str(BOUNDS[rule.rule].sentence) % {"field": field.label, "value": SHOWN[field.kind.shown](rule.value)}


def limits_in_words(field: Field) -> tuple[str, ...]:
    """The bounds of a field, to stand beside its name."""
    found = ((BOUNDS[rule.rule], rule.value) for rule in rules(field) if not rule.sentence)
    return tuple(str(bound.short) % {"value": SHOWN[field.kind.shown](value)} for bound, value in found)


def comparisons_in_words(field: Field) -> tuple[str, ...]:
    """What its answer is compared with, in sentences."""
    return tuple(rule_in_words(field, rule) for rule in rules(field) if rule.sentence)


def when_in_words(condition: Any) -> tuple[str, ...]:
    """When something holds; empty for always."""
    words = condition_in_words(condition)
    if words:
        return (str(_("if %(condition)s", condition=words)),)
    return (str(_("in some cases")),) if condition else ()


def since_in_words(opened_from: date | None) -> tuple[str, ...]:
    """The first cases for which something holds; empty for all."""
    return (str(_("cases opened from %(date)s", date=day(opened_from))),) if opened_from else ()


def start_in_words(deadline: Deadline) -> str:
    """From when a deadline is counted."""
    if deadline.due is not None:
        until = condition_in_words(deadline.due)
        return str(_("until %(day)s", day=until) if until else _("until the day given on the case"))
    if deadline.since is None:
        return str(_("from the opening of the case"))
    since = condition_in_words(deadline.since)
    if since:
        return str(_("from %(day)s", day=since))
    if deadline.citation:
        return str(_("from a day that the case gives, by %(citation)s", citation=deadline.citation))
    return str(_("from a day that the case gives"))


def kept_in_words(years: int | None) -> str:
    """How long documents are kept."""
    if years is None:
        return str(_("for good"))
    return str(ngettext("%(num)s year after closing", "%(num)s years after closing", years))


def _named(things: Iterable[Any]) -> str:
    return ", ".join(str(thing.label) for thing in things)
