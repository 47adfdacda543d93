"""The proposals of roles that wait for another admin."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.models.accounts import CONFIRMED, DECLINED, WITHDRAWN
from app.panel.account.confirm import recently_signed_in
from app.services.accounts import grants
from app.web.actor import current_actor
from app.web.pages import Access, admins
from app.workflow.declaration import Text

#: The states of what is decided, each with its colour.
DECIDED: dict[str, tuple[Text, str]] = {
    CONFIRMED: (_l("Confirmed"), "green"), DECLINED: (_l("Declined"), "red"), WITHDRAWN: (_l("Withdrawn"), "grey"),
}  # fmt: skip


class GrantsView(BaseView):
    route_base = "/grants"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        actor = current_actor()
        return str(
            self.render_template(
                "panel/admin/grants.html", title=_("Roles that wait"), waiting=grants.waiting(),
                decided=grants.decided(), states=DECIDED, me=actor.id, alone=not grants.other_admins(actor.id),
                four_eyes=grants.waits_for_another(),
            )
        )  # fmt: skip

    @expose("/<int:pk>/confirm", methods=["POST"])
    @has_access
    @recently_signed_in
    def confirm(self, pk: int) -> Response:
        user = grants.confirm(current_actor(), pk).user
        flash(_("%(name)s has these roles now.", name=user.get_full_name()), "success")
        return redirect(url_for("GrantsView.page"))

    @expose("/<int:pk>/decline", methods=["POST"])
    @has_access
    def decline(self, pk: int) -> Response:
        grants.decline(current_actor(), pk)
        flash(_("Nothing is given."), "success")
        return redirect(url_for("GrantsView.page"))


ACCESS = Access(GrantsView, admins)
