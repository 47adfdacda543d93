"""The private address of a user's calendar: the page on which it is made and revoked, and the feed itself."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.utils.limit import Limit
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address

from app.services.calendar import feed
from app.web.actor import current_actor
from app.web.pages import Access
from app.web.roles import view_name

#: Per address of a calendar, which programs fetch every few minutes; and per client address, behind which
#: there may be a whole office.
LIMIT, LIMIT_OF_ALL = "30 per hour", "600 per hour"


class SubscriptionView(BaseView):
    @expose("/subscription")
    @has_access
    def subscription(self) -> str:
        return self._subscription()

    @expose("/subscription", methods=["POST"])
    @has_access
    def subscribe(self) -> Response:
        """Makes an address, or another one; only this answer shows it."""
        secret, lang = feed.make(current_actor()), str(get_locale())
        spoken = {} if lang == _usual() else {"lang": lang}
        address = url_for("FeedView.calendar", secret=secret, _external=True, **spoken)
        response = current_app.make_response(self._subscription(address))
        response.cache_control.no_store = True
        return response

    @expose("/subscription/revoke", methods=["POST"])
    @has_access
    def unsubscribe(self) -> str:
        feed.revoke(current_actor())
        return self._subscription()

    def _subscription(self, address: str = "") -> str:
        return str(
            self.render_template(
                "panel/calendar/subscription.html", title=_("Calendar subscription"), made=feed.made(current_actor()),
                address=address, webcal=address.replace("https://", "webcal://").replace("http://", "webcal://"),
                past=feed.PAST.days,
            )
        )  # fmt: skip


class FeedView(BaseView):
    """Reached without a session: the secret in the address is all there is; ``lang`` is the language of its owner when
    they made it."""

    route_base = "/calendar"
    default_view = "calendar"
    limits = [Limit(LIMIT_OF_ALL, get_remote_address), Limit(LIMIT, lambda: request.path)]

    @expose("/<secret>.ics")
    def calendar(self, secret: str) -> Any:
        lang = request.args.get("lang", "")
        # Set here, since reading the language of a session would begin one.
        with force_locale(lang if lang in current_app.config["LANGUAGES"] else _usual()):
            actor = feed.owner_of(secret)
            name = current_app.config["APP_NAME"] + ": " + _("Agenda")
            content = feed.content(actor, name, _links())
        response = Response(content, content_type="text/calendar; charset=utf-8")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.cache_control.private = True
        response.add_etag()
        return response.make_conditional(request)


def _usual() -> str:
    return str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _links() -> feed.Links:
    return feed.Links(
        case=lambda sop, pk: url_for(f"{view_name(sop.key)}.case", pk=pk, _external=True),
        report=lambda period: url_for(period.report.page, **period.args, _external=True),
    )


ACCESS = Access(FeedView, None)
