"""The text of a document that no browser shows: what is written in it, without how it is set.

A file may be made to harm whoever opens it: nothing of it is run, entities are not resolved, and no more is unpacked
than fits the bounds, whatever it says about itself.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from flask_babel import gettext as _

from app.models import Document
from app.services.core.errors import WrongContent
from app.services.documents import storage

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PLAIN = frozenset({"text/plain", "message/rfc822"})
#: What ``text_of`` can read.
READABLE = frozenset({DOCX, *PLAIN})
#: Larger ones are downloaded, bytes.
LARGEST = 30 << 20
#: What is unpacked of the text with its markup, bytes; what is shown of the text, characters.
UNPACKED, SHOWN = 16 << 20, 200_000
BODY = "word/document.xml"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: What stands for itself in the text.
MARKS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}


def text_of(document: Document) -> str:
    """Paragraphs a line each, the cells of a row parted by tabs; cut off after ``SHOWN`` characters, which the last
    line says. Raises ``WrongContent`` for what can't be read, ``Unavailable`` while the storage is away."""
    if document.content_type not in READABLE or document.size > LARGEST:
        raise _unreadable()
    content = b"".join(storage.read(document.storage_key, 0, document.size))
    if document.content_type in PLAIN:
        return _cut([content[: SHOWN * 4].decode("utf-8", "replace")])
    try:
        return _cut(_lines(_body(content)))
    except (zipfile.BadZipFile, zlib.error, KeyError, ParseError, DefusedXmlException, NotImplementedError,
            RuntimeError, EOFError, ValueError, OSError) as error:  # fmt: skip
        raise _unreadable() from error


def _unreadable() -> WrongContent:
    return WrongContent(_("The text of this file can't be shown; please download it."))


def _body(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as packed, packed.open(BODY) as body:
        unpacked = body.read(UNPACKED + 1)
    if len(unpacked) > UNPACKED:
        raise ValueError("too much")
    return unpacked


def _lines(body: bytes) -> Iterator[str]:
    """The text in pieces, as they are read."""
    cells = 0
    for event, element in iterparse(io.BytesIO(body), events=("start", "end")):
        if event == "start":
            cells += element.tag == f"{W}tc"
            continue
        yield from _piece(element, cells)
        cells -= element.tag == f"{W}tc"
        if element.tag in (f"{W}p", f"{W}tr"):
            element.clear()


def _piece(element: Any, cells: int) -> Iterator[str]:
    tag = element.tag
    if tag == f"{W}t":
        yield element.text or ""
    elif tag in MARKS:
        yield MARKS[tag]
    elif tag == f"{W}p":
        yield " " if cells else "\n"
    elif tag == f"{W}tc":
        yield "\t"
    elif tag == f"{W}tr":
        yield "\n"


def _cut(pieces: Iterable[str]) -> str:
    found: list[str] = []
    length = 0
    for piece in pieces:
        found.append(piece)
        length += len(piece)
        if length > SHOWN:
            rest = _("… the rest is left out here; please download the file.")
            return f"{''.join(found)[:SHOWN]}\n\n{rest}"
    return "".join(found).strip()
