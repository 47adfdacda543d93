"""Cases with unmistakable words in whatever tells of people, for tests that look for them where they must not be."""

from __future__ import annotations

from typing import Any

from app.services.core import masking
from app.sop import SOPS
from tests.client import Json, Program

#: Stands in whatever tells of people; no mask lets it through.
SECRET = "Zxqvjwk"
#: Stands beside it, and is never typed by who looks for it.
OTHER = "Wqxprdn"
PHONE = "081299998888"
#: Every role that some SOP masks.
PAIRS = [(sop.key, role) for sop in SOPS.values() for role in sop.masked_for]


class Discloser(Program):
    """Writes the secret into every personal field, long text, note and file name that the SOP asks for."""

    def answer(self, field: Json, nth: int = 0) -> Any:
        answer = super().answer(field, nth)
        if field["type"] == "longtext":
            return f"{SECRET} menulis\n{SECRET} dari {PHONE}"
        free = field["type"] == "text" and not field.get("format")
        return f"{SECRET} {PHONE}" if free and field["key"] in self.personal else answer

    @property
    def personal(self) -> set[str]:
        sop = SOPS[self.sop]
        return {*masking.hidden(sop), *(column.key for records in sop.records for column in records.columns)}

    def filled(self, fields: list[Json], step: Json, nth: int = 0) -> Json:
        body = super().filled(fields, step, nth)
        return body | {"note": f"Kata {SECRET} {OTHER}"} if "note" in body else body

    def file(self, document: str) -> tuple[str, bytes]:
        name, content = super().file(document)
        return f"KTP {SECRET} {OTHER}.{name.rpartition('.')[2]}", content
