"""What the forms of plain tables share: translated messages, native inputs, friendly validators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask_appbuilder.fields import QuerySelectField, QuerySelectMultipleField
from flask_appbuilder.forms import DynamicForm
from flask_babel import get_domain
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import func, select
from wtforms import Form, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.extensions import db
from app.models import Unit

CODE = re.compile(r"[A-Za-z0-9._-]+")
CHOOSE = _l("– choose –")


class PanelForm(DynamicForm):
    """WTForms' own messages come from our catalogue."""

    class Meta(DynamicForm.Meta):
        def get_translations(self, form: Form) -> Any:
            return get_domain().get_translations()

    @property
    def row_id(self) -> int:
        """Of the row that is edited; 0 for a new one."""
        return getattr(self, "_id", None) or 0


def is_code(form: Form, field: Any) -> None:
    """A code is used in file names, addresses and CSV files."""
    if not CODE.fullmatch(field.data or ""):
        raise ValidationError(_("Only letters, digits, dots, hyphens and underscores, please."))


def trimmed(written: str | None) -> str | None:
    return written.strip() if written else written


class NotTaken:
    """Refuses a value that another row has already, in capitals or not; ``within`` names the fields that both
    rows must share for that to matter."""

    def __init__(self, model: Any, within: Iterable[str] = ()) -> None:
        self.model, self.within = model, tuple(within)

    def __call__(self, form: Any, field: Any) -> None:
        column = getattr(self.model, field.name)
        others = select(self.model.id).where(
            func.lower(column) == (field.data or "").lower(),
            *(getattr(self.model, name) == form[name].data for name in self.within),
            self.model.id != form.row_id,
        )
        if db.session.scalars(others.limit(1)).first() is not None:
            raise ValidationError(_("“%(value)s” is taken already.", value=field.data))


class CheckboxList(ListWidget):
    """Several answers as boxes to tick rather than a list that needs a key to be held down."""

    def __init__(self) -> None:
        super().__init__(html_tag="ul", prefix_label=False)

    def __call__(self, field: Any, **settings: Any) -> Any:
        return super().__call__(field, **{"class": "check-list", "id": field.id})


class Tick(CheckboxInput):
    """One box of several; a browser sends no form in which a box with ``required`` is empty."""

    # That one answer is required does not mean that each box must be ticked.
    validation_attrs = ["disabled"]


class TickMany(QuerySelectMultipleField):
    widget = CheckboxList()
    option_widget = Tick()


class TickChoices(SelectMultipleField):
    widget = CheckboxList()
    option_widget = Tick()


class GroupedTicks:
    """Boxes by group, each group folded unless something in it is ticked."""

    def __call__(self, field: Any, **settings: Any) -> Markup:
        box = Markup('<li><label><input type="checkbox" name="{}" value="{}"{}> {}</label></li>')
        group = Markup('<details{}><summary>{}</summary><ul class="check-list">{}</ul></details>')
        shown = []
        for label, choices in field.iter_groups():
            boxes = [(value, words, chosen) for value, words, chosen, *_attributes in choices]
            items = Markup("").join(
                box.format(field.name, value, Markup(" checked") if chosen else "", words)
                for value, words, chosen in boxes
            )
            opened = Markup(" open") if any(chosen for _value, _words, chosen in boxes) else ""
            shown.append(group.format(opened, label, items))
        return Markup("").join(shown)


class TickGroups(SelectMultipleField):
    """``choices``: values with their labels by group."""

    widget = GroupedTicks()


def one_of(
    label: Any, rows: Callable[[], Any], blank: Any = CHOOSE, name: Callable[[Any], str] = str, **settings: Any
) -> QuerySelectField:
    """A drop-down of the rows that ``rows`` returns when the form is shown, by their ``name``; ``blank`` is the
    label of none of them."""
    return QuerySelectField(
        label,
        query_func=rows,
        get_pk_func=lambda row: row.id,
        get_label=name,
        allow_blank=True,
        blank_text=blank,
        **settings,
    )


def units() -> Any:
    return db.session.scalars(select(Unit).order_by(Unit.name, Unit.code)).all()
