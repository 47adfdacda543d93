"""Mail that came in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.case import Case
from app.models.types import UTCDateTime, utcnow

#: ``on_case``: it is an entry of a case; ``quarantined``: somebody has to look at it; ``ignored``: no person wrote it;
#: ``discarded``: somebody has looked at it.
MailState = Literal["on_case", "quarantined", "ignored", "discarded"]


class MailboxState(Model):
    """When a mailbox (by its address without the password) was read last, and what stands in the way of that since
    then; no ``problem``: nothing."""

    __tablename__ = "mailbox_states"

    mailbox: Mapped[str] = mapped_column(String(255), primary_key=True)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[str] = mapped_column(Text, nullable=False, default="")


class IncomingMail(Model):
    """A mail of a mailbox, once, whatever became of it.

    ``mailbox``: its address without the password; ``message_id``: without brackets, or a hash of a mail that has none.
    ``reason``: a key of ``services/mail/wording.py``, why it is no entry of a case; ``detail``: more of that, in words.
    ``text``: what its writer wrote, plain, without what they quoted. ``storage_key``: the raw source, ``size`` bytes,
    until it is forgotten. ``case_id``: the case whose entry it is, or to which it seems to belong while it is
    quarantined. ``settled_by``: who has made a case of it, attached or discarded it, by full name.
    """

    __tablename__ = "incoming_mails"
    __table_args__ = (
        UniqueConstraint("mailbox", "message_id"),
        Index("ix_incoming_mails_state", "state", "sop", "received_at"),
        Index("ix_incoming_mails_sender", "sender", "received_at"),
        Index("ix_incoming_mails_message_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    mailbox: Mapped[str] = mapped_column(String(255), nullable=False)
    sop: Mapped[str] = mapped_column(String(32), nullable=False)
    message_id: Mapped[str] = mapped_column(String(255), nullable=False)
    state: Mapped[str] = mapped_column(String(16), nullable=False)
    reason: Mapped[str] = mapped_column(String(32), nullable=False, default="")
    detail: Mapped[str] = mapped_column(Text, nullable=False, default="")
    sender: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    sender_name: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    subject: Mapped[str] = mapped_column(String(500), nullable=False, default="")
    text: Mapped[str] = mapped_column(Text, nullable=False, default="")
    written_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    size: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    storage_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    settled_by: Mapped[str] = mapped_column(String(130), nullable=False, default="")
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    case: Mapped[Case | None] = relationship(Case)
