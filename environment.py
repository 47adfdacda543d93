"""The variables from which settings are read, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeVar

T = TypeVar("T")


class WrongSetting(ValueError):
    """Invalid settings; the message names each of them, on a line of its own."""


class Environment(Mapping[str, str]):
    """The variables, and a sentence for each whose value can't be right (``wrong``)."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables, self.wrong = variables, list[str]()

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def get(self, name: str, default: Any = None) -> Any:
        return self._variables.get(name, default)

    def attempt(self, read: Callable[[Environment], T], otherwise: T) -> T:
        """What ``read`` makes of it. Where it raises ``WrongSetting``, the sentence is kept for the end."""
        try:
            return read(self)
        except WrongSetting as error:
            self.wrong.append(str(error))
            return otherwise

    def positive(self, name: str, default: int) -> int:
        written = self.get(name, str(default))
        if not (written.isascii() and written.isdigit()) or int(written) < 1:
            self.wrong.append(f"{name} must be a whole number above 0, not {written!r}")
            return default
        return int(written)

    def switch(self, name: str, default: str) -> bool:
        return self.one_of(name, default, ("0", "1")) == "1"

    def one_of(self, name: str, default: str, known: Collection[str]) -> str:
        written: str = self.get(name, default)
        if written not in known:
            self.wrong.append(f"{name} must be {' or '.join(known)}, not {written!r}")
        return written

    def names(self, name: str, default: str = "") -> list[str]:
        """Words between commas, such as the names of roles."""
        return [one.strip() for one in self.get(name, default).split(",") if one.strip()]

    def networks(self, name: str, default: str = "") -> list[IPv4Network | IPv6Network]:
        """Addresses and networks between commas."""
        written = self.get(name, "").strip() or default
        try:
            return [ip_network(one.strip()) for one in written.split(",") if one.strip()]
        except ValueError as error:
            self.wrong.append(
                f"{name} must be addresses or networks with commas between them, not {written!r}: {error}"
            )
            return []
