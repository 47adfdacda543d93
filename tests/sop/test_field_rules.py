"""What the answers of the SOPs must keep: the page that lists it, and days and amounts that nobody forgot."""

from __future__ import annotations

import pytest

from app.sop import SOPS
from app.workflow.outline import rules
from tests.publish_field_rules import PAGE, written

#: Days, moments and amounts of which anything may be true: whoever was impolite may have called about no arrears.
FREE = {("hard_complaint", "arrears")}
ASKED = sorted(
    {(sop.key, field.key) for sop in SOPS.values() for step in sop.transitions for field in step.fields
     if field.kind.key in ("date", "datetime", "money")} - FREE
)  # fmt: skip


def test_the_page_is_that_of_the_documents() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(), "write it anew: python -m tests.publish_field_rules"


@pytest.mark.parametrize(("sop", "key"), ASKED)
def test_every_day_and_amount_has_a_rule_wherever_it_is_asked(sop: str, key: str) -> None:
    asked = [field for step in SOPS[sop].transitions if (field := step.field(key))]
    assert all(rules(field) for field in asked)
