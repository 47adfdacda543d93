"""The outbox: mails that wait, have gone out, or could not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.case import Case
from app.models.types import UTCDateTime, utcnow

#: Written out, since a database takes a partial index only where a query says its condition in the same words.
WAITING = text("state IN ('queued', 'sending')")


class OutgoingMail(Model):
    """A mail in the outbox; ``services/notices/outbox.py`` writes its state.

    ``documents``: ids of the case's documents that go with it. ``internal``: a notice to a user, which the case's page
    does not show; one about a report has no case. ``language``: in which it is written, empty for the deployment's.
    ``actor_id``: the user who sent it, None for the system itself.

    ``state``: ``queued``, ``sending``, ``sent``, ``failed`` (never accepted), ``bounced`` (accepted and sent back) or
    ``discarded``. ``lease`` names the try that is under way; until ``leased_until`` nobody else may take the mail.
    ``attempts``: tries that the server answered. ``error``: what it said last. ``sent_at`` stays empty until the server
    has accepted it.

    ``message_id``: its ``Message-ID``, with its angle brackets, written before the first try and never changed.
    ``in_reply_to``: the same of the mail that it answers, empty for none; ``references``: those before it in the
    conversation, oldest first, with blanks between them.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state", "state", "id"),
        Index("ix_outbox_recipient", "recipient"),
        # Almost every mail of a grown deployment has gone out; workers look for the few that have not.
        Index("ix_outbox_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(255), nullable=False)
    subject: Mapped[str] = mapped_column(String(255), nullable=False)
    text: Mapped[str] = mapped_column(Text, nullable=False)
    documents: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    internal: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False, server_default="0")
    language: Mapped[str] = mapped_column(String(8), nullable=False, default="", server_default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", name="fk_outbox_actor_id"))
    state: Mapped[str] = mapped_column(String(16), nullable=False, default="queued", server_default="queued")
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, default=0, server_default="0")
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    message_id: Mapped[str | None] = mapped_column(String(255), unique=True, index=True)
    in_reply_to: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    references: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")

    case: Mapped[Case | None] = relationship(Case)
