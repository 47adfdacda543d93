"""What leaves the system by itself: notices for chat channels, events for webhooks, each waiting in a queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.types import UTCDateTime, utcnow

#: The states of what is queued: it has to go out, it has gone, it was given up.
WAITING, SENT, FAILED = "waiting", "sent", "failed"


class Queued:
    """A row that workers send (``services/core/delivery.py``).

    ``next_at``: not before that moment, None once it is over. ``lease``: the token of the worker that has it, until
    ``leased_until``. ``attempts``: how often it was begun to be sent. ``error``: why the last attempt failed.
    """

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(String(16), nullable=False, default=WAITING)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    lease: Mapped[str] = mapped_column(String(32), nullable=False, default="")
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(String(500), nullable=False, default="")


class NoticeChannel(Model):
    """A chat or other service that gets notices as well. ``sealed_url``: its Apprise URL, encrypted, since it holds
    tokens and passwords. ``roles``, ``kinds``, ``sops``: only notices to one of these roles, of these kinds, about
    cases of these SOPs; an empty list leaves nothing out."""

    __tablename__ = "notice_channels"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), nullable=False, unique=True)
    sealed_url: Mapped[str] = mapped_column(Text, nullable=False)
    service: Mapped[str] = mapped_column(String(80), nullable=False, default="")
    roles: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    kinds: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    sops: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)

    def __str__(self) -> str:
        return self.name


class ChannelMessage(Queued, Model):
    """A notice on its way to a channel; it names the case and what happened, but no person."""

    __tablename__ = "channel_messages"
    __table_args__ = (
        Index("ix_channel_messages_due", "state", "next_at"),
        Index("ix_channel_messages_channel", "channel_id", "id"),
    )

    channel_id: Mapped[int] = mapped_column(ForeignKey("notice_channels.id", ondelete="CASCADE"), nullable=False)
    title: Mapped[str] = mapped_column(String(255), nullable=False)
    text: Mapped[str] = mapped_column(Text, nullable=False)

    channel: Mapped[NoticeChannel] = relationship(NoticeChannel)


class WebhookEndpoint(Model):
    """A program elsewhere that is told of the events of cases.

    ``sealed_secret``: the key of its signatures, encrypted; ``sealed_previous``: the one before it, with which they are
    made as well until ``previous_until``. ``sops``, ``events`` (``<sop>.step:<key>``, ``<sop>.state:<key>``): only
    these; an empty list leaves nothing out. ``failing_since``: since when no attempt has succeeded; ``disabled_at``:
    when it was switched off for that.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), nullable=False, unique=True)
    url: Mapped[str] = mapped_column(String(2000), nullable=False)
    sealed_secret: Mapped[str] = mapped_column(Text, nullable=False)
    sealed_previous: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sops: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    events: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(Queued, Model):
    """An event on its way to an endpoint. ``message_id``: the same in every attempt, so that the receiver can tell a
    repetition; ``body``: the bytes that are signed."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_due", "state", "next_at"),
        Index("ix_webhook_deliveries_endpoint", "endpoint_id", "id"),
    )

    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    message_id: Mapped[str] = mapped_column(String(64), nullable=False, unique=True)
    type: Mapped[str] = mapped_column(String(80), nullable=False)
    body: Mapped[str] = mapped_column(Text, nullable=False)

    endpoint: Mapped[WebhookEndpoint] = relationship(WebhookEndpoint)
    log: Mapped[list[WebhookAttempt]] = relationship("WebhookAttempt", order_by="WebhookAttempt.id", viewonly=True)


class WebhookAttempt(Model):
    """One attempt of a delivery. ``status``: of the answer, None where none came; ``ms``: how long it took;
    ``answer``: its first characters; ``error``: why there was none."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), nullable=False, index=True
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    status: Mapped[int | None] = mapped_column(Integer)
    ms: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    answer: Mapped[str] = mapped_column(Text, nullable=False, default="")
    error: Mapped[str] = mapped_column(String(500), nullable=False, default="")
