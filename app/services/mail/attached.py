"""The files that come with a mail, as they are called and as they are; whether they may be a document is checked where
every upload is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from tnefparse import TNEF

from app.services.mail.bodies import text_of_html, tidy
from app.services.mail.headers import decoded, one_line, text_of
from app.services.mail.structure import Untrusted
from app.workflow import file_names

#: Files of a mail that are kept; a picture smaller than this in the text is an ornament of a signature.
MOST_FILES, ORNAMENT = 30, 4 << 10
#: What an archive may hold in all, by how much it may have been pressed, and in how many entries.
LARGEST_UNPACKED, MOST_PRESSED, MOST_ENTRIES = 500 << 20, 200, 10_000
LONGEST_NAME = 150
ENCRYPTED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
WINMAIL = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


@dataclass(frozen=True)
class Attachment:
    filename: str
    content: bytes


def attachment_of(part: Message[Any, Any]) -> Attachment | None:
    """None of an empty one and of an ornament. Raises ``Untrusted``."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content:
        return None
    inline = part.get_content_disposition() != "attachment"
    if inline and part.get("content-id") and part.get_content_maintype() == "image" and len(content) < ORNAMENT:
        return None
    return checked(name_of(part), content)


def name_of(part: Message[Any, Any]) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        name = ""
    return _safe(text_of(name)) or f"{part.get_content_maintype()}.{_ending(part.get_content_subtype())}"


def _ending(subtype: str) -> str:
    return {"plain": "txt", "jpeg": "jpg", "mpeg": "mp3"}.get(subtype, subtype.rpartition(".")[2].rpartition("-")[2])


def _safe(name: str) -> str:
    return file_names.clean(one_line(name, 1_000), "")


def forwarded(part: Message[Any, Any]) -> Attachment | None:
    """A mail within the mail, as a file of its own."""
    inner = part.get_payload()
    if not isinstance(inner, list) or not inner or not isinstance(inner[0], Message):
        return None
    subject = _safe(text_of(str(inner[0].get("subject") or ""))[:80]) or "mail"
    return Attachment(f"{subject.removesuffix('.eml')}.eml", inner[0].as_bytes())


def checked(name: str, content: bytes) -> Attachment:
    """Nothing here unpacks an archive, but who opens it would. Raises ``Untrusted``."""
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        try:
            entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            return Attachment(name, content)
        unpacked = sum(entry.file_size for entry in entries)
        pressed = unpacked > MOST_PRESSED * len(content) and unpacked > LARGEST_UNPACKED // 10
        if pressed or unpacked > LARGEST_UNPACKED or len(entries) > MOST_ENTRIES:
            raise Untrusted("archive", name)
    return Attachment(name, content)


def unwrapped(content: bytes) -> tuple[str, Iterator[Attachment]]:
    """Text and files of Outlook's ``winmail.dat``. Raises ``Untrusted``."""
    try:
        found = TNEF(content, do_checksum=False)
        text = _text_of(found)
        files = [(str(one.long_filename() or one.name), bytes(one.data or b"")) for one in found.attachments]
    except Exception as error:  # whatever a library that reads foreign bytes may raise
        raise Untrusted("unreadable", "winmail.dat") from error
    return text, (checked(_safe(name) or "file", data) for name, data in files if data)


def _text_of(found: Any) -> str:
    if found.body:
        return tidy(found.body if isinstance(found.body, str) else decoded(found.body, "utf-8"))
    html = found.htmlbody or ""
    return text_of_html(html if isinstance(html, str) else decoded(html, "utf-8"))
