"""The nine attacks of who owns the database, each found by ``flask verify`` and by the stand-alone verifier; and what
is no attack is none to them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import text

from app.extensions import db
from app.models import Checkpoint
from app.services.audit import log
from app.services.core import clock as now
from app.services.core.database import write_transaction
from app.services.retention.purge import purge
from tests import figures
from tests.services.evidence.owner import Office
from tests.services.retention.keeping import KEY


def cut_tail(office: Office, pk: int) -> str:
    """The last two events are gone, and the case remembers the one before."""
    office.does(
        "DELETE FROM events WHERE case_id = :pk AND seq > 4",
        "UPDATE cases SET history_hash = (SELECT hash FROM events WHERE case_id = :pk AND seq = 4), state = "
        "(SELECT to_state FROM events WHERE case_id = :pk AND seq = 4) WHERE id = :pk", pk=pk,
    )  # fmt: skip
    return "cut off after event 4: checkpoint "


def remove_case(office: Office, pk: int) -> str:
    """Of everything that names it nothing is left."""
    columns = "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE p.name = 'case_id'"
    if db.engine.dialect.name == "postgresql":
        columns = "SELECT table_name FROM information_schema.columns WHERE column_name = 'case_id'"
    tables = {*db.session.scalars(text(columns)), "cases", KEY} - {"checkpoint_leaves"}
    tables = {one for one in tables if not one.startswith("search")}
    office.does(*(f"DELETE FROM {t} WHERE {'id' if t in ('cases', KEY) else 'case_id'} = :pk" for t in tables), pk=pk)
    return "the whole case is gone; checkpoint "


def hash_anew(office: Office, pk: int) -> str:
    """Another person did the first step, and every hash follows from that."""
    office.does("UPDATE events SET actor_name = 'Orang Lain' WHERE case_id = :pk AND seq = 1", pk=pk)
    office.rehash(pk)
    return "was written anew since checkpoint "


def blank(office: Office, pk: int) -> str:
    """As a purge does it, which there was not."""
    office.does("UPDATE events SET note = NULL, changes = NULL, salt = NULL WHERE case_id = :pk AND seq = 2", pk=pk)
    return "notes of events 2 were emptied, and no purge is on record"


def alter_state(office: Office, pk: int) -> str:
    office.does("UPDATE cases SET state = 'cancelled' WHERE id = :pk", pk=pk)
    return "its state is “cancelled”, and its history ends in “closed”"


def alter_field(office: Office, pk: int) -> str:
    office.does(f"UPDATE {KEY} SET arrears = 1 WHERE id = :pk", pk=pk)
    return "its fields were altered without an event: not as checkpoint "


def alter_file(office: Office, pk: int) -> str:
    """Another file lies there, and the database says that it was always that one."""
    office.does("UPDATE documents SET sha256 = :sha WHERE case_id = :pk AND type = 'voice_recording'",
                pk=pk, sha="0" * 64)  # fmt: skip
    return "the hash of document voice_recording, version 1, is not the one in its history"


def replace_row(office: Office, pk: int) -> str:
    """In the place of the case stands another one, whole in itself."""
    other = office.calls[0]
    remove_case(office, pk)
    office.does(
        "UPDATE cases SET id = :pk WHERE id = :other", "UPDATE pengaduan SET id = :pk WHERE id = :other",
        "UPDATE events SET case_id = :pk WHERE case_id = :other", pk=pk, other=other,
    )  # fmt: skip
    office.rehash(pk)
    return "it is another case than checkpoint "


def alter_checkpoint(office: Office, pk: int) -> str:
    """The field is altered, and with it what the checkpoint says of the case."""
    alter_field(office, pk)
    office.does("UPDATE checkpoint_leaves SET entry = replace(entry, 'fields', 'felder') WHERE case_id = :pk", pk=pk)
    return "is another one in the database than the anchor was given"


ATTACKS: tuple[Callable[[Office, int], str], ...] = (
    cut_tail, remove_case, hash_anew, blank, alter_state, alter_field, alter_file, replace_row, alter_checkpoint,
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_each_of_the_nine_attacks_is_found(office: Office, attack: Callable[[Office, int], str]) -> None:
    number = office.number(office.pk)
    said = attack(office, office.pk)
    sentences = office.found()
    found = any(said in one for one in sentences)
    figures.count("attacks")
    figures.count("attacks that a verifier missed", not found)
    assert found, (said, sentences)
    assert any(number in one for one in sentences) or attack is alter_checkpoint


def test_an_untouched_database_gives_nothing(office: Office) -> None:
    office.upload(office.calls[0], b"%PDF-1.4\n%%EOF\n")
    office.call()
    assert office.found() == []
    office.checkpoint()
    assert office.found() == []


def test_nor_does_a_purged_one(office: Office) -> None:
    office.later(2)
    purge(office.actor("qc"), KEY, office.pk)
    assert office.found() == []
    office.checkpoint()
    assert office.found() == []


def test_what_was_purged_before_purges_were_in_the_history_is_believed_to_the_list_of_purges(office: Office) -> None:
    office.later(2)
    purge(office.actor("qc"), KEY, office.pk)
    office.does("UPDATE events SET action = 'purge' WHERE action = 'purge_personal'")
    office.rehash(office.pk)
    for one in ("checkpoints", "checkpoint_leaves", "checkpoint_anchors"):
        office.does(f"DELETE FROM {one}")
    office.anchor.unlink()
    office.checkpoint()
    assert office.found() == []
    office.does("DELETE FROM purges")
    assert "no purge is on record" in office.found()[0]


def test_a_purge_of_files_alone_empties_no_note(office: Office) -> None:
    """Whoever blanks notes may not point to it."""
    blank(office, office.pk)
    office.does("UPDATE events SET action = 'purge' WHERE case_id = :pk AND seq = 6", pk=office.pk)
    office.rehash(office.pk)
    assert any("no purge is on record" in one for one in office.found())


def test_an_emptied_event_that_says_something_is_found(office: Office) -> None:
    office.later(2)
    purge(office.actor("qc"), KEY, office.pk)
    office.checkpoint()
    office.does("UPDATE events SET note = 'Semua baik' WHERE case_id = :pk AND seq = 1", pk=office.pk)
    [sentence] = office.found()
    assert "events 1 were purged and yet say something" in sentence


def test_without_an_anchor_a_cut_back_database_says_nothing_and_with_it_does(office: Office) -> None:
    newer = office.call()
    number = office.number(newer)
    office.checkpoint()
    last = db.session.query(Checkpoint).count()
    remove_case(office, newer)
    office.does("DELETE FROM pengaduan WHERE id = :pk", pk=newer)
    office.does("DELETE FROM checkpoints WHERE number = :number", number=last)
    office.does("DELETE FROM checkpoint_leaves WHERE case_id = :pk", pk=newer)
    sentences = office.found()
    assert any(f"checkpoint {last} is not in the database any more" in one for one in sentences), sentences
    assert any(number in one and "the whole case is gone" in one for one in sentences), sentences


def test_a_record_that_is_dated_back_is_found(office: Office) -> None:
    pk = office.calls[0]
    office.later(1)
    office.call()
    office.checkpoint()
    office.upload(pk, b"%PDF-1.4\n%%EOF\n")
    office.does("UPDATE events SET at = :at WHERE case_id = :pk AND seq = 2", pk=pk, at="2026-11-23 07:30:00.000000")
    office.rehash(pk)
    [sentence] = office.found()
    assert "event 2 is dated 2026-11-23 07:30, and checkpoint" in sentence


@pytest.mark.parametrize("line", ["first", "last"])
def test_an_altered_checkpoint_of_the_anchor_is_found(office: Office, line: str) -> None:
    office.call()
    office.checkpoint()
    lines = office.anchored()
    altered = lines[0 if line == "first" else -1]
    altered["body"] = altered["body"].replace('"size":', '"size": ')
    office.anchor.write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    assert any("is not signed with the key" in one for one in office.found())


def test_a_removed_checkpoint_of_the_anchor_is_found(office: Office) -> None:
    for _turn in range(2):
        office.call()
        office.checkpoint()
    lines = office.anchor.read_text().splitlines(keepends=True)
    office.anchor.write_text("".join([lines[0], *lines[2:]]))
    assert any("does not follow from the one before it" in one for one in office.found())


def test_the_audit_log_is_held_against_them_as_well(office: Office) -> None:
    office.app.test_client().post("/login/", data={"username": "qc", "password": "wrong"})
    office.cast.login("qc")
    for _turn in range(3):
        with write_transaction():
            log.record(office.actor("admin"), "user.changed", ("user", 1, "Citra"))
    assert office.checkpoint()
    last = db.session.scalar(text("SELECT max(seq) FROM audit_entries"))
    assert office.found() == []
    # The export that a verifier reads leaves an entry of its own, which no checkpoint has yet.
    office.does("DELETE FROM audit_entries WHERE seq >= :last", last=last)
    [sentence] = office.found()
    assert sentence.startswith("audit log: cut off after entry ")


def test_the_clock_of_the_tests_is_that_of_the_checkpoints(office: Office) -> None:
    newest = json.loads(office.anchored()[-1]["body"])
    assert newest["at"].startswith(f"{now.now():%Y-%m-%d}")
