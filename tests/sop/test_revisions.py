"""Loading of SOPs in several revisions, and the one by which a case is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from app.sop import REVISIONS, SOPS, in_effect, register, sop_of
from app.sop.revisions import NotLoaded
from app.workflow.checks import WrongDeclaration
from tests.revised import BEGINS, EARLIER, KEY, loaded


def case(revision: int, closed: bool = False) -> Any:
    return SimpleNamespace(sop=KEY, revision=revision, closed_at=datetime(2026, 11, 1, tzinfo=UTC) if closed else None)


def test_what_does_not_fit_together_is_refused_and_not_loaded() -> None:
    with patch.dict(SOPS), patch.dict(REVISIONS):
        with pytest.raises(WrongDeclaration, match=r"trial: sheet\.revision: revision 0 is declared twice"):
            register((EARLIER, EARLIER))
        assert KEY not in SOPS
        assert KEY not in REVISIONS


def test_a_case_is_read_by_its_own_revision() -> None:
    with loaded():
        assert [sop_of(case(number)).revision for number in (0, 1)] == [0, 1]
        assert SOPS[KEY].revision == 1
        assert in_effect(KEY, date(2026, 11, 1)).revision == 0
        assert in_effect(KEY, BEGINS).revision == 1


def test_without_its_revision_a_closed_case_is_read_by_the_current_one() -> None:
    with loaded(only=(1,)):
        assert sop_of(case(0, closed=True)) is SOPS[KEY]
        with pytest.raises(NotLoaded, match="revision 0"):
            sop_of(case(0))
