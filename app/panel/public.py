"""Pages for people who are not signed in: how to report, and what became of one's own report. They follow from
``Sop.public``."""

from __future__ import annotations

from flask import request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address

from app.services.cases.public_status import status
from app.services.core.errors import NotVisible
from app.sop import SOPS
from app.web.pages import Access
from app.workflow.declaration import Sop

#: How often an address may look a status up, so that whoever guesses numbers and phones does not get far.
LIMITS = "5 per minute;30 per hour"


class PublicView(BaseView):
    route_base = "/public"
    limits = [Limit(LIMITS, get_remote_address, methods=("POST",))]

    @expose("/<key>")
    def page(self, key: str) -> str:
        return self._page(_declared(key))

    @expose("/<key>", methods=["POST"])
    def ask(self, key: str) -> str:
        """The same answer for a number that is not there and for somebody else's phone."""
        sop = _declared(key)
        found = status(sop, request.form.get("number", ""), request.form.get("phone", ""))
        return self._page(sop, looked_up=True, state=found)

    def _page(self, sop: Sop, **more: object) -> str:
        return str(
            self.render_template("panel/public.html", title=sop.public.title, sop=sop, public=sop.public, **more)  # type: ignore[union-attr]
        )


def _declared(key: str) -> Sop:
    sop = SOPS.get(key)
    if sop is None or sop.public is None:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    return sop


ACCESS = Access(PublicView, None)
