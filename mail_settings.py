"""The settings of mail: the server that sends it, and the mailboxes that are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import HeaderRegistry
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from environment import WrongSetting

MAILBOX = re.compile(r"MAILBOX_([1-9]\d?)_(URL|SOP|FOLDER_DONE)")
#: The usual ports of SMTP servers to which one hands in mail, by scheme.
SMTP_PORTS = {"smtp": 587, "smtps": 465}

Tls = Literal["always", "required", "offered"]


@dataclass(frozen=True)
class SmtpServer:
    """``tls``: from the first byte (``always``), by STARTTLS or not at all (``required``), by STARTTLS where the server
    offers it (``offered``). An empty ``user`` does not sign in."""

    host: str
    port: int
    user: str
    password: str
    tls: Tls


@dataclass(frozen=True)
class Mailbox:
    """A mailbox that is read by IMAP. ``number``: that of its settings. ``folder_done``: where mails are moved once
    they are stored; empty: they are marked as seen."""

    number: int
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    sop: str
    folder_done: str = ""
    encrypted: bool = True

    @property
    def address(self) -> str:
        """What tells it from others, without the password."""
        return f"{self.user}@{self.host}/{self.folder}"


def smtp(environment: Mapping[str, str]) -> SmtpServer | None:
    """The server that ``smtp://user:password@host:port?starttls=required`` or ``smtps://…`` names; None for none. The
    password is not told in what is refused."""
    written = environment.get("SMTP_URL", "").strip()
    if not written:
        return None
    try:
        url = urlsplit(written)
        host, port, query = url.hostname or "", url.port, dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    except ValueError:
        # Without the error, which quotes what may be the password.
        raise WrongSetting(
            "SMTP_URL can't be read; characters of a password such as @ and / are written %40, %2F"
        ) from None
    starttls = query.pop("starttls", "offered")
    if url.scheme not in SMTP_PORTS or not host or url.path.strip("/") or url.fragment:
        raise WrongSetting("SMTP_URL must be smtp://user:password@host:587 or smtps://user:password@host:465")
    if query or starttls not in ("offered", "required"):
        raise WrongSetting("SMTP_URL takes only ?starttls=required or ?starttls=offered after the host")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    tls: Tls = "always" if url.scheme == "smtps" else "offered"
    if tls == "offered" and (starttls == "required" or (user and not is_loopback(host))):
        tls = "required"  # a password never goes over the network in the clear
    return SmtpServer(host, port or SMTP_PORTS[url.scheme], user, password, tls)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def sender(environment: Mapping[str, str]) -> str:
    """The sender of mails, as a header has it: ``Name <address>`` or the address alone."""
    written = str(environment.get("MAIL_FROM", "")).strip()
    if not written:
        if environment.get("SMTP_URL", "").strip():
            raise WrongSetting("MAIL_FROM must be set where SMTP_URL is: the address from which mails are sent")
        return ""
    try:
        read: Any = HeaderRegistry()("from", written)
        [sender] = read.addresses
        fits = not read.defects and written.isprintable() and sender.addr_spec.isascii() and sender.username
        fits = fits and ("." in sender.domain or sender.domain == "localhost")
    except (ValueError, HeaderParseError, IndexError):
        fits = False
    if not fits:
        raise WrongSetting(
            f'MAIL_FROM must be one address such as "PT Terang" <layanan@example.co.id>, not {written!r}'
        )
    return written


def mailboxes(environment: Mapping[str, str]) -> tuple[Mailbox, ...]:
    """In the order of their numbers."""
    said: dict[int, dict[str, str]] = {}
    for name in environment:
        if name.startswith("MAILBOX_") and environment[name]:
            match = MAILBOX.fullmatch(name)
            if match is None:
                raise WrongSetting(f"{name}: there is MAILBOX_1_URL, MAILBOX_1_SOP, MAILBOX_1_FOLDER_DONE, and so on")
            said.setdefault(int(match[1]), {})[match[2]] = environment[name]
    found = tuple(_mailbox(number, said[number]) for number in sorted(said))
    twice = [one for at, one in enumerate(found) if one.address in {other.address for other in found[:at]}]
    if twice:
        raise WrongSetting(f"MAILBOX_{twice[0].number}_URL names a mailbox that another one names already")
    return found


def _mailbox(number: int, said: dict[str, str]) -> Mailbox:
    name = f"MAILBOX_{number}"
    for word in ("URL", "SOP"):
        if word not in said:
            raise WrongSetting(f"{name}_{word} must be there, since another setting of {name} is")
    url, done = _imap(f"{name}_URL", said["URL"]), said.get("FOLDER_DONE", "")
    folder = unquote(url.path.strip("/")) or "INBOX"
    if done == folder:
        raise WrongSetting(f"{name}_FOLDER_DONE must be another folder than the one that is read")
    encrypted = url.scheme == "imaps"
    port = url.port or (993 if encrypted else 143)
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return Mailbox(number, url.hostname or "", port, user, password, folder, said["SOP"], done, encrypted)


def _imap(name: str, written: str) -> SplitResult:
    """The message of an error never has what was written: there is a password in it."""
    such_as = "imaps://user:password@host/INBOX, with what is special in user and password written as %XX"
    try:
        url = urlsplit(written)
        complete = url.hostname and url.username and url.password and (url.port is None or url.port > 0)
    except ValueError:
        raise WrongSetting(f"{name} must be such as {such_as}") from None
    if url.scheme not in ("imap", "imaps") or not complete or url.query or url.fragment:
        raise WrongSetting(f"{name} must be such as {such_as}")
    if url.scheme == "imap" and not is_loopback(str(url.hostname)):
        raise WrongSetting(f"{name}: imap:// sends the password in the clear, so only to this machine; use imaps://")
    return url
