"""The organisation's customers and the mail that waits to go out to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.master import REFERENCES
from app.models.people import Coded
from app.models.types import UTCDateTime, utcnow


class Customer(Coded, Model):
    """A customer as recorded in the lender's own system; ``code`` is the order id, ``bill`` in rupiah.
    ``phone_normalised``: E.164."""

    __tablename__ = "customers"
    #: A field that refers to a customer is personal data.
    names_somebody = True
    __table_args__ = (UniqueConstraint("code"), Index("ix_customers_phone", "phone_normalised"))

    phone: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    phone_normalised: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    email: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    product: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    bill: Mapped[int | None] = mapped_column(BigInteger)
    due_date: Mapped[date | None] = mapped_column(Date)
    application_status: Mapped[str] = mapped_column(String(255), nullable=False, default="")


class OutgoingMail(Model):
    """A mail in the outbox. ``documents``: ids of the case's documents that go with it. ``sent_at`` stays empty until
    it has gone out. ``internal``: a notice to a user, which the case's page does not show; one about a report has no
    case."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(255), nullable=False)
    subject: Mapped[str] = mapped_column(String(255), nullable=False)
    text: Mapped[str] = mapped_column(Text, nullable=False)
    documents: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    internal: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False, server_default="0")


REFERENCES["customer"] = Customer
