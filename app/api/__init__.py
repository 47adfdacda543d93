"""REST resources, generated from the SOPs' declarations."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder

from app.api import guard, openapi
from app.api.cases import resource as cases
from app.api.cases.worklist import WorklistApi
from app.api.notices import NoticesApi
from app.api.reports import ReportsApi
from app.api.search import SearchApi
from app.api.sop import SopApi


def register(appbuilder: AppBuilder) -> None:
    """Adds every resource to the API; each answers with and without the last slash of its address."""
    guard.register(current_app)
    addresses = current_app.url_map
    strict, addresses.strict_slashes = addresses.strict_slashes, False
    for resource in (*openapi.resources(), SopApi, WorklistApi, NoticesApi, SearchApi, ReportsApi, *cases.resources()):
        appbuilder.add_api(resource)
    addresses.strict_slashes = strict
