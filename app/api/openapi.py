"""The description of the API: Flask-AppBuilder's resource on our base class."""

from __future__ import annotations

from apispec import APISpec
from flask_appbuilder.api.manager import OpenApi as FabOpenApi

from app.api import schema
from app.api.base import Resource


class OpenApi(Resource, FabOpenApi):
    """``/api/v1/_openapi``."""

    @staticmethod
    def _create_api_spec(version: str) -> APISpec:
        spec: APISpec = FabOpenApi._create_api_spec(version)
        schema.describe_common(spec)
        return spec
