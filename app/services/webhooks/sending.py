"""Sends what is due to its endpoints, signed as Standard Webhooks says, and keeps a log of each attempt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from app.extensions import db
from app.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.models.delivery import WAITING
from app.services.core import clock, delivery, sealed
from app.services.core.database import write_transaction
from app.services.core.delivery import Claimed
from app.services.notices import notify
from app.services.webhooks import calling
from app.services.webhooks.calling import Answer

HOUR = timedelta(hours=1)
#: Between the attempts of a delivery: four days in all.
PAUSES = (
    timedelta(minutes=1), timedelta(minutes=5), HOUR / 2, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR,
    24 * HOUR, 24 * HOUR,
)  # fmt: skip
#: An endpoint at which every attempt has failed for so long is switched off.
GIVEN_UP = timedelta(days=5)
#: The receiver wants no more.
GONE = 410
#: How long the log is kept.
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class _Letter:
    endpoint_id: int
    url: str
    message_id: str
    body: str
    secrets: tuple[str, ...]


def send_due() -> int:
    """Sends what is due; returns how many attempts there were."""
    active = select(WebhookEndpoint.id).where(WebhookEndpoint.active)
    return delivery.send_due(WebhookDelivery, WebhookDelivery.endpoint_id, active, _accepted)


def _accepted(claimed: Claimed) -> tuple[int, bool]:
    endpoint_id, answer = attempt(claimed)
    return endpoint_id, answer.accepted


def attempt(claimed: Claimed) -> tuple[int, Answer]:
    """One attempt of a delivery that this worker has; the endpoint and what it answered."""
    try:
        letter = _letter(claimed.id)
    except sealed.Unreadable:
        endpoint_id = db.session.scalars(
            select(WebhookDelivery.endpoint_id).where(WebhookDelivery.id == claimed.id)
        ).one()
        answer = Answer(None, 0, error="The secret was sealed under another SECRET_KEY; rotate it.")
    else:
        endpoint_id = letter.endpoint_id
        answer = calling.post(letter.url, letter.body.encode(), _headers(letter))
    with write_transaction() as session:
        _note(session, claimed, endpoint_id, answer)
    return endpoint_id, answer


def _letter(pk: int) -> _Letter:
    """Raises ``sealed.Unreadable``."""
    row = db.session.get_one(WebhookDelivery, pk)
    found = row.endpoint
    letter = _Letter(found.id, found.url, row.message_id, row.body, tuple(_secrets(found)))
    db.session.rollback()  # nothing of the database is held while the receiver thinks
    return letter


def _secrets(endpoint: WebhookEndpoint) -> Iterator[str]:
    yield sealed.unseal(endpoint.sealed_secret)
    until = endpoint.previous_until
    if endpoint.sealed_previous and until and until > clock.now():
        with suppress(sealed.Unreadable):  # the new one was made for that
            yield sealed.unseal(endpoint.sealed_previous)


def _headers(letter: _Letter) -> dict[str, str]:
    now = datetime.now(UTC)
    signatures = (Webhook(secret).sign(letter.message_id, now, letter.body) for secret in letter.secrets)
    return {
        "Content-Type": "application/json", "User-Agent": "Tuntas", "webhook-id": letter.message_id,
        "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": " ".join(signatures),
    }  # fmt: skip


def _note(session: Session, claimed: Claimed, endpoint_id: int, answer: Answer) -> None:
    """The attempt in the log, what becomes of the delivery, and what that means for the endpoint."""
    error = "" if answer.accepted else answer.error or f"HTTP {answer.status}"
    if not delivery.settle(session, WebhookDelivery, claimed, error, PAUSES):
        return  # its lease had run out, so it is another worker's
    now = clock.now()
    session.add(
        WebhookAttempt(
            delivery_id=claimed.id, at=now, status=answer.status, ms=answer.ms, answer=answer.text,
            error=answer.error[: delivery.LONGEST_ERROR],
        )
    )  # fmt: skip
    row = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    endpoint = session.scalars(row.execution_options(populate_existing=True)).one()
    if answer.accepted:
        endpoint.failing_since = None
        return
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.active and (answer.status == GONE or now - endpoint.failing_since >= GIVEN_UP):
        endpoint.active, endpoint.disabled_at = False, now
        notify.webhook_off(session, endpoint.name)


def forget_old() -> None:
    """Removes deliveries that are over, with their attempts, once they are too old."""
    with write_transaction() as session:
        old = delete(WebhookDelivery).where(
            WebhookDelivery.state != WAITING, WebhookDelivery.ended_at < clock.now() - KEPT
        )
        session.execute(old, execution_options={"synchronize_session": False})
