"""Words for what a declaration says: limits, answers, conditions, deadlines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.services.core.formatting import SHOWN, day
from app.workflow.declaration import Deadline, Field, Text
from app.workflow.outline import Rule, condition_in_words

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


def rule_in_words(field: Field, rule: Rule) -> str:
    return RULES[rule.rule](SHOWN[field.kind.shown](rule.value))


#: By ``Rule.rule``, from the value as people read it.
RULES: dict[str, Callable[[str], str]] = {
    "minimum": lambda value: str(_("at least %(value)s", value=value)),
    "maximum": lambda value: str(_("at most %(value)s", value=value)),
}


def when_in_words(condition: Callable[..., Any] | None) -> tuple[str, ...]:
    """When something holds; empty for always."""
    return (condition_in_words(condition) or str(_("in some cases")),) if condition else ()


def since_in_words(opened_from: date | None) -> tuple[str, ...]:
    """The first cases for which something holds; empty for all."""
    return (str(_("cases opened from %(date)s", date=day(opened_from))),) if opened_from else ()


def start_in_words(deadline: Deadline) -> str:
    """From when a deadline is counted."""
    if deadline.due is not None:
        return condition_in_words(deadline.due) or str(_("until the day given on the case"))
    if deadline.since is not None:
        return condition_in_words(deadline.since) or str(_("from a day that the case gives"))
    return str(_("from the opening of the case"))


def kept_in_words(years: int | None) -> str:
    """How long documents are kept."""
    if years is None:
        return str(_("for good"))
    return str(ngettext("%(num)s year after closing", "%(num)s years after closing", years))


def _named(things: Iterable[Any]) -> str:
    return ", ".join(str(thing.label) for thing in things)
