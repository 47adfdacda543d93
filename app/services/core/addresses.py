"""Which addresses the system itself calls: public ones, and those of the networks that a setting allows."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import current_app
from flask_babel import gettext as _

from app.services.core.errors import Refused

#: Carries an IPv4 address in its last four bytes; a gateway of the own network would take it there.
NAT64 = ip_network("64:ff9b::/96")
Address = IPv4Address | IPv6Address


class Unreachable(Refused):
    """The address may not be called, or there is none."""

    status = 422


def resolve(host: str, port: int, *, encrypted: bool) -> list[str]:
    """The addresses of ``host`` that may be called. They are to be connected to as they stand: a name that is looked up
    again may lead elsewhere. Without encryption only the allowed networks are called. Raises ``Unreachable``."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(_("There is no address for %(host)s.", host=host)) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    permitted = [one for one in addresses if is_allowed(one) or (encrypted and is_public(one))]
    if permitted:
        return permitted
    if any(is_public(one) for one in addresses):
        raise Unreachable(_("%(host)s is public, so it is called by https alone.", host=host))
    raise Unreachable(_("%(host)s lies in a private network that WEBHOOK_ALLOW_PRIVATE does not name.", host=host))


def is_public(address: str) -> bool:
    """Whether it is of the internet rather than of this machine, the own network or a special purpose."""
    found = _plain(address)
    if isinstance(found, IPv6Address) and (found.sixtofour or found.teredo or found in NAT64):
        return False  # an IPv4 address in disguise
    return found.is_global and not found.is_multicast


def is_allowed(address: str) -> bool:
    found = _plain(address)
    return any(found in network for network in current_app.config["WEBHOOK_ALLOW_PRIVATE"])


def _plain(address: str) -> Address:
    found = ip_address(address.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found
