"""What every answer tells a browser of itself, over the whole URL map: nothing is kept, nothing foreign runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
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


def answers(site: Site, client: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """Of every address, of what is not there, and of what is refused for its shape."""
    for address in (*site.addresses(), "/nothing", "/somasi/999999", "/api/v1/somasi/999999", "/api/v1/nothing"):
        yield f"GET {address}", client.get(address)
    for address in site.addresses("POST"):
        yield f"POST {address}", client.post(address, data={})


@pytest.mark.parametrize("name", IDENTITIES, ids=str)
def test_no_answer_may_be_kept_by_a_cache_and_each_is_isolated(site: Site, name: str | None) -> None:
    wrong, seen = [], 0
    for what, answer in answers(site, site.client(name)):
        if "/static/" in what:
            continue  # a file of Flask-AppBuilder's package, which is about nobody
        seen += 1
        kept = set(map(str.strip, answer.headers.get("Cache-Control", "").split(",")))
        # What a procedure says is about nobody; a browser asks each time whether it still holds.
        if "no-store" not in kept and not ({"private", "no-cache"} <= kept and "/procedures/" in what):
            wrong.append((what, answer.status_code, answer.headers.get("Cache-Control")))
        wrong += [
            (what, answer.status_code, header, answer.headers.get(header))
            for header, said in EVERYWHERE.items()
            if answer.headers.get(header) != said
        ]
        policy, asked = (answer.headers.get(one, "") for one in ("Content-Security-Policy", "Permissions-Policy"))
        if "unsafe" in policy or "style-src 'self'" not in policy or "geolocation=()" not in asked:
            wrong.append((what, answer.status_code, policy, asked))
    assert not wrong, "\n".join(map(str, wrong))
    assert seen > 400


@pytest.mark.parametrize("name", IDENTITIES, ids=str)
def test_no_page_has_a_style_or_a_handler_in_its_markup(site: Site, name: str | None) -> None:
    found, pages = {}, 0
    for what, answer in answers(site, site.client(name)):
        if answer.mimetype in ("text/html", "image/svg+xml") and "/documents/" not in what:
            pages += 1
            if inline := INLINE.findall(answer.text):
                found[what] = inline[:3]
    assert found == {}
    assert pages > 100


def test_files_of_the_design_are_kept_for_a_year_and_are_no_other_sites(site: Site) -> None:
    answer = site.app.test_client().get(assets.asset("tuntas.css"))
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
