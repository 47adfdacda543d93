"""What a mail says, whatever program has written it, and what is not trusted."""

from __future__ import annotations

import pytest

from app.services.mail.parsing import parse
from tests.services.mail.corpus import Sample, samples

CORPUS = samples("PGD-261118-00001")
#: What the source alone can't tell.
BY_CASES = {"unknown_sender", "incomplete", "own"}


def test_the_corpus_is_a_corpus() -> None:
    assert len(CORPUS) >= 60
    assert len({sample.name for sample in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("sample", CORPUS, ids=lambda sample: sample.name)
def test_it_is_read(sample: Sample) -> None:
    mail = parse(sample.raw)
    if sample.becomes in ("auto", "list", "bounce"):
        assert mail.kind == sample.becomes
        return
    assert mail.kind == "person"
    if sample.becomes not in ("case", "entry", "nothing") and sample.becomes not in BY_CASES:
        assert mail.trouble == sample.becomes
        return
    assert mail.trouble == "", mail.detail
    said = mail.reply if sample.becomes == "entry" else f"{mail.subject}\n\n{mail.text}"
    assert sample.says in said
    assert sample.not_says not in said
    assert tuple(one.filename for one in mail.attachments) == sample.files
