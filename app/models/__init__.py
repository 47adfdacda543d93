"""Tables that all SOPs share; an SOP's own tables follow from its declaration (``derive``)."""

from app.models.accounts import RoleProposal, SignInBrake
from app.models.audit import AuditEntry
from app.models.case import COMMENT_FILE, INFECTED, Case, Comment, Counter, Document, Event, Follow, Link
from app.models.customer import Customer
from app.models.deadline import CalendarDay, Clock, DeadlinePolicy, WorkingHours
from app.models.delivery import ChannelMessage, NoticeChannel, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.models.mail import IncomingMail, MailboxState
from app.models.master import REFERENCES, ComplaintCategory, Crew, HearingStage, Posko, Staff
from app.models.operation import JobRun, Worker
from app.models.outgoing_mail import OutgoingMail
from app.models.people import Unit, User
from app.models.retention import LegalHold, Purge, RetentionPolicy
from app.models.working_day import (
    BulkResult,
    Export,
    FeedToken,
    ListColumns,
    Notice,
    NoticeChoice,
    Presence,
    SavedFilter,
)

__all__ = [
    "COMMENT_FILE", "INFECTED", "REFERENCES",
    "AuditEntry", "BulkResult", "CalendarDay", "Case", "ChannelMessage", "Clock",
    "Comment",
    "ComplaintCategory", "Counter", "Crew", "Customer", "DeadlinePolicy", "Document", "Event", "Export", "FeedToken",
    "Follow", "HearingStage", "IncomingMail", "JobRun", "LegalHold", "Link", "ListColumns", "MailboxState", "Notice",
    "NoticeChannel", "NoticeChoice", "OutgoingMail", "Posko", "Presence", "Purge", "RetentionPolicy",
    "RoleProposal", "SavedFilter", "SignInBrake", "Staff", "Unit", "User", "WebhookAttempt", "WebhookDelivery", "WebhookEndpoint", "Worker", "WorkingHours",
]  # fmt: skip
