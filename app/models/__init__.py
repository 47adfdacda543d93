"""Tables that all SOPs share; an SOP's own tables follow from its declaration (``derive``)."""

from app.models.case import Case, Counter, Document, Event, Follow, Link
from app.models.master import REFERENCES, Crew, HearingStage, Posko, Staff, Unit
from app.models.people import User

__all__ = [
    "REFERENCES", "Case", "Counter", "Crew", "Document", "Event", "Follow", "HearingStage", "Link", "Posko", "Staff", "Unit",
    "User",
]  # fmt: skip
