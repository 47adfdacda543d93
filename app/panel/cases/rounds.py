"""The rounds of a case in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.models import Case, Document
from app.panel.cases.timeline import names_in, said
from app.services.cases.rounds import Round
from app.services.core import masking
from app.services.core.access import Actor
from app.services.core.veiled import documents_for
from app.sop import sop_of
from app.workflow.declaration import Sop


@dataclass(frozen=True)
class RoundEntry:
    """``answers``: label and words of each."""

    number: int
    opened_at: datetime
    answers: list[tuple[str, str]]
    documents: tuple[Document, ...]


def entries(actor: Actor, case: Case, rounds: Sequence[Round]) -> list[RoundEntry]:
    """Newest first; none where there is only one: that is the case itself."""
    if len(rounds) < 2:
        return []
    sop = sop_of(case)
    asked = {key: sop.own_fields[key] for key in sop.round_fields}
    if masking.masked_now(actor, case):
        rounds = [_veiled(actor, sop, case, one) for one in rounds]
    names = names_in(sop, case, asked, [{key: [value] for key, value in one.answers.items()} for one in rounds])
    return [
        RoundEntry(
            one.number,
            one.opened_at,
            [
                (str(asked[key].label), said(asked[key], names, value))
                for key, value in one.answers.items()
                if value is not None
            ],
            one.documents,
        )
        for one in reversed(rounds)
    ]


def _veiled(actor: Actor, sop: Sop, case: Case, one: Round) -> Round:
    hidden = masking.hidden(sop)
    answers = {
        key: masking.veil(value, sop.own_fields[key]) if key in hidden else value for key, value in one.answers.items()
    }
    return replace(one, answers=answers, documents=tuple(documents_for(actor, case, one.documents)))
