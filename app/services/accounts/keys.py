"""API keys: made, found, revoked, and what each of them may do.

A key never does more than its owner may at the moment, and no more than its scope. Flask-AppBuilder keeps the times of
keys without a zone, in that of the server.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import ApiKey
from flask_babel import gettext as _
from sqlalchemy import and_, select, update
from sqlalchemy.orm import contains_eager
from werkzeug.security import check_password_hash, generate_password_hash

from app.extensions import db
from app.models import AuditEntry, User
from app.services.accounts.sessions import check_unended
from app.services.audit.log import Subject, record, record_now
from app.services.core import clock, database
from app.services.core.access import ADMIN, NOBODY, Actor
from app.services.core.database import reading, write_transaction
from app.services.core.errors import Malformed, NotVisible
from app.services.notices.account_notices import tell_owner
from app.sop import SOPS

#: The longest life of a key, also of one that was made without an end.
LONGEST = timedelta(days=366)
LONGEST_NAME = 80
UUID_LENGTH = 36
#: The last use of a key is noted no more often than this, and a refusal told in the audit log.
NOTED_EVERY, TOLD_EVERY = timedelta(minutes=5), timedelta(hours=1)
READ, WRITE, SOP = "read", "write", "sop:"


@dataclass(frozen=True)
class Scope:
    """``sops``: the keys of the SOPs that alone exist for the key; None: all that its owner sees."""

    writes: bool
    sops: frozenset[str] | None

    def __str__(self) -> str:
        return " ".join([WRITE if self.writes else READ, *(SOP + key for key in sorted(self.sops or ()))])


#: Of keys that were made before there were scopes, and by programs that ask for none.
WHOLE = Scope(True, None)
NOTHING = Scope(False, frozenset())


@dataclass(frozen=True)
class Made:
    """A new key. ``secret`` is shown this once."""

    row: ApiKey
    secret: str

    def told(self) -> dict[str, Any]:
        """As the REST contract has a new key."""
        shown = ("uuid", "name", "key_prefix", "scopes", "created_on", "expires_on")
        return {key: getattr(self.row, key) for key in shown} | {"key": self.secret}


def scope_of(written: str | None) -> Scope:
    """The scope of a key as it is kept; of words that nobody knows, none."""
    try:
        return read_scope(written, known_only=False)
    except Malformed:
        return NOTHING


def read_scope(written: str | None, known_only: bool = True) -> Scope:
    """The scope that somebody writes: ``read`` or ``write``, and ``sop:<key>`` for each SOP it is for. Raises
    ``Malformed``."""
    words = (written or "").split()
    if not words:
        return WHOLE
    sops = frozenset(word.removeprefix(SOP) for word in words if word.startswith(SOP))
    rest = [word for word in words if not word.startswith(SOP)]
    if set(rest) - {READ, WRITE} or (known_only and sops - set(SOPS)):
        raise Malformed(
            _("“scopes” takes the words read, write and sop:… with these keys: %(sops)s.", sops=", ".join(SOPS))
        )
    return Scope(WRITE in rest, sops or None)


def end_of(wanted: datetime | None) -> datetime:
    """When a key is to end, as it is kept; None: after a year. Without a zone ``wanted`` is read in the deployment's.
    Raises ``Malformed`` for a moment that has passed or is more than a year away."""
    now = clock.now()
    aware = now + LONGEST if wanted is None else wanted if wanted.tzinfo else wanted.replace(tzinfo=clock.zone())
    if not now < aware <= now + LONGEST:
        raise Malformed(_("A key ends in the future, and within a year."))
    return aware.astimezone().replace(tzinfo=None)


def make(actor: Actor, epoch: int, name: str, scope: Scope, ends: datetime) -> Made:
    """A key of ``actor``'s; ``ends`` by ``end_of``. Not for somebody whose sign-in of ``epoch`` has ended since this
    request was let in."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Malformed(_("A key needs a name of at most %(count)s characters.", count=LONGEST_NAME))
    sm = _manager()
    prefix = (current_app.config.get("FAB_API_KEY_PREFIXES") or ["sst_"])[0]
    secret = prefix + secrets.token_urlsafe(32)
    # Before anything is locked: it takes long on purpose.
    hashed = generate_password_hash(secret, current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"))
    with write_transaction() as session:
        check_unended(int(actor.id or 0), epoch)
        row = ApiKey(
            name=name, key_hash=hashed, lookup_hash=sm._compute_lookup_hash(secret), key_prefix=prefix,
            user_id=actor.id, scopes=str(scope), active=True, expires_on=ends, created_on=datetime.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(actor, "key.made", ("key", row.uuid, name), scopes=row.scopes, ends=_aware(ends).isoformat())
    return Made(row, secret)


def own(actor: Actor) -> Sequence[ApiKey]:
    """Newest first."""
    mine = select(ApiKey).where(ApiKey.user_id == actor.id)
    rows: Sequence[ApiKey] = db.session.scalars(mine.order_by(ApiKey.created_on.desc(), ApiKey.id.desc())).all()
    return rows


def everybodys() -> Sequence[ApiKey]:
    """For admins: all keys, those that work first, then the newest."""
    keys = select(ApiKey).join(ApiKey.user).options(contains_eager(ApiKey.user))
    newest = keys.order_by(ApiKey.revoked_on.is_not(None), ApiKey.id.desc())
    rows: Sequence[ApiKey] = db.session.scalars(newest).unique().all()
    return rows


def of(actor: Actor, uuid: str) -> ApiKey:
    """A key of ``actor``'s, to an admin anybody's; or ``NotVisible``."""
    written = uuid if len(uuid) == UUID_LENGTH and uuid.isprintable() else ""
    row = db.session.scalars(select(ApiKey).where(ApiKey.uuid == written)).one_or_none()
    if row is None or not (row.user_id == actor.id or ADMIN in actor.roles):
        raise NotVisible(_("There is no such key."))
    return row


def revoke(actor: Actor, uuid: str) -> None:
    """The key stops working at once; its owner is told where it was not they. Twice is the same as once."""
    with write_transaction() as session:
        row = of(actor, uuid)
        if row.revoked_on is None:
            row.revoked_on = datetime.now()
            record(actor, "key.revoked", ("key", row.uuid, row.name), owner=row.user.username)
            if row.user_id != actor.id:
                tell_owner(session, actor, "key_revoked", row.user_id, row.name[:60])


def works(row: ApiKey) -> bool:
    """Whether the key is neither revoked nor past its end."""
    return bool(row.is_active) and end_at(row) > clock.now()


def end_at(row: ApiKey) -> datetime:
    """When the key ends by itself."""
    if row.expires_on is not None:
        return _aware(row.expires_on)
    return _aware(row.created_on or datetime.fromtimestamp(0, UTC).replace(tzinfo=None)) + LONGEST


def owner(secret: str, *options: Any) -> tuple[Any, ApiKey] | None:
    """Whose key this is, with it; None where it is nobody's or does not work. ``options``: what is loaded with the
    user. The slow hash is compared while nothing is locked; the transaction that follows begins afterwards."""
    lookup = _manager()._compute_lookup_hash(secret)
    db.session.rollback()
    with reading():
        row = db.session.scalars(select(ApiKey).where(ApiKey.lookup_hash == lookup)).unique().one_or_none()
        subject = ("", "", "") if row is None else ("key", row.uuid, row.name)
        known = None if row is None else (row.id, row.key_hash, row.last_used_on, works(row))
        db.session.rollback()
    if known is None or not check_password_hash(known[1], secret):
        return None
    pk, _hash, used, working = known
    if working:
        _note_use(pk, used)
        # Once more, with its owner: either may have ended meanwhile.
        living = and_(ApiKey.id == pk, ApiKey.revoked_on.is_(None), ApiKey.active)
        found = select(User, ApiKey).join(ApiKey, ApiKey.user_id == User.id).where(living, User.active)
        both = db.session.execute(found.options(*options)).unique().one_or_none()
        if both is not None:
            return both[0], both[1]
    tell_refused(subject, "ended")
    return None


def tell_refused(subject: Subject, why: str) -> None:
    """In the audit log, seldom: a program that nobody looks after asks every minute for years."""
    lately = select(AuditEntry.id).where(
        AuditEntry.subject_type == "key", AuditEntry.subject == subject[1], AuditEntry.action == "key.refused",
        AuditEntry.at > clock.now() - TOLD_EVERY,
    )  # fmt: skip
    db.session.rollback()
    with reading():
        told = db.session.scalar(lately.limit(1)) is not None
        db.session.rollback()
    if not told:
        record_now(NOBODY, "key.refused", subject, why=why)


def _note_use(pk: int, used: datetime | None) -> None:
    now = datetime.now()
    if used is None or used < now - NOTED_EVERY:
        database.note(update(ApiKey).where(ApiKey.id == pk).values(last_used_on=now))


def _aware(kept: datetime) -> datetime:
    return kept.astimezone().astimezone(clock.zone())


def _manager() -> Any:
    return current_app.appbuilder.sm  # type: ignore[attr-defined]
