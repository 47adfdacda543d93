"""Lists: filters, order, pages, columns, and how many queries they take."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db
from app.models import Case, Posko, Unit
from tests.cast import Api, Cast

#: Queries for a list or a case, whatever the number of rows.
MOST_QUERIES = 14
OWN = {
    "id", "number", "sop", "state", "state_label", "kind", "round", "version", "title", "unit", "assignee",
    "created_at", "changed_at", "state_since", "due_at", "closed_at", "requested_documents", "links",
}  # fmt: skip
PEOPLE = ["Sri", "Budi", "Ani", "Joko", "Dewi"]


@pytest.fixture
def cso(app: Flask) -> Api:
    with app.app_context():
        for code in ("DPK", "BGR"):
            unit = Unit(code=f"ULP-{code}", name=f"ULP {code}", active=True)
            db.session.add(Posko(code=code, name=f"Posko {code}", unit=unit, active=True))
        db.session.commit()
    return Cast(app).api("cso")


def report(cso: Api, name: str, **answers: Any) -> dict[str, Any]:
    body = {
        "name": name, "address": "Jl. Melati 3", "phone": "0812-3456-7890", "posko": "DPK", "priority": "a",
        "description": f"Padam di rumah {name}", "outage_at": "2026-11-10 10:00",
    }  # fmt: skip
    made = cso.post("/gangguan/", body | answers)
    assert made.status_code == 201, made.text
    result: dict[str, Any] = made.json
    return result


@pytest.fixture
def reports(cso: Api) -> list[dict[str, Any]]:
    return [
        report(cso, name, priority="ab"[n % 2], posko=["DPK", "BGR"][n % 2], outage_at=f"2026-11-1{n} 10:00")
        for n, name in enumerate(PEOPLE)
    ]


def listed(cso: Api, query: str) -> dict[str, Any]:
    answer = cso.get("/gangguan/", query_string={"q": query})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json
    return result


def names(cso: Api, query: str) -> list[str]:
    return [row["name"] for row in listed(cso, query)["result"]]


def test_the_envelope_and_the_row(cso: Api, reports: list[dict[str, Any]]) -> None:
    result = listed(cso, "")
    assert set(result) == {"count", "ids", "result"}
    assert result["count"] == 5
    assert result["ids"] == [case["id"] for case in reversed(reports)]
    whole = cso.get(f"/gangguan/{reports[0]['id']}").json
    assert result["result"][-1] == {
        k: v for k, v in whole.items() if k not in ("deadlines", "links", "repeat_contacts", "rounds", "void_asked_by")
    }
    assert set(whole) >= OWN
    assert (whole["unit"], whole["posko"], whole["outage_at"]) == ("ULP-DPK", "DPK", "2026-11-10T03:00:00+00:00")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("(filters:!((col:name,opr:eq,value:Sri)))", ["Sri"]),
        ("(filters:!((col:name,opr:ct,value:'I')))", ["Dewi", "Ani", "Budi", "Sri"]),
        ("(filters:!((col:name,opr:ct,value:'%')))", []),
        ("(filters:!((col:name,opr:sw,value:d)))", ["Dewi"]),
        ("(filters:!((col:name,opr:neq,value:Sri)))", ["Dewi", "Joko", "Ani", "Budi"]),
        ("(filters:!((col:name,opr:in,value:!(Sri,Budi))))", ["Budi", "Sri"]),
        ("(filters:!((col:priority,opr:eq,value:b)))", ["Joko", "Budi"]),
        ("(filters:!((col:posko,opr:eq,value:BGR)))", ["Joko", "Budi"]),
        ("(filters:!((col:posko,opr:neq,value:BGR)))", ["Dewi", "Ani", "Sri"]),
        ("(filters:!((col:unit,opr:in,value:!(ULP-DPK))))", ["Dewi", "Ani", "Sri"]),
        ("(filters:!((col:crew,opr:eq,value:REGU)))", []),
        ("(filters:!((col:state,opr:eq,value:reported),(col:name,opr:ew,value:o)))", ["Joko"]),
        ("(filters:!((col:outage_at,opr:gt,value:'2026-11-13')))", ["Dewi", "Joko"]),
        ("(filters:!((col:outage_at,opr:lt,value:'11/11/2026 10.00')))", ["Sri"]),
        ("(filters:!((col:round,opr:gt,value:0)),order_column:name,order_direction:asc)", sorted(PEOPLE)),
        ("(order_column:outage_at,order_direction:asc,page:1,page_size:2)", ["Ani", "Joko"]),
        ("(page:9)", []),
        ('{"filters": [{"col": "name", "opr": "eq", "value": "Ani"}]}', ["Ani"]),
    ],
)  # fmt: skip
def test_filters_order_and_pages(cso: Api, reports: Any, query: str, found: list[str]) -> None:
    assert names(cso, query) == found


def test_columns_can_be_chosen(cso: Api, reports: Any) -> None:
    assert listed(cso, "(columns:!(id,name),page_size:1)")["result"] == [{"id": reports[-1]["id"], "name": "Dewi"}]


def test_a_page_has_at_most_a_hundred_rows(app: Flask, cso: Api) -> None:
    model = type(case_of(app, report(cso, "Sri")["id"]))
    with app.app_context():
        db.session.add_all([model(number=f"G{n}", state="reported", submission=None) for n in range(120)])
        db.session.commit()
    for size in ("100000", "-1", "99999999999999999999", "100"):
        result = listed(cso, f"(page_size:{size})")
        assert (len(result["result"]), result["count"]) == (100, 121)


def case_of(app: Flask, pk: int) -> Case:
    with app.app_context():
        case = db.session.get(Case, pk)
        assert case is not None
        return case


@pytest.mark.parametrize(
    "query",
    [
        "(", "(()", "!(1)", "1", "abc", "'", "(filters:1)", "(filters:!((col:name)))", "(page:x)", "(page:-1)",
        "(page:99999999999999999999)", "(order_column:nothing,order_direction:asc)", "(order_column:posko)",
        "(order_column:name,order_direction:sideways)", "(filters:!((col:nothing,opr:eq,value:1)))",
        "(filters:!((col:password,opr:eq,value:1)))", "(filters:!((col:name,opr:gt,value:a)))",
        "(filters:!((col:name,opr:rel_o_m,value:1)))", "(filters:!((col:name,opr:eq,value:!(a,b))))",
        "(filters:!((col:round,opr:eq,value:x)))", "(filters:!((col:round,opr:eq,value:99999999999999999999)))",
        "(filters:!((col:outage_at,opr:eq,value:kemarin)))", "(filters:!((col:name,opr:eq,value:!n)))",
        "(filters:!((col:outage_at,opr:eq,value:!t)))", "(filters:!((col:id,opr:in,value:!(1,x))))",
        "[" * 5000, "(" * 5000, "x" * 9000, '"\\ud800"', "{}", "(a:" * 900,
    ],
)  # fmt: skip
def test_what_a_list_does_not_understand(cso: Api, query: str) -> None:
    answer = cso.get("/gangguan/", query_string={"q": query})
    assert answer.status_code == (200 if query == "{}" else 400), answer.text
    assert query == "{}" or answer.json["message"]


def test_queries_do_not_grow_with_the_rows(app: Flask, cso: Api) -> None:
    first = report(cso, "Sri")
    few = {path: queries(app, cso, path) for path in paths(first)}
    for n in range(12):
        report(cso, f"Ibu {n}", phone=f"0812000{n:04}")
        contact = {"contact_at": "2026-11-17 14:05", "contact_channel": "cc_123", "said": "Lagi"}
        assert cso.post(f"/gangguan/{first['id']}/actions/add_repeat_contact", contact).status_code == 200
    many = {path: queries(app, cso, path) for path in paths(first)}
    assert many == few
    assert max(many.values()) <= MOST_QUERIES, many


def paths(case: dict[str, Any]) -> list[str]:
    pk = case["id"]
    return ["/gangguan/", *(f"/gangguan/{pk}{part}" for part in ("", "/actions", "/documents", "/history"))]


def queries(app: Flask, cso: Api, path: str) -> int:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert cso.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("path", ["/gangguan", "/worklist", "/search", "/sop", "/sop/gangguan", "/reports"])
def test_the_last_slash_does_not_matter(cso: Api, path: str) -> None:
    assert cso.get(path).status_code == 200
    assert cso.get(f"{path}/").status_code == 200
