"""A directory with people in it, and the application that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from directory_settings import ldap
from tests import slapd
from tests.conftest import missing_part
from tests.slapd import Slapd


@pytest.fixture(scope="session")
def ldap_server() -> Iterator[Slapd]:
    try:
        with slapd.running() as server:
            yield server
    except FileNotFoundError:
        missing_part("Debian's slapd")


@pytest.fixture
def directory(ldap_server: Slapd) -> Iterator[Slapd]:
    """As it was in the beginning, whatever the test before did to its groups."""
    yield ldap_server
    for name, members in slapd.MEMBERS.items():
        ldap_server.put_into(name, *members)


@pytest.fixture
def asking(any_app: Flask, directory: Slapd) -> Flask:
    """On both databases."""
    any_app.config["LDAP"] = ldap(directory.settings())
    return any_app


@pytest.fixture
def settings(directory: Slapd) -> Any:
    return ldap(directory.settings())
