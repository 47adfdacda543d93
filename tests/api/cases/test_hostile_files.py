"""Files made to harm: each is refused with a sentence, or served so that nothing of it runs."""

from __future__ import annotations

import re
import unicodedata
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask import Flask

from app.services.documents.sniff import ENDINGS, INLINE
from app.services.mail import attached
from tests import figures
from tests.api.story import SCAN
from tests.cast import Api, Cast
from tests.panel.helpers import SOMASI
from tests.services.documents import hostile
from tests.services.documents.hostile import BAD_NAMES, REFUSED, Hostile, corpus, pdf_with, zipped

HOSTILE = corpus()
KINDS = (hostile.pdfs, hostile.office, hostile.polyglots, hostile.pictures, hostile.archives, hostile.names)


@pytest.fixture
def legal(cast: Cast) -> Api:
    return cast.api("legal")


@pytest.fixture
def case(legal: Api) -> str:
    made = legal.post("/somasi/", SOMASI, files={"somasi": SCAN})
    return f"/somasi/{made.json['id']}"


def handed_in(legal: Api, case: str, one: Hostile) -> Any:
    """With a comment, which takes whatever any document may be."""
    return legal.post(f"{case}/comments", {"text": one.what}, files={"files": (one.filename, one.content)})


def is_safe_name(name: str) -> bool:
    hidden = any(unicodedata.category(one).startswith(("C", "Zl", "Zp")) for one in name)
    return bool(name) and not hidden and not set('<>:"|?*\\/') & set(name) and len(name) <= 200


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_nothing_of_it_runs(legal: Api, case: str, kind: Any) -> None:
    files = list(kind())
    wrong = {one.what: why for one in files for why in [what_is_wrong(legal, case, one)] if why}
    figures.count("hostile files", len(files))
    figures.count("hostile files served unsafely", len(wrong))
    assert wrong == {}


def what_is_wrong(legal: Api, case: str, one: Hostile) -> str:
    answer = handed_in(legal, case, one)
    if answer.status_code >= 400:
        told = answer.status_code in (400, 413, 415, 422) and answer.json["message"]
        return "" if told and one.found in (REFUSED, None) else f"{answer.status_code} {answer.text}"
    [kept] = answer.json["files"]
    found = {warning["key"] for warning in kept["warnings"]}
    if one.found == REFUSED:
        return f"taken as {kept['content_type']}"
    if isinstance(one.found, frozenset) and found != one.found:
        return f"found {sorted(found)}, not {sorted(one.found)}"
    content = legal.get(f"{case}/documents/{kept['id']}/content")
    disposition, _semicolon, said = content.headers["Content-Disposition"].partition(";")
    name = re.search(r"filename\*=UTF-8''(\S+)$", said)
    safe = {
        "status": content.status_code == 200 and content.data == one.content,
        "its name": is_safe_name(kept["filename"]) and name is not None and is_safe_name(unquote(name[1])),
        "the header": said.isascii() and said.isprintable(),
        "sniffing": content.headers["X-Content-Type-Options"] == "nosniff",
        "shown": disposition == "attachment" or (content.mimetype in INLINE and not found),
        "its type": content.mimetype in ENDINGS,
        "policy": "script-src 'self'" in content.headers["Content-Security-Policy"],
    }
    return ", ".join(what for what, right in safe.items() if not right)


def test_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nhostile files: {len(HOSTILE)}")  # noqa: T201
    assert len(HOSTILE) >= 60
    assert len({one.what for one in HOSTILE}) == len(HOSTILE)


def test_with_the_setting_what_could_act_is_refused(app: Flask, legal: Api, case: str) -> None:
    app.config["REFUSE_ACTIVE_CONTENT"] = True
    marked = [one for one in HOSTILE if isinstance(one.found, frozenset) and one.found]
    assert len(marked) > 20
    for one in marked:
        answer = handed_in(legal, case, one)
        assert answer.status_code == 415, one.what
        assert "tidak diterima di sini" in answer.json["message"]
    for name, plain in (("a.pdf", pdf_with()), ("a.docx", zipped("docx"))):
        assert handed_in(legal, case, Hostile("plain", name, plain)).status_code == 201


def test_the_word_stands_beside_it(cast: Cast, legal: Api) -> None:
    made = legal.post("/somasi/", SOMASI, files={"somasi": ("surat\u202efdp.exe.pdf", next(iter(HOSTILE)).content)})
    page = cast.login("legal").get(f"/somasi/{made.json['id']}").text
    assert "berisi skrip" in page
    assert "\u202e" not in page
    assert "suratfdp.exe.pdf" in page


def test_names_in_the_mail_are_cleaned_alike() -> None:
    for name in BAD_NAMES.values():
        said = quote(name.encode("utf-8", "surrogateescape"))
        head = f"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''{said}\r\n\r\nx"
        part = message_from_bytes(head.encode(), policy=policy.default)
        assert is_safe_name(attached.name_of(part)), name
