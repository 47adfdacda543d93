"""The organisation's customers."""

from __future__ import annotations

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.master import REFERENCES
from app.models.people import Coded


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


REFERENCES["customer"] = Customer
