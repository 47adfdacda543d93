"""Incoming mail: what waits in the quarantine and why, with what can be done about it."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.panel.paging import page_number
from app.services.core.access import ADMIN
from app.services.core.errors import Conflict, ValidationFailed
from app.services.mail import quarantine
from app.services.mail.wording import REASONS, STATES
from app.sop import SOPS
from app.web.actor import current_actor
from app.web.files import disposition
from app.web.pages import BESIDES, CASES, Access, Page, readers

#: The longest number of a case that is looked up.
LONGEST = 60


class IncomingMailView(BaseView):
    route_base = "/incoming-mail"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        actor, state = current_actor(), request.args.get("state", quarantine.QUARANTINED)
        state = state if state in STATES else quarantine.QUARANTINED
        return str(
            self.render_template(
                "panel/mail/list.html",
                title=_("Incoming mail"), found=quarantine.page(actor, state, page_number()), state=state,
                counts=quarantine.counts(actor), states=STATES, reasons=REASONS, sops_by_key=SOPS,
                mailboxes=quarantine.states_of_mailboxes(actor), is_admin=ADMIN in actor.roles,
            )
        )  # fmt: skip

    @expose("/<int:pk>")
    @has_access
    def mail(self, pk: int) -> str:
        return self._mail(pk)

    @expose("/<int:pk>/discard", methods=["POST"])
    @has_access
    def discard(self, pk: int) -> Any:
        quarantine.discard(current_actor(), pk)
        flash(_("The mail is discarded."), "success")
        return redirect(url_for("IncomingMailView.page"), 303)

    @expose("/<int:pk>/attach", methods=["POST"])
    @has_access
    def attach(self, pk: int) -> Any:
        """A refusal is shown beside what was typed."""
        number = request.form.get("number", "").strip()[:LONGEST]
        try:
            case = quarantine.attach_to(current_actor(), pk, number)
        except (Conflict, ValidationFailed) as refusal:
            return self._mail(pk, number, refusal.message), refusal.status
        flash(_("The mail is on %(number)s now.", number=case.number), "success")
        return redirect(url_for("IncomingMailView.page"), 303)

    def _mail(self, pk: int, number: str | None = None, problem: str = "") -> str:
        actor = current_actor()
        mail = quarantine.one(actor, pk)
        sop = SOPS[mail.sop]
        seems = mail.case.number if mail.case else ""
        return str(
            self.render_template(
                "panel/mail/show.html",
                title=mail.subject or _("Mail without a subject"), mail=mail, sop=sop, states=STATES, reasons=REASONS,
                number=seems if number is None else number, problem=problem,
                waits=mail.state == quarantine.QUARANTINED, may_create=bool(actor.roles & set(sop.create.by)),
            )
        )  # fmt: skip


class MailSourceView(BaseView):
    """The raw source, also for those who see the case on which the mail is. It is never shown in the browser."""

    route_base = "/mail-source"
    default_view = "source"

    @expose("/<int:pk>.eml")
    @has_access
    def source(self, pk: int) -> Response:
        mail, chunks = quarantine.source(current_actor(), pk)
        response = Response(stream_with_context(chunks), mimetype="message/rfc822")
        response.headers["Content-Disposition"] = disposition(f"{mail.subject[:80].replace('/', '-') or 'mail'}.eml")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.cache_control.private = True
        response.cache_control.no_store = True
        return response


PAGE = Page(
    IncomingMailView, quarantine.handles, key="incoming_mail", label=_l("Incoming mail"),
    href="IncomingMailView.page", category=CASES, group=BESIDES,
)  # fmt: skip
SOURCE = Access(MailSourceView, readers)
