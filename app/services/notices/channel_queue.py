"""Notices for chat channels: written with the notices of people, sent by the worker.

A channel gets a message when somebody with one of its roles is notified, once for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, ChannelMessage, NoticeChannel, User
from app.models.delivery import FAILED, WAITING
from app.services.audit import log
from app.services.core import clock, delivery, sealed
from app.services.core.access import LARGEST_KEY, users_with
from app.services.core.database import write_transaction
from app.services.core.delivery import Claimed
from app.services.core.errors import Conflict, NotVisible
from app.services.notices.channels import Outcome, chat
from app.services.notices.channels.chat import ChatMessage
from app.services.notices.wording import announcement
from app.workflow.declaration import Sop

HOUR = timedelta(hours=1)
#: Between the attempts; a notice that is older than a day is of no use in a chat.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), HOUR / 2, 2 * HOUR, 6 * HOUR, 12 * HOUR)
#: How long the log is kept.
KEPT = timedelta(days=90)
#: Messages that the page of a channel shows.
SHOWN = 50


def queue(
    session: Session, sop: Sop | None, case: Case | None, notified: Mapping[tuple[str, str], Collection[int]]
) -> None:
    """Writes what the channels get of notices, in their transaction. ``notified``: the ids of those who were, by kind
    and action."""
    channels = session.scalars(select(NoticeChannel).where(NoticeChannel.active).order_by(NoticeChannel.id)).all()
    now, due = clock.now(), []
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        for (kind, action), people in notified.items():
            for channel in channels:
                if _wants(channel, sop, kind) and _concerns(session, channel.roles, people):
                    title, text = announcement(sop, case and case.number, kind, action, _link(case))
                    due.append(_written(channel.id, title, text))
    if due:
        for message in due:
            message.written_at = message.next_at = now
        session.add_all(due)
        delivery.wake(session)


def _wants(channel: NoticeChannel, sop: Sop | None, kind: str) -> bool:
    return (not channel.kinds or kind in channel.kinds) and (not channel.sops or sop is None or sop.key in channel.sops)


def _concerns(session: Session, roles: Collection[str], people: Collection[int]) -> bool:
    if not roles:
        return bool(people)
    among = select(User.id).where(User.id.in_(people), users_with(roles)).limit(1)
    return session.scalar(among) is not None


def _link(case: Case | None) -> str:
    """Where the case is in the panel; empty where the deployment has not said its address."""
    site = current_app.config["PUBLIC_URL"]
    return f"{site}/{case.sop}/{case.id}" if site and case is not None else ""


def _written(channel_id: int, title: str, text: str) -> ChannelMessage:
    return ChannelMessage(channel_id=channel_id, title=title[:255], text=text)


def send_due() -> int:
    """Sends what is due; returns how many attempts there were."""
    active = select(NoticeChannel.id).where(NoticeChannel.active)
    return delivery.send_due(ChannelMessage, ChannelMessage.channel_id, active, _sent)


def _sent(claimed: Claimed) -> tuple[int, bool]:
    channel_id, outcome = _attempt(claimed)
    return channel_id, outcome.result == "sent"


def _attempt(claimed: Claimed) -> tuple[int, Outcome]:
    row = db.session.get_one(ChannelMessage, claimed.id)
    channel_id, sealed_url, title, text = row.channel_id, row.channel.sealed_url, row.title, row.text
    db.session.rollback()  # nothing of the database is held while the service thinks
    try:
        outcome = chat.deliver(ChatMessage(sealed.unseal(sealed_url), title, text))
    except sealed.Unreadable:
        outcome = Outcome("refused", "The URL was sealed under another SECRET_KEY; enter it again.")
    except Exception as fault:  # of a plugin: what it says may quote the URL
        outcome = Outcome("later", type(fault).__name__)
    pauses = PAUSES if outcome.result != "refused" else ()
    with write_transaction() as session:
        delivery.settle(session, ChannelMessage, claimed, outcome.reason, pauses)
    return channel_id, outcome


def test(pk: int) -> Outcome:
    """Sends a message that says so to a channel at once, also to one that is switched off."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        name = current_app.config["APP_NAME"]
        message = _written(_channel(pk).id, _("Test of %(name)s", name=name), _("This channel gets notices."))
    with write_transaction() as session:
        message.written_at = message.next_at = clock.now()
        session.add(message)
        session.flush()
        message_id = message.id
        log.record(log.present(), "channel.tested", ("notice_channel", pk, _channel(pk).name))
    claimed = delivery.claim_row(ChannelMessage, message_id)
    if claimed is None:  # a worker was faster
        raise Conflict(_("It is being sent already. Its result stands below."))
    return _attempt(claimed)[1]


def send_again(pk: int) -> int:
    """Puts what was given up, and what waits for its next attempt, to the front of the channel's queue."""
    with write_transaction() as session:
        channel = _channel(pk)
        stuck = select(ChannelMessage.id).where(
            ChannelMessage.channel_id == pk, ChannelMessage.state.in_((WAITING, FAILED))
        )
        count = delivery.again(session, ChannelMessage, session.scalars(stuck).all(), clock.now())
        delivery.wake(session)
        log.record(log.present(), "channel.resent", ("notice_channel", pk, channel.name), messages=count)
    return count


def messages(pk: int) -> Sequence[ChannelMessage]:
    """The newest messages of a channel, newest first."""
    newest = select(ChannelMessage).where(ChannelMessage.channel_id == pk).order_by(ChannelMessage.id.desc())
    found: Sequence[ChannelMessage] = db.session.scalars(newest.limit(SHOWN)).all()
    return found


def stuck_counts() -> dict[int, int]:
    """How many messages of each channel failed at least once and have not gone out."""
    failing = (ChannelMessage.state.in_((WAITING, FAILED)), ChannelMessage.error != "")
    found = select(ChannelMessage.channel_id, func.count()).where(*failing).group_by(ChannelMessage.channel_id)
    return dict(db.session.execute(found).tuples().all())


def forget_old() -> None:
    """Removes messages that are over, once they are too old."""
    with write_transaction() as session:
        old = (ChannelMessage.state != WAITING, ChannelMessage.ended_at < clock.now() - KEPT)
        session.execute(delete(ChannelMessage).where(*old), execution_options={"synchronize_session": False})


def _channel(pk: int) -> NoticeChannel:
    found: NoticeChannel | None = db.session.get(NoticeChannel, pk) if 0 < pk <= LARGEST_KEY else None
    if found is None:
        raise NotVisible(_("There is no such channel."))
    return found
