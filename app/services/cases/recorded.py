"""Where the rows of a case's records come from: the step that recorded each, and what was handed in with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.models import Case, Document, Event
from app.sop import sop_of


@dataclass(frozen=True)
class Origin:
    """``state``: the one in which the row was recorded; None of a row that no step recorded, such as an imported one.
    ``documents``: those that came with the step."""

    state: str | None = None
    documents: tuple[Document, ...] = ()


#: By the key of the records and the id of the row.
Origins = dict[tuple[str, int], Origin]


def origins(case: Case, events: Sequence[Event], documents: Sequence[Document]) -> Origins:
    """The origin of every row, from all events and documents of the case."""
    sop = sop_of(case)
    there = {(document.type, document.version): document for document in documents}
    steps: dict[tuple[str, Any], list[Event]] = {}
    for event in events:
        step = sop.known_transitions.get(event.action)
        if step is not None and step.records:
            steps.setdefault((step.records, event.at), []).append(event)
    return {
        (records, row.id): _origin(steps.get((records, row.recorded_at), []), there)
        for records in sop.records_by_key
        for row in getattr(case, records)
    }


def _origin(events: Sequence[Event], there: dict[tuple[str, int], Document]) -> Origin:
    """A row has the time of the event that recorded it, to the microsecond."""
    named = [(entry["type"], entry["version"]) for event in events for entry in event.documents]
    state = events[0].from_state if events else None
    return Origin(state, tuple(there[key] for key in named if key in there))
