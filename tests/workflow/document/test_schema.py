"""The published schema is that of the vocabulary, and editors that use it accept what is right."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from app.sop import SOPS
from app.sop.documents import OURS, beside, paths
from app.workflow.document import Mistakes, tables_of
from app.workflow.document.writing import as_document
from tests.publish_schema import SCHEMA, written
from tests.workflow.document.refund import GOOD


def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text()), format_checker=FormatChecker())


def plain(value: Any) -> Any:
    """As an editor hands it to the schema: days are texts there."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def wrong(document: dict[str, Any]) -> list[str]:
    return [error.message for error in validator().iter_errors(plain(document))]


def test_the_schema_is_published() -> None:
    assert SCHEMA.read_text() == written(), "write it anew: python -m tests.publish_schema"
    Draft202012Validator.check_schema(json.loads(written()))


@pytest.mark.parametrize("path", paths(OURS), ids=lambda p: p.parent.name)
def test_it_accepts_every_shipped_document(path: Path) -> None:
    tables = tables_of(path.read_bytes(), Mistakes(), partial(beside, path.parent))
    assert wrong(tables or {}) == []


@pytest.mark.parametrize("key", SOPS)
def test_it_accepts_what_is_written_of_an_sop(key: str) -> None:
    assert wrong(as_document(SOPS[key])) == []


GOOD_TABLES = tomllib.loads(GOOD)


@pytest.mark.parametrize(
    ("place", "word", "value"),
    [
        ([], "titel", "x"),
        (["steps", "approve"], "form", "approval"),
        (["states", "paid"], "kind", "end"),
        (["fields", "paid_amount"], "minimum", "1"),
        (["fields", "paid_amount"], "label", "Paid"),
        (["fields", "paid_amount", "label"], "fr", "Payé"),
        (["deadlines", "refund"], "limit", "14 days or so"),
        (["sheet"], "effective", "soon"),
        (["fields"], "Paid amount", {"label": {"id": "a", "en": "b"}}),
        (["fields", "channel", "choices"], "By mail", {"id": "a", "en": "b"}),
    ],
)
def test_it_refuses_what_is_wrong(place: list[str], word: str, value: Any) -> None:
    assert wrong(GOOD_TABLES) == []
    tables = deepcopy(GOOD_TABLES)
    inner = tables
    for step in place:
        inner = inner[step]
    inner[word] = value
    assert wrong(tables) != []


@pytest.mark.parametrize("word", ["key", "label", "number", "roles", "states", "steps"])
def test_it_refuses_a_document_without_what_must_be_there(word: str) -> None:
    assert wrong({key: value for key, value in GOOD_TABLES.items() if key != word}) == [
        f"'{word}' is a required property"
    ]
