"""What an admin does with an endpoint: its secret, a test, a delivery once more."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import WebhookDelivery, WebhookEndpoint
from app.services.audit import log
from app.services.core import addresses, clock, delivery, sealed
from app.services.core.access import LARGEST_KEY
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, NotVisible
from app.services.webhooks import sending
from app.services.webhooks.calling import Answer
from app.services.webhooks.outbox import TEST, written

#: How long the receiver may go on with the secret before.
OVERLAP = timedelta(hours=24)
#: Bytes of a secret.
SECRET = 24
#: Deliveries that the page of an endpoint shows.
SHOWN = 50


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET)).decode()


def check_url(host: str, port: int, *, encrypted: bool) -> None:
    """Raises ``addresses.Unreachable`` for what would not be called; it is judged again with every call."""
    addresses.resolve(host, port, encrypted=encrypted)


def secret_of(pk: int) -> str:
    """The secret with which the receiver verifies. Raises ``Conflict`` when it can't be read any more."""
    endpoint = _endpoint(pk)
    name = endpoint.name
    try:
        secret = sealed.unseal(endpoint.sealed_secret)
    except sealed.Unreadable as error:
        raise Conflict(_("It was sealed under another SECRET_KEY, so nobody can read it any more.")) from error
    log.record_now(log.present(), "webhook.secret_shown", ("webhook", pk, name))
    return secret


def rotate(pk: int) -> None:
    """A new secret. For a day deliveries are signed with the one before as well."""
    with write_transaction() as session:
        endpoint = _endpoint(pk)
        session.refresh(endpoint, with_for_update=True)
        endpoint.sealed_previous, endpoint.previous_until = endpoint.sealed_secret, clock.now() + OVERLAP
        endpoint.sealed_secret = sealed.seal(new_secret())


def test(pk: int) -> Answer:
    """Sends a delivery of the type ``webhook.test`` at once, to an endpoint that is switched off as well."""
    body = json.dumps({"type": TEST, "timestamp": clock.now().isoformat(), "data": {}}, separators=(",", ":"))
    with write_transaction() as session:
        endpoint = _endpoint(pk)
        row = written(pk, TEST, body)
        session.add(row)
        session.flush()
        row_id = row.id
        log.record(log.present(), "webhook.tested", ("webhook", pk, endpoint.name))
    claimed = delivery.claim_row(WebhookDelivery, row_id)
    if claimed is None:  # a worker was faster
        raise Conflict(_("It is being sent already. Its result stands below."))
    return sending.attempt(claimed)[1]


def replay(pk: int, delivery_id: int) -> None:
    """Sends a delivery of the endpoint once more, under the same id. Raises ``Conflict`` while it is on its way."""
    with write_transaction() as session:
        endpoint = _endpoint(pk)
        mine = select(WebhookDelivery.id).where(WebhookDelivery.id == delivery_id, WebhookDelivery.endpoint_id == pk)
        if not 0 < delivery_id <= LARGEST_KEY or session.scalar(mine) is None:
            raise NotVisible(_("There is no such delivery."))
        if not delivery.again(session, WebhookDelivery, [delivery_id], clock.now()):
            raise Conflict(_("It is being sent at this moment."))
        delivery.wake(session)
        log.record(log.present(), "webhook.replayed", ("webhook", pk, endpoint.name), delivery=delivery_id)


def deliveries(pk: int) -> Sequence[WebhookDelivery]:
    """The newest deliveries of an endpoint, newest first."""
    newest = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == pk).order_by(WebhookDelivery.id.desc())
    found: Sequence[WebhookDelivery] = db.session.scalars(newest.limit(SHOWN)).all()
    return found


def _endpoint(pk: int) -> WebhookEndpoint:
    found: WebhookEndpoint | None = db.session.get(WebhookEndpoint, pk) if 0 < pk <= LARGEST_KEY else None
    if found is None:
        raise _not_there()
    return found


def _not_there() -> NotVisible:
    return NotVisible(_("There is no such endpoint."))
