"""The query of a list, read from Flask-AppBuilder's query parameter ``q`` (Rison, or JSON)."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import prison
from flask import request
from flask_appbuilder.api.schemas import get_list_schema
from flask_babel import gettext as _

from app.services.core.errors import Malformed

#: Nobody reads further pages; databases refuse numbers far beyond it.
LAST_PAGE = 1_000_000
LONGEST_QUERY = 8000


def parameters() -> dict[str, Any]:
    """Filters, order, page and columns of the list; empty without ``q``. Raises ``Malformed``."""
    written = request.args.get("q", "")
    if not written.strip():
        return {}
    if len(written) > LONGEST_QUERY:
        raise Malformed(_("The query is too long."))
    sent = _read(written)
    try:
        jsonschema.validate(sent, get_list_schema)
    except jsonschema.ValidationError as error:
        raise Malformed(_("The query is not valid: %(reason)s", reason=error.message)) from error
    if not 0 <= sent.get("page", 0) <= LAST_PAGE:
        raise Malformed(_("There is no such page."))
    # JSON Schema takes 1.0 for a whole number.
    return sent | {key: int(sent[key]) for key in ("page", "page_size") if key in sent}


def _read(written: str) -> dict[str, Any]:
    for read in (prison.loads, json.loads):
        try:
            sent = read(written)
            json.dumps(sent, ensure_ascii=False).encode()
        except (prison.decoder.ParserException, ValueError, RecursionError, IndexError, TypeError):
            continue
        if isinstance(sent, dict):
            return sent
    raise Malformed(_("The query “q” is neither Rison nor JSON."))
