"""The description of the API and the users' own keys: Flask-AppBuilder's resources on our base class."""

from __future__ import annotations

from apispec import APISpec
from flask_appbuilder.api.manager import OpenApi as FabOpenApi
from flask_appbuilder.security.sqla.apis import ApiKeyApi as FabApiKeyApi

from app.api import schema
from app.api.base import Resource


class OpenApi(Resource, FabOpenApi):
    """``/api/v1/_openapi``."""

    @staticmethod
    def _create_api_spec(version: str) -> APISpec:
        spec: APISpec = FabOpenApi._create_api_spec(version)
        schema.describe_common(spec)
        return spec


class ApiKeyApi(Resource, FabApiKeyApi):
    """The keys with which a user's own programs sign in."""

    class_permission_name = "ApiKeyApi"
