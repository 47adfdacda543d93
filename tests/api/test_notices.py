"""The inbox, for programs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Api, Cast
from tests.panel.helpers import SOMASI


@pytest.fixture
def cs(cast: Cast, pdf: bytes) -> Api:
    """Somebody with notices of two demand letters."""
    api, legal = cast.api("cs"), cast.api("legal")
    for _ in range(2):
        answer = legal.post("/somasi/", SOMASI, files={"somasi": ("somasi.pdf", pdf)})
        assert answer.status_code == 201, answer.text
    return api


def test_the_inbox(cs: Api) -> None:
    inbox = cs.get("/notices/", headers={"Accept-Language": "en"}).json
    assert (inbox["count"], inbox["unread"], inbox["page"], inbox["pages"]) == (2, 2, 1, 1)
    newest = inbox["result"][0]
    assert newest["kind"] == "my_turn"
    assert newest["message"] == f"Your turn: {newest['case']['number']}, Awaiting CS documents"
    assert newest["case"]["sop"] == "somasi"
    assert newest["by"] == "Legal Uji"
    assert newest["read_at"] is None


def test_marking_some_and_all(cs: Api) -> None:
    newest = cs.get("/notices/").json["result"][0]["id"]
    assert cs.post("/notices/read", {"ids": [newest]}).json == {"read": 1, "unread": 1}
    unread = cs.get("/notices/?unread=true").json
    assert unread["count"] == 1
    assert newest not in [one["id"] for one in unread["result"]]
    assert cs.post("/notices/read", {"all": True}).json == {"read": 1, "unread": 0}
    assert cs.get("/notices/?unread=1").json["result"] == []
    assert cs.get("/notices/?unread=false").json["count"] == 2


@pytest.mark.parametrize("body", [{}, {"ids": "1"}, {"ids": [True]}, {"all": False}, {"all": True, "ids": ["1"]},
                                  {"ids": list(range(1, 502))}])  # fmt: skip
def test_a_body_without_sense(cs: Api, body: Any) -> None:
    answer = cs.post("/notices/read", body)
    assert answer.status_code == 400
    assert answer.json["message"]
    assert cs.get("/notices/").json["unread"] == 2


@pytest.mark.parametrize("query", ["unread=perhaps", "page=0", "page=-1", "page=x", "kind=gossip"])
def test_a_query_without_sense(cs: Api, query: str) -> None:
    assert cs.get(f"/notices/?{query}").status_code == 400


def test_somebody_elses_are_not_there(cs: Api, cast: Cast) -> None:
    newest = cs.get("/notices/").json["result"][0]["id"]
    other = cast.api("legal_manager")
    assert other.get("/notices/").json["result"] == []
    assert other.post("/notices/read", {"ids": [newest]}).status_code == 404
    assert other.post("/notices/read", {"ids": [2**40, -1]}).status_code == 404
    assert other.post("/notices/read", {"all": True}).json == {"read": 0, "unread": 0}
    assert cs.get("/notices/").json["unread"] == 2


def test_strangers_have_no_inbox(cast: Cast) -> None:
    client = cast.app.test_client()
    assert client.get("/api/v1/notices/").status_code == 401
    assert client.post("/api/v1/notices/read", json={"all": True}).status_code == 401
