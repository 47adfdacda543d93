"""What must hold after every restart, whatever was killed: asked of the database and the storage as they are."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Case, Counter, Document, Event, IncomingMail, JobRun, Link
from app.models.derive import case_model
from app.services.accounts import start
from app.services.audit import log as audit
from app.services.backup import checking, copies
from app.services.backup.sealing import Keys
from app.services.core import history
from app.services.documents import documents, storage
from app.services.evidence import checking as evidence
from app.services.evidence import handing
from app.services.evidence.verifier import told
from app.services.operation import runs
from app.sop import SOPS, sop_of
from app.workflow.declaration import CONTINUED_AS
from benchmarks.faults import acts
from benchmarks.faults.house import House

MUTATION = "mutate_to_gangguan"
IMPORTED = "import"


def wrongs(house: House, since: int = 0) -> list[str]:
    """What does not hold; nothing when all is well. ``since``: the id of the document after which files are read to
    their last byte."""
    questions = (
        start_refused, broken_chains, false_evidence, undeclared_states, torn_cases, bad_numbers, torn_mutations,
        archives_damaged, queue_stands,
    )  # fmt: skip
    found = [f"{one.__name__}: {wrong}" for one in questions for wrong in one(house)]
    return found + [f"files: {wrong}" for wrong in lost_files(since)]


def start_refused(house: House) -> Iterator[str]:
    yield from start.start_problems(db.session())
    if house.engine == "sqlite" and (said := db.session.scalar(text("PRAGMA quick_check"))) != "ok":
        yield str(said)


def broken_chains(house: House) -> Iterator[str]:
    yield from (f"case {pk}: {wrong}" for pk, wrong in history.verify(db.session()))
    yield from (wrong for _seq, wrong in audit.verify(db.session()))


def false_evidence(house: House) -> Iterator[str]:
    """Signed checkpoints, handed to a file, against every case and the audit log."""
    handing.hand_over_all()
    if not handing.are_well():
        yield "a checkpoint was not handed over"
    *findings, _summary = told(evidence.verify(house.anchor if house.anchor.exists() else None))
    yield from findings


def undeclared_states(house: House) -> Iterator[str]:
    for case in db.session.scalars(select(Case)):
        if case.state not in sop_of(case).state_by_key:
            yield f"{case.number} is in {case.state!r}"
    db.session.expunge_all()


def torn_cases(house: House) -> Iterator[str]:
    """A case, its own row, its last event: all of them or none."""
    for key in SOPS:
        whole = db.session.scalar(select(func.count()).select_from(case_model(key)))
        heads = db.session.scalar(select(func.count(Case.id)).where(Case.sop == key))
        if whole != heads:
            yield f"{heads} cases of {key}, {whole} of them whole"
    newest = select(Event.case_id, func.max(Event.seq).label("seq")).group_by(Event.case_id).subquery()
    last = (
        select(Case.number, Case.state, Case.version, Event.to_state, Event.version)
        .outerjoin(newest, newest.c.case_id == Case.id)
        .outerjoin(Event, (Event.case_id == Case.id) & (Event.seq == newest.c.seq))
    )
    for number, state, version, last_state, last_version in db.session.execute(last):
        if (state, version) != (last_state, last_version):
            yield f"{number} is {state} {version}, its history says {last_state} {last_version}"


def bad_numbers(house: House) -> Iterator[str]:
    """Under each prefix every number from one to the last, once; imported ones have their own order."""
    brought = set(db.session.scalars(select(Case.number).join(Event).where(Event.action == IMPORTED)))
    given = defaultdict[str, list[str]](list)
    prefixes = dict(db.session.execute(select(Counter.prefix, Counter.value)).tuples().all())
    for number in db.session.scalars(select(Case.number)):
        for prefix in prefixes:
            if number.startswith(prefix) and number[len(prefix) :].isdecimal():
                given[prefix].append(number)
    for prefix, value in prefixes.items():
        if brought & set(given[prefix]):
            continue
        numbers = sorted(int(one.removeprefix(prefix)) for one in given[prefix])
        if numbers != list(range(1, value + 1)):
            yield f"{prefix}: counted to {value}, given {len(numbers)}, last {numbers[-1:]}"


def torn_mutations(house: House) -> Iterator[str]:
    """Every complaint that says it was mutated has its outage, and every pair says so at both ends."""
    said = set(db.session.scalars(select(Event.case_id).where(Event.action == MUTATION)))
    target = aliased(Case)
    pairs = dict(
        db.session.execute(
            select(Link.source_id, target.number).join(target, target.id == Link.target_id).where(
                Link.kind == CONTINUED_AS
            )
        ).tuples().all()
    )  # fmt: skip
    imported = set(db.session.scalars(select(Event.case_id).where(Event.action == IMPORTED)))
    if said - set(pairs):
        yield f"mutated without an outage: {sorted(said - set(pairs))}"
    if set(pairs) - said - imported:
        yield f"an outage without a mutation: {sorted(set(pairs) - said - imported)}"
    yield from (f"{pk} continues as {number}" for pk, number in pairs.items() if not number.startswith("G99"))


def lost_files(since: int) -> Iterator[str]:
    """Every row has its file, the new ones to the last byte; every mail its source."""
    for document in db.session.scalars(select(Document).where(Document.id > since, Document.purged_at.is_(None))):
        try:
            size, content = storage.whole(document.storage_key)
            digest = hashlib.sha256(b"".join(content)).hexdigest()
        except FileNotFoundError:
            yield f"document {document.id} has no file"
            continue
        if (size, digest) != (document.size, document.sha256):
            yield f"document {document.id} is another file"
    for key in db.session.scalars(select(IncomingMail.storage_key)):
        if not storage.there(key):
            yield f"a mail has no source: {key}"


def last_document() -> int:
    return db.session.scalar(select(func.max(Document.id))) or 0


def superfluous_files() -> Iterator[str]:
    """What is left once orphans are swept: nothing but what a row names."""
    documents.sweep(timedelta(0))
    named = set(db.session.scalars(select(Document.storage_key)))
    kept = (key for key in storage.every_key() if key.startswith((storage.KEPT, storage.INCOMING)))
    yield from (f"no row names {key}" for key in kept if key not in named)


def archives_damaged(house: House) -> Iterator[str]:
    """An archive is whole or has not its name."""
    folder: Path = acts.archives(house)
    for path in folder.iterdir():
        if path.name.startswith("tuntas-"):
            with copies.read(str(path), Keys()) as file:
                yield from checking.check(file, acts.unseen).faults
    acts.tidy(house)


def queue_stands(house: House) -> Iterator[str]:
    """A task that is put in is done, after all that was there before."""
    runs.tidy()
    queue: Any = current_app.extensions["tuntas_queue"]
    before = _done()
    current_app.extensions["tuntas_send_mails"]()
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
    if _done() <= before:
        yield "a task was put into the queue and not done"


def _done() -> int:
    db.session.rollback()
    done = select(func.count(JobRun.id)).where(JobRun.name == "send_mails_now", JobRun.outcome == "done")
    return db.session.scalar(done) or 0
