"""Chats and other services that Apprise knows, each by a URL of its own (``tgram://``, ``slack://``, ``whatsapp://``…).

The URL holds tokens and passwords: nothing of it gets into a log, a page or a reason.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import apprise

from app.services.core.addresses import Unreachable, resolve
from app.services.notices.channels import SENT, Outcome

#: Services that speak to the machine on which the worker runs.
LOCAL = frozenset({"dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
#: What of a URL may be a secret: anything longer than a port.
SECRET = re.compile(r"[^/:@?&=,#]{6,}")
#: What Apprise says of a failure may quote the URL, so it is heard here alone.
_said = logging.getLogger("apprise")
_said.propagate = False
_said.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class ChatMessage:
    url: str
    title: str
    text: str


def is_set_up() -> bool:
    """Each channel brings its own address."""
    return True


def service_of(url: str) -> str | None:
    """The name of the service that a URL means, such as ``Telegram``; None when it is no URL of Apprise, or of a
    service that we don't use."""
    found = _service(url)
    return str(found.service_name) if found else None


def check(url: str) -> None:
    """Raises ``Unreachable`` when it leads to a server that may not be called. Most services have addresses of their
    own, which are not looked at."""
    found = _service(url)
    if found and "host" in type(found).template_tokens and found.host:
        resolve(found.host, found.port or 443, encrypted=True)


def deliver(message: ChatMessage) -> Outcome:
    found = _service(message.url)
    if found is None:
        return Outcome("refused", "Apprise does not know this URL.")
    try:
        check(message.url)
    except Unreachable as refusal:
        return Outcome("later", refusal.message)
    with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as said:
        taken = found.notify(body=message.text, title=message.title, body_format=apprise.NotifyFormat.TEXT)
        reason = said.getvalue()
    return SENT if taken else Outcome("later", _discreet(reason, message.url) or "The service did not take it.")


def _service(url: str) -> apprise.NotifyBase | None:
    if url.partition(":")[0].strip().lower() in LOCAL:
        return None
    asset = apprise.AppriseAsset(app_id="Tuntas", app_desc="Tuntas", app_url="", secure_logging=True)
    found = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    return found if isinstance(found, apprise.NotifyBase) else None


def _discreet(reason: str, url: str) -> str:
    """What the service said, without any part of the URL that may be secret."""
    for part in sorted(SECRET.findall(url.partition("://")[2]), key=len, reverse=True):
        reason = reason.replace(part, "…")
    return " ".join(reason.split())
