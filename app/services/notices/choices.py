"""Which kinds of notice somebody wants by mail as well, how, and in which language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import NoticeChoice, User
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, Malformed
from app.services.notices.wording import KINDS
from app.workflow.declaration import Text

AT_ONCE, DIGEST = "at_once", "digest"
#: The ways in which a notice comes by mail; a kind that nobody chose comes by none.
WAYS: dict[str, Text] = {AT_ONCE: _l("At once"), DIGEST: _l("In the daily digest")}


def choices(actor: Actor) -> dict[str, str]:
    """The way of each kind that ``actor`` wants by mail."""
    chosen = select(NoticeChoice.kind, NoticeChoice.digest).where(NoticeChoice.user_id == actor.id)
    return {kind: DIGEST if digest else AT_ONCE for kind, digest in db.session.execute(chosen).tuples()}


def language(actor: Actor) -> str:
    """Of mails to ``actor``; empty for the deployment's."""
    return str(db.session.scalar(select(User.mail_language).where(User.id == actor.id)) or "")


def choose(actor: Actor, ways: Mapping[str, str], language: str | None = None) -> None:
    """These kinds come by mail from now on, each in its way, and no others; ``language``: of the mails, None leaves it.
    A digest begins with what comes from now on."""
    if not set(ways) <= set(KINDS):
        raise Malformed(_("There is no such kind of notice."))
    if not set(ways.values()) <= set(WAYS):
        raise Malformed(_("There is no such way of being told."))
    if language and language not in current_app.config["LANGUAGES"]:
        raise Malformed(_("There is no such language."))
    try:
        with write_transaction() as session:
            kept: dict[str, str | datetime] = {} if language is None else {"mail_language": language}
            if DIGEST in ways.values() and DIGEST not in choices(actor).values():
                kept["digested_at"] = clock.now()
            if kept:
                session.execute(update(User).where(User.id == actor.id).values(kept))
            session.execute(delete(NoticeChoice).where(NoticeChoice.user_id == actor.id))
            session.add_all(
                NoticeChoice(user_id=actor.id, kind=kind, digest=way == DIGEST) for kind, way in sorted(ways.items())
            )
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just done this.")) from error
