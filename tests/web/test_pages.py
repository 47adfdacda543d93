"""Every view is registered once, and a role's menu is what is open to it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from flask import Flask

from app import api, panel
from app.services.core.access import ADMIN, AUDITOR, READ_ALL, Actor
from app.sop import ROLES, SOPS
from app.web.pages import Access, Page
from app.web.roles import fab_roles
from tests.cast import Cast

EVERY_ROLE = [*ROLES, ADMIN, AUDITOR]
#: What an admin alone finds in the menu; what Flask-AppBuilder adds to it by itself.
ADMINS_OWN = {
    "units", "poskos", "crews", "hearing_stages", "staff", "complaint_categories", "deadline_policies",
    "calendar_days", "working_hours", "background", "outbox", "notice_channels", "webhooks", "api_keys",
}  # fmt: skip
BUILT_IN = {"Security", "List Users", "List Roles", "-"}


@pytest.fixture
def known(app: Flask) -> list[Access]:
    with app.app_context():
        return [*panel.pages(), *api.resources()]


def pages(known: list[Access]) -> list[Page]:
    return [one for one in known if isinstance(one, Page)]


def names_in(menu: list[Any]) -> set[str]:
    """Of the entries and categories of a menu as Flask-AppBuilder tells it."""
    entries = [entry for entry in menu if entry != "-"]
    return {entry["name"] for entry in entries} | {n for e in entries for n in names_in(e.get("childs", []))}


def test_every_view_is_registered_once(app: Flask, known: list[Access]) -> None:
    # One with two kinds of rights is told twice, and added once.
    assert Counter({one.name for one in known}) == Counter(type(view).__name__ for view in app.appbuilder.baseviews)
    assert set(Counter(one.name for one in known if not one.built_in).values()) == {1}
    assert set(Counter((one.name, one.permissions) for one in known).values()) == {1}
    keys = Counter(page.key for page in pages(known))
    assert set(keys.values()) == {1}


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_the_menu_of_a_role_is_what_is_open_to_it(cast: Cast, known: list[Access], role: str) -> None:
    actor = Actor(None, "", frozenset({role}))
    with cast.app.app_context():
        open_to = [page for page in pages(known) if page.open_to and page.open_to(actor)]
    menu = cast.login(role.lower().replace(" ", "_")).get("/api/v1/menu/").json["result"]
    ours = {page.key for page in open_to} | {page.place for page in open_to}
    assert names_in(menu) - BUILT_IN == ours - BUILT_IN


def test_who_finds_what_in_the_menu(app: Flask, known: list[Access]) -> None:
    """From the declarations, not from the pages' own word."""
    for role in EVERY_ROLE:
        actor = Actor(None, "", frozenset({role}))
        with app.app_context():
            keys = {page.key for page in pages(known) if page.rights(actor)}
        all_of_them = role in READ_ALL
        taking_part = [sop for sop in SOPS.values() if all_of_them or role in sop.roles]
        assert keys & SOPS.keys() == {sop.key for sop in taking_part}, role
        assert (keys & ADMINS_OWN) == (ADMINS_OWN if role == ADMIN else set()), role
        assert ("audit" in keys) == (role in (ADMIN, AUDITOR)), role
        assert ("export_log" in keys) == all_of_them, role
        assert ("customers" in keys) == (all_of_them or any(role in sop.customer_roles for sop in taking_part)), role
        assert ("dashboard" in keys) == (all_of_them or any(role in sop.overseers for sop in taking_part)), role
        assert ("conformance" in keys) == ("dashboard" in keys), role


def test_rights_are_anchored(app: Flask, known: list[Access]) -> None:
    """Flask-AppBuilder matches the beginning of a name alone: ``UnitView`` must not open ``UnitViewOfAll``."""
    with app.app_context():
        granted = fab_roles(known)
    for role, grants in granted.items():
        for name, permission in grants if role != ADMIN else []:
            assert re.fullmatch(r"\^.*\$", name), role
            assert re.fullmatch(r"\^\(.*\)\$", permission), role
