"""The settings of directories: an LDAP server that knows people's passwords, a provider of OpenID Connect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from ldap3.core.exceptions import LDAPExceptionError
from ldap3.operation.search import parse_filter
from ldap3.utils.dn import parse_dn

from environment import WrongSetting
from mail_settings import is_loopback

#: The usual ports, by scheme.
LDAP_PORTS = {"ldap": 389, "ldaps": 636}
#: What of a filter stands for the name that somebody typed.
NAME = "{name}"
#: Between two entries of a mapping; a semicolon of a name is written with a backslash before it, as it is in a
#: distinguished name anyway.
ENTRIES = re.compile(r"(?<!\\);")

Tls = Literal["always", "starttls", "none"]


@dataclass(frozen=True)
class Ldap:
    """``tls``: from the first byte (``always``), by STARTTLS before anything is said (``starttls``), ``none`` on this
    machine alone. ``groups``: the distinguished name of a group, and the role that its members have. ``ca``: the file
    with the authority that signed the server's certificate; empty: those that the machine knows."""

    host: str
    port: int
    tls: Tls
    bind_dn: str
    bind_password: str = field(repr=False)
    base: str
    filter: str
    groups: tuple[tuple[str, str], ...]
    ca: str = ""

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for _group, role in self.groups)


@dataclass(frozen=True)
class Oidc:
    """``claim``: what of the ID token names groups; ``groups``: the name of one, and the role that its members have.
    ``label``: what the button of signing in says after "by way of"."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str
    groups: tuple[tuple[str, str], ...]
    label: str

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for _group, role in self.groups)


def ldap(environment: Mapping[str, str]) -> Ldap | None:
    """The LDAP server of the settings; None for none. Raises ``WrongSetting`` with a line for each that is wrong."""
    said = {name: environment.get(f"LDAP_{name}", "").strip() for name in ("URL", "BIND_DN", "BASE", "GROUPS", "CA")}
    password = environment.get("LDAP_BIND_PASSWORD", "")
    looked_for = environment.get("LDAP_FILTER", f"(uid={NAME})").strip()
    if not said["URL"]:
        return None
    wrong: list[str] = []
    try:
        url = urlsplit(said["URL"])
        host, port = url.hostname or "", url.port
    except ValueError:
        url, host, port = urlsplit(""), "", None
    if url.scheme not in LDAP_PORTS or not host or url.username or url.path.strip("/") or url.query or url.fragment:
        wrong.append("LDAP_URL must be ldap://host:389 or ldaps://host:636, without a name or password")
    if not said["BASE"] or not is_dn(said["BASE"]):
        wrong.append("LDAP_BASE must be where people are looked for, such as ou=people,dc=example,dc=id")
    if bool(said["BIND_DN"]) != bool(password) or (said["BIND_DN"] and not is_dn(said["BIND_DN"])):
        wrong.append("LDAP_BIND_DN must be a distinguished name, and go together with LDAP_BIND_PASSWORD")
    if not _is_filter(looked_for):
        wrong.append(f"LDAP_FILTER must be a filter with {NAME} in it, such as (uid={NAME}), not {looked_for!r}")
    groups = _mapping(said["GROUPS"])
    if not groups or not all(is_dn(group) for group, _role in groups):
        wrong.append("LDAP_GROUPS must be cn=cs,ou=groups,dc=example,dc=id=CS; … : a group, =, a role, and ; between")
    if said["CA"] and not Path(said["CA"]).is_file():
        wrong.append(f"LDAP_CA must be a file with certificates, not {said['CA']!r}")
    if wrong:
        raise WrongSetting("\n".join(wrong))
    tls: Tls = "always" if url.scheme == "ldaps" else "none" if is_loopback(host) else "starttls"
    port = port or LDAP_PORTS[url.scheme]
    return Ldap(host, port, tls, said["BIND_DN"], password, said["BASE"], looked_for, groups, said["CA"])


def oidc(environment: Mapping[str, str]) -> Oidc | None:
    """The provider of OpenID Connect; None for none. Raises ``WrongSetting`` with a line for each that is wrong."""
    names = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ROLES", "LABEL")
    said = {name: environment.get(f"OIDC_{name}", "").strip() for name in names}
    if not said["ISSUER"]:
        return None
    wrong: list[str] = []
    if not _is_issuer(said["ISSUER"]):
        wrong.append("OIDC_ISSUER must be https://…, as the provider calls itself; http:// on this machine alone")
    wrong += [f"OIDC_{name} must be there, since OIDC_ISSUER is" for name in names[1:3] if not said[name]]
    claim, _colon, mapping = said["ROLES"].partition(":")
    groups = tuple((group.replace("\\;", ";"), role) for group, role in _mapping(mapping))
    if not claim.strip() or not groups:
        wrong.append("OIDC_ROLES must be groups: name=CS; name=Admin … : a claim, a colon, what is in it, =, a role")
    if not environment.get("PUBLIC_URL", "").strip():
        wrong.append("PUBLIC_URL must be there, since OIDC_ISSUER is: the provider leads people back to it")
    if wrong:
        raise WrongSetting("\n".join(wrong))
    label = said["LABEL"] or "Single Sign-On"
    return Oidc(said["ISSUER"], said["CLIENT_ID"], said["CLIENT_SECRET"], claim.strip(), groups, label)


def is_dn(written: str) -> bool:
    try:
        return bool(parse_dn(written))
    except LDAPExceptionError:
        return False


def _is_filter(written: str) -> bool:
    try:
        parse_filter(written.replace(NAME, "x"), None, False, None, None, False)
    except (LDAPExceptionError, ValueError, IndexError):
        return False
    return NAME in written


def _is_issuer(written: str) -> bool:
    try:
        url = urlsplit(written)
        host = url.hostname or ""
    except ValueError:
        return False
    secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(host))
    return bool(secure and host) and not (url.query or url.fragment or url.username)


def _mapping(written: str) -> tuple[tuple[str, str], ...]:
    """``name=role; name=role``; nothing where an entry can't be read. The last ``=`` is the one between."""
    pairs = [entry.rpartition("=") for entry in ENTRIES.split(written) if entry.strip()]
    found = tuple((group.strip(), role.strip()) for group, _equals, role in pairs)
    return found if all(group and role for group, role in found) else ()
