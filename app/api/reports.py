"""Reports, for programs."""

from __future__ import annotations

from datetime import date

from flask import Response, request, stream_with_context
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api.base import Resource, answer
from app.api.schema import FILE
from app.api.spec import json_of, path, query, told
from app.files import disposition
from app.security import current_actor
from app.services import clock, reports
from app.services.errors import Malformed
from app.services.wording import REASONS
from app.workflow import values
from app.workflow.declaration import Field

PERIOD = (query("from", format="date"), query("to", format="date"))
FORMAT = query("format", enum=list(reports.FORMATS), default="csv")


class ReportsApi(Resource):
    resource_name = "reports"

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @told("get", json_of("Report", many=True))
    def get_list(self) -> Response:
        """The reports that the user may have."""
        formats = list(reports.FORMATS)
        return answer(
            [{"key": r.key, "label": str(r.label), "formats": formats} for r in reports.reports_of(current_actor())]
        )

    @expose("/<key>", methods=["GET"])
    @protect()
    @permission_name("get")
    @told("get", {kind: {"schema": FILE} for kind, _write in reports.FORMATS.values()}, 400, 404,
          parameters=(path("key"), FORMAT, *PERIOD))  # fmt: skip
    def get(self, key: str) -> Response:
        """A report on the days from ``from`` to ``to``, both included, streamed."""
        actor = current_actor()
        report = reports.report_of(actor, key)
        form = request.args.get("format", "csv")
        chunks = reports.content(actor, report, form, _day("from"), _day("to"))
        response = Response(stream_with_context(chunks), mimetype=reports.content_type(form))
        response.headers["Content-Disposition"] = disposition(f"{report.key}-{clock.today()}.{form}")
        response.cache_control.private = True
        response.cache_control.no_store = True
        return response


def _day(name: str) -> date | None:
    try:
        day: date | None = values.parse(Field(name, name, "date"), request.args.get(name), clock.zone())
    except values.Malformed as error:
        raise Malformed(f"{name}: {REASONS[error.reason]}") from error
    return day
