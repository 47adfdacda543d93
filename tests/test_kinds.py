"""What a field can be is declared in one table; every other table that says something about kinds is complete."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from flask import Flask
from wtforms.form import BaseForm

from app.api import schema
from app.api.cases import filters
from app.demo import answers
from app.models import derive
from app.panel import show
from app.panel.steps import controls
from app.services.core import formatting, masking, wording
from app.services.procedures import wording as procedures
from app.services.tables import csv_writing
from app.workflow import parts
from app.workflow.declaration import FIELD_TYPES
from app.workflow.kinds import KINDS, FieldKind
from app.workflow.values import InvalidValue, parse
from tests.samples import SAMPLES, every, field_of

#: Every table with an entry for each kind, or for each word that kinds use: the words by which a kind looks it up.
TABLES: dict[str, tuple[Mapping[str, Any], Callable[[FieldKind], Collection[str]]]] = {
    "models.derive.STORAGE": (derive.STORAGE, lambda kind: [kind.storage]),
    "services.core.wording.REASONS": (wording.REASONS, lambda kind: [kind.reason]),
    "services.core.formatting.SHOWN": (formatting.SHOWN, lambda kind: [kind.shown]),
    "services.procedures.wording.ANSWERS": (procedures.ANSWERS, lambda kind: [kind.key]),
    "services.core.masking.MASKS": (masking.MASKS, lambda kind: [kind.mask]),
    "panel.steps.controls.CONTROLS": (controls.CONTROLS, lambda kind: [kind.control]),
    "panel.show.LINKS": (show.LINKS, lambda kind: [kind.link]),
    "api.cases.filters.GROUPS": (filters.GROUPS, lambda kind: kind.operators),
    "demo.answers.ANSWERS": (answers.ANSWERS, lambda kind: [kind.key]),
    "tests.samples.SAMPLES": (SAMPLES, lambda kind: [kind.key]),
}
#: Says more than why a kind can't be read.
WIDER = {"services.core.wording.REASONS"}


def lacking(kind: FieldKind) -> Iterator[str]:
    """What is missing before a field can be of this kind, in words."""
    for table, (entries, words) in TABLES.items():
        for word in set(words(kind)) - set(entries):
            yield f"{table} has no entry {word!r}, which fields of kind {kind.key!r} need"
    if kind.type not in FIELD_TYPES:
        yield f"the contract knows no type {kind.type!r}: declare {kind.key!r} as one that it knows, with a format"
    if kind.format not in get_args(parts.Format):
        yield f"workflow.parts.Format does not name {kind.format!r}"
    if kind.key != (kind.format or kind.type):
        yield f"a declaration can't name {kind.key!r}: its key is neither its format nor its type"


@pytest.mark.parametrize("kind", every(), ids=lambda kind: kind.key)
def test_every_table_knows_every_kind(kind: FieldKind) -> None:
    assert list(lacking(kind)) == []


def test_no_table_knows_what_no_kind_uses() -> None:
    for table, (entries, words) in TABLES.items():
        used = {word for kind in KINDS.values() for word in words(kind)}
        assert table in WIDER or set(entries) == used, table
    assert {kind.type for kind in KINDS.values()} == FIELD_TYPES
    assert {kind.format for kind in KINDS.values()} == set(get_args(parts.Format))


def test_a_kind_that_was_forgotten_somewhere_is_named_with_its_place() -> None:
    words = ("key", "format", "storage", "control", "shown", "link", "mask", "reason")
    strange: Any = dict.fromkeys(words, "iban")
    found = list(lacking(replace(KINDS["text"], operators=("iban",), **strange)))
    for table in TABLES:
        assert any(table in one and "'iban'" in one for one in found), table
    assert any("Format" in one for one in found)


@pytest.mark.parametrize("kind", every(), ids=lambda kind: kind.key)
def test_it_is_read_or_refused_with_a_sentence(kind: FieldKind) -> None:
    assert parse(field_of(kind), SAMPLES[kind.key].typed) is not None
    assert parse(field_of(kind), None) is None
    for wrong in SAMPLES[kind.key].wrong:
        with pytest.raises(InvalidValue) as refused:
            parse(field_of(kind), wrong)
        assert refused.value.reason in wording.REASONS, wrong


@pytest.mark.parametrize("kind", every(), ids=lambda kind: kind.key)
def test_it_goes_through_form_page_file_and_contract(app: Flask, kind: FieldKind) -> None:
    one = field_of(kind)
    with app.test_request_context():
        value = parse(one, SAMPLES[kind.key].typed)
        if kind.storage == "row":
            value = type("Row", (), {"code": value, "__str__": lambda row: "Row"})()
        form = BaseForm({one.key: controls.unbound(one, one.choices)})
        form.process(None, data={one.key: controls.written(one, value)})
        assert one.key in str(form[one.key]())
        assert str(show.linked(one, value)) not in ("", formatting.NOTHING)
        assert show.linked(one, None) == formatting.NOTHING
        assert csv_writing.answer(one, value) != ""
        assert schema._value(one)["nullable"]


@pytest.mark.parametrize("kind", every(), ids=lambda kind: kind.key)
def test_nothing_of_it_is_left_where_it_is_masked(app: Flask, kind: FieldKind) -> None:
    one = field_of(kind)
    with app.test_request_context():
        value = parse(one, SAMPLES[kind.key].typed)
        masked = csv_writing.answer(one, value, hide=True)
        assert "*" in str(masked)
        words = str(csv_writing.answer(one, value))
        assert not any(word in str(masked) for word in words.split() if len(word) > 1)
