"""What of a document could act by itself on the computer of whoever opens it: scripts, macros, what it would fetch or
start. Nothing of it is run here, and no more is unpacked than the bounds say, whatever the file says of itself.

PDF is read by qpdf (pikepdf), which undoes whatever hides a name; the office formats are archives whose parts tell.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core.errors import WrongContent

log = logging.getLogger(__name__)
SCRIPT, STARTS, INSIDE, FORM, MACROS, FETCHES, OBJECTS, DDE, CLOSED = (
    "script", "starts", "files_inside", "xfa", "macros", "fetches", "objects", "dde", "unread",
)  # fmt: skip
#: As people read them beside the document.
LABELS = {
    SCRIPT: _l("contains a script"),
    STARTS: _l("would start another program"),
    INSIDE: _l("contains other files"),
    FORM: _l("contains a form that can run scripts (XFA)"),
    MACROS: _l("contains macros"),
    FETCHES: _l("would fetch something from elsewhere"),
    OBJECTS: _l("contains embedded objects"),
    DDE: _l("would ask another program for data (DDE)"),
    CLOSED: _l("could not be examined"),
}
#: Of an archive: what it may hold in all, by how much it may have been pressed, in how many parts; of one part, what is
#: read; bytes.
UNPACKED, PRESSED, PARTS, PART = 500 << 20, 200, 10_000, 16 << 20
#: Of a PDF: what one stream of objects may unpack to, in bytes, and how many things are looked at.
STREAM, THINGS = 64 << 20, 100_000
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

ACTIONS = {"/JavaScript": SCRIPT, "/Rendition": SCRIPT, "/Launch": STARTS, "/GoToE": INSIDE, "/SubmitForm": FETCHES,
           "/ImportData": FETCHES, "/GoToR": FETCHES}  # fmt: skip
KEYS = {"/JS": SCRIPT, "/EmbeddedFiles": INSIDE, "/EF": INSIDE, "/XFA": FORM, "/RichMediaContent": INSIDE}
WORDS = re.compile(b"|".join(re.escape(word.encode()) + rb"\b" for word in (*ACTIONS, *KEYS)))
#: What a PDF that qpdf can't read says in the clear.
RAW = {rb"/(JavaScript|JS)\b": SCRIPT, rb"/Launch\b": STARTS, rb"/EmbeddedFiles?\b": INSIDE, rb"/XFA\b": FORM}
STREAMS = re.compile(rb"/Type\s*/(?:ObjStm|XRef)|/ObjStm")

#: Parts of office files by their names, in lower case.
NAMES = (
    (re.compile(r"vba(project|data)|(^|/)(basic|scripts)/|macrosheets/|\.bas$"), MACROS),
    (re.compile(r"activex/|oleobject|embeddings/.*\.bin$|(^|/)object ?\d*(/|$)|objectreplacements/"), OBJECTS),
)
TARGET = re.compile(rb"""<[\w:]*Relationship\b[^>]*TargetMode\s*=\s*["']External["'][^>]*>""", re.I | re.S)
#: A link waits for a click; a picture, a template or an object is fetched.
HARMLESS = re.compile(rb"""Type\s*=\s*["'][^"']*/hyperlink["']""", re.I)
DDE_MARKS = re.compile(rb"DDEAUTO|\bDDE\b|ddeLink|ddeService", re.I)
ODF_MARKS = re.compile(
    rb"<script:event-listener|<office:script\b|<text:script\b|<table:dde-link|office:dde-source", re.I
)
#: Of the old binary formats, whose folders have their names in UTF-16.
OLE_MARKS = ((("_VBA_PROJECT", "Macros", "VBA"), MACROS), (("ObjectPool", "\x01Ole10Native", "\x01Ole"), OBJECTS))


def found_in(content_type: str, content: bytes) -> tuple[str, ...]:
    """Keys of ``LABELS``, in their order. Raises ``WrongContent`` for an archive that would unpack to too much."""
    found: set[str] = set()
    if content_type == "application/pdf":
        found.update(_in_pdf(content))
    elif content[:4] in ZIPS:
        found.update(_in_archive(content))
    elif content.startswith(OLE):
        found.update(_in_ole(content))
    return tuple(key for key in LABELS if key in found)


def examined(content_type: str) -> bool:
    """Whether files of this type can have something in them that is looked for."""
    return content_type == "application/pdf" or content_type.startswith(("application/vnd.", "application/msword"))


def _in_pdf(content: bytes) -> Iterator[str]:
    if _is_pressed(content):
        yield CLOSED
        return
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if _may_act(pdf):
                yield from _in_objects(pdf)
            if len(pdf.attachments):
                yield INSIDE
    except Exception as error:  # whatever a library that reads foreign bytes may raise
        log.info("A PDF can't be read: %s", error)
        yield from (key for mark, key in RAW.items() if re.search(mark, content))
        if not isinstance(error, pikepdf.PdfError):
            yield CLOSED  # locked by a password, or made to be read by nobody


def _may_act(pdf: Any) -> bool:
    """Whether one of the words stands anywhere in it as qpdf writes it, nothing hidden and nothing packed: going
    through a hundred thousand objects takes seconds, so it is done where there is something to find."""
    plain = io.BytesIO()
    pdf.save(
        plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )  # fmt: skip
    return bool(WORDS.search(plain.getbuffer()))


def _is_pressed(content: bytes) -> bool:
    """Whether a stream of objects, which qpdf unpacks to find its way, would unpack to more than it may."""
    for mark in STREAMS.finditer(content):
        begin = content.find(b"stream", mark.end(), mark.end() + 4096)
        if begin >= 0 and _unpacks_beyond(content[begin + 6 :].lstrip(b"\r\n")):
            return True
    return False


def _unpacks_beyond(packed: bytes) -> bool:
    unpacking = zlib.decompressobj()
    try:
        return len(unpacking.decompress(packed, STREAM + 1)) > STREAM
    except zlib.error:
        return False


def _in_objects(pdf: Any) -> Iterator[str]:
    waiting, left = list(pdf.objects), THINGS
    while waiting and left:
        thing, left = waiting.pop(), left - 1
        if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
            items = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
            action = items.get("/S")
            if isinstance(action, pikepdf.Name) and str(action) in ACTIONS:
                yield ACTIONS[str(action)]
            for key, value in items.items():
                if key in KEYS:
                    yield KEYS[key]
                waiting += _direct(value)
        elif isinstance(thing, pikepdf.Array):
            for value in thing:
                waiting += _direct(value)
    if waiting:
        yield CLOSED


def _direct(value: Any) -> list[Any]:
    """What is not an object of its own, which is among the objects anyway."""
    inner = isinstance(value, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream) and not value.is_indirect
    return [value] if inner else []


def _in_archive(content: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            _bounded(entries, len(content))
            for entry in entries:
                yield from _in_part(packed, entry)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        log.info("An archive can't be read: %s", error)
        yield CLOSED


def _bounded(entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    pressed = unpacked > PRESSED * size and unpacked > UNPACKED // 10
    if pressed or unpacked > UNPACKED or len(entries) > PARTS:
        raise WrongContent(_("This file would unpack to far more than it is, so it is not taken."))


def _in_part(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[str]:
    name = entry.filename.replace("\\", "/").lower()
    yield from (key for pattern, key in NAMES if pattern.search(name))
    if not name.endswith((".xml", ".rels")):
        return
    with packed.open(entry) as part:
        said = part.read(PART + 1)
    if len(said) > PART:
        yield CLOSED
    if said[:2] in (b"\xff\xfe", b"\xfe\xff"):
        said = said.decode("utf-16", "replace").encode()
    if name.endswith(".rels"):
        if any(not HARMLESS.search(target) for target in TARGET.findall(said)):
            yield FETCHES
    elif ODF_MARKS.search(said):
        yield DDE if b"dde" in said.lower() else MACROS
    elif (DDE_MARKS.search(said) and b"instrText" in said) or re.search(rb"<[\w:]*ddeLink\b", said):
        yield DDE


def _in_ole(content: bytes) -> Iterator[str]:
    for names, key in OLE_MARKS:
        if any(name.encode("utf-16-le") + b"\0\0" in content for name in names):
            yield key
    if re.search(rb"\x13\s*DDE(AUTO)?\b", content) or "DDEAUTO".encode("utf-16-le") in content:
        yield DDE
