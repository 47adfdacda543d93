"""What the worker does by itself, and when. Of two workers one does it (``recording.py``); a run that somebody
asks for comes on top, so whatever is here may run twice at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from flask import current_app
from flask_babel import lazy_gettext as _l
from huey import crontab

from app.services.accounts import brake, sessions
from app.services.accounts.directories import looking_after
from app.services.audit import log
from app.services.cases import presence
from app.services.core import clock, database, partitions
from app.services.documents import documents, inspection
from app.services.evidence import checkpoints, handing
from app.services.mail import archive, reading
from app.services.notices import channel_queue, deadline_warnings, digest, inbox, outbox, postman, report_reminders
from app.services.operation import queued, runs
from app.services.operation.ticks import Tick
from app.services.privacy import reminders
from app.services.reports import jobs
from app.services.retention import purge
from app.services.webhooks import sending
from mail_settings import Mailbox


def sweep_orphans() -> None:
    documents.sweep(timedelta(hours=current_app.config["ORPHAN_AGE_HOURS"]))


def watch_deadlines() -> None:
    deadline_warnings.begin_missing()
    deadline_warnings.watch()


def send_out() -> None:
    """What waits for other systems."""
    sending.send_due()
    channel_queue.send_due()


def forget_messages() -> None:
    outbox.forget_old()
    sending.forget_old()
    channel_queue.forget_old()
    archive.forget_old()


def forget_presences() -> None:
    presence.forget(clock.now() - timedelta(hours=1))
    brake.sweep()


def look_after_runs() -> None:
    runs.tidy()
    queued.catch_up()


def verify_audit() -> None:
    log.verify_and_note()


def purge_due() -> None:
    for _case in purge.purge_due():
        pass


#: Hours are UTC: 17 is midnight in Jakarta, 22 early in the morning.
TICKS = (
    Tick("watch_deadlines", crontab(), watch_deadlines, _l("Warnings of deadlines")),
    Tick("send_mails", crontab(), postman.send_due, _l("Sending mails")),
    Tick("watch_privacy", crontab(minute="*/5"), reminders.watch, _l("Reminders of requests about personal data")),
    Tick("write_digests", crontab(minute="*/5"), digest.send, _l("Writing daily digests")),
    Tick("send_out", crontab(), send_out, _l("Sending to webhooks and chats")),
    Tick("make_checkpoints", crontab(minute="*/2"), checkpoints.make_due, _l("Signing the histories")),
    Tick("hand_over_checkpoints", crontab(), handing.hand_over_all, _l("Handing checkpoints to the anchors")),
    Tick("complete_checkpoints", crontab(hour="19", minute="52"), checkpoints.complete, _l("Signing what was missed")),
    Tick("sweep_orphans", crontab(minute="17"), sweep_orphans, _l("Removing files without a document")),
    Tick("forget_presences", crontab(minute="29"), forget_presences, _l("Forgetting who had which page open")),
    Tick("look_after_runs", crontab(minute="*/5"), look_after_runs, _l("Making up for what was missed")),
    Tick("sweep_exports", crontab(minute="47"), jobs.sweep, _l("Tidying up exports")),
    Tick("recount_deadlines", crontab(hour="17", minute="6"), deadline_warnings.recount, _l("Counting deadlines anew")),
    Tick("forget_old_notices", crontab(hour="19", minute="12"), inbox.forget_old, _l("Forgetting old notices")),
    Tick("forget_messages", crontab(hour="19", minute="17"), forget_messages, _l("Forgetting old mails and messages")),
    Tick("forget_sessions", crontab(hour="19", minute="27"), sessions.forget_old, _l("Forgetting old sessions")),
    Tick("keep_partitions", crontab(hour="19", minute="22"), partitions.keep_ahead, _l("Partitions of months to come")),
    Tick("verify_audit", crontab(hour="18", minute="22"), verify_audit, _l("Checking the audit log")),
    Tick("count_anew", crontab(hour="19", minute="42"), database.count_anew, _l("Statistics of the database")),
    Tick("watch_reports", crontab(hour="22", minute="4"), report_reminders.watch, _l("Reminders of periodic reports")),
)
PURGE = Tick("purge_due", crontab(hour="18", minute="42"), purge_due, _l("Removing what is due after its retention"))


SCAN = Tick("scan_waiting", crontab(minute="*/5"), inspection.scan_waiting, _l("Checking files for viruses"))
LOOK_AFTER = Tick("look_after_people", crontab(minute="37"), looking_after.look_after, _l("Following the directory"))


def ticks(
    purge_daily: bool, mailboxes: Iterable[Mailbox] = (), directory: bool = False, clamd: bool = False
) -> Iterator[Tick]:
    yield from TICKS
    if clamd:
        yield SCAN
    if directory:
        yield LOOK_AFTER
    for mailbox in mailboxes:
        label = _l("Reading mailbox %(number)s", number=mailbox.number)
        yield Tick(f"read_mailbox_{mailbox.number}", crontab(), partial(reading.read, mailbox), label)
    if purge_daily:
        yield PURGE
