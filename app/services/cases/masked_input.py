"""What comes back as it was masked is no answer: the case keeps what it has.

Whoever gets personal data masked finds the masks in a form, and a program in what it has read; both send them back with
the rest. It holds whether or not the case is revealed to them by now: the form may be from before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.models import Case
from app.services.cases.creation import is_empty, plain
from app.services.core import masking, personal
from app.services.core.access import Actor
from app.workflow.declaration import Field, Records, Sop, Transition
from app.workflow.values import InvalidValue, WrongCell
from app.workflow.veil import MASK

#: Controls that can't hold a mask: one who can't see what was chosen has not chosen nothing.
CHOSEN = frozenset({"tick", "one", "row", "several"})
REASON = "masked"


def kept(
    actor: Actor, sop: Sop, transition: Transition, raw: Mapping[str, Any], case: Case | None
) -> tuple[dict[str, Any], dict[str, InvalidValue]]:
    """The values that the case keeps, by field key, and those of ``raw`` that only look masked: of what has changed
    since, or of what this step answers anew."""
    if case is None or not masking.masked(actor, sop):
        return {}, {}
    anew, hidden = sop.emptied_by(transition), masking.hidden(sop)
    values: dict[str, Any] = {}
    wrong: dict[str, InvalidValue] = {}
    for field in transition.fields:
        if field.key not in raw or field.key not in hidden or field.key not in sop.own_fields or field.attests:
            continue
        present = None if field.key in anew else getattr(case, field.key)
        if _comes_back(field, raw[field.key], present):
            values[field.key] = present
        elif _looks_masked(raw[field.key]):
            wrong[field.key] = InvalidValue(REASON)
    return values, wrong


def with_rows(
    actor: Actor, sop: Sop, transition: Transition, raw: Mapping[str, Any], case: Case | None
) -> tuple[dict[str, Any], dict[str, InvalidValue]]:
    """``raw`` with the cells of the case's rows where masks come back in rows that replace them, and the cells that
    only look masked, by the key of the records."""
    answers, wrong = dict(raw), dict[str, InvalidValue]()
    if case is None or not masking.masked(actor, sop):
        return answers, wrong
    for field in transition.fields:
        records, sent = sop.records_by_key.get(field.key), raw.get(field.key)
        if not field.is_rows or records is None or not isinstance(sent, list):
            continue
        present = getattr(case, field.key) if field.key in sop.replaced else ()
        answers[field.key], cells = _unmasked(sop, records, sent, present)
        if cells:
            wrong[field.key] = InvalidValue(REASON, tuple(cells))
    return answers, wrong


def _comes_back(field: Field, sent: Any, present: Any) -> bool:
    if is_empty(present):
        return False
    if sent in (None, "", [], False):
        return field.kind.control in CHOSEN or field.type in masking.NO_TEXT
    return isinstance(sent, str) and sent.strip() in (masking.mask(plain(present), field), masking.mask(present, field))


def _looks_masked(sent: Any) -> bool:
    return isinstance(sent, str) and MASK in sent


def _unmasked(
    sop: Sop, records: Records, sent: list[Any], present: Sequence[Any]
) -> tuple[list[Any], list[WrongCell]]:  # fmt: skip
    hidden = personal.of_rows(sop, records)
    before = [{column.key: plain(getattr(row, column.key)) for column in records.columns} for row in present]
    open_keys = [column.key for column in records.columns if column not in hidden]
    rows: list[Any] = []
    wrong: list[WrongCell] = []
    for nth, row in enumerate(sent):
        cells = dict(row) if isinstance(row, Mapping) else row
        old = _same_row(row, nth, len(sent), before, open_keys) if isinstance(row, Mapping) else {}
        for column in hidden if isinstance(row, Mapping) else ():
            if _comes_back(column, row.get(column.key), old.get(column.key)):
                cells[column.key] = old[column.key]
            elif _looks_masked(row.get(column.key)):
                wrong.append(WrongCell(nth + 1, column, REASON))
        rows.append(cells)
    return rows, wrong


def _same_row(
    row: Mapping[str, Any], nth: int, many: int, before: Sequence[Mapping[str, Any]], open_keys: Sequence[str]
) -> Mapping[str, Any]:  # fmt: skip
    """The row that is meant: the one whose open cells are the same, else the one in the same place as long as none was
    left out."""
    if not any(str(value).strip() for value in row.values() if value is not None):
        return {}
    alike = [old for old in before if all(old[key] == row.get(key) for key in open_keys)] if open_keys else []
    if len(alike) == 1:
        return alike[0]
    return before[nth] if nth < len(before) <= many else {}
