"""The history of a case as a conversation: what belongs together is one entry, and one can ask for a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l

from app.panel.cases.timeline import TimelineEntry
from app.services.core import clock
from app.services.core.wording import COMMENTING, MAIL_CAME, MAIL_DISCARDED, MAIL_FAILED, MAIL_RESENT
from app.workflow.declaration import Sop, Text

UPLOAD = "upload"
MAILS = frozenset({MAIL_CAME, MAIL_FAILED, MAIL_RESENT, MAIL_DISCARDED})
#: What can be asked for, in the order of the page.
PARTS: dict[str, Text] = {
    "all": _l("All"), "steps": _l("Steps done"), "comments": _l("Comments"), "documents": _l("Documents"),
    "contacts": _l("Contacts"),
}  # fmt: skip
ALL = "all"
#: So many entries stand open; older ones are folded once there are some more than that.
OPEN, SOME_MORE = 15, 5


@dataclass(frozen=True)
class Part:
    """A part that can be asked for, and how many entries are of it."""

    key: str
    label: Text
    count: int
    chosen: bool


@dataclass(frozen=True)
class Said:
    """An entry, and the parts to which it belongs."""

    line: TimelineEntry
    parts: frozenset[str]


@dataclass(frozen=True)
class Conversation:
    """``older``: the entries that are folded; ``chosen``: the part that is shown."""

    newest: Sequence[Said]
    older: Sequence[Said]
    parts: Sequence[Part]
    chosen: str

    def hides(self, said: Said) -> bool:
        return self.chosen != ALL and self.chosen not in said.parts


def conversation(sop: Sop, lines: Iterable[TimelineEntry], wanted: str | None) -> Conversation:
    """``lines``: newest first; ``wanted``: a key of ``PARTS``, as it stands in the address."""
    said = [Said(line, _parts(sop, line)) for line in together(lines)]
    counts = {key: sum(key == ALL or key in one.parts for one in said) for key in PARTS}
    chosen = wanted if wanted in PARTS and counts[wanted] else ALL
    parts = [Part(key, label, counts[key], key == chosen) for key, label in PARTS.items() if counts[key]]
    open_ones = len(said) if len(said) <= OPEN + SOME_MORE else OPEN
    return Conversation(said[:open_ones], said[open_ones:], parts, chosen)


def together(lines: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """The lines, with the uploads that one person made on one day, one after another, as one of them."""
    found: list[TimelineEntry] = []
    for line in lines:
        if found and _goes_on(found[-1], line):
            newer = found.pop()
            line = replace(newer, documents=[*line.documents, *newer.documents], began=line.at)
        found.append(line)
    return found


def _goes_on(newer: TimelineEntry, older: TimelineEntry) -> bool:
    zone = clock.zone()
    return (
        newer.key == older.key == UPLOAD
        and (newer.actor, newer.round, newer.after) == (older.actor, older.round, older.after)
        and newer.note == older.note == ""
        and newer.at.astimezone(zone).date() == older.at.astimezone(zone).date()
    )


def _parts(sop: Sop, line: TimelineEntry) -> frozenset[str]:
    step = sop.known_transitions.get(line.key)
    belongs = {
        "steps": step is not None,
        "comments": line.key in COMMENTING,
        "documents": bool(line.documents),
        "contacts": line.key in MAILS or (step is not None and step.contact),
    }
    return frozenset(part for part, is_so in belongs.items() if is_so)
