"""The keys with which a user's own programs sign in. A key makes, lists and revokes none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, current_app
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _

from app.api.base import Resource, answer
from app.api.cases.body import json_object
from app.api.spec import documented, json_of, path
from app.services.accounts import keys
from app.services.core.errors import Malformed
from app.web.actor import current_actor
from app.web.hardening import locks_by_itself
from app.web.recent import require_recent_sign_in

UUID = path("key_uuid")


class ApiKeyApi(Resource):
    resource_name = "security/api_keys"
    class_permission_name = "ApiKeyApi"
    openapi_spec_tag = "Security API Keys"
    for_keys = False

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("list")
    @documented("get", json_of("ApiKeys"))
    def list_api_keys(self) -> Response:
        """The user's own keys, newest first."""
        return answer({"result": [_told(row) for row in keys.own(current_actor())]})

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("create")
    @documented("post", json_of("NewApiKey"), 400, 409, 415, 503, status=201, body="ApiKeyWanted")
    @locks_by_itself
    def create_api_key(self) -> Response:
        """Make a key; its secret is in this answer alone. The sign-in may be 10 minutes old at most."""
        require_recent_sign_in()
        sent = json_object()
        name, scopes, ends = (sent.get(key) for key in ("name", "scopes", "expires_on"))
        if not isinstance(name, str) or not isinstance(scopes, str | None) or not isinstance(ends, str | None):
            raise Malformed(_("Send “name”, and if you want “scopes” and “expires_on”, as text."))
        made = keys.make(current_actor(), _epoch(), name, keys.read_scope(scopes), keys.end_of(_moment(ends)))
        return answer({"result": _told(made.row) | {"key": made.secret}}, 201)

    @expose("/<string:key_uuid>", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("ApiKeyTold"), 404, parameters=(UUID,))
    def get_api_key(self, key_uuid: str) -> Response:
        """One key of the user's; to an admin anybody's."""
        return answer({"result": _told(keys.of(current_actor(), key_uuid))})

    @expose("/<string:key_uuid>", methods=["DELETE"])
    @protect()
    @permission_name("revoke")
    @documented("delete", json_of("Message"), 404, 503, parameters=(UUID,))
    def revoke_api_key(self, key_uuid: str) -> Response:
        """Revoke a key of the user's; an admin revokes anybody's."""
        keys.revoke(current_actor(), key_uuid)
        return answer({"message": _("The key is revoked and stops working at once.")})


def _epoch() -> int:
    return int(current_app.appbuilder.sm.current_user.session_epoch)  # type: ignore[attr-defined]


def _moment(written: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError as error:
        raise Malformed(_("“expires_on” must be a moment as ISO 8601 writes it.")) from error


def _told(row: Any) -> dict[str, Any]:
    """As Flask-AppBuilder tells of keys: their times without a zone, in the server's."""
    times = {name: getattr(row, name) for name in ("created_on", "expires_on", "revoked_on", "last_used_on")}
    told = {name: getattr(row, name) for name in ("uuid", "name", "key_prefix", "scopes", "active")}
    return told | {name: at.isoformat() if at else None for name, at in times.items()}
