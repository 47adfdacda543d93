"""Files of the demo: a small one of every content type that documents may ask for."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable

from app.services.documents.documents import Upload
from app.workflow.declaration import DocumentType, Requirement, Sop

#: Seconds of a recording.
LENGTH = 90


def paper(kind: DocumentType, number: int = 0) -> Upload:
    """What may be handed in as this document. No two of different ``number`` are alike: the same file again is no
    revision. Raises ``LookupError`` where nothing of the content types is known here."""
    content_type = next((one for one in MADE if one in kind.accept), None)
    if content_type is None:
        raise LookupError(kind.key)
    ending, make = MADE[content_type]
    return Upload(f"{kind.key}.{ending}", io.BytesIO(make(f"{kind.key} {number or ''}".strip())))


def can_make(kind: DocumentType) -> bool:
    return any(one in kind.accept for one in MADE)


def chosen(sop: Sop, wanted: Requirement) -> str:
    """Which of the documents that a requirement names is handed in: the first that can be made."""
    return next((key for key in wanted.any_of if can_make(sop.document_by_key[key])), wanted.any_of[0])


def _pdf(name: str) -> bytes:
    """A page that says what it stands for."""
    text = f"BT /F1 18 Tf 60 760 Td (Contoh dokumen: {name}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _mp3(name: str) -> bytes:
    """Silence: MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono, frames of 104 bytes, each 1152 samples of nothing."""
    frame = b"\xff\xfb\x10\xc0" + bytes(100)
    return b"ID3\x03\x00\x00\x00\x00\x00\x00" + frame * (LENGTH * 44_100 // 1152) + name.encode()


def _wav(name: str) -> bytes:
    with io.BytesIO() as out:
        with wave.open(out, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(1)
            sound.setframerate(1_000)
            sound.writeframes(b"\x80" * 1_000 * LENGTH)
        return out.getvalue() + name.encode()


def _png(name: str) -> bytes:
    """One white dot, and what readers skip behind its end."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0\xff")), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed) + name.encode()


def _zip(parts: dict[str, str]) -> bytes:
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w") as packed:
            for path, content in parts.items():
                packed.writestr(path, content)
        return out.getvalue()


def _office(folder: str, main: str) -> Callable[[str], bytes]:
    """Office Open XML, as far as its type is recognised by."""
    return lambda name: _zip({"[Content_Types].xml": "<Types/>", "_rels/.rels": name, f"{folder}/{main}": "<x/>"})


def _open_document(kind: str) -> Callable[[str], bytes]:
    return lambda name: _zip(
        {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": f"<x>{name}</x>"}
    )


def _beginning(head: bytes) -> Callable[[str], bytes]:
    """A file that is known by its first bytes alone."""
    return lambda name: head + bytes(64) + name.encode()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
#: The ending and the content by content type, the best first.
MADE: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "application/pdf": ("pdf", _pdf),
    "audio/mpeg": ("mp3", _mp3),
    "image/png": ("png", _png),
    "image/jpeg": ("jpg", _beginning(b"\xff\xd8\xff\xe0")),
    "image/webp": ("webp", _beginning(b"RIFF\x40\x00\x00\x00WEBPVP8 ")),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        "docx", _office("word", "document.xml")),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx", _office("xl", "workbook.xml")),
    "application/vnd.oasis.opendocument.text": ("odt", _open_document("text")),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods", _open_document("spreadsheet")),
    "application/msword": ("doc", _beginning(OLE + b"\xec\xa5\xc1\x00")),
    "application/vnd.ms-excel": ("xls", _beginning(OLE + b"\x09\x08\x10\x00\x00\x06\x05\x00")),
    "text/plain": ("txt", lambda name: f"Contoh dokumen: {name}\n".encode()),
    "message/rfc822": ("eml", lambda name: f"Subject: Contoh dokumen\n\n{name}\n".encode()),
    "audio/x-wav": ("wav", _wav),
    "audio/mp4": ("m4a", _beginning(b"\x00\x00\x00\x20ftypM4A ")),
    "audio/ogg": ("ogg", _beginning(b"OggS\x00\x02")),
    "audio/amr": ("amr", _beginning(b"#!AMR\n")),
    "audio/aac": ("aac", _beginning(b"\xff\xf1\x50\x80")),
}  # fmt: skip
