"""Webhooks: the programs elsewhere that are told of the events of cases. Only admins reach these pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import Response, flash, make_response, redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url
from wtforms import BooleanField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.models import WebhookDelivery, WebhookEndpoint
from app.panel.admin.channels import STATES, listed, sops
from app.panel.admin.forms import NotTaken, PanelForm, TickChoices, TickGroups, trimmed
from app.panel.admin.records import RecordsView, searched, words_in
from app.services.core import clock, sealed
from app.services.core.addresses import Unreachable
from app.services.core.errors import Conflict
from app.services.core.formatting import moment
from app.services.core.wording import OTHER_ACTIONS
from app.services.webhooks import endpoints
from app.services.webhooks.outbox import ANY, STATE, STEP
from app.sop import SOPS
from app.web.pages import SENDING, SYSTEM, Page, admins

LABELS = {
    "name": _l("Name"),
    "url": _l("Address"),
    "sops": _l("SOPs"),
    "events": _l("Events"),
    "active": _l("Active"),
    "health": _l("Deliveries"),
    "previous_until": _l("The secret before is valid until"),
}


def event_choices() -> dict[str, list[tuple[str, str]]]:
    """The events that an endpoint can choose from, by SOP; what is done beside the steps is the same for all."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for sop in SOPS.values():
        steps = [(f"{sop.key}.{STEP}{key}", str(step.label)) for key, step in sop.known_transitions.items()]
        states = [(f"{sop.key}.{STATE}{one.key}", str(_("enters: %(state)s", state=one.label))) for one in sop.states]
        groups[str(sop.label_plural)] = [*steps, *states]
    groups[str(_("Beside the steps, of any SOP"))] = [
        (f"{ANY}.{STEP}{key}", str(la)) for key, la in OTHER_ACTIONS.items()
    ]
    return groups


def events_in_words(chosen: Sequence[str]) -> str:
    labels = dict(_labelled())
    return "; ".join(labels.get(one, one) for one in chosen) or str(_("all"))


def _labelled() -> Iterator[tuple[str, str]]:
    for group, choices in event_choices().items():
        yield from ((value, f"{group}: {label}") for value, label in choices)


class EndpointForm(PanelForm):
    name = StringField(LABELS["name"], [DataRequired(), Length(max=80), NotTaken(WebhookEndpoint)], filters=[trimmed])
    url = StringField(
        LABELS["url"],
        [DataRequired(), Length(max=2000)],
        filters=[trimmed],
        description=_l(
            "https://…; http:// and addresses of your own network only where WEBHOOK_ALLOW_PRIVATE names it."
        ),
        render_kw={"inputmode": "url", "spellcheck": "false"},
    )
    sops = TickChoices(LABELS["sops"], choices=sops, description=_l("None: all."))
    events = TickGroups(LABELS["events"], choices=event_choices, description=_l("None: all."))
    active = BooleanField(
        LABELS["active"], default=True, description=_l("Off: nothing is written for it or sent to it.")
    )

    def validate_url(self, field: Any) -> None:
        try:
            parts = parse_url(field.data)
        except LocationParseError as error:
            raise ValidationError(_("This is no address of a web server.")) from error
        if parts.scheme not in ("http", "https") or not parts.host:
            raise ValidationError(_("The address begins with https:// and names a server."))
        if parts.auth or parts.fragment:
            raise ValidationError(_("An address without a user, password or “#”, please."))
        encrypted = parts.scheme == "https"
        try:
            endpoints.check_url(parts.host.strip("[]"), parts.port or (443 if encrypted else 80), encrypted=encrypted)
        except Unreachable as refusal:
            raise ValidationError(refusal.message) from refusal


def health_in_words(endpoint: WebhookEndpoint) -> str:
    if endpoint.disabled_at:
        return str(_("switched off since %(at)s, as nothing reached it", at=moment(endpoint.disabled_at)))
    if endpoint.failing_since:
        return str(_("failing since %(at)s", at=moment(endpoint.failing_since)))
    return str(_("in order"))


def still_valid(until: datetime | None) -> str:
    return moment(until) if until and until > clock.now() else "–"


class EndpointInterface(SQLAInterface):
    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        return health_in_words(item) if col == "health" else SQLAInterface._get_attr_value(item, col)


class WebhookView(RecordsView):
    datamodel = EndpointInterface(WebhookEndpoint)
    list_template, show_template = "panel/admin/webhooks.html", "panel/admin/webhook.html"
    list_title, add_title = _l("Webhooks"), _l("New webhook")
    edit_title, show_title = _l("Edit webhook"), _l("Webhook")
    label_columns = LABELS
    search_columns = ["name"]
    base_filters = [["name", words_in("name", "url"), searched]]
    base_order = ("name", "asc")
    list_columns = ["name", "url", "sops", "active", "health"]
    order_columns = ["name", "active"]
    show_columns = ["name", "url", "sops", "events", "active", "health", "previous_until"]
    add_columns = edit_columns = ["name", "url", "sops", "events", "active"]
    add_form = edit_form = EndpointForm
    formatters_columns = RecordsView.formatters_columns | {
        "sops": listed({key: sop.label_plural for key, sop in SOPS.items()}), "events": events_in_words,
        "previous_until": still_valid,
    }  # fmt: skip
    states = STATES

    def pre_add(self, item: WebhookEndpoint) -> None:
        item.sealed_secret = sealed.seal(endpoints.new_secret())

    def pre_update(self, item: WebhookEndpoint) -> None:
        """Who switches it on again, begins anew."""
        if item.active and item.disabled_at:
            item.disabled_at = item.failing_since = None

    def post_add_redirect(self) -> Any:
        flash(_("Show the secret on the page of the webhook, and give it to the receiver."), "info")
        return super().post_add_redirect()

    def deliveries(self, pk: int) -> Sequence[WebhookDelivery]:
        return endpoints.deliveries(pk)

    @staticmethod
    def told(delivery: WebhookDelivery) -> dict[str, Any]:
        """What the delivery says of its case; empty of a test."""
        found: dict[str, Any] = json.loads(delivery.body)["data"]
        return found

    @expose("/secret/<int:pk>", methods=["POST"])
    @has_access
    def secret(self, pk: int) -> Response:
        """A POST, so that no address shows it and no history of a browser leads to it."""
        try:
            secret, problem = endpoints.secret_of(pk), ""
        except Conflict as refusal:
            secret, problem = "", refusal.message
        page = self.render_template(
            "panel/admin/webhook_secret.html", title=_("Secret of the webhook"), secret=secret, problem=problem, pk=pk
        )
        response = make_response(page)
        response.cache_control.no_store = True
        return response

    @expose("/rotate/<int:pk>", methods=["POST"])
    @has_access
    def rotate(self, pk: int) -> Any:
        endpoints.rotate(pk)
        flash(_("There is a new secret. For 24 hours deliveries are signed with the one before as well."), "success")
        return self._back(pk)

    @expose("/test/<int:pk>", methods=["POST"])
    @has_access
    def test(self, pk: int) -> Any:
        try:
            answer = endpoints.test(pk)
        except Conflict as refusal:
            flash(refusal.message, "info")
        else:
            if answer.accepted:
                flash(_("The receiver has taken the test (HTTP %(status)s).", status=answer.status), "success")
            else:
                said = answer.error or f"HTTP {answer.status}"
                flash(_("The test did not arrive: %(reason)s", reason=said), "danger")
        return self._back(pk)

    @expose("/replay/<int:pk>/<int:delivery>", methods=["POST"])
    @has_access
    def replay(self, pk: int, delivery: int) -> Any:
        try:
            endpoints.replay(pk, delivery)
        except Conflict as refusal:
            flash(refusal.message, "danger")
        else:
            flash(_("The delivery is sent again."), "success")
        return self._back(pk)

    def _back(self, pk: int) -> Any:
        return redirect(url_for(".show", pk=pk), 303)


PAGE = Page(WebhookView, admins, key="webhooks", label=_l("Webhooks"), category=SYSTEM, group=SENDING)
