"""A real SMTP server in a thread, which accepts mails or answers as a test says."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from config import from_environment
from tests.test_run import free_port

SENDER = "PT Terang <layanan@terang.example>"


@dataclass
class PostOffice:
    """``answers``: what it says at a point (``MAIL``, ``RCPT``, ``DATA``) instead of accepting, None for accepting;
    it is given the address, or the mail at ``DATA``. ``accepted``: envelope recipient and mail, in order. ``seen``: is
    told of a mail once it was accepted, before the client is; ``greeted``, that somebody has called. ``secured``:
    whether each mail came encrypted."""

    port: int = 0
    accepted: list[tuple[str, EmailMessage]] = field(default_factory=list)
    answers: dict[str, Callable[[Any], str | None]] = field(default_factory=dict)
    seen: Callable[[EmailMessage], None] = lambda mail: None
    greeted: Callable[[], None] = lambda: None
    connections: int = 0
    secured: list[bool] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        return [mail for _recipient, mail in self.accepted]

    def settings(self, url: str = "smtp://127.0.0.1:{port}") -> dict[str, Any]:
        """Of an application that sends through it."""
        made = from_environment({"SMTP_URL": url.format(port=self.port), "MAIL_FROM": SENDER, "INSTANCE_PATH": "/tmp"})
        return {name: made[name] for name in ("SMTP", "MAIL_FROM")}

    def _says(self, point: str, what: Any) -> str | None:
        return self.answers.get(point, lambda _what: None)(what)

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        session.host_name = hostname
        self.connections += 1
        self.greeted()
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if said := self._says("MAIL", address):
            return said
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if said := self._says("RCPT", address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        if said := self._says("DATA", mail):
            return said
        [recipient] = envelope.rcpt_tos
        self.secured.append(session.ssl is not None)
        self.accepted.append((recipient, mail))
        self.seen(mail)
        return "250 OK"


@contextmanager
def post_office(password: str = "", tls: Any = None) -> Iterator[PostOffice]:
    """``password``: without which it takes nothing, from anybody; ``tls``: a context for STARTTLS."""
    office = PostOffice(free_port())

    def known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=isinstance(data, LoginPassword) and data.password == password.encode())

    running = Controller(
        office, hostname="127.0.0.1", port=office.port, authenticator=known, auth_required=bool(password),
        auth_require_tls=False, tls_context=tls,
    )  # fmt: skip
    running.start()
    yield office
    running.stop()
