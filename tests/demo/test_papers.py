"""The demo has a file of every content type that a document may ask for, and no two alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.demo import papers
from app.services.documents.sniff import ENDINGS, fits_name, sniff
from app.workflow.declaration import DocumentType, Requirement
from tests.refund import REFUND


@pytest.mark.parametrize("content_type", ENDINGS)
def test_it_is_recognised_as_what_was_asked_for(content_type: str) -> None:
    kind = DocumentType("proof", "Proof", (content_type,))
    one, other = papers.paper(kind, 1), papers.paper(kind, 2)
    content = one.stream.read()
    assert sniff(content[:8192], one.filename) == content_type
    assert fits_name(content_type, one.filename)
    assert content != other.stream.read()


def test_the_document_that_can_be_made_is_handed_in() -> None:
    strange = DocumentType("strange", "Strange", ("application/x-strange",))
    sop = replace(REFUND, documents=(*REFUND.documents, strange))
    assert papers.chosen(sop, Requirement(("strange", "proof"))) == "proof"
    assert not papers.can_make(strange)
    with pytest.raises(LookupError):
        papers.paper(strange)
