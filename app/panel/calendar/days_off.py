"""The marked days of a month, for the picker of dates beside an input (``static/js/dates.js``)."""

from __future__ import annotations

from calendar import monthrange

from flask import Response, jsonify, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access

from app.panel.calendar.month import month_of
from app.services.calendar.day_marks import marks
from app.services.core import clock
from app.web.actor import current_actor
from app.web.pages import Access, everyone


class MarkedDaysView(BaseView):
    route_base = "/marked-days"
    default_view = "month"

    @expose("/")
    @has_access
    def month(self) -> Response:
        """``{"2026-12-25": {"name": …, "off": true}}`` of ``month``, such as 2026-12."""
        first = month_of(request.args.get("month"), clock.today())
        last = first.replace(day=monthrange(first.year, first.month)[1])
        found = marks(current_actor(), first, last)
        answer = jsonify({day.isoformat(): {"name": mark.name, "off": mark.off} for day, mark in found.items()})
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


ACCESS = Access(MarkedDaysView, everyone)
