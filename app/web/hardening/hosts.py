"""By which names the site may be asked for, so that no address that is made from a request leads elsewhere."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_babel import gettext as _
from werkzeug.sansio.utils import host_is_trusted

from app.services.core.errors import Malformed

#: Asked by what watches the process, by its address; no link is made from what they answer.
ANY_NAME = frozenset({"health", "ready", "metrics"})


def register(app: Flask) -> None:
    """Before any part that reads more of a request than its headers."""
    app.before_request(_refuse_other_names)


def _refuse_other_names() -> None:
    known = current_app.config["KNOWN_HOSTS"]
    if known and request.endpoint not in ANY_NAME and not _is_known(request.host, known):
        raise Malformed(
            _("This address is not that of the system. Please use the address that your administrator gave you.")
        )


def _is_known(host: str, known: list[str]) -> bool:
    return _is_this_machine(host) or host_is_trusted(host.lower(), known)


def _is_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
