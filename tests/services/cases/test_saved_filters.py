"""Filters that are saved under a name: whose they are, with whom they are shared, how many there may be."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import SavedFilter
from app.services.cases import saved_filters
from app.services.core.access import Actor
from app.services.core.errors import Forbidden, Malformed, NotVisible, ValidationFailed
from app.sop import SOPS
from tests.cast import Cast

KEY = "gangguan"
QUERY = "state=reported&due=late"


@pytest.fixture
def stage(any_app: Flask) -> Any:
    cast = Cast(any_app)
    with any_app.test_request_context():
        yield cast


def names(actor: Actor) -> list[str]:
    db.session.rollback()
    return [kept.name for kept in saved_filters.of(actor, SOPS[KEY])]


def test_ones_own_come_first_then_what_is_shared_with_ones_role(stage: Cast) -> None:
    one, two = stage.actor("cso"), stage.actor("cso_2", "cso")
    unit = stage.actor("unit", unit="ULP-DPK")
    saved_filters.save(one, KEY, "Milik saya", QUERY)
    saved_filters.save(one, KEY, "Bersama", QUERY, "CSO")
    saved_filters.save(two, KEY, "Zona", QUERY)
    assert names(one) == ["Bersama", "Milik saya"]
    assert names(two) == ["Zona", "Bersama"]
    assert names(unit) == []
    assert saved_filters.of(one, SOPS["keluhan"]) == []


def test_the_same_name_again_replaces(stage: Cast) -> None:
    one = stage.actor("cso")
    saved_filters.save(one, KEY, "Terlambat", QUERY)
    saved_filters.save(one, KEY, "  Terlambat ", "due=late", "CSO")
    [kept] = saved_filters.of(one, SOPS[KEY])
    assert (kept.query, kept.role) == ("due=late", "CSO")
    saved_filters.save(stage.actor("cso_2", "cso"), KEY, "Terlambat", QUERY)
    saved_filters.save(one, "keluhan", "Terlambat", QUERY)
    assert db.session.query(SavedFilter).count() == 3


@pytest.mark.parametrize(
    ("name", "query", "refused"),
    [
        ("", QUERY, ValidationFailed),
        (" \x00 ", QUERY, ValidationFailed),
        ("x" * 81, QUERY, Malformed),
        ("Semua", "", Malformed),
        ("Panjang", "q=" + "x" * 2_000, Malformed),
    ],
)
def test_what_can_not_be_kept(stage: Cast, name: str, query: str, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        saved_filters.save(stage.actor("cso"), KEY, name, query)
    assert db.session.query(SavedFilter).count() == 0


def test_there_is_an_end_to_them(stage: Cast) -> None:
    one = stage.actor("cso")
    for n in range(saved_filters.MOST):
        saved_filters.save(one, KEY, f"Saringan {n}", QUERY)
    with pytest.raises(Malformed, match="30"):
        saved_filters.save(one, KEY, "Satu lagi", QUERY)
    saved_filters.save(one, KEY, "Saringan 3", "due=near")
    saved_filters.save(one, "keluhan", "Satu lagi", QUERY)


def test_one_shares_with_ones_own_roles(stage: Cast) -> None:
    with pytest.raises(Forbidden):
        saved_filters.save(stage.actor("cso"), KEY, "Untuk unit", QUERY, "Unit")
    with pytest.raises(Forbidden):
        saved_filters.save(stage.actor("supervisor"), KEY, "Untuk legal", QUERY, "Legal")
    saved_filters.save(stage.actor("supervisor"), KEY, "Untuk unit", QUERY, "Unit")
    assert names(stage.actor("unit", unit="ULP-DPK")) == ["Untuk unit"]


def test_who_does_not_read_the_list_keeps_nothing_of_it(stage: Cast) -> None:
    for sop in (KEY, "nonsense"):
        with pytest.raises(NotVisible):
            saved_filters.save(stage.actor("legal"), sop, "Intip", QUERY)


def test_its_owner_and_the_admin_remove_it(stage: Cast) -> None:
    one, two, admin = stage.actor("cso"), stage.actor("cso_2", "cso"), stage.actor("admin")
    private = saved_filters.save(one, KEY, "Pribadi", QUERY).id
    shared = saved_filters.save(one, KEY, "Bersama", QUERY, "CSO").id
    for pk in (private, 0, 2**40):
        with pytest.raises(NotVisible):
            saved_filters.remove(two, KEY, pk)
    with pytest.raises(NotVisible):
        saved_filters.remove(one, "keluhan", shared)
    with pytest.raises(NotVisible):
        saved_filters.remove(admin, KEY, private)
    with pytest.raises(Forbidden):
        saved_filters.remove(two, KEY, shared)
    saved_filters.remove(admin, KEY, shared)
    saved_filters.remove(one, KEY, private)
    assert db.session.query(SavedFilter).count() == 0
