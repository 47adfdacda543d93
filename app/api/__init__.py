"""REST resources, generated from the SOPs' declarations."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app
from flask_appbuilder import AppBuilder
from flask_appbuilder.menu import MenuApi

from app.api import audit, customers, guard
from app.api.cases import resource as cases
from app.api.cases.worklist import WorklistApi
from app.api.keys import ApiKeyApi
from app.api.notices import NoticesApi
from app.api.openapi import OpenApi
from app.api.reports import ReportsApi
from app.api.search import SearchApi
from app.api.sop import SopApi
from app.api.tokens import TokenApi
from app.web.pages import Access, everyone, readers


def resources() -> list[Access]:
    """Every resource and whom it is open to."""
    shared, of_cases = (OpenApi, ApiKeyApi, NoticesApi), (SopApi, WorklistApi, SearchApi, ReportsApi)
    return [
        *(Access(resource, everyone) for resource in shared),
        *(Access(resource, readers) for resource in of_cases),
        audit.ACCESS,
        *cases.resources(),
        customers.ACCESS,
        Access(MenuApi, everyone, built_in=True),
        Access(TokenApi, None, built_in=True),
    ]


def register(appbuilder: AppBuilder, offered: Iterable[Access]) -> None:
    """Adds the resources to the API; each answers with and without the last slash of its address."""
    guard.register(current_app)
    addresses = current_app.url_map
    strict, addresses.strict_slashes = addresses.strict_slashes, False
    for resource in offered:
        resource.add(appbuilder)
    addresses.strict_slashes = strict
