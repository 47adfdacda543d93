"""How a form stands: groups in the order of the declaration, two short fields a line."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.panel.steps.layout import sections
from app.sop import SOPS
from app.workflow.declaration import Field
from app.workflow.texts import spoken_in


@dataclass
class Entry:
    field: Field
    wide: bool = False


def laid_out(sop: str, step: str) -> list[tuple[str, str]]:
    """Heading and the keys of its entries, wide ones marked."""
    entries = [Entry(field) for field in SOPS[sop].transition_by_key[step].fields]
    with spoken_in("en"):
        found = sections(SOPS[sop], entries)
    assert {one.field.key for section in found for one in section.entries} == {one.field.key for one in entries}
    return [(s.heading, " ".join(e.field.key + "!" * e.wide for e in s.entries)) for s in found]


def test_the_letter_stands_before_the_customer_and_its_days_side_by_side() -> None:
    assert laid_out("somasi", "submit") == [
        ("Letter", "letter_number sender letter_date received_date counsel letter_deadline"),
        ("Customer", "customer_name customer_phone customer_email waybill_number"),
        ("Claim", "subject! chronology! claimed_amount cs_person"),
    ]


def test_what_belongs_to_no_group_comes_last_and_one_group_needs_no_heading() -> None:
    assert laid_out("pengaduan", "resolve")[-1][0] == ""
    assert laid_out("somasi", "confirm_payment") == [("", "paid_date paid_amount")]


def test_days_that_follow_each_other_stay_together() -> None:
    sop = replace(SOPS["somasi"], field_groups=())
    days = [Entry(Field(key, key, "date")) for key in "abc"]
    [section] = sections(sop, [Entry(Field("x", "x")), *days, Entry(Field("y", "y"))])
    assert [one.field.key for one in section.entries] == ["x", "c", "a", "b", "y"]
