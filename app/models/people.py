"""Units, and the people who work in them: Flask-AppBuilder's user with a unit and a session epoch.

The columns of a user are added to FAB's own class: a subclass of it on the same table would give two classes for one
row, and FAB's relations would load the other one.
"""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User as FabUser
from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.types import UTCDateTime

#: Where a user's password is kept: here, with the LDAP server, with the provider of OpenID Connect.
HERE, LDAP, OIDC = "", "ldap", "oidc"
ORIGINS = (HERE, LDAP, OIDC)


class Coded:
    """A row that forms offer while it is ``active``; it is never deleted."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), nullable=False)
    name: Mapped[str] = mapped_column(String(255), nullable=False)
    active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True, server_default="1")

    def __repr__(self) -> str:
        return self.name


class Unit(Coded, Model):
    """``zone``: where it works (WIB, WITA or WIT), empty for the deployment's own zone."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("code"),)

    zone: Mapped[str] = mapped_column(String(32), nullable=False, default="", server_default="")


#: ``unit``: whose cases a role limited to its unit sees. ``session_epoch``: raised by
#: ``services/accounts/sessions.py``, so that older cookies and tokens become invalid. ``csv_dialect``: how their CSV
#: files are written, one of ``services/tables/dialects.py``; empty for that of their language. ``mail_language``: of
#: mails to them, empty for the deployment's. ``digested_at``: up to when the last digest told them of notices.
#: ``origin``: who knows their password, one of ``ORIGINS``; ``origin_key``: what that one calls them, which never
#: changes, empty until they first came by it.
#: ``one_time_until``: their password is another's choice, good for one sign-in until then; None: it is their own.
User: Any = FabUser
User.unit_id = mapped_column(ForeignKey("units.id"), nullable=True)
User.session_epoch = mapped_column(Integer, nullable=False, default=0, server_default="0")
User.csv_dialect = mapped_column(String(16), nullable=False, default="", server_default="")
User.mail_language = mapped_column(String(8), nullable=False, default="", server_default="")
User.digested_at = mapped_column(UTCDateTime, nullable=True)
User.origin = mapped_column(String(8), nullable=False, default="", server_default="")
User.origin_key = mapped_column(String(255), nullable=False, default="", server_default="")
User.one_time_until = mapped_column(UTCDateTime, nullable=True)
User.unit = relationship(Unit, lazy="joined")


def full_name(user: Any) -> str:
    """First and last name; Flask-AppBuilder would leave a blank where the last one is missing."""
    return " ".join(name for name in (user.first_name, user.last_name) if name)


User.get_full_name = full_name
