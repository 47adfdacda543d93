"""Outgoing mail: what waits, what failed and why, with resend, discard and a test mail. Only admins reach it."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.panel.paging import page_number
from app.services.core.errors import Conflict, Malformed
from app.services.notices import outbox
from app.services.notices.channels import email
from app.services.notices.outbox import Wanted
from app.web.actor import current_actor
from app.web.pages import SENDING, SYSTEM, Page, admins

#: The longest words that are looked for.
LONGEST = 130


class OutboxView(BaseView):
    route_base = "/outbox"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        actor, wanted = current_actor(), _wanted()
        return str(
            self.render_template(
                "panel/admin/outbox.html",
                title=_("Outgoing mail"), found=outbox.page(actor, wanted, page_number()), wanted=wanted, outbox=outbox,
                counts=outbox.counts(actor, wanted), is_set_up=email.is_set_up(), problem=outbox.latest_problem(),
                sender=current_app.config["MAIL_FROM"],
            )
        )  # fmt: skip

    @expose("/resend", methods=["POST"])
    @has_access
    def resend(self) -> Any:
        count = self._done(outbox.resend)
        if count:
            _send_now()
            flash(ngettext("%(num)s mail is sent again.", "%(num)s mails are sent again.", count), "success")
        return _back()

    @expose("/discard", methods=["POST"])
    @has_access
    def discard(self) -> Any:
        if count := self._done(outbox.discard):
            flash(ngettext("%(num)s mail is discarded.", "%(num)s mails are discarded.", count), "success")
        return _back()

    @expose("/test", methods=["POST"])
    @has_access
    def test(self) -> Any:
        try:
            address = outbox.send_test(current_actor())
        except Conflict as refusal:
            flash(refusal.message, "danger")
        else:
            _send_now()
            flash(
                _("A test mail to %(address)s is on its way; below you see what becomes of it.", address=address),
                "info",
            )
        return redirect(url_for("OutboxView.page"), 303)

    @staticmethod
    def _done(verb: Any) -> int:
        """How many of the ticked mails it was done with; a refusal is told on the page."""
        ids = [int(pk) for pk in request.form.getlist("mail") if pk.isascii() and pk.isdecimal() and len(pk) < 12]
        try:
            return int(verb(current_actor(), ids))
        except (Conflict, Malformed) as refusal:
            flash(refusal.message, "danger")
            return 0


def _wanted() -> Wanted:
    """What the address asks for; what it can't mean is left out."""
    state, kind = request.values.get("state", ""), request.values.get("kind", "")
    words = request.values.get("words", "").strip().replace("\0", "")[:LONGEST]
    return Wanted(state if state in outbox.STATES else "", kind if kind in outbox.KINDS else "", words)


def _back() -> Any:
    """To the list as it was filtered, its first page."""
    wanted = _wanted()
    filters: dict[str, Any] = {name: value for name, value in vars(wanted).items() if value}
    return redirect(url_for("OutboxView.page", **filters), 303)


def _send_now() -> None:
    """The worker looks at once rather than within a minute."""
    current_app.extensions["tuntas_send_mails"]()


PAGE = Page(
    OutboxView, admins, key="outbox", label=_l("Outgoing mail"), href="OutboxView.page", category=SYSTEM,
    group=SENDING,
)  # fmt: skip
