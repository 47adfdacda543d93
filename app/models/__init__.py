"""Tables that all SOPs share; an SOP's own tables follow from its declaration (``derive``)."""

from app.models.accounts import RoleProposal, SignInBrake
from app.models.audit import AuditEntry
from app.models.case import COMMENT_FILE, INFECTED, Case, Comment, Counter, Document, Event, Follow, Link
from app.models.customer import Customer
from app.models.deadline import CalendarDay, Clock, DeadlinePolicy, WorkingHours
from app.models.delivery import ChannelMessage, NoticeChannel, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.models.evidence import Checkpoint, CheckpointAnchor, CheckpointLeaf, CheckpointStamp
from app.models.mail import IncomingMail, MailboxState
from app.models.master import REFERENCES, ComplaintCategory, Crew, HearingStage, Posko, Staff
from app.models.operation import JobRun, Worker
from app.models.outgoing_mail import OutgoingMail
from app.models.people import Unit, User
from app.models.privacy import PrivacyEvent, PrivacyRequest, Reveal
from app.models.retention import LegalHold, Purge, RetentionPolicy
from app.models.second_factor import RecoveryCode, SecondFactor, SecondStep, SpentChallenge
from app.models.session import UserSession
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
    "COMMENT_FILE", "INFECTED", "REFERENCES", "AuditEntry", "BulkResult", "CalendarDay", "Case", "ChannelMessage",
    "Checkpoint", "CheckpointAnchor", "CheckpointLeaf", "CheckpointStamp",
    "Clock", "Comment", "ComplaintCategory", "Counter", "Crew",
    "Customer", "DeadlinePolicy", "Document", "Event", "Export", "FeedToken", "Follow", "HearingStage", "IncomingMail",
    "JobRun", "LegalHold", "Link", "ListColumns", "MailboxState", "Notice", "NoticeChannel", "NoticeChoice",
    "OutgoingMail", "Posko", "Presence", "PrivacyEvent", "PrivacyRequest", "Purge", "RecoveryCode", "RetentionPolicy",
    "Reveal", "RoleProposal", "SavedFilter", "SecondFactor", "SecondStep", "SignInBrake", "SpentChallenge", "Staff",
    "Unit", "User", "UserSession", "WebhookAttempt",
    "WebhookDelivery", "WebhookEndpoint", "Worker", "WorkingHours",
]  # fmt: skip
