"""Recognises the content type of a file by its bytes."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from pathlib import PurePath

import filetype

#: Endings by which a content type may be named; the standard table does not know them all.
ENDINGS: dict[str, frozenset[str]] = {
    "application/pdf": frozenset({".pdf"}),
    "image/jpeg": frozenset({".jpg", ".jpeg", ".jpe"}),
    "image/png": frozenset({".png"}),
    "image/webp": frozenset({".webp"}),
    "application/msword": frozenset({".doc"}),
    "application/vnd.ms-excel": frozenset({".xls"}),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": frozenset({".docx"}),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": frozenset({".xlsx"}),
    "application/vnd.oasis.opendocument.text": frozenset({".odt"}),
    "application/vnd.oasis.opendocument.spreadsheet": frozenset({".ods"}),
    "audio/mpeg": frozenset({".mp3"}),
    "audio/mp4": frozenset({".m4a", ".mp4"}),
    "audio/ogg": frozenset({".ogg", ".oga", ".opus"}),
    "audio/x-wav": frozenset({".wav"}),
    "audio/amr": frozenset({".amr"}),
    "audio/aac": frozenset({".aac"}),
    "text/plain": frozenset({".txt"}),
    "message/rfc822": frozenset({".eml"}),
}
#: Shown in the browser; everything else is only ever downloaded.
INLINE = frozenset(
    {"application/pdf", "image/jpeg", "image/png", "image/webp", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-wav"}
)


def sniff(head: bytes, filename: str) -> str | None:
    """The content type of a file that begins with ``head``; None when it is nothing known.

    Plain text has no mark of its own: it is what decodes as UTF-8 without control characters, and its ending says
    whether it is a note or a mail.
    """
    kind = filetype.guess(head)
    if kind is not None:
        return str(kind.mime)
    if _is_text(head):
        guessed = mimetypes.guess_type(filename)[0]
        return guessed if guessed in ("text/plain", "message/rfc822") else None
    return None


def claims_falsely(head: bytes, filename: str) -> str | None:
    """The content type that a file has in truth, where its name claims another one; None where one of the two is
    nothing known, or they fit."""
    found = sniff(head, filename) or ("text/plain" if _is_text(head) else None)
    known = found in ENDINGS and PurePath(filename).suffix.lower() in {e for some in ENDINGS.values() for e in some}
    return found if found and known and not fits_name(found, filename) else None


def endings(types: Iterable[str]) -> list[str]:
    """How files of these content types end, such as ``.pdf``."""
    return sorted(ending for content_type in types for ending in ENDINGS.get(content_type, ()))


def fits_name(content_type: str, filename: str) -> bool:
    """Whether ``filename`` ends like a file of ``content_type``; a name without an ending claims nothing."""
    ending = PurePath(filename).suffix.lower()
    return not ending or ending in ENDINGS.get(content_type, frozenset())


def _is_text(head: bytes) -> bool:
    if not head or any(byte < 9 or 13 < byte < 32 for byte in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character cut in two at the end of the head
    return True
