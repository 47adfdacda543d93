"""Who else has a case open, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.extensions import db
from app.models import Presence
from app.services.accounts import sessions
from app.services.cases import presence, transitions
from app.services.cases.presence import Other
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import NotVisible
from app.sop import SOPS
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok

KEY, UNIT = "gangguan", "ULP-DPK"


@pytest.fixture
def time() -> Any:
    with time_machine.travel(datetime(2026, 11, 23, 7, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def stage(any_app: Flask, time: Any) -> Any:
    cast = Cast(any_app)
    with any_app.test_request_context(headers={"Accept-Language": "en"}):
        depok()
        yield cast


@pytest.fixture
def pk(stage: Cast) -> int:
    return int(transitions.create(stage.actor("cso"), KEY, REPORT).id)


@pytest.fixture
def anisa(stage: Cast) -> Actor:
    return stage.actor("anisa", "unit", unit=UNIT)


@pytest.fixture
def budi(stage: Cast) -> Actor:
    return stage.actor("budi", "unit", unit=UNIT)


def test_each_sees_the_others_and_not_themselves(pk: int, anisa: Actor, budi: Actor) -> None:
    assert presence.ping(anisa, KEY, pk) == []
    [other] = presence.ping(budi, KEY, pk, "cancel")
    assert other == Other("Anisa Uji", "")
    [other] = presence.ping(anisa, KEY, pk)
    assert other.name == "Budi Uji"
    assert other.doing


def test_what_is_no_step_counts_as_none(pk: int, anisa: Actor, budi: Actor) -> None:
    presence.ping(anisa, KEY, pk, "<b>" * 100)
    assert presence.ping(budi, KEY, pk) == [Other("Anisa Uji", "")]


def test_who_tells_nothing_for_long_is_gone(time: Any, pk: int, anisa: Actor, budi: Actor) -> None:
    presence.ping(anisa, KEY, pk)
    time.shift(presence.SEEN)
    assert presence.ping(budi, KEY, pk) == [Other("Anisa Uji", "")]
    time.shift(timedelta(seconds=1))
    assert presence.ping(budi, KEY, pk) == []
    assert db.session.query(Presence).count() == 1


def test_one_row_for_a_person_and_a_case(pk: int, anisa: Actor) -> None:
    for _n in range(3):
        presence.ping(anisa, KEY, pk)
    assert db.session.query(Presence).count() == 1


def test_other_cases_are_other_rooms(stage: Cast, pk: int, anisa: Actor, budi: Actor) -> None:
    other = transitions.create(stage.actor("cso"), KEY, REPORT).id
    presence.ping(anisa, KEY, other)
    assert presence.ping(budi, KEY, pk) == []


def test_nobody_looks_into_what_he_does_not_see(stage: Cast, pk: int, anisa: Actor) -> None:
    presence.ping(anisa, KEY, pk)
    for stranger in (stage.actor("lain", "unit", unit="ULP-BGR"), stage.actor("legal")):
        with pytest.raises(NotVisible):
            presence.ping(stranger, KEY, pk)
    with pytest.raises(NotVisible):
        presence.ping(anisa, KEY, 2**40)
    assert db.session.query(Presence).count() == 1


def test_who_leaves_a_page_is_gone_from_it_alone(pk: int, anisa: Actor, budi: Actor) -> None:
    presence.ping(anisa, KEY, pk)
    presence.ping(anisa, KEY, pk, "cancel")
    presence.leave(anisa, KEY, pk)
    assert len(presence.ping(budi, KEY, pk)) == 1, "they are on the form that they went on to"
    presence.leave(anisa, KEY, pk, "cancel")
    assert presence.ping(budi, KEY, pk) == []
    with pytest.raises(NotVisible):
        presence.leave(anisa, KEY, 2**40)


def test_who_signs_out_is_nowhere(pk: int, anisa: Actor, budi: Actor) -> None:
    presence.ping(anisa, KEY, pk)
    here = sessions.begin(anisa.id or 0, "", "", "password")
    sessions.log_out(anisa.id or 0, here, everywhere=False)
    assert presence.ping(budi, KEY, pk) == []


def test_the_old_is_forgotten(time: Any, pk: int, anisa: Actor, budi: Actor) -> None:
    presence.ping(anisa, KEY, pk)
    time.shift(timedelta(seconds=30))
    presence.ping(budi, KEY, pk)
    assert presence.forget(clock.now() - timedelta(seconds=15)) == 1
    assert presence.others(anisa, SOPS[KEY], pk) == [Other("Budi Uji", "")]
