"""The variables from which settings are read, and what is wrong with them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class WrongSetting(ValueError):
    """Invalid settings; the message names each of them, on a line of its own."""


def kept_once(path: Path, made: Callable[[], bytes]) -> bytes:
    """What the file holds; where there is none yet, it is written with what is ``made``, readable by its owner alone.
    Several processes that start at once agree on one. Raises ``OSError``."""
    if not path.exists():
        beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made())
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_bytes()


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
