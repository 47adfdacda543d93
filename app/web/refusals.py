"""What somebody was refused, in the audit log: every 403, every step that was not done, every case or document that is
not there for them. The same again within a minute is counted rather than written, so that nobody fills the disk."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import Refused
from app.web.doer import who
from app.web.hardening import SAFE
from app.web.request_log import route

ACTION = "access.refused"
#: Of what was only read these statuses, of what was to be written those as well: the step was not done.
READ, WRITTEN = frozenset({403, 404}), frozenset({400, 403, 404, 409, 413, 422, 429})
#: Entries that one process writes in a minute; what goes beyond is counted.
MOST = 60
#: Requests that pages send by themselves.
UNATTENDED = "X-Unattended"

Key = tuple[int | None, str, str, str, int]


@dataclass
class Seen:
    """``minute``: in which the last entry was written; ``more``: refusals since."""

    minute: int
    more: int = 0


class Brake:
    """What is written, and what is counted until then; of one process."""

    def __init__(self) -> None:
        self._lock, self._seen = threading.Lock(), dict[Key, Seen]()
        self._minute, self._written, self._dropped = 0, 0, 0

    def more(self, key: Key, minute: int) -> dict[str, int] | None:
        """None: this one is counted. Otherwise what was counted before it: of the same kind, and of all that was too
        much."""
        with self._lock:
            if minute != self._minute:
                self._minute, self._written = minute, 0
                self._seen = {known: seen for known, seen in self._seen.items() if seen.more or seen.minute == minute}
            seen = self._seen.get(key)
            if seen is not None and seen.minute == minute:
                seen.more += 1
                return None
            if self._written >= MOST:
                self._dropped += 1
                return None
            self._written += 1
            counted = {"more": seen.more if seen else 0, "others": self._dropped}
            self._seen[key], self._dropped = Seen(minute), 0
            return {name: count for name, count in counted.items() if count}


def register(app: Flask) -> None:
    app.extensions[ACTION] = Brake()
    app.after_request(_note)


def _note(response: Response) -> Response:
    # Faults of our own ask nothing of a database that may be away.
    if response.status_code not in WRITTEN or UNATTENDED in request.headers:
        return response
    actor = who()
    if not _counts(actor, response.status_code):
        return response
    address = request.remote_addr or ""
    key = (actor.id, "" if actor.id else address, request.method, route(), response.status_code)
    more = current_app.extensions[ACTION].more(key, int(clock.now().timestamp()) // 60)
    if more is not None:
        _write(actor, response.status_code, more)
    return response


def _counts(actor: Actor, status: int) -> bool:
    """Of somebody who isn't signed in a 403 alone: what they guess at is not there for anybody, and sign-ins have
    entries of their own."""
    if actor.id is None:
        return status == 403
    if request.url_rule is None or (request.endpoint or "").endswith("static"):
        return False  # an address that nobody has
    return status in (READ if request.method in SAFE else WRITTEN)


def _write(actor: Actor, status: int, more: dict[str, int]) -> None:
    """A refusal is answered also where it can't be logged; that stands in the server's log."""
    numbers = {name: str(value)[:40] for name, value in (request.view_args or {}).items() if str(value).isdecimal()}
    try:
        db.session.rollback()
        log.record_now(actor, ACTION, ("route", "", f"{request.method} {route()}"[:255]), status=status,
                       numbers=numbers, **more)  # fmt: skip
    except (Refused, SQLAlchemyError):
        db.session.rollback()
        current_app.logger.warning("A refusal could not be logged", exc_info=True)
