"""Master data: units, poskos, crews, hearing stages, CS staff, complaint categories. Only admins reach these pages."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.extensions import db
from app.models import ComplaintCategory, Crew, HearingStage, Posko, Staff, Unit, User
from app.panel.admin.forms import NotTaken, PanelForm, is_code, one_of, trimmed, units
from app.panel.admin.records import RecordsView, searched, words_in
from app.services.core import clock
from app.services.core.formatting import yes_or_no
from app.services.core.references import forums
from app.services.deadlines.working_calendar import ZONES
from app.web.pages import MASTER, MASTER_DATA, Page, admins

LABELS = {
    "code": _l("Code"),
    "name": _l("Name"),
    "active": _l("Active"),
    "unit": _l("Unit"),
    "forum": _l("Kind of hearing"),
    "position": _l("Position"),
    "user": _l("User"),
    "direct": _l("May be answered at once"),
    "zone": _l("Time zone"),
}
CODE_HELP = _l("As files and other programs call it, such as JKT-01.")
ACTIVE_HELP = _l("Off: it stays on the cases that have it, but no form offers it any more.")


def code(model: Any, *within: str) -> StringField:
    return StringField(
        LABELS["code"],
        [DataRequired(), Length(max=64), is_code, NotTaken(model, within)],
        filters=[trimmed],
        description=CODE_HELP,
    )


def name() -> StringField:
    return StringField(LABELS["name"], [DataRequired(), Length(max=255)], filters=[trimmed])


def active() -> BooleanField:
    return BooleanField(LABELS["active"], default=True, description=ACTIVE_HELP)


def position(help_text: Any) -> IntegerField:
    return IntegerField(LABELS["position"], [InputRequired(), NumberRange(0, 999)], default=0, description=help_text)


def zones() -> list[tuple[str, str]]:
    return [("", zone_name("")), *ZONES.items()]


def zone_name(key: str) -> str:
    """``WIT``; of a unit without a zone the deployment's."""
    if key:
        return ZONES.get(key, key)
    own = str(clock.zone())
    return str(_("%(name)s (as usual)", name=ZONES.get(own, own)))


class UnitForm(PanelForm):
    code, name, active = code(Unit), name(), active()
    zone = SelectField(
        LABELS["zone"], choices=zones, default="", description=_l("In which its days begin and its hours are counted.")
    )


class OfUnit(PanelForm):
    unit = one_of(LABELS["unit"], units, validators=[DataRequired()])


class PoskoForm(OfUnit):
    code, name, active = code(Posko), name(), active()


class CrewForm(OfUnit):
    code, name, active = code(Crew), name(), active()


class StageForm(PanelForm):
    forum = SelectField(LABELS["forum"], [DataRequired()], choices=forums)
    code, name, active = code(HearingStage, "forum"), name(), active()
    position = position(_l("Stages are offered in this order."))


class CategoryForm(PanelForm):
    code, name, active = code(ComplaintCategory), name(), active()
    direct = BooleanField(
        LABELS["direct"], description=_l("On: general matters, which CS may answer without handling them first.")
    )
    position = position(_l("Categories are offered in this order."))


def users() -> Any:
    """Active ones, and those who are somebody's user already: an entry saved as it is shown keeps them."""
    tied = select(Staff.user_id).where(Staff.user_id.is_not(None))
    found = select(User).where(or_(User.active, User.id.in_(tied))).order_by(User.first_name, User.last_name)
    return db.session.scalars(found).unique().all()


def user_name(user: Any) -> str:
    return str(user if user.active else _("%(name)s (inactive)", name=user))


class StaffForm(PanelForm):
    code, name, active = code(Staff), name(), active()
    user = one_of(
        LABELS["user"],
        users,
        name=user_name,
        validators=[Optional()],
        description=_l("Cases of which this person is in charge come to this user's tasks."),
    )


class MasterView(RecordsView):
    """What all tables of master data have in common."""

    label_columns = LABELS
    search_columns = ["code", "name"]
    base_filters = [["code", words_in("code", "name"), searched]]
    base_order: tuple[str, str] | None = ("name", "asc")
    list_columns = ["code", "name", "active"]
    order_columns = ["code", "name", "active"]
    show_columns = ["code", "name", "active"]
    add_columns = edit_columns = ["code", "name", "active"]


class OfUnitView(MasterView):
    list_columns = show_columns = ["code", "name", "unit", "active"]
    add_columns = edit_columns = ["code", "name", "unit", "active"]


class UnitView(MasterView):
    datamodel = SQLAInterface(Unit)
    list_title, add_title = _l("Units"), _l("New unit")
    edit_title, show_title = _l("Edit unit"), _l("Unit")
    add_form = edit_form = UnitForm
    list_columns = show_columns = ["code", "name", "zone", "active"]
    add_columns = edit_columns = ["code", "name", "zone", "active"]
    formatters_columns = MasterView.formatters_columns | {"zone": zone_name}


class PoskoView(OfUnitView):
    datamodel = SQLAInterface(Posko)
    list_title, add_title = _l("Poskos"), _l("New posko")
    edit_title, show_title = _l("Edit posko"), _l("Posko")
    add_form = edit_form = PoskoForm


class CrewView(OfUnitView):
    datamodel = SQLAInterface(Crew)
    list_title, add_title = _l("Crews"), _l("New crew")
    edit_title, show_title = _l("Edit crew"), _l("Crew")
    add_form = edit_form = CrewForm


class InOrder(BaseFilter):
    """Stages in the order of their procedure, as long as the user asks for no other."""

    name = "order"

    def apply(self, query: Any, value: Any) -> Any:
        ordered = any(name.startswith("_oc_") for name in request.args)
        return query if ordered else query.order_by(HearingStage.forum.desc(), HearingStage.position)


class HearingStageView(MasterView):
    datamodel = SQLAInterface(HearingStage)
    list_title, add_title = _l("Hearing stages"), _l("New hearing stage")
    edit_title, show_title = _l("Edit hearing stage"), _l("Hearing stage")
    add_form = edit_form = StageForm
    base_order = None
    base_filters = [*MasterView.base_filters, ["position", InOrder, None]]
    list_columns = show_columns = ["name", "code", "forum", "position", "active"]
    order_columns = list_columns
    add_columns = edit_columns = ["forum", "code", "name", "position", "active"]
    formatters_columns = MasterView.formatters_columns | {"forum": lambda key: dict(forums()).get(key, key)}


class StaffView(MasterView):
    datamodel = SQLAInterface(Staff)
    list_title, add_title = _l("CS staff"), _l("New staff member")
    edit_title, show_title = _l("Edit staff member"), _l("Staff member")
    add_form = edit_form = StaffForm
    list_columns = show_columns = ["code", "name", "user", "active"]
    add_columns = edit_columns = ["code", "name", "user", "active"]


class ComplaintCategoryView(MasterView):
    datamodel = SQLAInterface(ComplaintCategory)
    list_title, add_title = _l("Complaint categories"), _l("New complaint category")
    edit_title, show_title = _l("Edit complaint category"), _l("Complaint category")
    add_form = edit_form = CategoryForm
    base_order = ("position", "asc")
    list_columns = show_columns = ["name", "code", "direct", "position", "active"]
    order_columns = list_columns
    add_columns = edit_columns = ["code", "name", "direct", "position", "active"]
    formatters_columns = MasterView.formatters_columns | {"direct": yes_or_no}


#: In the order of the menu.
PAGES = tuple(
    Page(view, admins, key=key, label=view.list_title, category=MASTER_DATA, group=MASTER)
    for key, view in (
        ("units", UnitView),
        ("poskos", PoskoView),
        ("crews", CrewView),
        ("hearing_stages", HearingStageView),
        ("staff", StaffView),
        ("complaint_categories", ComplaintCategoryView),
    )
)
