"""Roles in code: what each may reach in the panel and the API follows from the SOPs' declarations.

A grant here opens a door; which rows and steps are behind it, ``services/core/access.py`` and the engine decide.
"""

from __future__ import annotations

import re

from app.services.core.access import ADMIN, READ_ALL, Actor, reads
from app.services.dashboards.board import overseen
from app.services.retention.retention import kept_by
from app.sop import ROLES, SOPS, own_parts

Grant = list[str]
#: What everyone who is signed in reaches: worklist, search, own profile and password.
EVERYONE: tuple[tuple[str, str], ...] = (
    ("WorklistView", "can_.*"),
    ("worklist", "menu_access"),
    ("WorklistApi", "can_.*"),
    ("SearchView", "can_.*"),
    ("SearchApi", "can_.*"),
    ("NoticesView", "can_.*"),
    ("NoticesApi", "can_.*"),
    ("SopApi", "can_.*"),
    ("ReportsApi", "can_.*"),
    ("UserInfoEditView", "can_.*"),
    ("UserDBModelView", "can_userinfo|resetmypassword"),
    ("ResetMyPasswordView", "can_.*"),
    ("MenuApi", "can_.*"),
    ("OpenApi", "can_.*"),
    ("ApiKeyApi", "can_.*"),
)


def view_name(sop: str) -> str:
    """The class of an SOP's pages, which is also the name of its permission."""
    return _camel(sop) + "View"


def api_name(sop: str) -> str:
    return _camel(sop) + "Api"


def fab_roles() -> dict[str, list[Grant]]:
    """FAB_ROLES. Patterns are anchored: FAB matches only their beginning."""
    granted: dict[str, list[Grant]] = {role: _grants(role) for role in ROLES}
    granted[ADMIN] = [[".*", ".*"]]
    return granted


def _grants(role: str) -> list[Grant]:
    pairs = list(EVERYONE)
    actor = Actor(None, "", frozenset({role}))
    for sop in SOPS.values():
        if reads(actor, sop):
            pairs += [(view_name(sop.key), "can_.*"), (api_name(sop.key), "can_.*"), (sop.key, "menu_access")]
            pairs += [("cases", "menu_access")]
            pairs += [("ReportsView", "can_.*"), ("report_list", "menu_access"), ("reports", "menu_access")]
            pairs += [("DownloadsView", "can_.*"), ("downloads", "menu_access")]
            if sop.appointments:
                pairs += [("AgendaView", "can_.*"), ("agenda", "menu_access")]
            if sop.indicators:
                pairs += [("IndicatorsView", "can_.*"), ("indicators", "menu_access"), ("reports", "menu_access")]
    if actor.roles & READ_ALL:
        pairs += [("CustomerView", "can_.*"), ("customers", "menu_access"), ("master_data", "menu_access")]
        pairs += [("ExportLogView", "can_.*"), ("export_log", "menu_access")]
    for page in own_parts("page"):
        pairs += page.grants(actor)
    if overseen(actor):
        pairs += [("ConformanceView", "can_.*"), ("conformance", "menu_access"), ("reports", "menu_access")]
        pairs += [("DashboardView", "can_.*"), ("dashboard", "menu_access")]
    if kept_by(actor):
        pairs += [("RetentionView", "can_.*"), ("retention", "menu_access"), ("reports", "menu_access")]
    return [[f"^{re.escape(view)}$", f"^({permission})$"] for view, permission in dict.fromkeys(pairs)]


def _camel(key: str) -> str:
    return "".join(part.title() for part in key.split("_"))
