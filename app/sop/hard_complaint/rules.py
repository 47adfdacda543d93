"""What the recording says about a hard complaint: its length, and which positions lie within it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.workflow.declaration import Case, Facts, Text, Work
from app.workflow.outline import told
from app.workflow.values import position


@told(_("Measures the length of the recording."))
def measure_recording(case: Case, work: Work) -> None:
    case.recording_seconds = work.seconds_of("voice_recording")
    case.found_recording = True


def within_recording(facts: Facts) -> bool:
    return not _beyond(facts)


def beyond_sentence(facts: Facts) -> Text:
    written = ", ".join(position(seconds) for seconds in _beyond(facts))
    length = position(facts.case.recording_seconds) if facts.case is not None else ""
    return _("The recording ends at %(length)s; these positions lie behind it: %(positions)s.",
             length=length, positions=written)  # fmt: skip


def _beyond(facts: Facts) -> list[int]:
    """Positions handed in that lie behind the recording's end."""
    length = facts.case.recording_seconds if facts.case is not None else None
    rows = facts.values.get("chronology") or ()
    return [row["position"] for row in rows if length is not None and row["position"] > length]
