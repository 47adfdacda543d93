"""What each role may reach in the panel and the API, as it follows from the SOPs' declarations.

A grant here opens a door; which rows and steps are behind it, ``services/core/access.py`` and the engine decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.services.core.access import ADMIN, AUDITOR, Actor
from app.sop import ROLES
from app.web.pages import Access

Grant = list[str]


def view_name(sop: str) -> str:
    """The class of an SOP's pages, which is also the name of its permission."""
    return _camel(sop) + "View"


def api_name(sop: str) -> str:
    return _camel(sop) + "Api"


def fab_roles(parts: Iterable[Access]) -> dict[str, list[Grant]]:
    """FAB_ROLES, from all that the panel and the API consist of. Patterns are anchored: FAB matches only their
    beginning."""
    known = list(parts)
    granted: dict[str, list[Grant]] = {role: _grants(role, known) for role in ROLES}
    granted[ADMIN] = [[".*", ".*"]]
    granted[AUDITOR] = _grants(AUDITOR, known)
    return granted


def _grants(role: str, parts: Iterable[Access]) -> list[Grant]:
    actor = Actor(None, "", frozenset({role}))
    rights = dict.fromkeys(right for part in parts for right in part.rights(actor))
    return [[f"^{re.escape(name)}$", f"^({permission})$"] for name, permission in rights]


def _camel(key: str) -> str:
    return "".join(part.title() for part in key.split("_"))
