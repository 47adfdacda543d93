"""What a document may come as: groups of content types by the name that an SOP uses."""

from __future__ import annotations

OFFICE = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/msword",
    "application/vnd.ms-excel",
)
PDF, IMAGES = ("application/pdf",), ("image/jpeg", "image/png", "image/webp")
TEXT = ("text/plain", "message/rfc822")
GROUPS: dict[str, tuple[str, ...]] = {
    # What an ordinary letter, form or proof may come as.
    "papers": PDF + IMAGES + OFFICE + TEXT,
    "pdf": PDF,
    "images": IMAGES,
    "office": OFFICE,
    "text": TEXT,
    "docx": OFFICE[:1],
    "mp3": ("audio/mpeg",),
    "audio": ("audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-wav", "audio/amr", "audio/aac"),
}
