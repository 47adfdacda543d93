"""Which proxies' ``X-Forwarded`` headers count, whatever server runs the application."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from werkzeug.http import parse_list_header
from werkzeug.middleware.proxy_fix import ProxyFix

Network = IPv4Network | IPv6Network
#: How a server names the other end of a Unix socket: not at all. It is on this machine.
LOCAL = "127.0.0.1"
FORWARDED = "HTTP_X_FORWARDED_"
log = logging.getLogger(__name__)


class TrustedProxies:
    """Takes ``X-Forwarded-For``, ``-Proto``, ``-Host`` and ``-Port`` from a peer in one of ``networks``; removes them
    from anybody else's request.

    The client is the last address in ``X-Forwarded-For`` that is no proxy: what precedes it, the client may have
    written itself. Scheme, host and port are those that the nearest proxy names.
    """

    def __init__(self, app: Any, networks: Sequence[Network]) -> None:
        self.app, self.networks = app, networks

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        peer = environ.get("REMOTE_ADDR") or LOCAL
        if self._trusts(peer):
            hops = self._hops(environ.get("HTTP_X_FORWARDED_FOR", ""))
            return ProxyFix(self.app, x_for=hops, x_proto=1, x_host=1, x_port=1)(environ, start_response)
        forwarded = [name for name in environ if name.startswith(FORWARDED)]
        for name in forwarded:
            del environ[name]
        if forwarded:
            _warn(peer)
        return self.app(environ, start_response)  # type: ignore[no-any-return]

    def _hops(self, forwarded: str) -> int:
        """The client's place in the list, counted from the right, from 1."""
        addresses = parse_list_header(forwarded)
        for place, address in enumerate(reversed(addresses), start=1):
            if not self._trusts(address):
                return place
        return len(addresses)

    def _trusts(self, written: str) -> bool:
        try:
            address = ip_address(written)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self.networks)


@lru_cache(maxsize=256)
def _warn(peer: str) -> None:
    """Once for each address: a proxy that is not named makes browsers redirect without end when ``HTTPS=1``."""
    log.warning("X-Forwarded headers of %s are ignored: TRUSTED_PROXIES does not name it.", peer)
