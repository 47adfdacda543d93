"""Saved filters above a list: saved from its query, opened with one click, removed."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.panel.helpers import counted, fill, in_english, posko, show_columns


@pytest.fixture
def cso(app: Flask, cast: Cast) -> FlaskClient:
    posko(app)
    client = cast.login("cso")
    in_english(client)
    return client


def chips(client: FlaskClient, query: str = "") -> list[tuple[str, str]]:
    """Address and words of every chip."""
    text = client.get(f"/keluhan/{query}").text
    found = re.search(r'<ul class="kept-filters">.*?</ul>', text, re.S)
    links = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', found[0], re.S) if found else []
    return [(href.replace("&amp;", "&"), " ".join(re.sub(r"<[^>]+>", " ", words).split())) for href, words in links]


def keep(client: FlaskClient, query: str, **typed: str):
    return client.post(f"/keluhan/filters{query}", data={"name": "Terlambat"} | typed)


def test_a_filter_is_kept_and_opened(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 2)
    fill(cast, 1, name="Tono", priority="b")
    query = "?_flt_1_priority=b&q=tono&state=reported&_oc_KeluhanView=name&_od_KeluhanView=asc"
    assert 'class="keep-filter"' in cso.get(f"/keluhan/{query}").text
    answer = keep(cso, query + "&page_KeluhanView=3&psize_KeluhanView=50&nonsense=1&_external=1")
    assert answer.status_code == 302
    [(address, words)] = chips(cso)
    assert words == "Terlambat"
    assert not any(key in address for key in ("page", "psize", "nonsense", "external"))
    show_columns(cso, "keluhan", "name")
    text = cso.get(address).text
    assert text.count('class="number" href="/keluhan/') == 1
    assert re.search(r'<a href="[^"]+" aria-current="true">Terlambat', text)
    assert 'aria-sort="ascending"' in text


def test_there_is_no_form_without_a_filter(cso: FlaskClient) -> None:
    for query in ("", "?page_KeluhanView=2", "?state=nonsense&q=+&due=never&_flt_0_created_at=kemarin"):
        assert 'class="keep-filter"' not in cso.get(f"/keluhan/{query}").text
        assert keep(cso, query).status_code == 400


@pytest.mark.parametrize(
    ("typed", "status"), [({"name": ""}, 422), ({"name": "x" * 81}, 400), ({"role": "Unit"}, 403), ({"role": "x"}, 403)]
)
def test_refusals_are_shown(cso: FlaskClient, typed: dict[str, str], status: int) -> None:
    answer = keep(cso, "?state=reported", **typed)
    assert answer.status_code == status
    assert 'class="card problem"' in answer.text
    assert chips(cso) == []


def test_what_is_shared_bears_its_owners_name(cso: FlaskClient, cast: Cast) -> None:
    keep(cso, "?state=reported", role="CSO", name="<b>Baru")
    other = cast.login("cso_2", "cso")
    [(_address, words)] = chips(other)
    assert words == "&lt;b&gt;Baru Cso Uji"
    assert chips(cso)[0][1].startswith("&lt;b&gt;Baru shared with CSO")
    assert chips(cast.login("unit", unit="ulp_menteng")) == []
    assert "/remove" not in other.get("/keluhan/").text


def test_owner_and_admin_remove_it(cso: FlaskClient, cast: Cast) -> None:
    for name in ("Satu", "Dua"):
        keep(cso, "?state=reported", role="CSO", name=name)
    paths = re.findall(r'action="(/keluhan/filters/\d+/remove)', cso.get("/keluhan/").text)
    assert len(paths) == 2
    assert cast.login("cso_2", "cso").post(paths[0]).status_code == 403
    assert cast.login("unit", unit="ulp_menteng").post(paths[0]).status_code == 404
    assert cso.post(paths[0] + "?state=reported").headers["Location"] == "/keluhan/?state=reported"
    assert cast.login("admin").post(paths[1]).status_code == 302
    assert cso.post(paths[1]).status_code == 404
    assert cso.post("/keluhan/filters/99999999999/remove").status_code == 404


def test_strangers_keep_nothing(cast: Cast, cso: FlaskClient, client: FlaskClient) -> None:
    assert cast.login("legal").post("/keluhan/filters?state=reported", data={"name": "x"}).status_code == 403
    assert client.post("/keluhan/filters?state=reported").headers["Location"].startswith("/login/")


def test_chips_cost_one_query_however_many(app: Flask, cso: FlaskClient, cast: Cast) -> None:
    counts = []
    for many in (1, 12):
        for n in range(many):
            other = cast.login(f"cso_{n}", "cso")
            keep(other, "?state=reported", role="CSO", name=f"Nama {n}")
        cso.get("/keluhan/")
        with counted(app) as statements:
            assert cso.get("/keluhan/").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 14, statements
