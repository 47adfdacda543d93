"""Tables that all SOPs share; an SOP's own tables follow from its declaration (``derive``)."""

from app.models.case import Case, Counter, Document, Event, Follow, Link
from app.models.customer import Customer, OutgoingMail
from app.models.master import REFERENCES, ComplaintCategory, Crew, HearingStage, Posko, Staff, Unit
from app.models.people import User
from app.models.retention import LegalHold, Purge, RetentionPolicy

__all__ = [
    "REFERENCES", "Case", "ComplaintCategory", "Counter", "Crew", "Customer", "Document", "Event", "Follow",
    "HearingStage", "LegalHold", "Link", "OutgoingMail", "Posko", "Purge", "RetentionPolicy", "Staff", "Unit",
    "User",
]  # fmt: skip
