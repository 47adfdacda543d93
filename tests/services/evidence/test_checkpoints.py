"""When checkpoints are made, and what they cost; on both databases."""

from __future__ import annotations

import hashlib
import json
import stat
from typing import Any

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, Checkpoint, CheckpointLeaf, Event
from app.services.core import history
from app.services.core.database import write_transaction
from app.services.evidence import checkpoints, keys
from app.services.evidence.verifier import Frontier, is_signed, sha
from tests.services.evidence.owner import Office


def unsigned() -> int:
    """Events that no checkpoint has looked at."""
    db.session.rollback()
    upto = db.session.scalar(select(func.max(Checkpoint.events_upto))) or 0
    return int(db.session.scalar(select(func.count(Event.id)).where(Event.id > upto)) or 0)


def test_at_most_ten_records_are_not_signed_though_no_worker_runs(office: Office) -> None:
    seen = []
    for _turn in range(25):
        office.call()
        seen.append(unsigned())
    assert max(seen) < checkpoints.EVERY, seen
    assert office.found() == []
    assert len(office.anchored()) == db.session.query(Checkpoint).count(), "and each was handed over at once"


def test_a_step_is_done_though_no_checkpoint_can_be_made(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.app.extensions.pop("tuntas_checkpoint_key")
    office.app.config["CHECKPOINT_KEY"] = "/dev/null/key"
    before = db.session.query(Case).count()
    for _turn in range(11):
        office.call()
    db.session.rollback()
    assert db.session.query(Case).count() == before + 11
    with pytest.raises(keys.NoKey):
        checkpoints.make_due()
    office.app.config["CHECKPOINT_KEY"] = ""
    assert office.checkpoint()
    assert office.found() == []


def test_what_is_rolled_back_is_not_signed(office: Office) -> None:
    entries = db.session.query(CheckpointLeaf).count()
    with pytest.raises(ZeroDivisionError), write_transaction():
        office.call() / 0
    db.session.rollback()
    assert db.session.query(CheckpointLeaf).count() == entries
    assert office.checkpoint() == 0


def test_a_checkpoint_takes_what_has_changed_alone(office: Office) -> None:
    assert office.checkpoint() == 0
    office.upload(office.calls[0], b"%PDF-1.4\n%%EOF\n")
    assert office.checkpoint() == 1
    newest = json.loads(office.anchored()[-1]["entries"][0])
    assert (newest["case"], newest["seq"]) == (office.calls[0], 2)


def test_what_came_in_without_a_step_is_found_by_the_nightly_run(office: Office) -> None:
    """As a large import or a demo writes it: past the service, with an id that was looked at long ago."""
    office.does("UPDATE checkpoints SET events_upto = 1000000")
    pk = office.call()
    assert office.checkpoint() == 0
    assert checkpoints.complete() == 1
    assert db.session.scalar(select(func.max(CheckpointLeaf.case_id))) == pk
    assert office.found() == []


def test_more_cases_than_fit_into_one_checkpoint(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "MOST", 3)
    monkeypatch.setattr(checkpoints, "EVERY", 1_000)
    for _turn in range(7):
        office.call()
    made = db.session.query(Checkpoint).count()
    assert office.checkpoint() == 7
    db.session.rollback()
    assert db.session.query(Checkpoint).count() == made + 3
    assert unsigned() == 0
    assert office.found() == []


def test_the_key_is_made_once_and_is_its_owners_alone(office: Office) -> None:
    key = office.folder / "checkpoint_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    office.app.extensions.pop("tuntas_checkpoint_key")
    assert keys.signer().public
    assert key.read_bytes() == before
    assert b"PRIVATE" not in (office.folder / "checkpoint_key.pub").read_bytes()
    told = office.app.test_cli_runner().invoke(args=["checkpoint-key"])
    assert told.output == (office.folder / "checkpoint_key.pub").read_text()


def test_the_root_is_that_of_rfc_6962() -> None:
    """The recursive definition of section 2.1, written down from it."""

    def root(entries: list[bytes]) -> bytes:
        if not entries:
            return hashlib.sha256(b"").digest()
        if len(entries) == 1:
            return hashlib.sha256(b"\x00" + entries[0]).digest()
        k = 1 << (len(entries) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + root(entries[:k]) + root(entries[k:])).digest()

    frontier, entries = Frontier(), list[bytes]()
    assert frontier.root() == root([]).hex()
    for number in range(70):
        entries.append(f"entry {number}".encode())
        frontier.add(f"entry {number}")
        assert frontier.root() == root(entries).hex(), number
        frontier = Frontier(frontier.size, [one.hex() for one in frontier.hashes])


VECTORS = (
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655"
     "141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d"
     "291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027"
     "beceea1ec40a"),
)  # fmt: skip


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_signatures_are_judged_as_rfc_8032_does(key: str, message: str, signature: str) -> None:
    public, said, signed = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    for judge in (is_signed, keys.is_signed):
        assert judge(public, said, signed)
        assert not judge(public, said + b"x", signed)
        assert not judge(public, said, signed[:-1] + b"\x7f")
        assert not judge(public[:-1] + bytes([public[-1] ^ 1]), said, signed)
        assert not judge(public, said, b"")


def test_two_processes_make_one_line_of_checkpoints(office: Office) -> None:
    """PostgreSQL's second one leaves it to the first; SQLite's writers come one after the other anyway."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    office.call()
    with checkpoints._alone() as session:
        assert session is not None
        assert checkpoints.make() == checkpoints.NOTHING
    assert checkpoints.make().entries == 1


def test_the_chain_alone_still_tells_what_it_did(office: Office) -> None:
    office.does("UPDATE events SET actor_name = 'x' WHERE case_id = :pk AND seq = 1", pk=office.pk)
    [(pk, _said)] = list(history.verify(db.session()))
    assert pk == office.pk
    assert any("event 1 does not follow" in one for one in office.found())


def test_every_checkpoint_holds_the_one_before(office: Office) -> None:
    for _turn in range(3):
        office.call()
        office.checkpoint()
    bodies: list[Any] = [one["body"] for one in office.anchored()]
    assert [json.loads(body)["previous"] for body in bodies] == ["", *map(sha, bodies[:-1])]
