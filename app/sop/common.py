"""What several SOPs share: content types, contact channels, roles that read everything."""

from __future__ import annotations

PDF = ("application/pdf",)
IMAGES = ("image/jpeg", "image/png", "image/webp")
OFFICE = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/msword",
    "application/vnd.ms-excel",
)
TEXT = ("text/plain", "message/rfc822")
AUDIO = ("audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-wav", "audio/amr", "audio/aac")
#: What an ordinary letter, form or proof may come as.
PAPERS = PDF + IMAGES + OFFICE + TEXT

#: Reads and exports everything of every SOP; changes nothing except where an SOP names it.
SUPERVISOR = "Supervisor"
