"""A mail to an auditor, every hour at most, with all checkpoints since the last one as they stand in a file anchor."""

from __future__ import annotations

import html
import json
import uuid
from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.services.core import clock
from app.services.evidence.anchors import Given
from app.services.notices.channels import email

PACE = timedelta(hours=1)
#: Bytes of entries that go with it; beyond that the signed bodies alone, whose entries the database has.
MOST_ENTRIES = 2 << 20


class NotSent(Exception):
    """The reason of the server."""


def is_set_up() -> bool:
    return bool(current_app.config["ANCHOR_MAIL"]) and email.is_set_up()


def take(given: Sequence[Given]) -> None:
    """Raises ``NotSent``."""
    now, last = clock.now(), given[-1]
    body = json.loads(last.body)
    whole = sum(len(entry) for one in given for entry in one.entries) <= MOST_ENTRIES
    language = current_app.config["BABEL_DEFAULT_LOCALE"]
    with force_locale(language):
        subject = _("Checkpoint %(number)s of %(name)s", number=last.number, name=_whose())
        text = _(
            "Signed checkpoints %(first)s to %(last)s are attached. Please keep this mail: with it the histories of "
            "all cases can be checked, whoever owns the database.\n\nCheckpoint: %(last)s\nTime: %(at)s\nRoot: "
            "%(root)s\nKey: %(key)s",
            first=given[0].number, last=last.number, at=body["at"], root=body["root"], key=body["key"],
        )  # fmt: skip
    lines = "".join(f"{one.line(whole)}\n" for one in given).encode()
    outcome = email.deliver(
        email.Mail(
            recipient=current_app.config["ANCHOR_MAIL"], subject=subject, text=text,
            html=f"<pre>{html.escape(text)}</pre>", message_id=f"<{uuid.uuid4().hex}@{email.domain()}>",
            written_at=now, language=language,
            attachments=[email.Attachment(f"checkpoints-{last.number}.jsonl", "application/octet-stream", lines)],
        )
    )  # fmt: skip
    if outcome.result != "sent":
        raise NotSent(outcome.reason or outcome.result)


def _whose() -> str:
    return current_app.config["COMPANY_NAME"] or email.sender_name() or current_app.config["APP_NAME"]
