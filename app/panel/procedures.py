"""The procedures as pages: the list of a user's own, and each with its document and its printed sheet."""

from __future__ import annotations

from flask import Response, request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core.access import sops_of
from app.services.core.errors import NotVisible
from app.services.procedures.document import document
from app.services.procedures.outline import outline, procedure
from app.services.procedures.printing import printed
from app.web.actor import current_actor
from app.web.files import disposition
from app.web.pages import BESIDES, CASES, Page, readers


class ProcedureView(BaseView):
    route_base = "/procedures"
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> str:
        actor = current_actor()
        page = self.render_template(
            "panel/procedures/list.html", title=_("Procedures"), procedures=sops_of(actor), mine=actor.roles
        )
        return str(page)

    @expose("/<key>")
    @has_access
    def page(self, key: str) -> str:
        sop = procedure(current_actor(), key)
        role = request.args.get("role", "")
        role = role if role in sop.roles else ""
        return str(
            self.render_template(
                "panel/procedures/page.html", title=str(sop.label), sop=sop, role=role, outline=outline(sop, role)
            )
        )

    @expose("/<key>.pdf")
    @has_access
    def pdf(self, key: str) -> Response:
        sop = procedure(current_actor(), key)
        return _download(printed(sop), "application/pdf", f"{sop.key}-{sop.revision}.pdf")

    @expose("/<key>.toml")
    @has_access
    def source(self, key: str) -> Response:
        sop = procedure(current_actor(), key)
        if not sop.source:
            raise NotVisible(_("This SOP has no document."))
        return _download(document(sop), "application/toml", f"{sop.key}.toml")


def _download(content: bytes, content_type: str, name: str) -> Response:
    response = Response(content, mimetype=content_type)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response


PAGE = Page(
    ProcedureView,
    readers,
    key="procedures",
    label=_l("Procedures"),
    href="ProcedureView.list",
    category=CASES,
    group=BESIDES,
)
