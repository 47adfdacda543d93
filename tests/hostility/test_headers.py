"""What every answer tells a browser of itself, over the whole URL map: nothing is kept, nothing foreign runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from app.web import assets
from tests.hostility.crawl import Site

#: Nobody; a role that takes cases; who supervises; whoever may everything.
IDENTITIES = (None, "cs", "spv", "admin")
INLINE = re.compile(r"<[a-z][^<>]*\sstyle\s*=|<style[\s>]|<[a-z][^<>]*\son[a-z]+\s*=", re.IGNORECASE)
EVERYWHERE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


def answers(site: Site, name: str | None) -> Iterator[tuple[str, TestResponse]]:
    """Of every form of address, of what is not there, and of what is refused for its shape."""
    client = site.client(name)
    strange = ("/nothing", "/somasi/999999", "/api/v1/somasi/999999", "/api/v1/nothing")
    for address in (*site.addresses(seed=name), *strange):
        yield f"GET {address}", client.get(address)
    for address in site.addresses("POST", name):
        yield f"POST {address}", client.post(address, data={})


@pytest.mark.parametrize("name", IDENTITIES, ids=str)
def test_no_answer_may_be_kept_by_a_cache_and_each_is_isolated(site: Site, name: str | None) -> None:
    wrong, inline, seen, pages = [], {}, 0, 0
    for what, answer in answers(site, name):
        if "/static/" in what:
            continue  # a file of Flask-AppBuilder's package, which is about nobody
        seen += 1
        wrong += [(what, answer.status_code, said) for said in unsaid(what, answer)]
        if answer.mimetype in ("text/html", "image/svg+xml") and "/documents/" not in what:
            pages += 1
            if found := INLINE.findall(answer.text):
                inline[what] = found[:3]
    assert not wrong, "\n".join(map(str, wrong))
    assert inline == {}
    assert seen > 250
    assert pages > 60


def unsaid(what: str, answer: TestResponse) -> Iterator[tuple[str, str | None]]:
    """The headers that do not say what they have to."""
    kept = set(map(str.strip, answer.headers.get("Cache-Control", "").split(",")))
    # What a procedure says is about nobody; a browser asks each time whether it still holds.
    if "no-store" not in kept and not ({"private", "no-cache"} <= kept and "/procedures/" in what):
        yield "Cache-Control", answer.headers.get("Cache-Control")
    yield from (
        (name, answer.headers.get(name)) for name, said in EVERYWHERE.items() if answer.headers.get(name) != said
    )
    policy, asked = (answer.headers.get(one, "") for one in ("Content-Security-Policy", "Permissions-Policy"))
    if "unsafe" in policy or "style-src 'self'" not in policy or "geolocation=()" not in asked:
        yield policy, asked


def test_files_of_the_design_are_kept_for_a_year_and_are_no_other_sites(site: Site) -> None:
    answer = site.app.test_client().get(assets.asset("tuntas.css"))
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
