"""The document that declares a procedure, to be taken away."""

from __future__ import annotations

from app.workflow.declaration import Sop
from app.workflow.document import parse
from app.workflow.document.toml import to_toml
from app.workflow.document.writing import as_document
from app.workflow.mistakes import Mistakes


def document(sop: Sop) -> bytes:
    """It as TOML, as it was written; one that includes another is written anew, so that it is whole. Empty for an SOP
    without one."""
    written = sop.source.encode()
    tables = parse(written, Mistakes()) or {}
    return to_toml(as_document(sop)).encode() if "include" in tables else written
