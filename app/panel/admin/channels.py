"""Channels by which notices go to chats as well. Only admins reach these pages; nobody sees a channel's URL again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.models import ChannelMessage, NoticeChannel
from app.models.delivery import FAILED, SENT, WAITING
from app.panel.admin.forms import NotTaken, PanelForm, TickChoices, trimmed
from app.panel.admin.records import RecordsView, searched, words_in
from app.services.core import sealed
from app.services.core.access import ADMIN
from app.services.core.addresses import Unreachable
from app.services.core.errors import Conflict
from app.services.notices import channel_queue
from app.services.notices.channels import chat
from app.services.notices.wording import KINDS
from app.sop import ROLES, SOPS
from app.web.pages import SENDING, SYSTEM, Page, admins

LABELS = {
    "name": _l("Name"),
    "url": _l("URL for Apprise"),
    "service": _l("Service"),
    "roles": _l("For notices to"),
    "kinds": _l("Kinds of notices"),
    "sops": _l("SOPs"),
    "active": _l("Active"),
    "stuck": _l("Not sent"),
}
ALL = _l("all")
#: Labels and colours of what waits to go out.
STATES = {WAITING: (_l("waiting"), "amber"), SENT: (_l("sent"), "green"), FAILED: (_l("given up"), "red")}


class SecretUrl(PasswordField):
    """Taken in and never shown again; left empty it stays as it is."""

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.data:
            obj.sealed_url, obj.service = sealed.seal(self.data), chat.service_of(self.data)


def roles() -> list[tuple[str, str]]:
    return [(role, role) for role in (*ROLES, ADMIN)]


def kinds() -> list[tuple[str, str]]:
    return [(key, str(label)) for key, label in KINDS.items()]


def sops() -> list[tuple[str, str]]:
    return [(sop.key, str(sop.label_plural)) for sop in SOPS.values()]


class ChannelForm(PanelForm):
    name = StringField(LABELS["name"], [DataRequired(), Length(max=80), NotTaken(NoticeChannel)], filters=[trimmed])
    url = SecretUrl(
        LABELS["url"],
        [Length(max=2000)],
        filters=[trimmed],
        description=_l(
            "Such as tgram://token/chat, slack://…, whatsapp://… or msteams://…. It is kept encrypted and never shown "
            "again; left empty, the present one stays."
        ),
        render_kw={"autocomplete": "off"},
    )
    roles = TickChoices(
        LABELS["roles"],
        choices=roles,
        description=_l("Only what somebody with one of these roles gets. None: everybody."),
    )
    kinds = TickChoices(LABELS["kinds"], choices=kinds, description=_l("None: all."))
    sops = TickChoices(LABELS["sops"], choices=sops, description=_l("None: all."))
    active = BooleanField(LABELS["active"], default=True, description=_l("Off: nothing is sent."))

    def validate_url(self, field: Any) -> None:
        if not field.data:
            if not self.row_id:
                raise ValidationError(_("A channel needs its URL."))
            return
        if chat.service_of(field.data) is None:
            raise ValidationError(_("Apprise does not know such a URL, or it means this machine itself."))
        try:
            chat.check(field.data)
        except Unreachable as refusal:
            raise ValidationError(refusal.message) from refusal


def listed(labels: dict[str, Any]) -> Any:
    """What shows a list of keys by their labels; an empty one leaves nothing out."""

    def words(keys: Collection[str]) -> str:
        return ", ".join(str(labels.get(key, key)) for key in keys) or str(ALL)

    return words


class ChannelInterface(SQLAInterface):
    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col == "stuck":
            return channel_queue.stuck_counts().get(item.id, 0)
        return SQLAInterface._get_attr_value(item, col)


class NoticeChannelView(RecordsView):
    datamodel = ChannelInterface(NoticeChannel)
    list_template, show_template = "panel/admin/channels.html", "panel/admin/channel.html"
    list_title, add_title = _l("Notice channels"), _l("New channel")
    edit_title, show_title = _l("Edit channel"), _l("Notice channel")
    label_columns = LABELS
    search_columns = ["name"]
    base_filters = [["name", words_in("name", "service"), searched]]
    base_order = ("name", "asc")
    list_columns = ["name", "service", "roles", "kinds", "sops", "active", "stuck"]
    order_columns = ["name", "service", "active"]
    show_columns = ["name", "service", "roles", "kinds", "sops", "active"]
    add_columns = edit_columns = ["name", "url", "roles", "kinds", "sops", "active"]
    add_form = edit_form = ChannelForm
    formatters_columns = RecordsView.formatters_columns | {
        "roles": listed({}), "kinds": listed(KINDS), "sops": listed({k: sop.label_plural for k, sop in SOPS.items()}),
    }  # fmt: skip
    states = STATES

    def messages(self, pk: int) -> Sequence[ChannelMessage]:
        return channel_queue.messages(pk)

    def is_stuck(self, pk: int) -> bool:
        return bool(channel_queue.stuck_counts().get(pk))

    @expose("/test/<int:pk>", methods=["POST"])
    @has_access
    def test(self, pk: int) -> Any:
        try:
            outcome = channel_queue.test(pk)
        except Conflict as refusal:
            flash(refusal.message, "info")
        else:
            if outcome.result == "sent":
                flash(_("The channel has taken the test."), "success")
            else:
                flash(_("The test did not go out: %(reason)s", reason=outcome.reason), "danger")
        return self._back(pk)

    @expose("/again/<int:pk>", methods=["POST"])
    @has_access
    def again(self, pk: int) -> Any:
        count = channel_queue.send_again(pk)
        flash(ngettext("%(num)s message is sent again.", "%(num)s messages are sent again.", count), "success")
        return self._back(pk)

    def _back(self, pk: int) -> Any:
        return redirect(url_for(".show", pk=pk), 303)


PAGE = Page(
    NoticeChannelView, admins, key="notice_channels", label=_l("Notice channels"), category=SYSTEM, group=SENDING
)
