"""The rounds of a case, each with what its forms answered anew and its documents; they follow from the history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models import COMMENT_FILE, Case, Document, Event
from app.services.cases.creation import plain
from app.services.core.access import Actor, closed_fields
from app.sop import sop_of


@dataclass(frozen=True)
class Round:
    """``answers``: to the ``round_fields`` of its SOP that the reader may read, as the history stores them.
    ``documents``: those that came in it, the oldest first."""

    number: int
    opened_at: datetime
    answers: dict[str, Any]
    documents: tuple[Document, ...]


def rounds(actor: Actor, case: Case, events: Sequence[Event], documents: Sequence[Document]) -> list[Round]:
    """The rounds of a case, the first one first, from all its events and documents; the answers of the present one are
    what the case has."""
    sop = sop_of(case)
    closed = closed_fields(actor, sop)
    keys = [key for key in sop.round_fields if key not in closed]
    answered = _answered(events, keys) | {case.round: {key: plain(getattr(case, key)) for key in keys}}
    opened = {event.round: event.at for event in reversed(events)}
    return [
        Round(
            number,
            opened.get(number, case.created_at),
            {key: answers.get(key) for key in keys},
            # The files of a comment are its readers' alone, and belong to it.
            tuple(d for d in documents if d.round == number and d.type != COMMENT_FILE),
        )
        for number, answers in sorted(answered.items())
    ]


def _answered(events: Sequence[Event], keys: Collection[str]) -> dict[int, dict[str, Any]]:
    """The answers at the end of each round."""
    answers: dict[str, Any] = {}
    found = {}
    for event in events:
        answers = answers | {key: kept[1] for key, kept in (event.changes or {}).items() if key in keys}
        found[event.round] = answers
    return found
