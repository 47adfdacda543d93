"""Cuts what a reply quotes: of the mail programs that people use here, in Indonesian and in English."""

from __future__ import annotations

import re

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES, QUOTED_MATCH_INCLUDE

#: Lines and characters of a line that are looked through: its expressions take the square of a line's length.
MOST_LINES, LONGEST_LINE = 500, 250
#: How the library's languages are written, for one that it lacks.
MAIL_LANGUAGES["id"] = {
    "wrote_header": rf"^({QUOTED_MATCH_INCLUDE}Pada\s(?:.+?\s?.+?)\s?(?:menulis|wrote):)$",
    "from_header": rf"((?:(?:^|\n|\n{QUOTED_MATCH_INCLUDE})[* ]*"
    r"(?:Dari|Dikirim|Tanggal|Kepada|Ke|Untuk|Perihal|Subjek|Subyek|Cc|Salinan):[ *]*(?:\s{,2}).*){2,}(?:\n.*){,1})",
    "signatures": ["Salam hormat", "Hormat saya"],
    "sent_from": "Dikirim dari|Terkirim dari|Dapatkan Outlook untuk",
    "disclaimers": [],
}
PARSER = EmailReplyParser(languages=["id", "en"])
#: A line that begins the mail that is answered, or is passed on.
SEPARATOR = re.compile(
    r"^[ >]*(-{3,}|_{3,}) ?(original message|pesan asli|pesan semula|balasan|reply|forwarded message|pesan terusan"
    r"|pesan yang diteruskan) ?(-{3,}|_{3,})?$|^_{20,}$",
    re.IGNORECASE,
)
QUOTED = re.compile(r"^\s*>")


def without_quotes(text: str) -> str:
    """What was written above what is quoted, with signature; where that would leave nothing, the whole."""
    lines = text.split("\n")
    until = next((at for at, line in enumerate(lines) if SEPARATOR.match(line[:LONGEST_LINE])), len(lines))
    probe = [line.strip()[:LONGEST_LINE] for line in lines[: min(until, MOST_LINES)]]
    above = _above_header(probe)
    kept = lines[: min(until, above)] if above is not None else lines[:until]
    while kept and (not kept[-1].strip() or QUOTED.match(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip() or text


def _above_header(lines: list[str]) -> int | None:
    """How many lines stand above the first header of a quoted mail; None where there is none."""
    blank = next((at for at, line in enumerate(lines) if line), len(lines))
    written = "\n".join(lines[blank:])
    replies = PARSER.read(written).replies if written else []
    if len(replies) < 2:
        return 0 if replies and replies[0].headers else None
    first = replies[0]
    return blank if first.headers else blank + first.content.count("\n") + 1
