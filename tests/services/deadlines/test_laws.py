"""A complaint follows the law of the day it came in: POJK 18/2018 until 21 December 2023, POJK 22/2023 since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Clock, DeadlinePolicy
from app.services.core.errors import ValidationFailed
from app.services.deadlines import laws
from app.sop import sop_of
from tests.services.deadlines.test_clocks import MAIL, People

ORAL: dict[str, Any] = MAIL | {
    "channel": "inbound",
    "phone": "081234567890",
    "order_id": "A1",
    "identity_verified": "not_in_data",
}


@pytest.fixture
def people(any_app: Flask) -> Iterator[People]:
    with any_app.app_context():
        yield People(any_app)


def length(case: Any) -> tuple[int | None, int]:
    (clock,) = db.session.query(Clock).filter_by(case_id=case.id)
    return clock.amount, clock.extra


def law(case: Any) -> str:
    with force_locale("en"):
        clocks = db.session.query(Clock).filter_by(case_id=case.id).all()
        return laws.laws_of(sop_of(case), case, clocks).get("pojk", "")


@pytest.mark.parametrize(
    ("answers", "on", "amount", "says"),
    [
        (MAIL, "2023-12-21 23:59", 20, "POJK 18/POJK.07/2018 applies to cases received until 21 Dec 2023"),
        (MAIL, "2023-12-22 00:00", 10, "POJK 22/2023 applies to cases received from 22 Dec 2023"),
        (ORAL, "2023-12-21 23:59", 5, "POJK 18/POJK.07/2018 applies to cases received until 21 Dec 2023"),
        (ORAL, "2023-12-22 00:00", 5, "POJK 22/2023 applies to cases received from 22 Dec 2023"),
    ],
)
def test_the_law_of_the_day_of_receipt(
    people: People, answers: dict[str, Any], on: str, amount: int, says: str
) -> None:
    case = people.open("pengaduan", "cs", answers, on=on)
    assert length(case) == (amount, 0)
    assert law(case).endswith(says)


def test_an_extension_of_eleven_days_is_refused_by_the_new_law_alone(people: People) -> None:
    people.open("pengaduan", "cs", MAIL, on="2023-12-22 09:00")
    with pytest.raises(ValidationFailed) as refused, force_locale("en"):
        people.do("supervisor", "extend_deadline", "2023-12-27 09:00", extension_reason="Bank", extension_days=11)
    assert "must be at most 10 under POJK 22/2023" in str([str(one.message) for one in refused.value.field_errors])
    assert length(people.do("supervisor", "extend_deadline", "2023-12-27 09:00", extension_reason="Bank",
                            extension_days=10)) == (10, 10)  # fmt: skip
    people.open("pengaduan", "cs", MAIL, on="2023-12-21 09:00")
    assert length(people.do("supervisor", "extend_deadline", "2023-12-27 09:00", extension_reason="Bank",
                            extension_days=20)) == (20, 20)  # fmt: skip


def test_a_written_complaint_counts_from_complete_documents(people: People) -> None:
    case = people.open("pengaduan", "cs", MAIL, on="2026-11-09 09:00")
    assert case.deadline == date(2026, 11, 23)
    people.do("cs", "request_data", "2026-11-11 09:00", data_needed="Bukti transfer")
    case = people.do("cs", "receive_data", "2026-11-16 09:00", "data_pelanggan")
    # Not ten days after the opening and the pause, but ten from Monday the 16th.
    assert case.deadline == date(2026, 11, 30)


def test_an_oral_complaint_is_put_off_by_as_long_as_its_data_were_waited_for(people: People) -> None:
    people.open("pengaduan", "cs", ORAL)
    people.do("cs", "request_data", "2026-11-25 10:00", data_needed="Bukti bayar", data_asked_by="phone")
    case = people.do("cs", "receive_data", "2026-12-02 10:00", "data_pelanggan")
    # Five working days from Monday the 23rd, and the five from Wednesday 10.00 to Wednesday 10.00.
    assert case.deadline == date(2026, 12, 7)


def test_two_policies_for_all_cases_cannot_limit_the_same(people: People) -> None:
    for _twice in range(2):
        db.session.add(
            DeadlinePolicy(sop="pengaduan", deadline="pojk", channel="email", amount=8, measure="working_days")
        )
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_a_policy_from_a_day_on_leaves_older_cases_their_law(people: People) -> None:
    db.session.add(DeadlinePolicy(
        sop="pengaduan", deadline="pojk", channel="email", amount=8, measure="working_days", citation="POJK 1/2026",
        effective=date(2026, 11, 10),
    ))  # fmt: skip
    db.session.commit()
    older = people.open("pengaduan", "cs", MAIL, on="2026-11-09 23:59")
    assert length(older)[0] == 10
    assert "POJK 22/2023" in law(older)
    newer = people.open("pengaduan", "cs", MAIL, on="2026-11-10 00:00")
    assert length(newer)[0] == 8
    assert law(newer).endswith("POJK 1/2026 applies to cases received from 10 Nov 2026")
