"""A small SOP of the tests alone in two revisions: the later one has renamed a state, dropped one and added one, asks
for another fact and another document, and gives a second role a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Table, update

from app.extensions import db
from app.models import Case, Clock, Event
from app.models.derive import case_model, record_model
from app.services.cases import revisions, transitions
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.dashboards import board
from app.services.dashboards.conformance import Conformance
from app.sop import REVISIONS, SOPS, register
from app.workflow.declaration import (
    Choice,
    Column,
    Deadline,
    DocumentType,
    Field,
    Limit,
    Records,
    Sheet,
    Sop,
    State,
    Transition,
    may,
    need,
)
from tests.cast import Cast

KEY = "trial"
CS, QC = "CS", "QC"
BEGINS = date(2026, 11, 16)
#: A moment before the later revision took effect; the tests themselves begin after it.
BEFORE = datetime(2026, 11, 10, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
LETTER = DocumentType("letter", "Letter", ("application/pdf",), retention=1)
PROOF = DocumentType("proof", "Proof", ("text/plain",), retention=5)
SUBJECT = Field("subject", "Subject", required=True)
CALLS = Records("calls", "Calls", (Field("called_on", "Called on", "date"), Field("said", "Old answer")))

EARLIER = Sop(
    key=KEY,
    label="Trial",
    label_plural="Trials",
    number="TRL-{seq:05}",
    roles=(CS,),
    states=(
        State("drafting", "Drafting"), State("parked", "Parked", kind="waiting"), State("review", "Review"),
        State("done", "Done", kind="final"),
    ),
    transitions=(
        Transition("begin", "Begin", (), "drafting", (CS,), fields=(
            SUBJECT, Field("old_remark", "Old remark"),
            Field("way", "Way", "choice", choices=(Choice("post", "By post"), Choice("phone", "By phone"))),
        )),
        Transition("park", "Park", ("drafting",), "parked", (CS,), optional=True),
        Transition("resume", "Resume", ("parked",), "drafting", (CS,)),
        Transition("call", "Call", ("drafting",), None, (CS,), fields=CALLS.columns, records="calls", optional=True),
        Transition("hand_in", "Hand in", ("drafting",), "review", (CS,), documents=(may("letter"),)),
        Transition("send_back", "Send back", ("review",), "drafting", (CS,), note="required"),
        Transition("finish", "Finish", ("review",), "done", (CS,)),
    ),
    documents=(LETTER,),
    records=(CALLS,),
    columns=(Column("number"), Column("state"), Column("subject"), Column("way")),
    deadlines=(Deadline("answer", "Answer", limits=(Limit(10),)), Deadline("visit", "Old visit", limits=(Limit(4),))),
    reporter=None,
    personal=("old_remark",),
    retention_officers=(CS,),
    overseers=(CS,),
)  # fmt: skip
LATER = replace(
    EARLIER,
    number="TRY-{seq:05}",
    roles=(CS, QC),
    states=(
        State("drafting", "Writing"), State("review", "Review"), State("checked", "Checked"),
        State("done", "Done", kind="final"),
    ),
    transitions=(
        Transition("begin", "Begin anew", (), "drafting", (CS,), fields=(
            SUBJECT, Field("new_fact", "New fact", required=True),
            Field("way", "Way", "choice", choices=(Choice("phone", "By telephone"), Choice("mail", "By mail"))),
        )),
        Transition("hand_in", "Hand in with proof", ("drafting",), "review", (CS,), documents=(need("proof"),)),
        Transition("check", "Check", ("review",), "checked", (QC,)),
        Transition("finish", "Finish", ("checked",), "done", (CS,)),
    ),
    documents=(PROOF,),
    records=(),
    personal=(),
    deadlines=(Deadline("answer", "Answer sooner", limits=(Limit(3),)),),
    sheet=Sheet(revision=1, effective=BEGINS),
)  # fmt: skip


@cache
def _loaded() -> tuple[dict[int, Sop], tuple[Table, ...]]:
    """Made once; the application's own metadata does not know the tables, so migrations are compared without them."""
    with patch.dict(SOPS), patch.dict(REVISIONS):
        register((EARLIER, LATER), BEGINS)
        found = REVISIONS[KEY]
    tables = tuple(model.__table__ for model in (case_model(KEY), record_model(KEY, CALLS.key)))
    for table in tables:
        table.metadata.remove(table)
    return found, tables


@contextmanager
def loaded(current: int = 1, only: tuple[int, ...] = (0, 1)) -> Iterator[None]:
    """As if the process had started with ``only`` these revisions, ``current`` in effect."""
    found = _loaded()[0]
    with (
        patch.dict(SOPS, {KEY: found[current]}),
        patch.dict(REVISIONS, {KEY: {number: found[number] for number in only}}),
    ):
        yield


@contextmanager
def revised(make_app: Callable[..., Flask], current: int = 1, **settings: Any) -> Iterator[Flask]:
    """The application with this SOP beside its own."""
    tables = _loaded()[1]
    with loaded(current):
        app = make_app(**settings)
        with app.app_context():
            for table in tables:
                table.create(db.engine)
        yield app


class Trial:
    """The cases of this SOP and who works on them; each call in an application context of its own, so that no
    transaction stays open beside the requests of a test."""

    def __init__(self, app: Flask) -> None:
        self.app, self.cs = app, Cast(app).actor("cs")

    def old(self, state: str = "drafting") -> int:
        """The id of a case that was opened under the earlier revision and brought to ``state``."""
        ways = {"drafting": (), "parked": ("park",), "review": ("hand_in",), "done": ("hand_in", "finish")}
        with self.app.app_context(), clock.at(BEFORE):
            typed = {"subject": "Old matter", "old_remark": "Kept", "way": "post"}
            pk = int(transitions.create(self.cs, KEY, typed).id)
            for step in ways[state]:
                transitions.perform(self.cs, KEY, pk, step, {})
        return pk

    def new(self) -> int:
        """The id of a case that is opened now."""
        with self.app.app_context():
            answers = {"subject": "New matter", "new_fact": "Known", "way": "mail"}
            return int(transitions.create(self.cs, KEY, answers).id)

    def does(self, pk: int, step: str, note: str = "", **answers: Any) -> None:
        with self.app.app_context():
            transitions.perform(self.cs, KEY, pk, step, answers, note=note)

    def moves(self, reason: str = "", **mapping: str) -> int:
        """All open cases go to the revision in effect."""
        with self.app.app_context():
            return revisions.move(revisions.plan(KEY, mapping=mapping), reason)

    def stored(self, pk: int) -> Any:
        """A case loaded anew."""
        with self.app.app_context():
            return db.session.get(Case, pk)

    def clocks(self, pk: int) -> dict[str, Clock]:
        with self.app.app_context():
            return {clock.key: clock for clock in db.session.query(Clock).filter_by(case_id=pk)}

    def last_event(self, pk: int) -> Any:
        with self.app.app_context():
            return db.session.query(Event).filter_by(case_id=pk).order_by(Event.seq.desc()).first()

    def problems(self) -> list[str]:
        with self.app.app_context():
            return revisions.revision_problems(db.session())

    def puts_under(self, pk: int, revision: int) -> None:
        """Without a move, as no part of the application does it."""
        with self.app.app_context(), write_transaction() as session:
            session.execute(update(Case.__table__).where(Case.__table__.c.id == pk).values(revision=revision))

    def conformance(self) -> Conformance:
        return Conformance(board.scope_of(self.cs, KEY, *board.period("2026-01-01", "2026-12-31")))
