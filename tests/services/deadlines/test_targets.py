"""Internal targets: shorter than the deadline of the law, warned of by themselves, and never in its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.extensions import db
from app.models import DeadlinePolicy
from app.services.notices import deadline_warnings
from app.sop import sop_of
from tests.services.deadlines.test_clocks import MAIL, People, at

TARGET = "target:pojk"


@pytest.fixture
def people(any_app: Flask) -> Iterator[People]:
    with any_app.app_context():
        yield People(any_app)


def policy(amount: int = 5, **more: Any) -> DeadlinePolicy:
    added = DeadlinePolicy(
        sop="pengaduan", deadline=TARGET, channel="email", amount=amount, measure="working_days", **more
    )
    db.session.add(added)
    db.session.commit()
    return added


def test_it_runs_beside_the_law_and_is_the_first_that_is_due(people: People) -> None:
    policy()
    case = people.open("pengaduan", "cs", MAIL, on="2026-11-09 09:00")
    (law,), (target,) = people.clocks("pojk"), people.clocks(TARGET)
    assert (law.amount, target.amount, law.started_at) == (10, 5, target.started_at)
    assert (case.deadline, case.due_at) == (date(2026, 11, 23), target.due_at)
    label = sop_of(case).clock_label(TARGET)
    assert str(label) == "Target internal: Tenggat (POJK)"
    with force_locale("en"):
        assert str(label) == "Internal target: Deadline (POJK)"


def test_people_are_warned_before_it_and_whom_it_names_is_told_once_it_is_missed(people: People) -> None:
    policy(escalate_to="Supervisor")
    people.cast.actor("supervisor")
    people.open("pengaduan", "cs", MAIL, on="2026-11-09 09:00")
    with at("2026-11-14 12:00"):
        deadline_warnings.watch()
    assert ("cs", f"{TARGET}@80") in people.notices("deadline")
    with at("2026-11-17 00:05"):
        deadline_warnings.watch()
    assert people.notices("escalation") == [("supervisor", TARGET)]
    case = people.do("supervisor", "extend_deadline", "2026-11-17 09:00", extension_reason="Bank", extension_days=10)
    (law,), (target,) = people.clocks("pojk"), people.clocks(TARGET)
    assert (law.extra, target.extra) == (10, 0), "an extension is one of the law's deadline"
    people.do("cs", "handle", "2026-11-17 10:00", analysis="Transfer ditelusuri")
    people.do("cs", "resolve", "2026-11-17 11:00", solution="Dana kembali", number_told=True, anything_else=True,
              summary_given=True)  # fmt: skip
    assert case.deadline == date(2026, 12, 7)
    assert [clock.outcome for clock in people.case_clocks()] == ["kept", "missed"]


def test_it_pauses_with_the_deadline_and_counts_from_the_same_day(people: People) -> None:
    policy()
    people.open("pengaduan", "cs", MAIL, on="2026-11-09 09:00")
    people.do("cs", "request_data", "2026-11-11 09:00", data_needed="Bukti transfer")
    (target,) = people.clocks(TARGET)
    assert (target.due_at, bool(target.pauses)) == (None, True)
    people.do("cs", "receive_data", "2026-11-16 09:00", "data_pelanggan")
    (law,), (target,) = people.clocks("pojk"), people.clocks(TARGET)
    assert target.started_at == law.started_at
    assert target.due_at.date() == date(2026, 11, 23), "five working days from Monday the 16th, in UTC"


def test_running_cases_get_it_and_a_withdrawn_one_was_never_to_be_kept(people: People) -> None:
    people.open("pengaduan", "cs", MAIL, on="2026-11-09 09:00")
    set_later = policy()
    with at("2026-11-10 09:00"):
        assert deadline_warnings.begin_missing() == 1
        assert deadline_warnings.begin_missing() == 0
    assert people.clocks(TARGET)[0].started_at == people.clocks("pojk")[0].started_at
    set_later.active = False
    db.session.commit()
    with at("2026-11-10 10:00"):
        deadline_warnings.recount()
    assert [clock.outcome for clock in people.clocks(TARGET)] == ["void"]
    assert people.case.due_at == people.clocks("pojk")[0].due_at


def test_a_policy_from_a_day_on_looks_at_no_older_case_again(people: People) -> None:
    people.open("pengaduan", "cs", MAIL, on="2026-11-09 09:00")
    policy(effective=date(2026, 11, 10))
    with at("2026-11-10 09:00"):
        assert deadline_warnings.begin_missing() == 0
    people.open("pengaduan", "cs", MAIL, on="2026-11-10 09:30")
    assert len(people.clocks(TARGET)) == 1
