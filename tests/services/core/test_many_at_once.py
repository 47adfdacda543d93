"""Many people at the same moment, in processes of their own, on both databases."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import Case, Event, Link
from app.services.cases import transitions
from app.services.core import history
from app.services.core.errors import Refused
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok

pytestmark = pytest.mark.slow
PROCESSES = 4
REPORTS = 200


def settings_of(app: Flask) -> dict[str, Any]:
    names = ("INSTANCE_PATH", "SQLALCHEMY_DATABASE_URI", "STORAGE_URL", "QUEUE_URL", "SECRET_KEY")
    return {name: app.config[name] for name in names} | {"DATABASE_BUSY_MS": 60_000}


def report_some(settings: dict[str, Any], actor: Any, how_many: int) -> list[str]:
    """Runs in a process of its own, with two threads at once."""
    app = create_app(settings)

    def one(_n: int) -> str:
        with app.test_request_context():
            return str(transitions.create(actor, "keluhan", REPORT).number)

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(one, range(how_many)))


def mutate(settings: dict[str, Any], actor: Any, pk: int) -> str:
    app = create_app(settings)

    def one(_n: int) -> str:
        with app.test_request_context():
            try:
                transitions.perform(actor, "keluhan", pk, "mutate_to_gangguan", {"mutation_reason": "urgent"})
            except Refused as refusal:
                return f"{refusal.status} {refusal.message}"
            return "done"

    with ThreadPoolExecutor(2) as threads:
        return " / ".join(threads.map(one, range(2)))


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """They outlive a test, since most of the time goes into their start."""
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def in_all(processes: ProcessPoolExecutor, work: Any, *arguments: Any) -> list[Any]:
    return [f.result(120) for f in [processes.submit(work, *arguments) for _n in range(PROCESSES)]]


def test_two_hundred_reports_get_two_hundred_numbers_without_a_gap(
    any_app: Flask, processes: ProcessPoolExecutor
) -> None:
    with any_app.test_request_context():
        depok()
        actor = Cast(any_app).actor("cso")
        db.session.remove()
        given = [
            n
            for numbers in in_all(processes, report_some, settings_of(any_app), actor, REPORTS // PROCESSES)
            for n in numbers
        ]
        assert len(given) == REPORTS
        # Over midnight the sequence of the new day begins at 1.
        for prefix in {n[:-5] for n in given}:
            sequence = sorted(int(n[-5:]) for n in given if n.startswith(prefix))
            assert sequence == list(range(1, len(sequence) + 1))
        assert set(db.session.scalars(select(Case.number))) == set(given)


def test_eight_mutations_of_one_complaint_give_one_outage(any_app: Flask, processes: ProcessPoolExecutor) -> None:
    with any_app.test_request_context():
        depok()
        cast = Cast(any_app)
        cso, unit = cast.actor("cso"), cast.actor("unit", unit="ULP-DPK")
        pk = transitions.create(cso, "keluhan", REPORT).id
        db.session.remove()
        answers = " / ".join(in_all(processes, mutate, settings_of(any_app), unit, pk)).split(" / ")
        assert len(answers) == 2 * PROCESSES
        assert answers.count("done") == 1
        assert all(answer.startswith("409 ") for answer in answers if answer != "done"), answers
        outages = db.session.scalars(select(Case).where(Case.sop == "gangguan")).all()
        assert [o.number[:3] for o in outages] == ["G99"]
        assert db.session.query(Link).count() == 1
        assert db.session.query(Event).filter_by(action="mutate_to_gangguan").count() == 1
        assert list(history.verify(db.session())) == []


def send_form(settings: dict[str, Any], actor: Any) -> list[str]:
    """The same form twice at once, in a process of its own."""
    app = create_app(settings)

    def one(_n: int) -> str:
        with app.test_request_context():
            return str(transitions.create(actor, "keluhan", REPORT, submission="one form").number)

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(one, range(2)))


def test_one_form_sent_eight_times_at_once_makes_one_case(any_app: Flask, processes: ProcessPoolExecutor) -> None:
    with any_app.test_request_context():
        depok()
        actor = Cast(any_app).actor("cso")
        db.session.remove()
        numbers = {n for answer in in_all(processes, send_form, settings_of(any_app), actor) for n in answer}
        assert len(numbers) == 1
        assert db.session.query(Case).count() == 1
