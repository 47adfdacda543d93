"""How often one user may ask for what costs much."""

from __future__ import annotations

import hashlib

from flask import request
from flask_limiter.util import get_remote_address
from flask_login import current_user

#: Steps on many cases (``services/cases/bulk.py``, 200 of them at most): more than hands can send, and for a program as
#: many as leave room for others.
BULK_LIMIT = "60 per minute"


def sender() -> str:
    """Who sends a request, before it is known whether they may: a whole office shares an address."""
    if told := request.headers.get("Authorization"):
        return hashlib.sha256(told.encode()).hexdigest()
    return str(current_user.get_id()) if current_user.is_authenticated else get_remote_address()
