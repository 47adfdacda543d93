"""People: FAB's user with a unit and a session epoch.

The columns are added to FAB's own class: a subclass of it on the same table would give two classes for one row, and
FAB's relations would load the other one.
"""

from __future__ import annotations

from typing import Any

from flask_appbuilder.security.sqla.models import User as FabUser
from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import mapped_column, relationship

#: ``unit``: whose cases a role limited to its unit sees. ``session_epoch``: raised by
#: ``services/accounts/sessions.py``, so that older cookies and tokens are worth nothing.
User: Any = FabUser
User.unit_id = mapped_column(ForeignKey("units.id"), nullable=True)
User.session_epoch = mapped_column(Integer, nullable=False, default=0, server_default="0")
User.unit = relationship("Unit", lazy="joined")


def full_name(user: Any) -> str:
    """Of one name or two: Flask-AppBuilder would leave a blank where the last one is missing."""
    return " ".join(name for name in (user.first_name, user.last_name) if name)


User.get_full_name = full_name
