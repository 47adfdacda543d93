"""Rows of records in words, uploads as one entry, and the parts of a history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.panel.cases.conversation import OPEN, SOME_MORE, conversation, together
from app.panel.cases.row_words import row_words
from app.panel.cases.timeline import TimelineEntry
from app.services.core import clock
from app.services.core.formatting import remembered
from app.sop import SOPS

SOP = SOPS["pengaduan"]


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("sop", "records", "row", "said", "more"),
    [
        ("somasi", "hearings", {"stage": "Mediasi", "hearing_date": "{year}-11-29", "what_happened": "gagal",
                                "next_date": "2031-01-05"}, "Mediasi, 29 Nov: gagal", ["5 Jan 2031"]),
        ("somasi", "hearings", {"stage": "Mediasi", "hearing_date": "2001-11-29"}, "Mediasi, 29 Nov 2001", []),
        ("pengaduan", "callbacks", {"callback_result": "reached", "callback_said": "Paham"}, "Terhubung: Paham", []),
        ("keluhan", "repeat_contacts", {"contact_at": "{year}-11-29T07:30:00+00:00", "said": "Masih padam"},
         "29 Nov 14.30: Masih padam", []),
        ("hard_complaint", "chronology", {"position": 45, "speaker": "agent", "said": "Halo"}, "00:45, Agent: Halo",
         []),
    ],
)  # fmt: skip
def test_a_row_is_told_as_one_says_it(sop: str, records: str, row: dict[str, Any], said: str, more: list[str]) -> None:
    columns = SOPS[sop].records_by_key[records].columns
    year = clock.today().year
    kept = {key: value.format(year=year) if isinstance(value, str) else value for key, value in row.items()}
    words = row_words(columns, kept, remembered)
    assert words.sentence == said
    assert [answer for _label, answer in words.more] == more


def entry(key: str, at: datetime, actor: str = "Eka (cs)", **more: Any) -> TimelineEntry:
    state = SOP.states[0]
    line = TimelineEntry(at, actor, key, state, state, 1, "", False, [], [], None, key=key)
    return replace(line, **more)


def test_uploads_of_one_person_on_one_day_are_one_entry() -> None:
    noon = clock.now().replace(hour=5, minute=0)
    paper: list[Any] = [("Bukti", 1, None)]
    lines = [
        entry("upload", noon, documents=[("Tiga", 1, None)]),
        entry("upload", noon - timedelta(minutes=1), documents=[("Dua", 1, None)]),
        entry("upload", noon - timedelta(minutes=2), actor="Budi", documents=paper),
        entry("handle", noon - timedelta(minutes=3)),
        entry("upload", noon - timedelta(minutes=4), actor="Budi", documents=paper),
        entry("upload", noon - timedelta(days=2), actor="Budi", documents=paper),
    ]
    found = together(lines)
    assert [[label for label, *_rest in one.documents] for one in found] == [
        ["Dua", "Tiga"], ["Bukti"], [], ["Bukti"], ["Bukti"],
    ]  # fmt: skip
    assert found[0].began == noon - timedelta(minutes=1)
    assert [one.began for one in found[1:]] == [None] * 4


def test_parts_of_a_history() -> None:
    now = clock.now()
    lines = [entry(key, now) for key in ("record_callback", "comment", "handle", "mail_came", "deadline_warning")]
    shown = conversation(SOP, lines, "contacts")
    assert {part.key: part.count for part in shown.parts} == {"all": 5, "steps": 2, "comments": 1, "contacts": 2}
    assert [one.line.key for one in shown.newest if not shown.hides(one)] == ["record_callback", "mail_came"]
    for unknown in (None, "", "documents", "nonsense"):
        assert conversation(SOP, lines, unknown).chosen == "all"


def test_old_entries_are_folded_only_when_there_are_some() -> None:
    lines = [entry("handle", clock.now()) for _n in range(OPEN + SOME_MORE + 1)]
    folded, whole = conversation(SOP, lines, None), conversation(SOP, lines[1:], None)
    assert (len(folded.newest), len(folded.older)) == (OPEN, SOME_MORE + 1)
    assert (len(whole.newest), len(whole.older)) == (OPEN + SOME_MORE, 0)
