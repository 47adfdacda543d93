"""The log of events as XES, read back by an independent reader of process mining."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Event
from app.services.core import history
from app.services.reports import xes
from app.services.reports.parts import Step
from app.sop import SOPS
from tests.conftest import missing_part
from tests.services.reports.reporting import Office, content

XES = "{http://www.xes-standard.org/}"
#: Umlauts, an emoji, marks of XML, and what XML can't hold: control characters, a half of a pair, a non-character.
NAME = 'Zoë "Ümit" <b>&amp; 🙂\x00\x08\x1b\ufffe\ud800 \n'
READ = 'Zoë "Ümit" <b>&amp; 🙂'


@pytest.fixture
def office(any_app: Flask) -> Iterator[Office]:
    with any_app.test_request_context():
        yield Office(any_app)


def steps_in_the_database(sop: str) -> list[tuple[str, str]]:
    """Plainly: number and action of every step of the SOP, in the order of the history."""
    rows = db.session.execute(
        select(Case.number, Event.action).join(Case, Case.id == Event.case_id).where(Case.sop == sop)
        .order_by(Case.id, Event.seq)
    )  # fmt: skip
    return [(number, action) for number, action in rows if action in SOPS[sop].transition_by_key]


def test_traces_and_events_agree_with_the_database(office: Office) -> None:
    case = db.session.get_one(Case, office.cases[0])
    history.append(db.session(), case, office.actor("cso"), "upload", datetime.now(UTC), from_state=case.state)
    db.session.commit()
    root = ET.fromstring(content(office.actor("supervisor"), "events-keluhan", form="xes"))
    assert root.get("xes.version") == "1849-2016"
    assert {e.get("prefix") for e in root.iter(XES + "extension")} == {"concept", "time", "lifecycle", "org"}
    found = [
        (attributes(trace)["concept:name"], attributes(event)["concept:name"])
        for trace in root.iter(XES + "trace")
        for event in trace.iter(XES + "event")
    ]
    assert found == steps_in_the_database("keluhan")
    event = attributes(next(root.iter(XES + "event")))
    assert event["org:resource"] == "Cso Uji"
    assert event["org:role"] == "CSO"
    assert event["lifecycle:transition"] == "complete"
    assert event["label"] == "Report a complaint"
    assert datetime.fromisoformat(event["time:timestamp"]).utcoffset() is not None


def attributes(element: ET.Element) -> dict[str, str]:
    return {child.get("key", ""): child.get("value", "") for child in element if child.get("key")}


def a_step(**changes: Any) -> Step:
    values = {"case": "K1", "state": "s", "action": "a", "label": "b", "at": datetime(2026, 1, 1, tzinfo=UTC),
              "actor": "x", "role": "", "from_state": "", "to_state": "s", "round": 1}  # fmt: skip
    return Step(**{**values, **changes})


def test_any_name_survives(app: Flask) -> None:
    with app.app_context():
        text = b"".join(xes.log("keluhan", [a_step(actor=NAME, label=NAME)]))
    event = attributes(next(ET.fromstring(text).iter(XES + "event")))
    assert event["org:resource"].strip() == event["label"].strip() == READ


def test_an_empty_log_is_a_log(app: Flask) -> None:
    with app.app_context():
        assert not list(ET.fromstring(b"".join(xes.log("keluhan", []))).iter(XES + "trace"))


def test_it_is_streamed(app: Flask) -> None:
    with app.app_context():
        chunks = list(xes.log("keluhan", (a_step(case=f"K{n}") for n in range(2000))))
    assert len(chunks) > 3
    assert len(list(ET.fromstring(b"".join(chunks)).iter(XES + "trace"))) == 2000


def test_pm4py_reads_the_same(office: Office, tmp_path: Path) -> None:
    if find_spec("pm4py") is None:
        missing_part("pm4py (pip install -e '.[mining]')")
    import pm4py

    path = tmp_path / "log.xes"
    path.write_bytes(content(office.actor("supervisor"), "events-keluhan", form="xes"))
    log = pm4py.read_xes(str(path))
    expected = steps_in_the_database("keluhan")
    assert log["case:concept:name"].nunique() == len({number for number, _action in expected})
    assert len(log) == len(expected)
    assert Counter(log["concept:name"]) == Counter(action for _number, action in expected)
    assert set(log["case:sop"]) == {"keluhan"}
    assert set(pm4py.get_start_activities(log)) == {"report"}
    assert dict(pm4py.get_end_activities(log)) == dict(Counter(dict(expected).values()))


def test_pm4py_reads_any_name(app: Flask, tmp_path: Path) -> None:
    if find_spec("pm4py") is None:
        missing_part("pm4py (pip install -e '.[mining]')")
    import pm4py

    path = tmp_path / "log.xes"
    with app.app_context():
        path.write_bytes(b"".join(xes.log("keluhan", [a_step(actor=NAME), a_step(case="K2", actor="Ümit")])))
    log = pm4py.read_xes(str(path))
    assert [name.strip() for name in log["org:resource"]] == [READ, "Ümit"]
