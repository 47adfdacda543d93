"""A user's inbox, for programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _

from app.api.base import Resource, answer
from app.api.cases.body import json_object
from app.api.spec import documented, json_of, query
from app.services.core import masking
from app.services.core.access import Actor
from app.services.core.errors import Malformed
from app.services.notices import inbox
from app.services.notices.wording import ALL_KINDS
from app.sop import SOPS
from app.web.actor import current_actor
from app.web.events import moment, person

PARAMETERS = (
    query("unread", type="boolean", default=False),
    query("kind", enum=list(ALL_KINDS)),
    query("page", type="integer", minimum=1, default=1),
)
YES, NO = ("true", "1"), ("false", "0", "")


class NoticesApi(Resource):
    resource_name = "notices"
    narrows = True

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Notices"), 400, parameters=PARAMETERS)
    def get_list(self) -> Response:
        """The user's notices, unread first, then newest first."""
        actor = current_actor()
        found = inbox.page(actor, page_asked_for() - 1, request.args.get("kind", ""), _unread())
        lines = [_notice(_discreet(actor, line)) for line in found.lines]
        return answer({"count": found.total, "page": found.number + 1, "pages": found.pages,
                       "unread": inbox.unread_count(actor), "result": lines})  # fmt: skip

    @expose("/read", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", json_of("NoticesRead"), 400, 404, 415, 503, body="ReadNotices")
    def read(self) -> Response:
        """Marks notices as read: those of ``ids``, or all of them with ``all``."""
        actor = current_actor()
        return answer({"read": inbox.mark_read(actor, _named()), "unread": inbox.unread_count(actor)})


def _discreet(actor: Actor, line: inbox.InboxEntry) -> inbox.InboxEntry:
    masked = line.sop is not None and masking.masked(actor, SOPS[line.sop])
    return replace(line, name=person(line.name, masked) or "")


def _notice(line: inbox.InboxEntry) -> dict[str, Any]:
    return {
        "id": line.id, "kind": line.kind, "action": line.action, "message": line.sentence, "by": line.name or None,
        "at": moment(line.at), "read_at": moment(line.read_at),
        "case": _case(line),
    }  # fmt: skip


def _case(line: inbox.InboxEntry) -> dict[str, Any] | None:
    if line.case_id is None:
        return None
    return {"sop": line.sop, "id": line.case_id, "number": line.number, "state": line.state}


def _named() -> list[int] | None:
    """The ids of the body; None for all."""
    sent = json_object()
    ids = sent.get("ids")
    if sent.get("all") is True and ids is None:
        return None
    if isinstance(ids, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in ids):
        return ids
    raise Malformed(_("Send “ids” with numbers of notices, or “all” with true."))


def _unread() -> bool:
    said = request.args.get("unread", "").lower()
    if said not in (*YES, *NO):
        raise Malformed(_("“unread” must be true or false."))
    return said in YES


def page_asked_for() -> int:
    said = request.args.get("page", "1")
    if not (said.isascii() and said.isdecimal() and 0 < len(said) < 10 and int(said)):
        raise Malformed(_("“page” must be a whole number above 0."))
    return int(said)
