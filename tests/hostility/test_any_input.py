"""Every address and method, by nobody, by who works and by who may everything, with what nobody sends who means
well: refused or answered, and never a fault of ours. ``HOSTILITY=2`` (3, …) sends other things to other addresses."""

from __future__ import annotations

import os

import pytest
from flask.testing import FlaskClient

from tests import databases, figures
from tests.hostility.crawl import METHODS, Site
from tests.hostility.senders import Attack

SEED = int(os.environ.get("HOSTILITY", "1"))
IDENTITIES = (None, "cs", "admin")
#: What a fault is called, and what is said when another part of the house is away, which is none.
AWAY = 503


def faults(site: Site, name: str | None, seed: int, part: int) -> tuple[list[str], int]:
    """What was answered with a fault, and how many requests were sent; ``part``: only one rule of so many."""
    found, sent = [], 0
    client: FlaskClient = site.client(name)
    for method in METHODS:
        for rule in site.one_of_each(method, seed)[seed % part :: part]:
            for told, request in Attack(site, (seed, name, method, rule.rule)).each(rule, method):
                sent += 1
                answer = client.open(method=method, **request)
                answer.get_data()
                if answer.status_code >= 500 and answer.status_code != AWAY:
                    found.append(f"{answer.status_code} {method} {rule.rule}: {told}")
                if answer.status_code == 302 and "/login/" in answer.location and name:
                    client = site.client(name)
    figures.count("hostile requests", sent)
    figures.count("hostile 5xx", len(found))
    return found, sent


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", IDENTITIES, ids=str)
def test_nothing_that_is_sent_is_a_fault_of_ours(sqlite_site: Site, name: str | None) -> None:
    found, sent = faults(sqlite_site, name, SEED, part=6)
    assert not found, f"{len(found)} of {sent}:\n" + "\n".join(found[:60])
    assert sent > 150


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(databases.CHOSEN != "sqlite", reason="runs beside SQLite")
@pytest.mark.parametrize("name", IDENTITIES, ids=str)
def test_nor_on_postgresql(pg_site: Site, name: str | None) -> None:
    """Which refuses what SQLite takes: numbers out of range, NUL, half characters."""
    found, sent = faults(pg_site, name, SEED + 1, part=12)
    assert not found, f"{len(found)} of {sent}:\n" + "\n".join(found[:60])
    assert sent > 60
