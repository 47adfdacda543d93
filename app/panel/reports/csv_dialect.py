"""Choosing the dialect of one's CSV files, where files are offered and on the page of one's account."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _

from app.services.accounts import csv_dialect
from app.web.actor import current_actor
from app.web.pages import Access, everyone
from app.web.signing_in import page_within


class CsvDialectView(BaseView):
    route_base = "/csv-dialect"
    default_view = "choose"

    @expose("/", methods=["POST"])
    @has_access
    def choose(self) -> Any:
        """Back to the page from which it was chosen (``next``)."""
        csv_dialect.choose(current_actor(), request.form.get("dialect", ""))
        flash(_("Your CSV files are written so from now on."), "success")
        return redirect(page_within(request.form.get("next")), 303)


ACCESS = Access(CsvDialectView, everyone)
