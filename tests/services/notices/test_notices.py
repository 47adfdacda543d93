"""Who gets which notices of a case, in the inbox and by mail; on both databases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import and_, insert, select, update

from app.extensions import db
from app.models import Case, Event, Notice, OutgoingMail, Posko, Staff, Unit
from app.panel.cases.sections import mails_of
from app.services.cases import transitions
from app.services.cases.worklist import turn_of, visible_open
from app.services.core import clock
from app.services.core.access import Actor, user_named, visible_cases
from app.services.core.database import write_transaction
from app.services.core.errors import Malformed, NotVisible
from app.services.documents import documents
from app.services.notices import choices, inbox, notify, recipients, report_reminders
from app.sop import SOPS
from app.workflow.declaration import Sop
from tests.cast import Cast
from tests.conftest import PDF
from tests.panel.helpers import FROM_CS, REPORT, SOMASI, counted

CS_2, LITIGATION = "cs_dua", "legal_litigasi_1"


class Stage:
    """Steps by the names of those who do them, and what is in their inboxes."""

    def __init__(self, app: Flask) -> None:
        self.app, self.cast = app, Cast(app)

    def actor(self, name: str, *roles: str, unit: str | None = None) -> Actor:
        return self.cast.actor(name, *roles, unit=unit)

    def somasi(self, **answers: Any) -> Any:
        return transitions.create(self.actor("legal"), "somasi", SOMASI | answers, uploads("somasi"))

    def step(self, name: str, case: Any, key: str, *papers: str, note: str = "", **answers: Any) -> Any:
        sop = case.sop
        return transitions.perform(self.actor(name), sop, case.id, key, answers, uploads(*papers), note=note)

    def documents(self, case: Any, note: str = "") -> Any:
        return self.step("cs", case, "submit_documents", *FROM_CS, note=note, offered_compensation="1")

    def unread(self, name: str) -> list[tuple[str, str]]:
        """Kind and action of what is unread, newest first."""
        db.session.rollback()
        lines = inbox.latest(self.actor(name), 100)
        return [(line.kind, line.action) for line in lines if not line.read_at]


def uploads(*keys: str) -> Any:
    return {key: [documents.Upload(f"{key}.pdf", io.BytesIO(PDF))] for key in keys}


def depok() -> None:
    db.session.add(Posko(code="menteng", name="Posko", active=True, unit=Unit(code="ULP-MTG", name="M", active=True)))
    db.session.commit()


@pytest.fixture
def stage(any_app: Flask) -> Iterator[Stage]:
    made = Stage(any_app)
    for name in ("legal", "cs", LITIGATION, "legal_litigasi_2", "legal_manager", "supervisor", "cso"):
        made.cast.user(name)
    made.cast.user(CS_2, "cs")
    with any_app.test_request_context():
        depok()
        yield made


def test_those_whose_turn_it_is_are_notified(stage: Stage) -> None:
    case = stage.somasi()
    assert stage.unread("cs") == stage.unread(CS_2) == [("my_turn", "awaiting_cs_documents")]
    assert all(stage.unread(name) == [] for name in ("legal", LITIGATION, "supervisor", "cso"))
    [line] = inbox.latest(stage.actor("cs"), 7)
    assert case.number in line.sentence
    assert str(SOPS["somasi"].state_by_key["awaiting_cs_documents"].label) in line.sentence


def test_once_a_case_has_gone_on_nobody_is_called_to_it(stage: Stage) -> None:
    stage.documents(stage.somasi())
    assert stage.unread("cs") == stage.unread(CS_2) == []
    assert stage.unread(LITIGATION) == [("my_turn", "document_check")]
    assert [line.kind for line in inbox.latest(stage.actor(CS_2), 7)] == ["my_turn"], "it can still be looked up"


def test_a_revision_notifies_whoever_handed_in(stage: Stage) -> None:
    case = stage.documents(stage.somasi())
    stage.step(LITIGATION, case, "request_revision", note="Kurang jelas", requested=["bukti_pod"])
    assert stage.unread("cs") == [("revision", "request_revision")], "once, though it is their turn as well"
    assert stage.unread(CS_2) == [("my_turn", "awaiting_cs_documents")]
    assert stage.unread("legal") == []


def test_a_template_goes_back_to_whoever_handed_it_in(stage: Stage) -> None:
    stage.cast.user("qa")
    written = {"template_title": "Salam", "category": "other", "channel": "email", "text": "Halo"}
    case = transitions.create(stage.actor("cs"), "reply_template", written)
    stage.step(CS_2, case, "submit_template")
    stage.step("qa", case, "reject_template", note="Terlalu pendek")
    assert stage.unread(CS_2) == [("revision", "reject_template")]
    assert stage.unread("cs") == [("my_turn", "draft")]


def test_where_nobody_handed_in_it_goes_back_to_the_creator(stage: Stage) -> None:
    case = stage.somasi()
    back = Event(case_id=case.id, round=1, seq=9)
    assert recipients.sent_back_to(db.session(), SOPS["somasi"], case, back) == {stage.actor("legal").id}
    back.round = 2
    assert recipients.sent_back_to(db.session(), SOPS["somasi"], case, back) == set(), "another round"


def test_a_decision_notifies_those_whose_work_it_was(stage: Stage) -> None:
    case = stage.documents(stage.somasi())
    stage.step(LITIGATION, case, "accept_documents")
    stage.step(LITIGATION, case, "submit_draft", "draft_tanggapan", "analisis_kasus")
    assert stage.unread(LITIGATION) == []
    stage.step("legal_litigasi_2", case, "approve_litigation")
    assert stage.unread(LITIGATION) == [("approved", "approve_litigation")]
    assert stage.unread("legal_manager") == [("my_turn", "manager_review")]
    stage.step("legal_manager", case, "approve_manager")
    assert stage.unread("legal_litigasi_2") == [("approved", "approve_manager")]
    assert stage.unread(LITIGATION) == [("approved", "approve_manager"), ("approved", "approve_litigation")]
    assert stage.unread("cs") == [("my_turn", "awaiting_response_proof")]


def test_who_is_named_in_a_note_is_notified(stage: Stage) -> None:
    stage.cast.user("pak.budi-2", "legal")
    stage.cast.user("gone", "legal")
    user_named("gone").active = False
    db.session.commit()
    note = "@pak.budi-2. lihat @SUPERVISOR, @gone @cso @tidak_ada dan cs_dua@contoh.id; salam, @cs"
    stage.documents(stage.somasi(), note=note)
    assert stage.unread("pak.budi-2") == stage.unread("supervisor") == [("mention", "submit_documents")]
    assert stage.unread("cs") == [], "nobody notifies themselves"
    assert stage.unread(CS_2) == [], "a mail address names nobody"
    assert stage.unread("cso") == [], "they may not see the case"
    assert db.session.scalars(select(Notice.id).where(Notice.user_id == user_named("gone").id)).all() == []


def test_a_unit_hears_of_its_own_cases_only(stage: Stage) -> None:
    stage.cast.user("unit", unit="ULP-MTG")
    stage.cast.user("unit_lain", "unit", unit="ULP-LAIN")
    stage.cast.user("tanpa_unit", "unit")
    complaint = transitions.create(stage.actor("cso"), "keluhan", REPORT, note="@unit_lain tolong bantu")
    assert stage.unread("unit") == [("my_turn", "reported")]
    assert stage.unread("unit_lain") == stage.unread("tanpa_unit") == []
    done = transitions.perform(
        stage.actor("unit"), "keluhan", complaint.id, "mutate_to_gangguan", {"mutation_reason": "urgent"}
    )
    assert done.state == "cancelled"
    assert stage.unread("cso") == []


def test_notices_of_a_unit_that_one_has_left_are_neither_shown_nor_counted(stage: Stage) -> None:
    stage.cast.user("unit", unit="ULP-MTG")
    transitions.create(stage.actor("cso"), "keluhan", REPORT)
    assert inbox.unread_count(stage.actor("unit")) == 1
    moved = stage.actor("unit", unit="ULP-LAIN")
    assert inbox.unread_count(moved) == 0
    assert inbox.latest(moved, 7) == inbox.page(moved).lines == []


def test_an_assigned_case_calls_its_assignee_alone(stage: Stage) -> None:
    db.session.add(Staff(code="s2", name="CS Dua", active=True, user_id=user_named(CS_2).id))
    db.session.commit()
    stage.somasi(cs_person="s2")
    assert stage.unread("cs") == []
    assert stage.unread(CS_2) == [("my_turn", "awaiting_cs_documents")]


def test_a_claimed_case_notifies_its_claimant_alone(stage: Stage) -> None:
    case, somasi = stage.somasi(), SOPS["somasi"]
    case.claimed_by_id = user_named(CS_2).id
    db.session.flush()
    notify.deadline_near(db.session(), somasi, case, "letter", 80)
    db.session.commit()
    assert ("deadline", "letter@80") in stage.unread(CS_2)
    assert stage.unread("cs") == [("my_turn", "awaiting_cs_documents")]


def test_deadlines_in_words(stage: Stage) -> None:
    case, somasi = stage.somasi(), SOPS["somasi"]
    for level in (50, 100):
        notify.deadline_near(db.session(), somasi, case, "letter", level)
    notify.escalated(db.session(), somasi, case, "state:awaiting_cs_documents", "Legal Manager")
    db.session.commit()
    out, half, _turn = (line.sentence for line in inbox.latest(stage.actor("cs"), 7))
    label = str(somasi.deadlines[0].label)
    assert label in out
    assert label in half
    assert "50%" in half
    assert "%" not in out
    [escalated] = inbox.latest(stage.actor("legal_manager"), 7)
    assert (escalated.kind, escalated.name) == ("escalation", "")
    assert str(somasi.state_by_key["awaiting_cs_documents"].label) in escalated.sentence
    assert stage.unread("supervisor") == []


def test_the_report_to_ojk_calls_those_who_hand_it_in(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2026, 10, 1)
    monkeypatch.setattr(clock, "today", lambda: day)
    choices.choose(stage.actor("supervisor"), {"report_due": "at_once"})
    counts = []
    for number in (1, 4, 5, 5, 7, 8, 9, 10, 10, 11):
        day = date(2026, 10, number)
        counts.append(report_reminders.watch())
    assert counts == [0, 0, 1, 0, 0, 1, 0, 1, 0, 0]
    expected = [("report_due", f"2026-3@{level}") for level in (100, 80, 50)]
    assert [one for one in stage.unread("supervisor") if one[0] == "report_due"] == expected
    assert not [one for name in ("legal_manager", "cs") for one in stage.unread(name) if one[0] == "report_due"]
    line = inbox.latest(stage.actor("supervisor"), 1)[0]
    with force_locale("en"):
        assert line.sentence == "The report to OJK on quarter 3 of 2026 is due on 10 Oct 2026"
    mails = db.session.scalars(select(OutgoingMail).where(OutgoingMail.case_id.is_(None))).all()
    assert [mail.internal for mail in mails] == [True] * 3
    assert inbox.opened(stage.actor("supervisor"), line.id).case_id is None
    assert len(stage.unread("supervisor")) == 2
    with pytest.raises(NotVisible):
        inbox.opened(stage.actor("cs"), line.id)


def test_who_hands_in_no_reports_any_more_is_shown_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2027, 1, 10))
    assert report_reminders.watch() == 1
    db.session.execute(update(Notice).values(user_id=stage.actor("legal").id))
    db.session.commit()
    assert inbox.unread_count(stage.actor("legal")) == 0
    assert inbox.latest(stage.actor("legal"), 5) == []


def test_whoever_is_handed_a_case_is_notified(stage: Stage) -> None:
    case, cs = stage.somasi(), stage.actor("cs")
    for heir in (CS_2, "cs", "cso"):
        notify.handed_over(db.session(), SOPS["somasi"], case, cs, user_named(heir).id)
    db.session.commit()
    [newest, _turn] = inbox.latest(stage.actor(CS_2), 7)
    assert newest.kind == "handed_over"
    assert cs.name in newest.sentence
    assert [kind for kind, _action in stage.unread("cs")] == ["my_turn"], "they gave it to themselves"
    assert stage.unread("cso") == [], "they may not see it"


def test_a_chosen_kind_comes_by_mail_too(stage: Stage) -> None:
    cs = stage.actor("cs")
    choices.choose(cs, {"revision": "at_once", "my_turn": "at_once"})
    choices.choose(cs, {"revision": "at_once"})
    assert choices.choices(cs) == {"revision": "at_once"}
    user_named(CS_2).email = "tanpa alamat"
    db.session.commit()
    choices.choose(stage.actor(CS_2), {"my_turn": "at_once"})
    case = stage.documents(stage.somasi())
    stage.step(LITIGATION, case, "request_revision", note="Budi Santoso keliru", requested=["bukti_pod"])
    [mail] = db.session.scalars(select(OutgoingMail))
    assert (mail.recipient, mail.internal, mail.sent_at) == ("cs@example.test", True, None)
    assert case.number in mail.subject
    assert len(mail.text) > len(case.number)
    for secret in ("Budi", "Wijaya", "Litigasi", "keliru"):
        assert secret not in mail.subject + mail.text
    assert mails_of(case) == [], "the page of the case shows what went to the other side"


def test_mails_are_in_the_language_of_the_house(stage: Stage) -> None:
    from flask_babel import force_locale

    choices.choose(stage.actor("cs"), {"my_turn": "at_once"})
    with force_locale("en"):
        stage.somasi()
    [mail] = db.session.scalars(select(OutgoingMail))
    assert "Menunggu dokumen CS" in mail.text


def test_an_unknown_kind_can_not_be_chosen(stage: Stage) -> None:
    with pytest.raises(Malformed):
        choices.choose(stage.actor("cs"), {"my_turn": "at_once", "gossip": "at_once"})
    assert choices.choices(stage.actor("cs")) == {}


def test_a_refused_step_tells_nobody(stage: Stage) -> None:
    with pytest.raises(Exception, match=r"bukti|Dokumen"):
        stage.step("cs", stage.somasi(), "submit_documents", note="@legal", offered_compensation="1")
    assert stage.unread("legal") == stage.unread(LITIGATION) == []


def test_the_number_of_queries_does_not_grow_with_the_people(stage: Stage) -> None:
    counts = []
    for more in (2, 20):
        for number in range(more):
            name = stage.cast.user(f"cs_{more}_{number}", "cs")
            choices.choose(stage.actor(name), {"my_turn": "at_once"})
        stage.somasi()
        with counted(stage.app) as statements:
            stage.somasi()
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert sum("INTO notices" in statement for statement in statements) == 1


def test_marking_as_read(stage: Stage) -> None:
    first, second = stage.somasi(), stage.somasi()
    cs = stage.actor("cs")
    newest, oldest = inbox.latest(cs, 7)
    with pytest.raises(NotVisible):
        inbox.mark_read(stage.actor("legal"), [newest.id])
    with pytest.raises(NotVisible):
        inbox.mark_read(cs, [newest.id, 2**40])
    assert inbox.unread_count(cs) == 2
    assert inbox.mark_read(cs, [newest.id]) == 1
    assert inbox.mark_read(cs, [newest.id]) == 0, "twice is the same as once"
    assert [line.id for line in inbox.page(cs).lines] == [oldest.id, newest.id], "the unread one first"
    assert inbox.mark_case_read(cs, second.id) == 0
    assert inbox.opened(cs, oldest.id).number == first.number
    assert inbox.unread_count(cs) == 0
    stage.somasi()
    assert inbox.mark_read(cs, None) == 1
    assert inbox.unread_count(stage.actor(CS_2)) == 3


def test_pages_and_kinds(stage: Stage) -> None:
    case, cs = stage.somasi(), user_named("cs")
    rows = [{"user_id": cs.id, "case_id": case.id, "kind": "mention", "action": "submit"} for _ in range(inbox.SIZE)]
    db.session.execute(insert(Notice), rows)
    db.session.commit()
    actor = stage.actor("cs")
    page = inbox.page(actor, 99)
    assert (page.total, page.number, page.pages, len(page.lines)) == (inbox.SIZE + 1, 1, 2, 1)
    assert inbox.page(actor, 0, "my_turn").total == 1
    assert inbox.unread_count(actor, 10) == 10
    with pytest.raises(Malformed):
        inbox.page(actor, 0, "gossip")


def test_what_is_old_goes(stage: Stage) -> None:
    stage.somasi()
    cs = stage.actor("cs")
    inbox.mark_read(cs, None)
    for notice in db.session.scalars(select(Notice)):
        notice.read_at = notice.read_at and clock.now() - timedelta(days=181)
    db.session.commit()
    assert inbox.forget_old() == 1
    assert inbox.forget_old() == 0
    assert stage.unread(CS_2) == [("my_turn", "awaiting_cs_documents")]
    db.session.execute(update(Notice).values(at=clock.now() - timedelta(days=731)))
    db.session.commit()
    assert inbox.forget_old() == 1
    assert stage.unread(CS_2) == []


def test_a_role_held_by_a_group_counts(stage: Stage) -> None:
    security = stage.app.appbuilder.sm
    stage.cast.user("baru", "cso")
    group = security.group_model(name="tim", label="tim", description="")
    group.roles, group.users = [security.find_role("CS")], [user_named("baru")]
    db.session.add(group)
    db.session.commit()
    stage.somasi()
    assert stage.unread("baru") == [("my_turn", "awaiting_cs_documents")]


@pytest.mark.parametrize("sop", SOPS.values(), ids=lambda sop: sop.key)
def test_the_inbox_agrees_with_the_worklist(stage: Stage, sop: Sop) -> None:
    """Whoever is notified has the case on their worklist, and who has it there is notified; likewise for seeing."""
    units = dict(db.session.execute(select(Unit.code, Unit.id)).tuples().all())
    names = [stage.cast.user(role.lower().replace(" ", "_")) for role in stage.app.config["FAB_ROLES"]]
    names += [stage.cast.user(f"{role}_mtg".lower().replace(" ", "_"), role, unit="ULP-MTG") for role in sop.roles]
    actors = [stage.actor(name) for name in names]
    somebody = stage.actor(f"{sop.roles[-1]}_mtg".lower().replace(" ", "_")).id
    made = [
        {"number": f"T{number}", "sop": sop.key, "state": state.key, "unit_id": unit_id, "assignee_id": assignee,
         "claimed_by_id": claimant, "version": 1, "closed_at": clock.now() if state.is_final else None}
        for number, (state, unit_id, (assignee, claimant)) in enumerate(
            (state, unit_id, people) for state in sop.states for unit_id in (None, units["ULP-MTG"])
            for people in ((None, None), (somebody, None), (None, somebody))
        )
    ]  # fmt: skip
    with write_transaction() as session:
        session.execute(insert(Case.__table__), made)
    turn: dict[str, set[int]] = {}
    seen: dict[str, set[int]] = {}
    for actor in actors:
        for found, condition in ((turn, and_(visible_open(actor), turn_of(actor))), (seen, visible_cases(actor))):
            for number in db.session.scalars(select(Case.__table__.c.number).where(condition)):
                found.setdefault(number, set()).add(actor.id)
    ids = [actor.id for actor in actors]
    for case in db.session.execute(select(Case.__table__)).mappings():
        row = Row(case)
        people = recipients.people(db.session(), sop, row, but=None, ids=ids, turn=True)
        assert {p.id for p in people if p.turn} & set(ids) == turn.get(row.number, set()), row
        assert {p.id for p in people} & set(ids) == seen.get(row.number, set()), row


class Row:
    """A case as far as recipients ask for it."""

    def __init__(self, columns: Any) -> None:
        self.__dict__.update(columns)

    def __repr__(self) -> str:
        return f"{self.number} {self.state}"  # type: ignore[attr-defined]
