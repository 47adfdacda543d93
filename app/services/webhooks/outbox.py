"""Writes the deliveries of an event, in its transaction: none is lost, none tells of a step that was rolled back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Case, Event, WebhookDelivery, WebhookEndpoint
from app.services.core import clock, delivery, history
from app.services.core.access import NOBODY, sees_event

#: The type of a delivery that an admin asks for, which tells of no case.
TEST = "webhook.test"
#: Before the step, and before the state that a case enters, in an endpoint's choice.
STEP, STATE = "step:", "state:"
#: In the place of an SOP: of whichever.
ANY = "*"


def listen() -> None:
    history.appended.connect(announce)


def announce(case: Case, *, event: Event, session: Session) -> None:
    """Puts the event into the queue of every endpoint that wants it. Of a comment for named roles nobody else learns,
    so no endpoint does."""
    if not sees_event(NOBODY, event):
        return
    active = select(WebhookEndpoint.id, WebhookEndpoint.sops, WebhookEndpoint.events).where(WebhookEndpoint.active)
    wanting = [pk for pk, sops, events in session.execute(active) if wants(sops, events, case.sop, event)]
    if not wanting:
        return
    told = json.dumps(message(case, event), ensure_ascii=False, separators=(",", ":"))
    session.add_all(written(pk, f"case.{event.action}", told, case.id) for pk in wanting)
    delivery.wake(session)


def wants(sops: Collection[str], events: Collection[str], sop: str, event: Event) -> bool:
    if sops and sop not in sops:
        return False
    names = {f"{place}.{STEP}{event.action}" for place in (sop, ANY)}
    if event.from_state != event.to_state:
        names.add(f"{sop}.{STATE}{event.to_state}")
    return not events or not names.isdisjoint(events)


def message(case: Case, event: Event) -> Mapping[str, Any]:
    """What is sent of an event: where the case stands, no person and nothing confidential. Who wants more asks the API,
    with the rights of a user."""
    data = {
        "sop": case.sop, "id": case.id, "number": case.number, "state": event.to_state, "from": event.from_state,
        "action": event.action, "round": event.round, "version": event.version,
        "url": f"{current_app.config['PUBLIC_URL']}/api/v1/{case.sop}/{case.id}",
    }  # fmt: skip
    return {"type": f"case.{event.action}", "timestamp": event.at.isoformat(), "data": data}


def written(endpoint_id: int, kind: str, body: str, case_id: int | None = None) -> WebhookDelivery:
    now = clock.now()
    return WebhookDelivery(
        endpoint_id=endpoint_id, case_id=case_id, message_id=f"msg_{uuid.uuid4().hex}", type=kind, body=body,
        written_at=now, next_at=now,
    )  # fmt: skip
