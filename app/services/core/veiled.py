"""A case and its documents as somebody reads them who gets personal data masked: rows with the same attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.models import Document
from app.services.core import masking, personal
from app.services.core.access import Actor
from app.sop import sop_of
from app.workflow.declaration import Records, Sop
from app.workflow.veil import Masked


class Veiled:
    """A row, with ``instead`` of some of its attributes."""

    def __init__(self, row: Any, **instead: Any) -> None:
        self._row, self._instead = row, instead

    def __getattr__(self, name: str) -> Any:
        return self._instead[name] if name in self._instead else getattr(self._row, name)


class VeiledCase(Veiled):
    """A case; what is hidden is masked as it is read."""

    def __init__(self, sop: Sop, case: Any) -> None:
        super().__init__(case)
        self._sop, self._hidden = sop, masking.hidden(sop)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._row, name)
        if name in self._hidden:
            return masking.veil(value, masking.field_of(self._sop, name))
        records = self._sop.records_by_key.get(name)
        return value if records is None else [_row(self._sop, records, one) for one in value]


def _row(sop: Sop, records: Records, row: Any) -> Veiled:
    hidden = personal.of_rows(sop, records)
    return Veiled(row, **{column.key: masking.veil(getattr(row, column.key), column) for column in hidden})


def case_for(actor: Actor, case: Any) -> Any:
    """The case as its page shows it to ``actor``."""
    return VeiledCase(sop_of(case), case) if masking.masked_now(actor, case) else case


def listed_for(actor: Actor, case: Any) -> Any:
    """The same among others, where nothing is ever revealed."""
    sop = sop_of(case)
    return VeiledCase(sop, case) if masking.masked(actor, sop) else case


def documents_for(actor: Actor, case: Any, documents: Sequence[Document]) -> list[Any]:
    """The documents of a case as its page shows them: the name of a file tells of people as well."""
    if not masking.masked_now(actor, case):
        return list(documents)
    return [one if one.uploader_id == actor.id else _document(one) for one in documents]


def _document(document: Document) -> Veiled:
    return Veiled(document, filename=Masked(masking.file_name(document.filename)) if document.filename else "")


def is_veiled(row: Any) -> bool:
    return isinstance(row, Veiled)


def mail(row: Any) -> Veiled:
    """A mail of a case, in or out: when there was one, and what became of it."""
    hidden = ("recipient", "sender", "sender_name", "subject", "text", "error", "detail")
    return Veiled(row, **{key: masking.blank(getattr(row, key, "")) for key in hidden})
