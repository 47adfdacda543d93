"""Deadline policies: the limits that override those of the SOPs. Only admins reach these pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import request
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import case
from wtforms import BooleanField, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.models import DeadlinePolicy
from app.panel.admin.forms import CHOOSE, PanelForm
from app.panel.admin.records import RecordsView
from app.panel.inputs import DayField
from app.services.core.formatting import length, yes_or_no
from app.services.deadlines import policies
from app.services.deadlines.laws import limit_law
from app.services.deadlines.policies import Declared, Target
from app.sop import ROLES, SOPS
from app.web.pages import MASTER_DATA, TIMES, Page, admins

LABELS = {
    "target": _l("What it limits"),
    "sop": _l("SOP"),
    "channel": _l("Channel"),
    "limit": _l("Limit"),
    "amount": _l("How long"),
    "measure": _l("Measure"),
    "joint_leave": _l("Joint leave counts as a holiday"),
    "escalate_to": _l("Told when it has run out"),
    "active": _l("Active"),
    "citation": _l("Based on"),
    "effective": _l("For cases received from"),
}
MEASURES = [
    ("working_hours", _l("Working hours")),
    ("working_days", _l("Working days")),
    ("calendar_days", _l("Calendar days")),
    ("calendar_months", _l("Calendar months")),
]
EVERY_CHANNEL = _l("All channels")


def offered() -> dict[str | None, list[tuple[str, str]]]:
    """The targets by SOP, for a select with groups."""
    groups: dict[str | None, list[tuple[str, str]]] = {None: [("", str(CHOOSE))]}
    for target in policies.targets():
        groups.setdefault(str(target.sop.label_plural), []).append((target.key, target.label))
    return groups


def channels() -> list[tuple[str, str]]:
    """The channels of all SOPs, each with those that have it."""
    labels: dict[str, str] = {}
    having: dict[str, list[str]] = {}
    for sop in SOPS.values():
        for key, label in policies.channels_of(sop).items():
            labels.setdefault(key, str(label))
            having.setdefault(key, []).append(str(sop.label_plural))
    found = [(key, f"{label} ({', '.join(having[key])})") for key, label in labels.items()]
    return [("", str(EVERY_CHANNEL)), *sorted(found, key=lambda one: one[1])]


def roles() -> list[tuple[str, str]]:
    return [("", str(_l("As usual"))), *((role, role) for role in ROLES)]


class TargetField(SelectField):
    """One answer that is kept in three columns."""

    @property
    def target(self) -> Target | None:
        return next((one for one in policies.targets() if one.key == self.data), None)

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.target is not None:
            obj.sop, obj.deadline, obj.state = self.target.sop.key, self.target.deadline, self.target.state


class PolicyForm(PanelForm):
    target = TargetField(LABELS["target"], [DataRequired()], choices=offered)
    channel = SelectField(
        LABELS["channel"], choices=channels, default="", description=_l("Only for cases that came this way.")
    )
    amount = IntegerField(LABELS["amount"], [InputRequired(), NumberRange(1, 999)])
    measure = SelectField(
        LABELS["measure"],
        choices=MEASURES,
        default="working_days",
        description=_l(
            "Working days begin with the day after and end at midnight; working hours are counted by the minute."
        ),
    )
    joint_leave = BooleanField(LABELS["joint_leave"], default=True, description=_l("Off: cuti bersama is worked."))
    escalate_to = SelectField(
        LABELS["escalate_to"],
        choices=roles,
        default="",
        description=_l("As usual: the role that the SOP names, else those who oversee it or the supervisors."),
    )
    citation = StringField(
        LABELS["citation"],
        [Length(max=255)],
        filters=[lambda text: (text or "").strip()],
        description=_l("The law or agreement; obligatory where the limit differs from that of the SOP."),
    )
    effective = DayField(
        LABELS["effective"],
        [Optional()],
        description=_l("Cases received before that day keep what held for them. Empty: all cases."),
    )
    active = BooleanField(LABELS["active"], default=True, description=_l("Off: no clock starts by it any more."))

    def validate_target(self, field: TargetField) -> None:
        if field.target and policies.is_taken(field.target, self.channel.data or "", self.effective.data, self.row_id):
            raise ValidationError(_("There is a policy for this, this channel and this day already: edit that one."))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        target, amount = self.target.target, self.amount.data
        if not target or not amount or self.citation.data:
            return valid
        if policies.needs_citation(target, self.channel.data or "", amount, self.measure.data):
            lacking = _("The limit differs from that of the SOP: say on what law or agreement it is based.")
            self.citation.errors = [*self.citation.errors, lacking]
            return False
        return valid

    def validate_amount(self, field: Any) -> None:
        target, days = self.target.target, field.data or 0
        most = policies.longest(target, self.channel.data or "", self.measure.data) if target else None
        if most is not None and days > most:
            longest = length(most, self.measure.data)
            raise ValidationError(_("An internal target is not longer than its deadline: %(limit)s.", limit=longest))

    def validate_channel(self, field: Any) -> None:
        target = self.target.target
        if target and field.data and field.data not in policies.channels_of(target.sop):
            raise ValidationError(_("Cases of “%(sop)s” do not come by this channel.", sop=target.sop.label_plural))

    def validate_escalate_to(self, field: Any) -> None:
        target = self.target.target
        if target and field.data and field.data not in policies.roles_of(target.sop):
            raise ValidationError(_("This role takes no part in “%(sop)s”.", sop=target.sop.label_plural))


def target_in_words(policy: DeadlinePolicy) -> str:
    target = policies.target_of(policy)
    return target.label if target else policy.deadline or policy.state


def sop_in_words(policy: DeadlinePolicy) -> str:
    sop = SOPS.get(policy.sop)
    return str(sop.label_plural) if sop else policy.sop


def channel_in_words(policy: DeadlinePolicy) -> str:
    return policies.channel_in_words(policy) or str(EVERY_CHANNEL)


def role_in_words(policy: DeadlinePolicy) -> str:
    return policy.escalate_to or str(_("%(name)s (as usual)", name=policies.told_by_default(policy)))


#: What lists and pages show of a policy, where that is more than the column of the same name.
IN_WORDS: dict[str, Callable[[DeadlinePolicy], str]] = {
    "target": target_in_words, "sop": sop_in_words, "channel": channel_in_words, "limit": policies.limit_in_words,
    "escalate_to": role_in_words,
}  # fmt: skip


class PolicyInterface(SQLAInterface):
    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        words = IN_WORDS.get(col)
        return words(item) if words else SQLAInterface._get_attr_value(item, col)


class InOrder(BaseFilter):
    """SOP by SOP as in the menu, as long as the user asks for no other order."""

    name = "order"

    def apply(self, query: Any, value: Any) -> Any:
        if any(name.startswith("_oc_") for name in request.args):
            return query
        place = case({key: place for place, key in enumerate(SOPS)}, value=DeadlinePolicy.sop, else_=len(SOPS))
        last = (DeadlinePolicy.deadline == "", DeadlinePolicy.deadline, DeadlinePolicy.state, DeadlinePolicy.channel)
        return query.order_by(place, *last)


class DeadlinePolicyView(RecordsView):
    datamodel = PolicyInterface(DeadlinePolicy)
    list_template = "panel/admin/policies.html"
    list_title, add_title = _l("Deadlines"), _l("New policy")
    edit_title, show_title = _l("Edit policy"), _l("Policy")
    label_columns = LABELS
    formatters_columns = RecordsView.formatters_columns | {"joint_leave": yes_or_no}
    search_columns = ["sop"]
    base_filters = [["sop", InOrder, None]]
    list_columns = ["target", "sop", "channel", "limit", "citation", "effective", "escalate_to", "active"]
    order_columns = ["active"]
    show_columns = [
        "target",
        "sop",
        "channel",
        "limit",
        "joint_leave",
        "citation",
        "effective",
        "escalate_to",
        "active",
    ]
    add_columns = edit_columns = [
        "target", "channel", "amount", "measure", "joint_leave", "citation", "effective", "escalate_to", "active",
    ]  # fmt: skip
    add_form = edit_form = PolicyForm

    def prefill_form(self, form: PolicyForm, pk: int) -> None:
        target = policies.target_of(self.datamodel.get(pk))
        form.target.data = target.key if target else ""

    def law_of(self, one: Declared) -> str:
        return limit_law(one.deadline, one.limit) if one.limit else ""

    def declared(self) -> Iterable[Declared]:
        """What holds without a policy, for the table above the list."""
        return policies.declared()

    def limit_of(self, one: Declared) -> str:
        return length(one.limit.amount, one.limit.measure) if one.limit else ""

    def over(self, policy: DeadlinePolicy) -> str:
        return policies.in_short(policy)


PAGE = Page(
    DeadlinePolicyView, admins, key="deadline_policies", label=_l("Deadlines"), category=MASTER_DATA, group=TIMES
)
