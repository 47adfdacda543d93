"""Who contacts us again is recorded on the case that there is: in every SOP where people call, by the same step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.sop import SOPS
from tests.api.stories.test_hard_complaint import REQUEST
from tests.api.stories.test_intera import COMPLAINT
from tests.api.stories.test_pengaduan import CALL, GREETED
from tests.api.story import Story
from tests.cast import Cast
from tests.moment import JAKARTA

STEP = "add_repeat_contact"
#: By SOP: who opens a case, with what, by which channel they are called again, and who may not record it.
OPENED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "pengaduan": ("cs", CALL | {"identity_verified": "not_in_data"}, "inbound", "supervisor"),
    "hard_complaint": ("spv", REQUEST, "email", "qco"),
    "intera": ("admin_layanan", COMPLAINT, "telepon", "pic"),
}


@pytest.fixture
def cast(app: Flask, clock: Any) -> Cast:
    return Cast(app)


def opened(cast: Cast, sop: str) -> tuple[Story, str, dict[str, Any]]:
    """A case, who records what comes to it, and such a contact."""
    name, answers, channel, _other = OPENED[sop]
    at = f"{datetime.now(JAKARTA) - timedelta(minutes=5):%Y-%m-%d %H:%M}"
    return Story(cast, sop, name, **answers), name, {"contact_at": at, "contact_channel": channel, "said": "Kapan?"}


@pytest.mark.parametrize("sop", OPENED)
def test_a_repeat_contact_is_counted_and_moves_nothing(cast: Cast, sop: str) -> None:
    story, name, contact = opened(cast, sop)
    before = story.case
    for many in (1, 2):
        case = story.does(name, STEP, **contact)
        assert case["repeat_contacts_count"] == many
    for key in ("state", "state_since", "due_at", "deadlines", "holder"):
        assert case[key] == before[key], key
    assert [row["said"] for row in case["repeat_contacts"]] == ["Kapan?", "Kapan?"]
    [row] = story.by(name).get(f"/{sop}/").json["result"]
    assert row["repeat_contacts_count"] == 2
    assert "Kapan?" in cast.login(name).get(story.path).text
    assert "repeat_contacts_count" in {column.key for column in SOPS[sop].columns}


@pytest.mark.parametrize("sop", OPENED)
def test_what_is_lacking_or_still_to_come_is_refused(cast: Cast, sop: str) -> None:
    story, name, contact = opened(cast, sop)
    assert story.is_refused(422, name, STEP)["field"] == set(contact)
    ahead = f"{datetime.now(JAKARTA) + timedelta(hours=1):%Y-%m-%d %H:%M}"
    assert story.is_refused(422, name, STEP, **contact | {"contact_at": ahead}) == {"field": {"contact_at"}}
    story.is_refused(403, OPENED[sop][3], STEP, **contact)
    [offered] = [one for one in story.by(name).get(f"{story.path}/actions").json if one["key"] == STEP]
    values = {field["key"]: field.get("value") for field in offered["fields"]}
    assert values["contact_at"].startswith(f"{datetime.now(JAKARTA):%Y-%m-%d}"), "it begins with now"
    assert values["said"] is None


@pytest.mark.parametrize("sop", ["keluhan", "gangguan", *OPENED])
def test_it_may_be_recorded_in_every_open_state_and_in_no_other(sop: str) -> None:
    assert set(SOPS[sop].transition_by_key[STEP].source) == set(SOPS[sop].open_states)


def test_nothing_is_added_to_a_closed_complaint(cast: Cast) -> None:
    story, name, contact = opened(cast, "pengaduan")
    story.does(name, "answer", answer="x", **GREETED)
    story.is_refused(409, name, STEP, **contact)
