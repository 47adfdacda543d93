"""Builds mails as mail programs write them, and as none does."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
from email import policy
from email.message import EmailMessage

SERVICE = "layanan@contoh.example"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(9_000) + b"\xff\xd9"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def head(key: str, subject: str = "Tagihan ganda", sender: str = "", **more: str) -> bytes:
    """Headers, each on a line, that an ASCII mail begins with."""
    said = {
        "From": sender or f"Budi {key.title()} <{key}@pelanggan.example>", "To": SERVICE, "Subject": subject,
        "Date": "Wed, 18 Nov 2026 09:12:00 +0700", "Message-ID": f"<{key}@pelanggan.example>",
    }  # fmt: skip
    said |= {name.replace("_", "-"): value for name, value in more.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in said.items() if value).encode("utf-8", "surrogateescape")


def plain(key: str, text: str = "Tagihan saya ditarik dua kali.", **more: str) -> bytes:
    return head(key, **more) + b"\r\n" + text.replace("\n", "\r\n").encode() + b"\r\n"


def in_charset(key: str, text: str, charset: str, claimed: str | None = None, encoding: str = "base64") -> bytes:
    """``claimed``: the charset that it says it is in; empty: none."""
    claimed = charset if claimed is None else claimed
    kind = f"text/plain; charset={claimed}" if claimed else "text/plain"
    content = text.encode(charset)
    body = base64.encodebytes(content) if encoding == "base64" else content
    return head(key, MIME_Version="1.0", Content_Type=kind, Content_Transfer_Encoding=encoding) + b"\r\n" + body


def letter(key: str, text: str = "", html: str = "", subject: str = "Tagihan ganda", **more: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = more.pop("sender", f"Budi {key.title()} <{key}@pelanggan.example>")
    message["To"], message["Subject"] = SERVICE, subject
    message["Date"], message["Message-ID"] = "Wed, 18 Nov 2026 09:12:00 +0700", f"<{key}@pelanggan.example>"
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    if text or not html:
        message.set_content(text)
    if html:
        (message.add_alternative if text else message.set_content)(html, subtype="html")
    return message


def with_files(key: str, *files: tuple[str, bytes], text: str = "Terlampir.", **more: str) -> bytes:
    message = letter(key, text, **more)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def of_type(key: str, kind: str, body: bytes = b"abc", **more: str) -> bytes:
    return head(key, Content_Type=kind, **more) + b"\r\n" + body


def mixed(key: str, *parts: bytes, closed: bool = True, **more: str) -> bytes:
    """A multipart whose parts stand as they are given, each with its headers."""
    opened = b"".join(b"--grenze\r\n" + part + b"\r\n" for part in parts)
    end = b"--grenze--\r\n" if closed else b""
    return of_type(key, "multipart/mixed; boundary=grenze", opened + end, MIME_Version="1.0", **more)


def nested(key: str, depth: int, text: str = "Di dalam sekali.") -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at) for at in range(depth))
    closed = b"".join(b"\r\n--b%d--\r\n" % at for at in reversed(range(depth)))
    return head(key) + opened + b"Content-Type: text/plain\r\n\r\n" + text.encode() + closed


def archive(size: int) -> bytes:
    """A zip with one file of so many zeros."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("nol.txt", bytes(size))
    return packed.getvalue()


def winmail(text: str, *files: tuple[str, bytes]) -> bytes:
    """As Outlook packs a mail (MS-OXTNEF): a body and attachments."""
    packed = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x0002800C, text.encode() + b"\0")
    for name, content in files:
        packed += _attribute(2, 0x00069002, bytes(14))
        packed += _attribute(2, 0x00018010, name.encode() + b"\0") + _attribute(2, 0x0006800F, content)
    return packed


def _attribute(level: int, kind: int, content: bytes) -> bytes:
    return struct.pack("<BII", level, kind, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def report(key: str, returned: str, action: str = "failed", recipient: str = "rahmat@pelanggan.example") -> bytes:
    """A report on the delivery of the mail with the id ``returned`` (RFC 3464)."""
    said = (
        b"Content-Type: text/plain\r\n\r\nThis is the mail system at host mx.example.\r\n",
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; " + recipient.encode() + b"\r\nAction: " + action.encode() + b"\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
        b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: " + returned.encode() + b"\r\nSubject: x\r\n",
    )
    parts = b"".join(b"--laporan\r\n" + part + b"\r\n" for part in said) + b"--laporan--\r\n"
    sender = "Mail Delivery System <MAILER-DAEMON@mx.example>"
    kind = "multipart/report; report-type=delivery-status; boundary=laporan"
    return of_type(key, kind, parts, sender=sender, subject="Undelivered Mail Returned to Sender")
