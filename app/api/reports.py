"""Reports, for programs."""

from __future__ import annotations

from flask import Response, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api.base import Resource, answer
from app.api.schema import FILE
from app.api.spec import documented, json_of, path, query
from app.services import reports
from app.services.reports import jobs
from app.services.reports.log import told_of
from app.services.tables.dialects import DIALECTS, RAW
from app.web.actor import current_actor
from app.web.files import export_response

PARAMETERS = (
    query("format", enum=list(reports.CONTENT_TYPES), default="csv"), query("from", format="date"),
    query("to", format="date"), query("lang"), query("state"), query("unit"), query("sop"),
    query("background", enum=["0", "1"], default="0"), query("dialect", enum=list(DIALECTS), default=RAW.key),
)  # fmt: skip
FILES = {kind: {"schema": FILE} for kind in reports.CONTENT_TYPES.values()}
ORDERED = {202: {"description": "Made in the background", "content": json_of("Export")}}
PK = path("pk") | {"schema": {"type": "integer"}}


class ReportsApi(Resource):
    resource_name = "reports"
    narrows = True

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Report", many=True))
    def get_list(self) -> Response:
        """The reports that the user may have."""
        return answer(
            [{"key": r.key, "label": str(r.label), "formats": r.formats} for r in reports.reports_of(current_actor())]
        )

    @expose("/<key>", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", FILES, 400, 404, 409, 413, 503, parameters=(path("key"), *PARAMETERS), more=ORDERED)
    def get(self, key: str) -> Response:
        """A report on the days from ``from`` to ``to``, both included, streamed or made in the background."""
        actor = current_actor()
        report = reports.report_of(actor, key)
        wanted = reports.read(report, actor, request.args)
        if not wanted.background:
            return export_response(jobs.stream(actor, report, wanted))
        return answer(told_of(jobs.own(actor, jobs.order(actor, report, wanted))), 202)

    @expose("/downloads/<int:pk>", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Export"), 404, parameters=(PK,))
    def download(self, pk: int) -> Response:
        """How far a report of the user's own is, made in the background."""
        return answer(told_of(jobs.own(current_actor(), pk)))

    @expose("/downloads/<int:pk>/content", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", FILES, 404, 409, parameters=(PK,))
    def download_content(self, pk: int) -> Response:
        """The file of such a report, once its state is ``done``."""
        return export_response(jobs.file_of(current_actor(), pk))
