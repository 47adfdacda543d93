"""Comments on a closed case, and what a purge leaves of them; on both databases."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import COMMENT_FILE, Document, Event
from app.services.cases import comments, facts
from app.services.core import history
from app.services.core.errors import Conflict
from app.services.documents.documents import Upload
from app.services.retention import retention
from app.services.retention.purge import purge
from app.services.search.search import search
from app.sop import SOPS
from tests.conftest import PDF
from tests.services.retention.keeping import FILES, KEY, Stage, everything_in, is_there

SECRET = "Zxqvkomen"


def says(stage: Stage, name: str, text: str, *roles: str, files: int = 0) -> int:
    uploads = [Upload(f"{SECRET}-{n}.pdf", io.BytesIO(PDF + b"%%%d" % n)) for n in range(files)]
    return comments.write(stage.actor(name), KEY, stage.pk, text, roles or None, uploads)


def found(stage: Stage, name: str, words: str) -> bool:
    db.session.rollback()
    return [hit.case.id for hit in search(stage.actor(name), words)] == [stage.pk]


def test_a_closed_case_is_commented_on_and_found_by_it(stage: Stage) -> None:
    assert stage.case().closed_at
    version = stage.case().version
    first = says(stage, "spv", f"Ternyata {SECRET} benar", "QCO", files=2)
    assert says(stage, "qco", "Dicatat") == first + 1
    assert stage.case().version == version
    assert [len(said.files) for said in comments.listed(stage.actor("qco"), KEY, stage.pk)] == [2, 0]
    assert [said.event.seq for said in comments.listed(stage.actor("manager_operasional"), KEY, stage.pk)] == [
        first + 1
    ]
    for words in (SECRET, "zxqv", f"benar {SECRET}", "TERNYATA"):
        assert found(stage, "qco", words), words
        assert found(stage, "spv", words), "its author"
        assert not found(stage, "manager_operasional", words), words
    assert not found(stage, "qco", "be tern"), "two letters are no beginning of a word"
    comments.withdraw(stage.actor("spv"), KEY, stage.pk, first)
    assert not found(stage, "qco", SECRET)
    assert list(history.verify(db.session())) == []


def test_a_purge_takes_text_and_files(stage: Stage) -> None:
    says(stage, "spv", f"Nomor {SECRET}", files=2)
    says(stage, "spv", f"Hanya {SECRET}", "QCO")
    keys = list(db.session.scalars(select(Document.storage_key).where(Document.type == COMMENT_FILE)))
    assert len(keys) == 2
    assert all(is_there(key) for key in keys)
    stage.later(2)
    [due] = stage.due()
    assert due.files == FILES + 2
    assert due.documents[-1] == COMMENT_FILE
    assert COMMENT_FILE not in retention.document_names(SOPS[KEY], due.documents)
    assert purge(stage.actor("qc"), KEY, stage.pk) == FILES + 2
    assert not any(is_there(key) for key in keys)
    assert SECRET.lower() not in everything_in(stage.app).lower()
    assert list(history.verify(db.session())) == []


def test_of_a_purged_comment_nobody_else_learns(stage: Stage) -> None:
    says(stage, "spv", f"Hanya {SECRET}", "QCO")
    stage.later(2)
    purge(stage.actor("qc"), KEY, stage.pk)
    assert db.session.scalars(select(Event).where(Event.action == "comment")).one().changes is None
    for name, learns in (("spv", 1), ("supervisor", 1), ("qc", 0), ("manager_operasional", 0)):
        assert len(comments.listed(stage.actor(name), KEY, stage.pk)) == learns, name
    with pytest.raises(Conflict):
        says(stage, "spv", "Ini tidak akan pernah dihapus")


def test_a_comment_decides_nothing(stage: Stage) -> None:
    """Neither as a step that was done, nor by a file that could be taken for a document."""
    before = facts.load_facts(stage.actor("spv"), stage.case())
    says(stage, "spv", "Lampiran", files=1)
    after: Any = facts.load_facts(stage.actor("spv"), stage.case())
    assert (after.attached, after.fresh) == (before.attached, before.fresh)
