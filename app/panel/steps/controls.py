"""The control of each kind of field in a form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, EmailInput, ListWidget, TelInput

from app.panel.inputs import ATTRIBUTES, written_amount, written_moment
from app.workflow.days import as_day
from app.workflow.declaration import Choice, Field
from app.workflow.values import LONGTEXT_LIMIT, TEXT_LIMIT, position
from app.workflow.veil import Masked

#: The controls in which nothing is written: one who gets a value masked finds them empty.
CHOSEN = frozenset({"tick", "one", "row", "several"})


@dataclass(frozen=True)
class Asking:
    """``control`` makes WTForms' unbound field from a field and the choices it offers; ``written`` turns a value into
    its text in the control."""

    control: Callable[[Field, Sequence[Choice]], Any]
    written: Callable[[Any], Any] = str


def unbound(field: Field, choices: Sequence[Choice]) -> Any:
    """The control for a field: unbound, as WTForms takes it."""
    return CONTROLS[field.kind.control].control(field, choices)


def written(field: Field, value: Any) -> Any:
    """A value as the form's control has it. A mask stands in lines alone: nothing else can hold it."""
    if isinstance(value, Masked):
        return str(value) if field.kind.control not in CHOSEN else None
    return None if value is None else CONTROLS[field.kind.control].written(value)


def _line(widget: Any = None, **attributes: Any) -> Callable[[Field, Sequence[Choice]], Any]:
    more = {"widget": widget} if widget else {}
    return lambda field, choices: StringField(field.label, render_kw=attributes or None, **more)


def _position(field: Field, choices: Sequence[Choice]) -> Any:
    return StringField(field.label, render_kw={"placeholder": _("mm:ss"), "autocomplete": "off"})


def _lines(field: Field, choices: Sequence[Choice]) -> Any:
    return TextAreaField(field.label, render_kw={"rows": 4, "maxlength": LONGTEXT_LIMIT})


def _tick(field: Field, choices: Sequence[Choice]) -> Any:
    return BooleanField(field.label)


def _one(field: Field, choices: Sequence[Choice]) -> Any:
    return SelectField(field.label, choices=[("", _("– choose –")), *_offered(choices)], validate_choice=False)


def _several(field: Field, choices: Sequence[Choice]) -> Any:
    return SelectMultipleField(field.label, choices=_offered(choices), validate_choice=False,
                               widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())  # fmt: skip


def _offered(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    return [(choice.key, str(choice.label)) for choice in choices]


def _as_it_is(value: Any) -> Any:
    return value


#: By the control of a kind. An e-mail address and a phone are lines of text as well: what is none is refused by
#: the services, in words.
CONTROLS: dict[str, Asking] = {
    "line": Asking(_line(maxlength=TEXT_LIMIT)),
    "lines": Asking(_lines),
    "email": Asking(_line(EmailInput(), maxlength=TEXT_LIMIT)),
    "phone": Asking(_line(TelInput(), maxlength=TEXT_LIMIT)),
    "whole": Asking(_line(inputmode="numeric", autocomplete="off")),
    "money": Asking(_line(**ATTRIBUTES["money"]), written_amount),
    "position": Asking(_position, position),
    "date": Asking(_line(**ATTRIBUTES["date"]), as_day),
    "moment": Asking(_line(**ATTRIBUTES["moment"]), written_moment),
    "tick": Asking(_tick, _as_it_is),
    "one": Asking(_one),
    "row": Asking(_one, lambda row: row.code),
    "several": Asking(_several, _as_it_is),
}
