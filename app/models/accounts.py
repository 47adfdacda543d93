"""What stands between people and their accounts: brakes on guessing, roles that wait for a second pair of eyes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.people import User
from app.models.types import UTCDateTime, utcnow


class SignInBrake(Model):
    """Failed sign-ins of an account from an address. ``account``: a keyed hash, since what is typed for a name may be
    a password; empty: of the address with whatever account. ``address`` empty: of the account from wherever.
    ``closed_until``: no attempt before; None while there were few."""

    __tablename__ = "sign_in_brakes"
    __table_args__ = (
        UniqueConstraint("account", "address", name="uq_sign_in_brakes_account"),
        Index("ix_sign_in_brakes_last", "last_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    address: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    failures: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    closed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


#: The states of a proposal.
WAITING, CONFIRMED, DECLINED, WITHDRAWN = "waiting", "confirmed", "declined", "withdrawn"


class RoleProposal(Model):
    """What an admin wants to give somebody and another admin has to confirm: ``roles`` by their names, and to be
    ``active`` again."""

    __tablename__ = "role_proposals"
    __table_args__ = (Index("ix_role_proposals_state", "state", "id"), Index("ix_role_proposals_user", "user_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    roles: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    activates: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    state: Mapped[str] = mapped_column(String(16), nullable=False, default=WAITING)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[Any] = relationship(User, foreign_keys=[user_id])
    proposed_by: Mapped[Any] = relationship(User, foreign_keys=[proposed_by_id])
    decided_by: Mapped[Any] = relationship(User, foreign_keys=[decided_by_id])
