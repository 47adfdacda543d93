"""What people type and what is understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workflow.days import as_day, as_moment, read_day, read_moment
from app.workflow.declaration import Choice, Field
from app.workflow.kinds import KINDS
from app.workflow.values import InvalidValue, parse

JAKARTA = ZoneInfo("Asia/Jakarta")
MONEY = Field("amount", "Amount", "money")


@pytest.mark.parametrize(
    "written",
    [
        "1250000",
        "1.250.000",
        "Rp1.250.000",
        "Rp 1.250.000,00",
        "1,250,000",
        "IDR 1250000",
        1250000,
        "1.250.000,-",
        "1,250,000.00",
        "Rp. 1.250.000.-",
        "1 250 000",
    ],
)
def test_an_amount_may_be_written_in_many_ways(written: object) -> None:
    assert parse(MONEY, written) == 1250000


def test_a_choice_that_was_a_tick_once_takes_true_for_the_one_that_it_meant() -> None:
    field = Field("seen", "Seen", "choice", choices=(Choice("yes", "Yes"), Choice("blind", "Blind")), ticked="yes")
    assert [parse(field, written) for written in (True, "true", "y", "1", "yes", "blind")] == [*["yes"] * 5, "blind"]
    assert [parse(field, written) for written in (False, "false", None, "")] == [None] * 4
    with pytest.raises(InvalidValue):
        parse(field, "perhaps")
    for other in (replace(field, ticked=None), replace(field, choices=field.choices[1:])):
        with pytest.raises(InvalidValue):
            parse(other, True)


@pytest.mark.parametrize(
    "written",
    [
        "1.25",
        "12.50.000",
        "-5",
        "satu juta",
        "1e6",
        "1.250.00",
        "9" * 40,
        True,
        [],
        {},
        "1,250.00,00",
        "1250.00",
        "1.250,5",
        "1.250,000",
        "12,50",
    ],
)
def test_a_malformed_amount_is_refused(written: object) -> None:
    with pytest.raises(InvalidValue):
        parse(MONEY, written)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-23",
        "23/11/2026",
        "23-11-2026",
        "23.11.2026",
        "23/11/26",
        "23 Nov 2026",
        "23 nopember 2026",
        "23-Nov-26",
        "23112026",
        date(2026, 11, 23),
    ],
)
def test_a_date_may_be_written_in_many_ways(written: object) -> None:
    assert parse(Field("day", "Day", "date"), written) == date(2026, 11, 23)


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30",
        "31/11/2026",
        "besok",
        "2026",
        "0001-01-01",
        20261123,
        "20261123",
        "23/11",
        "23 Nov",
        "23/11-2026",
        "23 xyz 2026",
        "23/11/2026 14.30",
        "23/11/20266",
    ],
)
def test_a_malformed_date_is_refused(written: object) -> None:
    with pytest.raises(InvalidValue):
        parse(Field("day", "Day", "date"), written)


@pytest.mark.parametrize(
    "written",
    ["2026-11-23T14:05", "2026-11-23 14:05", "23/11/2026 14:05", "23/11/2026 14.05",
     "23-11-26 14.05", "23 Nov 2026, 14.05", "23112026 1405", "23/11/2026 14.05.00",
     "2026-11-23T07:05:00Z", "2026-11-23T14:05:00+07:00"],
)  # fmt: skip
def test_a_moment_without_a_zone_is_local(written: str) -> None:
    assert parse(Field("at", "At", "datetime"), written, JAKARTA) == datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["23/11/2026 24.00", "23/11/2026 14", "23/11/2026 2.5", "14.30", "23/11/2026 jam 2"]
)
def test_a_malformed_moment_is_refused(written: str) -> None:
    with pytest.raises(InvalidValue):
        parse(Field("at", "At", "datetime"), written, JAKARTA)


@given(st.datetimes(datetime(1900, 1, 1), datetime(9998, 12, 31)))
def test_what_a_control_shows_is_read_back(at: datetime) -> None:
    assert read_day(as_day(at.date())) == at.date()
    assert read_moment(as_moment(at)) == at.replace(second=0, microsecond=0)


def test_a_choice_must_be_one_of_those_offered() -> None:
    field = Field("c", "C", "choice", choices=(Choice("a", "A"),))
    assert parse(field, "a") == "a"
    for wrong in ("b", 1, ["a"], {"a": 1}):
        with pytest.raises(InvalidValue):
            parse(field, wrong)


def test_each_mistake_in_rows_is_told_with_its_place() -> None:
    columns = (Field("at", "At", "integer", True, format="position"), Field("day", "Day", "date"))
    field = Field("rows", "Rows", "list", columns=columns)
    rows = [{"at": "1:20"}, {"at": ""}, {"at": "1:75", "day": "besok"}, {"day": "2026-11-23"}]
    with pytest.raises(InvalidValue) as refused:
        parse(field, rows)
    told = [(cell.row, cell.column.key, cell.reason) for cell in refused.value.rows]
    assert told == [(3, "at", "position"), (3, "day", "date"), (4, "at", "row_incomplete")]


def test_rows_drop_blank_ones_and_refuse_incomplete_ones() -> None:
    field = Field("rows", "Rows", "list", columns=(Field("when", "When", "date", True), Field("what", "What")))
    assert parse(field, [{"when": "2026-11-23", "what": ""}, {"when": "", "what": " "}]) == [
        {"when": date(2026, 11, 23), "what": None}
    ]
    with pytest.raises(InvalidValue):
        parse(field, [{"what": "x"}])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(key=st.sampled_from(sorted(KINDS)), raw=JSON)
def test_whatever_comes_is_read_or_refused(key: str, raw: object) -> None:
    kind, choices = KINDS[key], (Choice("a", "A"),) if key in ("choice", "list") else ()
    field = Field("f", "F", kind.type, format=kind.format, choices=choices)
    try:
        parse(field, raw, JAKARTA)
    except InvalidValue:
        pass
