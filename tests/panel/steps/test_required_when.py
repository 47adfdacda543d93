"""What a page is told of fields that some answers make obligatory."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.panel.steps.required_when import FILLED, table
from app.sop import SOPS
from app.workflow.declaration import Facts, Field

FACTS = Facts(1, frozenset(), datetime(2026, 11, 18, tzinfo=UTC))


def told(sop: str, step: str, key: str) -> dict[str, object] | None:
    transition = SOPS[sop].transition_by_key[step]
    asked = {field.key: field for field in transition.fields}
    documents = [one for requirement in transition.documents for one in requirement.any_of]

    def offered(field: Field) -> list[str]:
        return [choice.key for choice in field.choices]

    return table(asked[key], asked, documents, FACTS, offered)


def test_by_the_channel() -> None:
    assert told("pengaduan", "register", "phone") == {"by": ["channel"], "when": [["inbound"], ["walk_in"]]}
    assert told("pengaduan", "register", "name") is None


@pytest.mark.parametrize(
    ("sop", "step", "key", "found"),
    [
        ("pengaduan", "record_callback", "callback_at", {"by": ["callback_result"], "when": [["not_reached"]]}),
        ("intera", "agree_compensation", "compensation_amount", {"by": ["compensation_in_kind"], "when": [[""]]}),
        ("intera", "client_agrees", "consent_recorded", {"by": ["file:persetujuan_klien"], "when": [[""]]}),
    ],
)
def test_by_an_answer_that_is_there_or_a_file(sop: str, step: str, key: str, found: dict[str, object]) -> None:
    assert told(sop, step, key) == found


@pytest.mark.parametrize("step", ["reopen", "continue_somasi"])
def test_a_file_that_comes_makes_its_facts_obligatory(step: str) -> None:
    assert told("somasi", step, "letter_number") == {"by": ["file:somasi_lanjutan"], "when": [[FILLED]]}
