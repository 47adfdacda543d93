"""The inbox: the list of notices, the latest ones under the bell, and which kinds come by mail as well.

Opening a notice is a POST, since it marks the notice as read: a GET writes nothing here, and a browser that fetches
pages ahead would read people's notices for them.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, g, jsonify, make_response, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import ngettext

from app.panel.paging import near_pages, page_number
from app.services.core.access import ADMIN, user_named
from app.services.core.errors import Malformed
from app.services.notices import choices, inbox
from app.services.notices.account_wording import ACCOUNT_KINDS, about
from app.services.notices.channels import email
from app.services.notices.wording import ALL_KINDS, KINDS, PRIVACY_DUE, WEBHOOK_OFF, period_due
from app.web.actor import current_actor
from app.web.pages import Access, everyone
from app.web.roles import view_name

#: What happens to one's second factors, which have a page of their own.
FACTORS = frozenset({"factor_added", "factor_removed", "factors_reset", "recovery_used", "recovery_made"})
#: Notices under the bell.
LATEST = 7
#: Where notices of one's own account lead that are not about the profile.
OWN_PAGES = {"new_place": "SessionsView.page", "key_revoked": "KeysView.page"}
#: The bell and the menu count no further.
MOST = 99


def unread() -> int:
    """The number of the user's unread notices, at most one more than is shown."""
    return inbox.unread_count(current_actor(), MOST + 1)


def in_short(count: int) -> str:
    return f"{MOST}+" if count > MOST else str(count)


def in_words(count: int) -> str:
    """The label of the bell for those who don't see it."""
    if not count:
        return str(_("Notices"))
    return str(ngettext("Notices: %(count)s unread", "Notices: %(count)s unread", count, count=in_short(count)))


class NoticesView(BaseView):
    """Every user's own notices; ``services/notices/inbox.py`` sees to that."""

    route_base = "/notices"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        kind = request.args.get("kind", "")
        found = inbox.page(current_actor(), page_number(first=1), kind)
        pages = near_pages(found.number, found.pages, lambda page: url_for(".page", page=page + 1, kind=kind or None))
        return str(
            self.render_template(
                "panel/notices/notices.html",
                title=_("Notices"), found=found, kinds=ALL_KINDS, chosen=kind, pages=pages,
            )
        )  # fmt: skip

    @expose("/latest")
    @has_access
    def latest(self) -> Response:
        """The latest notices for the menu of the bell, without a page around them."""
        lines = inbox.latest(current_actor(), LATEST)
        return _fresh(make_response(self.render_template("panel/notices/latest.html", lines=lines)))

    @expose("/count")
    @has_access
    def count(self) -> Response:
        """Polled by ``static/notices.js``."""
        count = unread()
        return _fresh(jsonify(unread=count, short=in_short(count), label=in_words(count)))

    @expose("/<int:pk>/open", methods=["POST"])
    @has_access
    def open(self, pk: int) -> Any:
        line = inbox.opened(current_actor(), pk)
        if line.kind == WEBHOOK_OFF:
            return redirect(url_for("WebhookView.list"))
        if line.kind == PRIVACY_DUE:
            return redirect(url_for("PrivacyView.page"))
        if line.kind in ACCOUNT_KINDS:
            return redirect(_page_of_account(line.action))
        if line.sop is None:
            period = period_due(line.action)
            return redirect(url_for(period.report.page, **period.args))
        place = f"comment-{line.comment}" if line.comment else None
        return redirect(url_for(f"{view_name(line.sop)}.case", pk=line.case_id, _anchor=place))

    @expose("/read", methods=["POST"])
    @has_access
    def read(self) -> Any:
        """One notice (``notice``), or all of them when none is named."""
        inbox.mark_read(current_actor(), _named(request.form.get("notice", "")))
        return redirect(url_for("NoticesView.page", kind=request.form.get("kind") or None))

    @expose("/choices")
    @has_access
    def choices(self) -> str:
        actor = current_actor()
        return str(
            self.render_template(
                "panel/notices/choices.html", title=_("What I am told"), kinds=KINDS, chosen=choices.choices(actor),
                ways=choices.WAYS, address=g.user.email if "@" in (g.user.email or "") else "",
                language=choices.language(actor), languages=current_app.config["LANGUAGES"],
                usual=current_app.config["BABEL_DEFAULT_LOCALE"], mails_go_out=email.is_set_up(),
            )
        )  # fmt: skip

    @expose("/choices", methods=["POST"])
    @has_access
    def choose(self) -> Any:
        sent = {kind: request.form.get(f"way-{kind}", "") for kind in KINDS}
        ways = {kind: way for kind, way in sent.items() if way}
        choices.choose(current_actor(), ways, request.form.get("language", ""))
        flash(_("Your choice is saved."), "success")
        return redirect(url_for("NoticesView.choices"))


def _page_of_account(action: str) -> str:
    """Where an admin sees to it; for others, their own profile."""
    what, username = about(action)
    if what in OWN_PAGES:
        return url_for(OWN_PAGES[what])
    user = user_named(username) if ADMIN in current_actor().roles else None
    if what in FACTORS:
        return url_for("SecondFactorView.page")
    if user is None or user.id == g.user.id:
        return url_for("UserDBModelView.userinfo")
    if what == "proposed":
        return url_for("GrantsView.page")
    return url_for("UserDBModelView.show", pk=user.id)


def _named(sent: str) -> list[int] | None:
    if not sent:
        return None
    if not (sent.isascii() and sent.isdecimal() and len(sent) < 20):
        raise Malformed(_("The request could not be understood."))
    return [int(sent)]


def _fresh(response: Response) -> Response:
    response.cache_control.private = True
    response.cache_control.no_store = True
    return response


ACCESS = Access(NoticesView, everyone)
