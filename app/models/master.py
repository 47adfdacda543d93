"""Master data, maintained by admins: units, poskos, crews, hearing stages, CS staff.

Every row has a ``code``, used by files and the API, and a ``name`` for people.
"""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.people import Coded, Unit, User


class Posko(Coded, Model):
    __tablename__ = "poskos"
    __table_args__ = (UniqueConstraint("code"),)

    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    unit: Mapped[Unit | None] = relationship(Unit)


class Crew(Coded, Model):
    __tablename__ = "crews"
    __table_args__ = (UniqueConstraint("code"),)

    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    unit: Mapped[Unit | None] = relationship(Unit)


class HearingStage(Coded, Model):
    """A stage of the procedure of a ``forum``, which is the key of the state in which it is recorded."""

    __tablename__ = "hearing_stages"
    __table_args__ = (UniqueConstraint("forum", "code"),)

    forum: Mapped[str] = mapped_column(String(64), nullable=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False, default=0)


class Staff(Coded, Model):
    """A CS person who can be put in charge; with ``user`` the case appears on that user's worklist."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("code"),)

    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    user: Mapped[Any] = relationship(User, lazy="joined")


class ComplaintCategory(Coded, Model):
    """``direct``: whether CS may answer at once, with a look at the customer's data; specific matters are handled
    first."""

    __tablename__ = "complaint_categories"
    __table_args__ = (UniqueConstraint("code"),)

    direct: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False, default=0)


#: What a field of type ``reference`` may refer to.
REFERENCES: dict[str, type[Coded]] = {
    "unit": Unit,
    "posko": Posko,
    "crew": Crew,
    "hearing_stage": HearingStage,
    "staff": Staff,
    "complaint_category": ComplaintCategory,
}
