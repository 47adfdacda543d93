"""Whoever gets personal data masked finds them nowhere: every page that a link leads to, every file, every address that
a script asks, whatever they search for; until they have a case revealed."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Customer, Follow, IncomingMail, LegalHold, Notice, OutgoingMail
from app.models.derive import case_model, record_model
from app.services.cases import comments, creation
from app.services.core import clock as services_clock
from app.services.core import masking, personal
from app.services.core.access import READ_ALL, Actor, user_named
from app.services.documents import storage
from app.services.notices import notify
from app.services.notices.outbox import QUEUED
from app.services.search.index import index
from app.sop import SOPS
from app.workflow.declaration import Sop
from tests.api.stage import UNIT, fill_master_data, users_of
from tests.cast import Cast
from tests.client import Json
from tests.disclosing import OTHER, PAIRS, PHONE, SECRET, Discloser

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
#: Addresses in a page: links, what scripts ask for, what they go on to.
LINKED = re.compile(r'(?:href|src|data-[a-z-]+|action)="(/[^"]*)"')
#: Not to be followed: they end the session, or are the same for everybody.
LEFT = re.compile(r"/(logout|lang|static|assets|favicon|theme)\b")
#: Of addresses of one form so many are read; of all together.
ENOUGH, MOST = 2, 250
#: As it stands in files and addresses.
NUMBER = PHONE[2:]
ADDRESS = f"{SECRET}.{OTHER}@contoh.example"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=True) as traveller:
        yield traveller


@contextmanager
def masking_everybody() -> Iterator[None]:
    """Every role of every SOP gets its data masked and may have them shown, whatever the documents say."""
    revisions = [one for sop in SOPS.values() for one in sop.revisions]
    before = [(one, one.masked_for, one.revealed_for) for one in revisions]
    try:
        for one in revisions:
            object.__setattr__(one, "masked_for", one.roles)
            object.__setattr__(one, "revealed_for", one.roles)
        yield
    finally:
        for one, masked_for, revealed_for in before:
            object.__setattr__(one, "masked_for", masked_for)
            object.__setattr__(one, "revealed_for", revealed_for)


def planted(app: Flask, clock: Any, sop: Sop) -> list[Json]:
    """A case at its end and one on its way, with the secret in all that tells of people: fields, rows, notes, comments,
    names of files, mails, the reason of a hold."""
    fill_master_data(app)
    cast = Cast(app)
    program = Discloser(sop.key, users_of(cast), lambda: clock.shift(timedelta(days=100)))
    made = [program.create(), program.case_in(program.final_states[:1])]
    made.insert(1, program.case_in(list(sop.open_states)[-1:]))
    with app.app_context():
        for one in made:
            plant(sop, one["id"])
    return made


def archived(words: str, pk: int) -> str:
    """The raw source of a mail in the storage; its key."""
    taken = storage.take_in(io.BytesIO(f"From: {ADDRESS}\r\nSubject: {words}\r\n\r\n{pk}".encode()), 1 << 20)
    return storage.keep(taken.key)


def plant(sop: Sop, pk: int) -> None:
    session, words = db.session(), f"{SECRET} {OTHER} {PHONE}"
    row: Any = session.get(case_model(sop.key), pk)
    for key, field in sop.fields.items():
        if key in masking.hidden(sop) and field.kind.free:
            setattr(row, key, words)
    for records in sop.records:
        model = record_model(sop.key, records.key)
        for one in session.scalars(select(model).where(model.case_id == pk)):
            for column in personal.of_rows(sop, records):
                if column.kind.free:
                    setattr(one, column.key, words)
    for customer in session.scalars(select(Customer)):
        customer.name, customer.phone, customer.email = words, PHONE, ADDRESS
    session.add(
        IncomingMail(mailbox="kotak@contoh.example", sop=sop.key, message_id=f"<{pk}@contoh>", state="on_case",
                     sender=ADDRESS, sender_name=words, subject=words, text=words, case_id=pk,
                     storage_key=archived(words, pk), received_at=services_clock.now())
    )  # fmt: skip
    session.add(
        OutgoingMail(case_id=pk, recipient=ADDRESS, subject=words, text=words, state=QUEUED,
                     error=f"no such mailbox {ADDRESS}", actor_id=None)
    )  # fmt: skip
    session.add(LegalHold(case_id=pk, reason=words, set_by="Admin"))
    creation.refresh(sop, row)
    session.flush()
    index(session, row)
    session.commit()
    supervisor = Actor(None, "Sari Dewi", frozenset({"Supervisor"}))
    comments.write(supervisor, sop.key, pk, f"Kata {words}", None, ())


def told_of(app: Flask, sop: Sop, name: str, cases: list[Json]) -> None:
    """They follow the cases and have a notice of each."""
    with app.app_context():
        user: Any = user_named(name)
        for one in cases:
            row: Any = db.session.get(case_model(sop.key), one["id"])
            db.session.add(Follow(case_id=row.id, user_id=user.id))
            notify._tell(db.session(), sop, row, [(user, "approved", sop.create.key)], "Sari Dewi", row.created_at)
        db.session.commit()
        assert db.session.query(Notice).filter_by(user_id=user.id).count() >= len(cases)


def crawled(client: FlaskClient, *begin: str) -> dict[str, Any]:
    """The answers of all addresses that links lead to, by address."""
    waiting, read, alike = list(begin), dict[str, Any](), Counter[str]()
    while waiting and len(read) < MOST:
        path = waiting.pop(0)
        if path in read or LEFT.match(path):
            continue
        alike[kind := form_of(path)] += 1
        if path not in begin and alike[kind] > ENOUGH:
            continue
        read[path] = answer = client.get(path, buffered=True)
        assert answer.status_code < 500, f"{path}: {answer.status_code}"
        found = LINKED.findall(answer.text) if "html" in answer.content_type else []
        found += [answer.headers["Location"]] if "Location" in answer.headers else []
        for link in found:
            parts = urlsplit(urldefrag(urljoin(path, html.unescape(link)))[0])
            waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return read


def form_of(path: str) -> str:
    """What addresses have in common that lead to the same page of other things, or in another order."""
    parts = urlsplit(path)
    names = sorted({re.sub(r"\d+", "N", name) for name, _value in parse_qsl(parts.query, True)})
    return f"{re.sub(r'[0-9]+', 'N', parts.path)}?{' '.join(names)}"


def asked(sop: Sop, cases: list[Json]) -> Iterator[str]:
    """What no link leads to: a script asks for it, or somebody who looks for a leak."""
    yield from (f"/search?q={word}" for word in (SECRET, PHONE, SECRET[:4], "KTP"))
    yield from (f"/palette/?q={word}" for word in (SECRET, PHONE))
    yield from ("/agenda/", "/agenda/month", "/notices/", "/notices/latest", "/exports/log", "/reports/downloads/")
    hidden = sorted({*masking.hidden(sop), "title"})
    yield from (f"/{sop.key}/list/?_flt_2_{key}={SECRET}&_oc_x={key}&_od_x=asc" for key in hidden)
    yield f"/{sop.key}/list/?q={SECRET}"
    yield from (f"/{sop.key}/export.{form}" for form in ("csv", "xlsx", "json"))
    for one in cases:
        yield f"/{sop.key}/{one['id']}"
        yield from (f"/{sop.key}/{one['id']}/{rest}" for rest in ("correct", "void", "hand-over"))
        yield from (f"/{sop.key}/{one['id']}/do/{step.key}" for step in sop.transitions if not step.creates)
        yield f"/palette/row/{sop.key}/{one['id']}"
        yield from (f"/mail-source/{nth}.eml" for nth in range(1, 4))


def sent(client: FlaskClient, sop: Sop, cases: list[Json]) -> Iterator[tuple[str, Any]]:
    """What is answered to forms: bulk steps, refused and stale steps, presence, a new case of the same person."""
    name, phone = sop.reporter or ("", "")
    for words in ({"_words": SECRET}, {name: SECRET, phone: PHONE}):
        yield f"known {SECRET}", client.post(f"/{sop.key}/new/known", data=words)
    yield f"new {SECRET}", client.post(f"/{sop.key}/new", data={name: SECRET, phone: PHONE})
    for step in sop.transitions:
        if step.creates:
            continue
        for one in cases:
            path = f"/{sop.key}/{one['id']}/do/{step.key}"
            yield path, client.post(path, data={"version": "1"})
            yield path, client.post(path, data={"version": str(one["version"])})
        chosen = [f"{one['id']}:{one['version']}" for one in cases]
        answer = client.post(f"/{sop.key}/bulk", data={"chosen": chosen, "step": step.key})
        yield f"bulk {step.key}", answer
        if "Location" in answer.headers:
            yield f"bulk {step.key}", client.get(answer.headers["Location"])
    for one in cases:
        yield "presence", client.post(f"/{sop.key}/{one['id']}/presence", data={})


def told(answer: Any) -> str:
    """All that it tells: its text, a table that is packed, the name of a file."""
    if answer.data[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        text = "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    else:
        text = answer.data.decode(errors="replace")
    return f"{text}{text.replace('-', '').replace(' ', '')}{answer.headers}"


def around(answer: Any) -> list[str]:
    """What stands beside the words that should not be there."""
    text = told(answer) if answer is not None else ""
    return [match[0] for match in re.finditer(rf".{{0,80}}({SECRET}|{OTHER}|{NUMBER}).{{0,40}}", text)][:3]


def leaks(path: str, answer: Any) -> bool:
    """What was typed into a search or a form may come back; what stands beside it may not."""
    looked_for = SECRET[:4] in path or PHONE in path
    return any(word in told(answer) for word in ((OTHER,) if looked_for else (SECRET, OTHER, NUMBER)))


@pytest.mark.parametrize(("key", "role"), PAIRS)
def test_nothing_is_told(app: Flask, clock: Any, key: str, role: str) -> None:
    walked(app, clock, SOPS[key], role)


@pytest.mark.parametrize("key", sorted(SOPS))
def test_nothing_is_told_whatever_document_masks_it(app: Flask, clock: Any, key: str) -> None:
    """Somebody with all roles of an SOP, so that they reach every page and form of it, if all of them were masked."""
    walked(app, clock, SOPS[key], *(set(SOPS[key].roles) - READ_ALL), everybody=True)


def walked(app: Flask, clock: Any, sop: Sop, *roles: str, everybody: bool = False) -> None:
    cases = planted(app, clock, sop)
    cast = Cast(app)
    whole = cast.login("supervisor")
    path = f"/{sop.key}/{cases[0]['id']}"
    assert leaks(path, whole.get(path)), "nothing was planted"
    with masking_everybody() if everybody else nothing():
        cast.user("penyamar", *roles, unit=UNIT)
        told_of(app, sop, "penyamar", cases)
        client = cast.login("penyamar")
        found = []
        read = crawled(client, "/", *asked(sop, cases))
        for path, answer in [*read.items(), *sent(client, sop, cases)]:
            assert answer.status_code < 500, path
            if leaks(path, answer):
                found.append(path)
        assert found == [], around(read.get(found[0]))
        pages = {path for path, answer in read.items() if answer.status_code == 200}
        assert {f"/{sop.key}/{one['id']}" for one in cases} <= pages
        assert len(pages) > 20


@contextmanager
def nothing() -> Iterator[None]:
    yield
