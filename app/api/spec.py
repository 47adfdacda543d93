"""The decorator that describes a route in OpenAPI, and the short forms that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import yaml

#: Flask-AppBuilder puts the resource's class in its place.
RESOURCE = "{{self.__class__.__name__}}"
#: Every route can answer so.
ALWAYS = (401, 403)
#: What else can be refused when a case is written.
WRITING = (400, 409, 413, 415, 422, 503)
PK = {"in": "path", "name": "pk", "required": True, "schema": {"type": "integer"}}

Route = TypeVar("Route", bound=Callable[..., Any])


def documented(
    method: str,
    content: dict[str, Any],
    *refused: int,
    status: int = 200,
    parameters: tuple[dict[str, Any], ...] = (),
    more: dict[int, Any] | None = None,
    body: str | None = None,
) -> Callable[[Route], Route]:
    """Describes a route: ``content`` by content type, ``refused`` the statuses of its refusals, ``more``
    further responses, ``body`` the schema of the JSON that is sent. The docstring's first line is the summary."""

    def write(route: Route) -> Route:
        summary = (route.__doc__ or "").split("\n", 1)[0].rstrip(".")
        responses: dict[int, Any] = {status: {"description": "Done", "content": content}} | (more or {})
        responses |= {code: {"$ref": f"#/components/responses/{code}"} for code in sorted({*ALWAYS, *refused})}
        operation = {"summary": summary, "parameters": list(parameters), "responses": responses}
        if body:
            operation["requestBody"] = {"content": json_of(body), "required": True}
        # ``str`` of this is read back as YAML by Flask-AppBuilder.
        route.__doc__ = f"{route.__doc__}\n---\n" + yaml.safe_dump({method: operation}, allow_unicode=True)
        return route

    return write


def json_of(schema: str, many: bool = False) -> dict[str, Any]:
    """JSON content: a component schema, or a list of it."""
    named = {"$ref": f"#/components/schemas/{schema}"}
    return {"application/json": {"schema": {"type": "array", "items": named} if many else named}}


def query(name: str, required: bool = False, **schema: Any) -> dict[str, Any]:
    """A parameter of the query string."""
    return {"in": "query", "name": name, "required": required, "schema": {"type": "string"} | schema}


def path(name: str) -> dict[str, Any]:
    """A parameter of the path."""
    return {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
