"""Every choice of every field of every SOP is shown by its label, never by its key, in both languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from lxml import html

from app.extensions import db
from app.models import Event
from app.models.derive import case_model, record_model
from app.panel.cases import timeline
from app.services.core import clock, history
from app.services.core.access import Actor
from app.sop import SOPS
from app.workflow.declaration import Choice, Field, Sop, Transition
from tests.cast import Cast
from tests.panel.helpers import show_columns

EVERY_SOP = pytest.mark.parametrize("sop", SOPS.values(), ids=list(SOPS))
LANGUAGES = pytest.mark.parametrize("language", ["id", "en"])


@dataclass(frozen=True)
class Answered:
    """A field of a case, of its rows (``records``) or of the history alone, and one of the answers to it."""

    field: Field
    choice: Choice
    records: str = ""
    stored: bool = True

    @property
    def value(self) -> Any:
        return [self.choice.key] if self.field.type == "list" else self.choice.key


def asked(sop: Sop) -> Iterator[tuple[Field, str]]:
    """What its forms ask for, as each of them does, with the records of whose rows it is; then what steps set."""
    for step in sop.transitions:
        records = sop.records_by_key.get(step.records or "")
        columns = {column.key for column in records.columns} if records else set()
        for field in step.fields:
            yield from ((column, field.key) for column in field.columns)
            yield field, (step.records or "") if field.key in columns else ""
    yield from ((field, "") for field in sop.computed_fields)


def answers(sop: Sop) -> list[Answered]:
    found = {
        (records, field.key, choice.key): Answered(field, choice, records, field.stored)
        for field, records in asked(sop)
        for choice in field.choices
    }
    return list(found.values())


def new_case(sop: Sop, **has: Any) -> Any:
    model: Any = case_model(sop.key)
    case = model(
        number=f"X{db.session.query(model).count():05}", state=sop.states[0].key, revision=sop.revision,
        created_at=clock.now(), changed_at=clock.now(), state_since=clock.now(), requested_documents=[], **has,
    )  # fmt: skip
    db.session.add(case)
    db.session.flush()
    return case


def with_answer(sop: Sop, one: Answered) -> int:
    """A case that has the answer, and no history that tells of it."""
    case = new_case(sop, **({} if one.records else {one.field.key: one.value}))
    if one.records:
        row = record_model(sop.key, one.records)
        about = {"case_id": case.id, "recorded_at": clock.now(), "recorded_by": "Budi"}
        db.session.add(row(**about, **_filled(sop, one), **{one.field.key: one.value}))
    db.session.commit()
    return int(case.id)


def _filled(sop: Sop, one: Answered) -> dict[str, Any]:
    """What else a row can't be without."""
    usual = {"date": clock.today(), "datetime": clock.now(), "integer": 1}
    others = [c for c in sop.records_by_key[one.records].columns if c.required and c.key != one.field.key]
    return {c.key: c.choices[0].key if c.choices else usual.get(c.type, "…") for c in others if c.type != "reference"}


def with_history(sop: Sop, one: Answered, actor: Actor) -> int:
    """A case whose history alone tells of the answer."""
    case = new_case(sop)
    told = {one.records: [{one.field.key: one.value}]} if one.records else {one.field.key: [None, one.value]}
    history.append(db.session(), case, actor, sop.create.key, clock.now(), from_state=None, changes=told)
    db.session.commit()
    return int(case.id)


def said(page: str) -> set[str]:
    """All that stands on a page, each text by itself, lists taken apart."""
    main = html.fromstring(page).xpath("//main")[0]
    texts = (" ".join(text.split()) for text in main.xpath(".//text()[not(ancestor::script or ancestor::style)]"))
    return {part for text in texts for part in (text, *text.split(", "))} - {""}


def by_label(there: set[str], one: Answered, language: str) -> None:
    with force_locale(language):
        label = str(one.choice.label)
    assert {label, *label.split(", ")} & there, (one.records, one.field.key, one.choice.key)
    assert one.choice.key == label or one.choice.key not in there, (one.records, one.field.key, one.choice.key)


@EVERY_SOP
@LANGUAGES
def test_on_the_page_of_the_case_and_in_its_history(app: Flask, cast: Cast, sop: Sop, language: str) -> None:
    admin, actor = cast.login("admin"), cast.actor("admin")
    admin.get(f"/lang/{language}")
    for one in answers(sop):
        with app.test_request_context():
            pages = [with_history(sop, one, actor), *([with_answer(sop, one)] if one.stored else [])]
        for pk in pages:
            page = admin.get(f"/{sop.key}/{pk}")
            assert page.status_code == 200
            with app.test_request_context():
                by_label(said(page.text), one, language)


@EVERY_SOP
@LANGUAGES
def test_in_the_list_and_its_csv(app: Flask, cast: Cast, sop: Sop, language: str) -> None:
    listed = {column.key for column in sop.columns}
    shown = [one for one in answers(sop) if one.stored and not one.records and one.field.key in listed]
    admin = cast.login("admin")
    admin.get(f"/lang/{language}")
    with app.test_request_context():
        for one in shown:
            with_answer(sop, one)
    show_columns(admin, sop.key)
    page = html.fromstring(admin.get(f"/{sop.key}/?which=all").text)
    cells = {" ".join(cell.text_content().split()) for cell in page.xpath("//main//table//td")}
    lines = csv.reader(io.StringIO(admin.get(f"/{sop.key}/export.csv?dialect=raw").data.decode("utf-8-sig")))
    exported = {cell for line in lines for cell in line}
    for one in shown:
        with app.test_request_context():
            by_label(cells, one, language)
            by_label(exported, one, language)


@EVERY_SOP
@LANGUAGES
def test_in_what_programs_show_to_people(app: Flask, cast: Cast, sop: Sop, language: str) -> None:
    declared = cast.api("admin").get(f"/sop/{sop.key}?_l_={language}").json
    fields = [field for step in declared["transitions"] for field in step["fields"]]
    fields += [column for records in declared["records"] for column in records["columns"]]
    told = {(f["key"], c["key"]): c["label"] for f in fields if f["type"] != "reference" for c in f.get("choices", ())}
    computed = {field.key for field in sop.computed_fields}
    with app.test_request_context(), force_locale(language):
        for one in answers(sop):
            if one.field.key not in computed:
                assert told[one.field.key, one.choice.key] == str(one.choice.label)


def test_what_only_the_history_keeps_has_the_choices_of_all_forms(app: Flask, cast: Cast) -> None:
    actor = cast.actor("admin")
    won, lost = Choice("won", "Menang"), Choice("lost", "Kalah")
    way = Field("way", "Cara", "choice", choices=(won,), stored=False)
    somasi = SOPS["somasi"]
    steps = (Transition("a", "A", ("drafting",), fields=(way,)),
             Transition("b", "B", ("drafting",), fields=(replace(way, choices=(lost,)),)))  # fmt: skip
    sop = replace(somasi, transitions=(*somasi.transitions, *steps))
    with app.test_request_context():
        case = new_case(somasi)
        events = [
            Event(action=step, at=clock.now(), actor_name="Budi", to_state="drafting", round=1, documents=[],
                  changes={"way": [None, answer]})
            for step, answer in (("a", "won"), ("b", "lost"))
        ]  # fmt: skip
        told = [change for line in timeline.lines(actor, sop, case, events, []) for change in line.changes]
    assert told == [("Cara", "", "Kalah"), ("Cara", "", "Menang")]
