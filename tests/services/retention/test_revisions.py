"""What is kept how long, and what is personal, says the revision of each case; a later one forgets neither."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.models import Document
from app.services.cases import transitions
from app.services.core import clock, masking
from app.services.documents.documents import Upload
from app.services.retention import retention
from app.services.retention.purge import purge_due
from app.sop import SOPS
from tests.revised import KEY, Trial, revised


@pytest.fixture
def trial(make_app: Callable[..., Flask]) -> Iterator[Trial]:
    with revised(make_app) as app:
        yield Trial(app)


def test_an_older_case_is_purged_by_its_own_terms(trial: Trial, pdf: bytes) -> None:
    pk = trial.old()
    with trial.app.app_context():
        transitions.perform(trial.cs, KEY, pk, "hand_in", {}, {"letter": [Upload("surat.pdf", io.BytesIO(pdf))]})
    trial.does(pk, "finish")
    with trial.app.app_context(), clock.at(clock.now() + timedelta(days=400)):
        [one] = retention.due([SOPS[KEY]])
        assert (one.documents, one.sop.revision) == (("letter",), 0)
    with trial.app.test_request_context(), clock.at(clock.now() + timedelta(days=6 * 366)):
        assert [(one.whole, why) for one, why in purge_due()] == [(True, "")]
        assert db.session.query(Document).one().purged_at is not None
    assert trial.stored(pk).old_remark is None


def test_what_was_personal_stays_masked_under_a_later_revision(trial: Trial) -> None:
    pk = trial.old()
    assert trial.moves() == 1
    assert trial.stored(pk).old_remark == "Kept"
    assert "old_remark" in masking.hidden(SOPS[KEY])
