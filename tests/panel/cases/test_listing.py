"""The list of cases and its CSV: rows, order, filters, pages, rights."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.core.keyset import written
from app.sop import SOPS
from tests.cast import Cast
from tests.panel.helpers import counted, fill, in_english, posko, rows_of, show_columns, somasi


@pytest.fixture
def cso(app: Flask, cast: Cast) -> FlaskClient:
    posko(app)
    return cast.login("cso")


def test_a_unit_user_without_a_unit_sees_an_empty_list(app: Flask, cast: Cast) -> None:
    for path in ("/keluhan/", "/gangguan/"):
        answer = cast.login("unit").get(path)
        assert answer.status_code == 200
        assert numbers(answer.text) == 0


def numbers(text: str) -> int:
    return text.count('class="number" href="/keluhan/')


def test_shows_the_declared_columns_with_links_and_badges(cso: FlaskClient, cast: Cast) -> None:
    [pk] = fill(cast, 1, description="Lampu padam. " * 30)
    in_english(cso)
    show_columns(cso, "keluhan")
    text = cso.get("/keluhan/").text
    head = text.split("<main")[1].split("<thead>")[1].split("</thead>")[0]
    # The number is in the column of the case; a box, who has it, its unit and its age are in every list.
    assert head.count("<th ") == 2 + len({column.key for column in SOPS["keluhan"].columns} - {"number"}) + 4
    assert f'href="/keluhan/{pk}"' in text
    assert "badge-state state-amber" in text
    assert "0812-3456-7890" in text
    assert "Lampu padam. " * 30 not in text


@pytest.mark.parametrize("many", [5, 60])
def test_queries_do_not_grow_with_the_rows(cso: FlaskClient, cast: Cast, many: int) -> None:
    fill(cast, many)
    cso.get("/keluhan/")
    with counted(cast.app) as statements:
        text = cso.get("/keluhan/?psize_KeluhanView=100").text
    assert numbers(text) == many
    assert len(statements) <= 14, statements


def test_somasi_list_stays_within_its_queries_too(cast: Cast) -> None:
    client = cast.login("legal")
    client.get("/somasi/")
    with counted(cast.app) as statements:
        assert client.get("/somasi/").status_code == 200
    assert len(statements) <= 14, statements


def turned(client: FlaskClient, text: str, rel: str) -> str:
    """The page to which a link at the foot of the list leads; empty where there is none."""
    found = re.search(rf'<a href="([^"]+)" rel="{rel}"', text)
    return client.get(html.unescape(found[1])).text if found else ""


def test_order_and_pages(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 60)
    show_columns(cso, "keluhan", "name")
    first = cso.get("/keluhan/?_oc_KeluhanView=name&_od_KeluhanView=asc").text
    assert numbers(first) == 25
    assert "Warga 000" in first
    assert "Warga 025" not in first
    second = turned(cso, first, "next")
    assert "Warga 025" in second
    last = turned(cso, second, "next")
    assert numbers(last) == 10
    assert "Warga 059" in last
    assert 'aria-sort="ascending"' in last
    assert turned(cso, last, "next") == ""
    assert "Warga 035" in turned(cso, first, "last")
    assert names(turned(cso, last, "prev")) == names(second)
    assert names(turned(cso, second, "prev")) == names(first)
    assert turned(cso, turned(cso, second, "prev"), "prev") == ""


def names(text: str) -> list[str]:
    return re.findall(r"Warga \d+", text)


@pytest.mark.parametrize(
    "query",
    [
        "_oc_KeluhanView=password&_od_KeluhanView=asc",
        "_oc_KeluhanView=name&_od_KeluhanView=sideways",
        "psize_KeluhanView=100000",
        "psize_KeluhanView=-5",
        "psize_KeluhanView=x",
        "psize_KeluhanView=",
        "page_KeluhanView=2",
        "after=x",
        "after=" + "9" * 3000,
        "before=%00",
        "before=end&after=end",
        *(
            f"{key}={written(place)}"
            for key in ("after", "before")
            for place in (
                [],
                [None],
                [1, 2, 3],
                ["a", "b", "c"],
                [None, None, None],
                [{"d": "x"}, {"d": "0001-01-01T00:00:00+14:00"}, 1],
                [{"d": "2026-11-18"}, {"d": "2026-11-18"}, 1],
                [{"e": 1}, None, 1],
                [None, {"d": "2026-11-18T00:00:00+00:00"}, 2**70],
            )
        ),
        "which=nothing",
        "holder=nobody",
        "holder=99999999999999999999",
        "of_posko=x",
        "of_channel=nothing",
        "of_channel=%00",
        "_flt_9_name=a",
        "_flt_0_posko=1",
        "_flt_0_nothing=1",
        "_flt_0_created_at=yesterday",
        "_flt_1_created_at=9999-12-31",
        "_flt_0_outage_at=0001-01-01",
        "_flt_0_name=%25_%00",
        "state=nonsense",
        "due=never",
        "mine=2",
        "q=%25",
        "q=%27%3B--",
        "q=" + "9" * 300,
        "_flt_x_name=1",
        "_flt_0_=1",
        "endpoint=x",
        "_external=1",
        "_anchor=x",
        "_scheme=javascript",
        "filename=x&pk=1&self=2&changes=3",
    ],
)
def test_nonsense_in_the_url_is_no_error(cso: FlaskClient, cast: Cast, query: str) -> None:
    fill(cast, 1)
    assert cso.get(f"/keluhan/?{query}").status_code == 200
    assert cso.get(f"/keluhan/export.csv?{query}").status_code == 200


def test_page_size_is_clamped(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 101)
    assert numbers(cso.get("/keluhan/?psize_KeluhanView=100000").text) == 100


def test_unreadable_filter_is_reported(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 1)
    text = cso.get("/keluhan/?_flt_0_created_at=kemarin").text
    assert "alert-warning" in text
    assert numbers(text) == 1


def test_filters_by_column(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 2, priority="a")
    fill(cast, 1, name="Tono 100%", priority="b", outage_at="2026-03-04 05:06")
    found = {
        "_flt_0_name=tono": 1,
        "_flt_0_name=ono": 0,
        "_flt_0_name=100%25": 1,
        "_flt_0_name=_": 0,
        "_flt_1_priority=a": 2,
        "_flt_0_outage_at=2026-03-04&_flt_1_outage_at=04/03/2026": 1,
        "_flt_0_outage_at=2026-03-05": 0,
        "_flt_0_name=warga&_flt_1_priority=b": 0,
    }
    for query, many in found.items():
        assert numbers(cso.get(f"/keluhan/?{query}").text) == many, query
        assert len(rows_of(cso, f"?{query}")) == many, query


def test_words_find_number_name_and_phone(cso: FlaskClient, cast: Cast) -> None:
    fill(cast, 1, phone="0811 2222 333")
    fill(cast, 2, name="Andi")
    number = next(iter(rows_of(cso)[0].values()))
    for words, many in {
        number: 1,
        f"{number[:3]} {number[3:9]} {number[9:]}": 1,
        "andi": 2,
        "+62 811-2222-333": 1,
        "xyz": 0,
    }.items():
        assert numbers(cso.get("/keluhan/", query_string={"q": words}).text) == many, words


def test_quick_filters_count_what_one_may_see(cso: FlaskClient, cast: Cast) -> None:
    [pk, *_] = fill(cast, 3)
    unit = cast.login("unit", unit="ulp_menteng")
    unit.post(f"/keluhan/{pk}/do/start")
    text = unit.get("/keluhan/?state=in_progress").text
    assert numbers(text) == 1
    assert '<option value="in_progress"' in unit.get("/keluhan/").text
    assert numbers(unit.get("/keluhan/?mine=1").text) == 3
    assert numbers(cso.get("/keluhan/?mine=1").text) == 0
    stranger = cast.login("unit_lain", "unit", unit="ulp_lain")
    assert numbers(stranger.get("/keluhan/").text) == 0
    assert rows_of(stranger) == []


def test_deadline_filters(cast: Cast, pdf: bytes) -> None:
    legal = cast.login("legal")
    late = somasi(legal, pdf, letter_date="2019-12-20", letter_deadline="2020-01-01")
    somasi(legal, pdf, letter_deadline="2040-01-01")
    text = legal.get("/somasi/?due=late").text
    assert text.count('class="number" href="/somasi/') == 1
    assert f'href="{late}"' in text
    assert "deadline-late" in text
    assert legal.get("/somasi/?due=near").text.count('class="number" href="/somasi/') == 0


def test_menu_names_the_lists(cso: FlaskClient) -> None:
    text = cso.get("/keluhan/").text
    assert 'href="/keluhan/"' in text
    assert 'href="/somasi/"' not in text


def test_list_and_csv_on_both_databases(any_app: Flask) -> None:
    cast = Cast(any_app)
    posko(any_app)
    fill(cast, 3, outage_at="2026-03-04 05:06")
    cso = cast.login("cso")
    query = "?q=warga&_flt_0_outage_at=2026-03-04&_flt_1_outage_at=2026-03-04&_oc_KeluhanView=name&_od_KeluhanView=desc"
    assert numbers(cso.get(f"/keluhan/{query}").text) == 3
    assert len(rows_of(cso, query)) == 3


def test_a_number_in_the_list_can_be_called_by_a_click(app: Flask, cast: Cast) -> None:
    posko(app)
    fill(cast, 1, phone="0812 3456 7890")
    cso = cast.login("cso")
    show_columns(cso, "keluhan", "phone")
    assert 'href="tel:+6281234567890">0812-3456-7890</a>' in cso.get("/keluhan/").text
    assert "0812-3456-7890" in next(iter(rows_of(cso))).values()


def test_an_empty_list_says_what_else_there_is(cso: FlaskClient, cast: Cast) -> None:
    in_english(cso)
    nothing = cso.get("/keluhan/").text.split("<main")[1]
    assert "No case is open." in nothing
    assert nothing.count('href="/keluhan/new"') == 2, "above the list and in it"
    fill(cast, 1)
    narrowed = cso.get("/keluhan/?which=open&q=Nobody").text.split("<main")[1]
    assert "No case matches this." in narrowed
    closed, without = re.findall(
        r'<a class="btn btn-default" href="(/keluhan/[^"]*)">', narrowed.split("card empty")[1]
    )
    assert (html.unescape(closed), without) == ("/keluhan/?which=all&q=Nobody", "/keluhan/")
