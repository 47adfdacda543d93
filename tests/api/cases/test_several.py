"""Several documents of one kind: files of their own, until one is said to replace another."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.stories.test_somasi import FIRST_ROUND, Story, keys
from tests.cast import Cast
from tests.client import PDF

KIND = "dokumen_pendukung"


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    return Story(cast)


def upload(story: Story, content: bytes, kind: str = KIND, **more: Any) -> TestResponse:
    files = {"file": ("foto.pdf", content)}
    return story.by("cs").post(f"{story.path}/documents", {"type": kind, **more}, files=files)


def test_a_further_upload_is_a_further_file(story: Story) -> None:
    first, second = (upload(story, PDF + mark).json for mark in (b"%1", b"%2"))
    assert [(one["version"], one["replaces"]) for one in (first, second)] == [(1, None), (2, None)]
    again = upload(story, PDF + b"%1")
    assert (again.status_code, keys(again, "document")) == (422, {KIND}), "the same photo, though not the newest"
    third = upload(story, PDF + b"%3", replaces=first["id"])
    assert (third.status_code, third.json["replaces"]) == (201, first["id"])
    assert upload(story, PDF + b"%4", replaces=first["id"]).status_code == 409, "replaced already"
    assert upload(story, PDF + b"%4", replaces="x").status_code == 400
    other = upload(story, PDF + b"%5", "bukti_pod").json
    assert upload(story, PDF + b"%4", replaces=other["id"]).status_code == 409, "of another kind"
    item = story.checklist("cs")[KIND]
    assert item["several"]
    assert not story.checklist("cs")["bukti_pod"]["several"]
    told = story.by("cs").get(f"{story.path}/history").json
    assert [event["documents"][0].get("replaces") for event in told if event["action"] == "upload"][:3] == [
        None,
        None,
        1,
    ]
    assert upload(story, PDF + b"%1").status_code == 201, "what was replaced may come back"


def test_what_a_revision_asks_again_may_be_one_more(story: Story) -> None:
    upload(story, PDF + b"%a")
    upload(story, PDF + b"%b")
    story.does("cs", "submit_documents", *FIRST_ROUND, offered_compensation=1)
    story.does("legal_litigasi_1", "request_revision", requested=[KIND], note="Foto kemasan belum ada")
    story.handed_in[KIND] = [PDF]
    story.people["cs"].post(f"{story.path}/documents", {"type": KIND}, files={"file": ("c.pdf", PDF + b"%c")})
    done = story.does("cs", "submit_documents", offered_compensation=1)
    assert done["state"] == "document_check"
    assert len(story.checklist("cs")[KIND]["versions"]) == 3
