"""The brake on guessing passwords: shared by form and API and by all processes, and kept over a restart.

Failures are counted for the account from this address, for the address with whatever account, and for the account from
wherever. Some are free; then each closes the way for twice as long as the one before it, up to a quarter of an hour,
and with time they are forgotten one by one. Where the account's owner has signed in from lately, only their own
failures count, so that an attack from elsewhere does not lock them out. Accounts that are not there are braked alike.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import SignInBrake
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.core.errors import TooMany

LONGEST = timedelta(minutes=15)
#: After so long a row says nothing any more.
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Patience:
    """``free`` failures close nothing; one is forgotten every ``forgotten``."""

    free: int
    forgotten: timedelta


PAIR = Patience(4, timedelta(minutes=5))
ADDRESS = Patience(20, timedelta(seconds=30))
ACCOUNT = Patience(10, timedelta(minutes=1))
Key = tuple[str, str]


def begin(account: str, address: str, known: bool) -> None:
    """Before the password is looked at: counts the attempt as failed, which ``passed`` takes back, so that attempts at
    the same moment do not all pass. ``known``: the owner has signed in from there lately. Raises ``TooMany``."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    with write_transaction() as session:
        now = clock.now()
        rows = _locked(session, _patience(account, address, known), now)
        closed = [row.closed_until for row, _patience_ in rows if row.closed_until and row.closed_until > now]
        if not closed:
            for row, patience in rows:
                _count(row, patience, now)
    if closed:
        raise too_many(max(closed) - now)


def passed(session: Session, account: str, address: str) -> None:
    """The attempt was right, in the transaction that is open: the pair is forgotten, of others this one attempt."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    pair, name, place = _keys(account, address)
    _forget(session, SignInBrake.account == pair[0], SignInBrake.address == pair[1])
    for key in (name, place):
        if row := session.scalars(_select(key).with_for_update()).one_or_none():
            row.failures = max(row.failures - 1, 0)
            row.closed_until = None


def release(session: Session, account: str) -> int:
    """Forgets the failures of an account, from wherever; returns of how many addresses."""
    return _forget(session, SignInBrake.account == _hidden(account))


def closed_until(account: str) -> datetime | None:
    """Until when somebody is kept from this account somewhere; None: nobody is."""
    latest = select(func.max(SignInBrake.closed_until)).where(SignInBrake.account == _hidden(account))
    until: datetime | None = db.session.scalar(latest)
    return until if until is not None and until > clock.now() else None


def sweep() -> int:
    """Removes what says nothing any more; returns how many rows."""
    with write_transaction() as session:
        return _forget(session, SignInBrake.last_at < clock.now() - KEPT)


def place(address: str | None) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, of which everybody has one to themselves."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return (address or "")[:64]
    if found.version == 4:
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.ip_network((found, 64), strict=False))


def too_many(wait: timedelta) -> TooMany:
    seconds = max(math.ceil(wait.total_seconds()), 1)
    minutes = math.ceil(seconds / 60)
    if seconds < 60:
        told = ngettext("%(num)s second", "%(num)s seconds", seconds)
    else:
        told = ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return TooMany(_("Too many attempts. Please try again in %(time)s.", time=told), seconds)


def _hidden(account: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, account.casefold().encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _keys(account: str, address: str) -> tuple[Key, Key, Key]:
    hidden, here = _hidden(account), place(address)
    return (hidden, here), (hidden, ""), ("", here)


def _patience(account: str, address: str, known: bool) -> dict[Key, Patience]:
    pair, name, here = _keys(account, address)
    return {pair: PAIR} if known else {pair: PAIR, name: ACCOUNT, here: ADDRESS}


def _select(key: Key) -> Any:
    return select(SignInBrake).where(SignInBrake.account == key[0], SignInBrake.address == key[1])


def _locked(
    session: Session, wanted: dict[Key, Patience], now: datetime
) -> list[tuple[SignInBrake, Patience]]:  # fmt: skip
    """The rows, made where they are not there; in one order, so that two attempts do not wait for each other."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    found = []
    for key in sorted(wanted):
        new = insert(SignInBrake).values(account=key[0], address=key[1], failures=0, last_at=now)
        session.execute(new.on_conflict_do_nothing())
        found.append((session.scalars(_select(key).with_for_update()).one(), wanted[key]))
    return found


def _count(row: SignInBrake, patience: Patience, now: datetime) -> None:
    forgotten = max(now - row.last_at, timedelta()) // patience.forgotten
    row.failures = max(row.failures - forgotten, 0) + 1
    row.last_at = now
    over = row.failures - patience.free
    # Beyond 2**10 seconds it is the longest anyway.
    row.closed_until = now + min(timedelta(seconds=2 ** min(over, 10)), LONGEST) if over > 0 else None


def _forget(session: Session, *which: Any) -> int:
    gone: Any = session.execute(delete(SignInBrake).where(*which), execution_options={"synchronize_session": False})
    return int(gone.rowcount)
