"""Asking an LDAP server whether somebody's password is right, and what it knows of them.

The server is found by the settings alone: it is not followed elsewhere (referrals), since a password would go along.
Each question has a connection of its own, which nobody else's password ever touched.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from ldap3 import ANONYMOUS, BASE, NONE, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import (
    LDAPException,
    LDAPInvalidCredentialsResult,
    LDAPNoSuchObjectResult,
    LDAPOperationResult,
)
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from app.models.people import LDAP
from app.services.accounts.directories.person import Person
from app.services.core.errors import Unavailable
from directory_settings import NAME, Ldap

#: Seconds to reach the server, and to wait for each of its answers.
PATIENCE = 5
#: What a server calls its people: OpenLDAP and its like, then Active Directory.
NAMES, KEYS = ("uid", "sAMAccountName"), ("entryUUID", "objectGUID")
WANTED = (*NAMES, *KEYS, "givenName", "sn", "cn", "displayName", "mail", "memberOf")
MEMBER = "(|(member={dn})(uniqueMember={dn})(memberUid={uid}))"
log = logging.getLogger(__name__)


def person(settings: Ldap, name: str, password: str) -> Person | None:
    """Whom the server knows by this name and password; None where it knows nobody. Raises ``Unavailable`` where it
    can't be asked."""
    # A name without a password is no sign-in at all to LDAP, and always succeeds.
    if not name or not password or "\x00" in name + password:
        return None
    with _asked(settings) as server:
        entry = _entry(server, settings, name)
        if entry is None or not _is_password(settings, entry["dn"], password):
            return None
        return _described(server, settings, entry)


def known(settings: Ldap, name: str) -> Person | None:
    """Whom the server knows by this name, without a password: for looking after those who came in before. Raises
    ``Unavailable``."""
    with _asked(settings) as server:
        entry = _entry(server, settings, name)
        return _described(server, settings, entry) if entry else None


@contextmanager
def _asked(settings: Ldap) -> Iterator[Connection]:
    """Signed in as the settings say. Whatever goes wrong inside, the directory counts as away."""
    try:
        with _connected(settings, settings.bind_dn, settings.bind_password) as connection:
            yield connection
    except (LDAPException, OSError) as error:
        log.warning("The LDAP server can't be asked: %s", error)
        raise Unavailable(
            _("The directory that knows your password can't be reached. Please try again later.")
        ) from error


@contextmanager
def _connected(settings: Ldap, dn: str, password: str) -> Iterator[Connection]:
    tls = Tls(validate=ssl.CERT_REQUIRED, version=ssl.PROTOCOL_TLS_CLIENT, ca_certs_file=settings.ca or None)
    server = Server(
        settings.host, settings.port, use_ssl=settings.tls == "always", tls=tls, get_info=NONE, connect_timeout=PATIENCE
    )
    connection = Connection(
        server, dn or None, password or None, authentication=SIMPLE if dn else ANONYMOUS, auto_referrals=False,
        raise_exceptions=True, read_only=True, receive_timeout=PATIENCE,
    )  # fmt: skip
    try:
        connection.open()
        if settings.tls == "starttls":
            connection.start_tls()
        connection.bind()
        yield connection
    finally:
        connection.strategy.close()


def _is_password(settings: Ldap, dn: str, password: str) -> bool:
    try:
        with _connected(settings, dn, password):
            return True
    except LDAPInvalidCredentialsResult:
        return False
    except LDAPOperationResult as refusal:
        # An account that is locked, has expired or may not sign in: the server says why, its log as well.
        log.warning("The LDAP server refuses a sign-in: %s", refusal.description)
        return False


def _entry(server: Connection, settings: Ldap, name: str) -> dict[str, Any] | None:
    looked_for = settings.filter.replace(NAME, escape_filter_chars(name))
    found = _search(server, settings.base, looked_for, SUBTREE)
    if len(found) > 1:
        log.warning("LDAP_FILTER finds more than one entry for a name, so nobody is let in by it.")
    return found[0] if len(found) == 1 else None


def _search(server: Connection, base: str, looked_for: str, scope: Any) -> list[dict[str, Any]]:
    server.search(base, looked_for, scope, attributes=list(WANTED), time_limit=PATIENCE)
    return [one for one in server.response or () if one["type"] == "searchResEntry"]


def _described(server: Connection, settings: Ldap, entry: dict[str, Any]) -> Person:
    said = {name.lower(): values for name, values in entry["raw_attributes"].items()}
    username = _first(said, *NAMES)
    key = next((values[0] for name in KEYS if (values := said.get(name.lower()))), None)
    # Those of Active Directory are bytes, those of others read as text.
    stays = entry["dn"].lower() if key is None else key.decode() if key.isascii() else key.hex()
    names = (_first(said, "givenName"), _first(said, "sn"), _first(said, "displayName", "cn"))
    roles = _roles(server, settings, entry["dn"], username, said)
    return Person.of(LDAP, stays, username, names, _first(said, "mail"), roles)


def _roles(server: Connection, settings: Ldap, dn: str, uid: str, said: dict[str, Any]) -> Iterator[str]:
    member_of = {_plain(one.decode("utf-8", "replace")) for one in said.get("memberof", ())}
    lists = MEMBER.format(dn=escape_filter_chars(dn), uid=escape_filter_chars(uid))
    for group, role in settings.groups:
        if _plain(group) in member_of or _is_listed(server, group, lists):
            yield role


def _is_listed(server: Connection, group: str, looked_for: str) -> bool:
    try:
        return bool(_search(server, group, looked_for, BASE))
    except LDAPNoSuchObjectResult:
        log.warning("LDAP_GROUPS names %s, which the server does not have.", group)
        return False


def _plain(dn: str) -> Any:
    """A distinguished name as it is compared, however it is written."""
    try:
        return tuple((name.lower(), value.lower(), plus) for name, value, plus in parse_dn(dn, strip=True))
    except LDAPException:
        return dn


def _first(said: dict[str, Any], *names: str) -> str:
    values = next((values for name in names if (values := said.get(name.lower()))), [b""])
    return str(values[0].decode("utf-8", "replace"))
