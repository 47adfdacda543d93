"""Complaints and outages through HTTP: numbers, the mutation, units, repeat contacts, and every refusal on the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Crew, Posko, Unit
from tests.cast import Api, Cast

REPORT: dict[str, Any] = {
    "name": "Ibu Sri", "address": "Jl. Melati 3, Depok", "phone": "0812-3456-7890", "posko": "DPK",
    "customer_id": "541234567890", "description": "Listrik padam sejak pagi", "priority": "a",
    "location": "Dekat masjid",
}  # fmt: skip
CONTACT = {"contact_at": "2026-11-23 13:05", "contact_channel": "cc_123", "said": "Masih padam"}
WAY_OF_AN_OUTAGE: list[tuple[str, dict[str, Any], str]] = [
    ("assign_crew", {"crew": "REGU-D"}, "crew_assigned"),
    ("depart", {}, "en_route"),
    ("investigate", {}, "investigating"),
    ("restore", {"cause": "Kabel putus", "restored_at": "2026-11-23T13:30"}, "restored"),
]


@pytest.fixture
def cast(app: Flask, clock: Any) -> Cast:
    """Two units, each with a posko and a crew."""
    with app.app_context():
        for code, place in (("D", "Depok"), ("B", "Bogor")):
            unit = Unit(code=f"ULP-{code}", name=f"ULP {place}", active=True)
            posko = {"D": "DPK", "B": "BGR"}[code]
            db.session.add_all([
                unit, Posko(code=posko, name=f"Posko {place}", unit=unit, active=True),
                Crew(code=f"REGU-{code}", name=f"Regu {place}", unit=unit, active=True),
            ])  # fmt: skip
        db.session.commit()
    return Cast(app)


@pytest.fixture
def cso(cast: Cast) -> Api:
    return cast.api("cso")


@pytest.fixture
def depok(cast: Cast) -> Api:
    return cast.api("petugas_depok", "unit", unit="ULP-D")


@pytest.fixture
def bogor(cast: Cast) -> Api:
    return cast.api("petugas_bogor", "unit", unit="ULP-B")


def reported(cso: Api, sop: str, **answers: Any) -> dict[str, Any]:
    made = cso.post(f"/{sop}/", REPORT | answers)
    assert made.status_code == 201, made.text
    result: dict[str, Any] = made.json
    return result


def does(api: Api, sop: str, case: dict[str, Any], key: str, **answers: Any) -> dict[str, Any]:
    done = api.post(f"/{sop}/{case['id']}/actions/{key}", answers)
    assert done.status_code == 200, f"{key}: {done.status_code} {done.text}"
    result: dict[str, Any] = done.json
    return result


def test_numbers_count_by_day_and_prefix(cso: Api, clock: Any) -> None:
    complaints = [reported(cso, "keluhan", phone=f"08110000000{n}")["number"] for n in range(3)]
    assert complaints == ["K5426112300001", "K5426112300002", "K5426112300003"]
    assert reported(cso, "gangguan")["number"] == "G5426112300001"
    clock.move_to(datetime.fromisoformat("2026-11-23T17:30:00+00:00"))  # 00.30 of the next day in Jakarta
    cso = Api(cso.client, cso.name)
    assert reported(cso, "keluhan")["number"] == "K5426112400001"


def test_the_code_of_ordinary_reports_is_a_setting(make_app: Any, clock: Any) -> None:
    app = make_app(APKT_CODE="21")
    with app.app_context():
        db.session.add(Posko(code="DPK", name="Posko Depok", active=True))
        db.session.commit()
    assert reported(Cast(app).api("cso"), "keluhan")["number"] == "K2126112300001"


def test_a_complaint_is_handled(cso: Api, depok: Api) -> None:
    case = reported(cso, "keluhan")
    assert (case["unit"], case["posko"], case["phone"]) == ("ULP-D", "DPK", REPORT["phone"])
    assert does(depok, "keluhan", case, "start")["state"] == "in_progress"
    lacking = depok.post(f"/keluhan/{case['id']}/actions/resolve", {})
    assert lacking.status_code == 422
    assert {error["key"] for error in lacking.json["missing"]} == {"cause", "action_taken"}
    done = does(depok, "keluhan", case, "resolve", cause="MCB turun", action_taken="MCB dinaikkan")
    assert (done["state"], done["kind"], done["cause"]) == ("resolved", "final", "MCB turun")
    late = depok.post(f"/keluhan/{case['id']}/actions/mutate_to_gangguan", {"mutation_reason": "urgent"})
    assert late.status_code == 409


@pytest.mark.parametrize("started", [False, True])
def test_the_mutation(cso: Api, depok: Api, started: bool) -> None:
    case = reported(cso, "keluhan")
    if started:
        does(depok, "keluhan", case, "start")
    done = does(depok, "keluhan", case, "mutate_to_gangguan", mutation_reason="urgent", note="Kabel menjuntai")
    assert done["state"] == "cancelled"
    [link] = done["links"]
    assert (link["kind"], link["sop"], link["state"]) == ("mutation", "gangguan", "reported")
    assert link["number"] == "G9926112300001"
    outage = cso.get(f"/gangguan/{link['id']}").json
    assert outage["description"] == f"MUTASI K : {case['number']} : {REPORT['description']}"
    for key in ("name", "address", "phone", "customer_id", "location", "posko", "priority"):
        assert outage[key] == REPORT[key], key
    assert outage["unit"] == "ULP-D"
    assert [(back["number"], back["id"]) for back in outage["links"]] == [(case["number"], case["id"])]
    ended = cso.get(f"/keluhan/{case['id']}/history").json[-1]
    begun = cso.get(f"/gangguan/{outage['id']}/history").json[0]
    assert outage["number"] in str(ended["changes"])
    assert case["number"] in str(begun["changes"])
    assert (ended["action"], ended["to"], ended["note"]) == ("mutate_to_gangguan", "cancelled", "Kabel menjuntai")
    again = depok.post(f"/keluhan/{case['id']}/actions/mutate_to_gangguan", {"mutation_reason": "urgent"})
    assert again.status_code == 409
    assert "Petugas_Depok" in again.json["message"]
    assert cso.get("/gangguan/").json["count"] == 1


def test_the_mutation_needs_a_reason_and_the_unit(cso: Api, depok: Api, cast: Cast) -> None:
    case = reported(cso, "keluhan")
    path = f"/keluhan/{case['id']}/actions/mutate_to_gangguan"
    assert cso.post(path, {"mutation_reason": "urgent"}).status_code == 403
    assert cast.api("supervisor").post(path, {"mutation_reason": "urgent"}).status_code == 403
    assert depok.post(path, {}).status_code == 422
    assert depok.post(path, {"mutation_reason": "iseng"}).status_code == 400
    assert cso.get(f"/keluhan/{case['id']}").json["state"] == "reported"


def test_a_mutated_pair_is_one_find(cso: Api, depok: Api) -> None:
    case = reported(cso, "keluhan")
    [link] = does(depok, "keluhan", case, "mutate_to_gangguan", mutation_reason="urgent")["links"]
    for wanted in (case["number"], "K54 261123 00001", link["number"], "+62 812 3456 7890", "ibu sri"):
        [found] = cso.get("/search", query_string={"q": wanted}).json
        assert (found["sop"], found["number"], found["state"]) == ("gangguan", link["number"], "reported"), wanted
        assert [one["number"] for one in found["related"]] == [case["number"]]
        assert found["label"]
    assert cso.get("/search?q=Sri&sop=nichts").status_code == 404


def test_another_unit_sees_nothing(cso: Api, depok: Api, bogor: Api) -> None:
    case = reported(cso, "keluhan")
    for path in ("", "/actions", "/documents", "/history", "/documents/1/content"):
        assert bogor.get(f"/keluhan/{case['id']}{path}").status_code == 404
    assert bogor.post(f"/keluhan/{case['id']}/actions/start", {}).status_code == 404
    assert bogor.get("/keluhan/").json == {"count": 0, "ids": [], "result": []}
    assert bogor.get("/search?q=Sri").json == []
    assert bogor.get("/worklist").json == {"mine": [], "waiting": [], "followed": []}
    assert depok.get("/keluhan/").json["ids"] == [case["id"]]
    [task] = depok.get("/worklist").json["mine"]
    assert (task["number"], task["next"]) == (case["number"], ["start"])
    assert case["number"] not in bogor.get("/reports/cases-keluhan?format=csv").text
    assert case["number"] in depok.get("/reports/cases-keluhan?format=csv").text


def test_a_unit_user_without_a_unit_sees_nothing(cso: Api, cast: Cast) -> None:
    case = reported(cso, "keluhan")
    nobody = cast.api("unit")
    assert nobody.get(f"/keluhan/{case['id']}").status_code == 404
    assert nobody.get("/keluhan/").json["count"] == 0


def test_an_outage_from_the_report_to_its_end(cso: Api, depok: Api) -> None:
    case = reported(cso, "gangguan", outage_at="2026-11-23 06.15")
    assert case["outage_at"] == "2026-11-22T23:15:00+00:00"
    [crew] = [f for o in depok.get(f"/gangguan/{case['id']}/actions").json for f in o["fields"] if f["key"] == "crew"]
    assert [choice["key"] for choice in crew["choices"]] == ["REGU-D"]
    assert depok.post(f"/gangguan/{case['id']}/actions/assign_crew", {"crew": "REGU-B"}).status_code == 400
    for key, answers, state in WAY_OF_AN_OUTAGE:
        assert cso.post(f"/gangguan/{case['id']}/actions/{key}", answers).status_code == 403
        case = does(depok, "gangguan", case, key, **answers)
        assert case["state"] == state
    assert case["restored_at"] == "2026-11-23T06:30:00+00:00"
    assert cso.post(f"/gangguan/{case['id']}/actions/reopen", {}).status_code == 422
    assert does(cso, "gangguan", case, "reopen", note="Masih gelap")["state"] == "investigating"
    does(depok, "gangguan", case, "restore", cause="Trafo", restored_at="2026-11-23T13:50")
    done = does(cso, "gangguan", case, "resolve", customer_confirmed="yes")
    assert (done["state"], done["customer_confirmed"]) == ("resolved", "yes")


def untrue(answer: Any) -> dict[str, str]:
    """What is said of each answer that can't be."""
    assert answer.status_code == 422, answer.text
    return {error["key"]: error["message"] for error in answer.json["missing"]}


@pytest.mark.parametrize("sop", ["keluhan", "gangguan"])
def test_nothing_is_reported_that_has_not_happened_yet(cso: Api, sop: str) -> None:
    told = untrue(cso.post(f"/{sop}/?_l_=en", REPORT | {"outage_at": "2026-11-23 18:00"}))
    assert told == {"outage_at": "“Time of outage” must not be in the future."}
    case = reported(cso, sop)
    path = f"/{sop}/{case['id']}/actions/add_repeat_contact?_l_=en"
    told = untrue(cso.post(path, CONTACT | {"contact_at": "2026-11-24 08:00"}))
    assert told == {"contact_at": "“Time of contact” must not be in the future."}


def test_power_is_not_back_before_it_went_nor_tomorrow(cso: Api, depok: Api) -> None:
    case = reported(cso, "gangguan", outage_at="2026-11-23 06.15")
    does(depok, "gangguan", case, "assign_crew", crew="REGU-D")
    does(depok, "gangguan", case, "investigate")
    path = f"/gangguan/{case['id']}/actions/restore?_l_=en"
    told = untrue(depok.post(path, {"cause": "Trafo", "restored_at": "2026-11-23 06:14"}))
    assert told == {"restored_at": "“Restored at” must not be before “Time of outage” (23 Nov 2026 06:15 WIB)."}
    told = untrue(depok.post(path, {"cause": "Trafo", "restored_at": "2026-11-24 06:15"}))
    assert told == {"restored_at": "“Restored at” must not be in the future."}
    does(depok, "gangguan", case, "restore", cause="Trafo", restored_at="2026-11-23 06:15")


def test_investigation_may_begin_before_departure(cso: Api, depok: Api) -> None:
    case = reported(cso, "gangguan")
    does(depok, "gangguan", case, "assign_crew", crew="REGU-D")
    assert does(depok, "gangguan", case, "investigate")["state"] == "investigating"


@pytest.mark.parametrize("sop", ["keluhan", "gangguan"])
def test_cancelled_by_the_supervisor(cso: Api, cast: Cast, sop: str) -> None:
    case = reported(cso, sop)
    supervisor = cast.api("supervisor")
    path = f"/{sop}/{case['id']}/actions/cancel"
    assert cso.post(path, {"note": "x"}).status_code == 403
    assert [error["kind"] for error in supervisor.post(path, {}).json["missing"]] == ["note"]
    done = does(supervisor, sop, case, "cancel", note="Laporan ganda")
    assert (done["state"], done["kind"]) == ("cancelled", "final")
    assert supervisor.post(path, {"note": "x"}).status_code == 409


@pytest.mark.parametrize("sop", ["keluhan", "gangguan"])
def test_a_repeat_contact_is_no_new_ticket(cso: Api, depok: Api, sop: str) -> None:
    case = reported(cso, sop)
    again = cso.post(f"/{sop}/", REPORT | {"name": "Pak Joko", "customer_id": "", "address": "Jl. Lain 9"}).json
    assert [similar["number"] for similar in again["similar"]] == [case["number"]]
    assert cso.post(f"/{sop}/", REPORT | {"phone": "0899", "customer_id": "1", "address": "Jauh"}).json["similar"] == []
    assert depok.post(f"/{sop}/{case['id']}/actions/add_repeat_contact", CONTACT).status_code == 403
    before = case["state"]
    case = does(cso, sop, case, "add_repeat_contact", **CONTACT)
    case = does(cso, sop, case, "add_repeat_contact", **CONTACT | {"said": "Kapan selesai?"})
    assert (case["state"], case["repeat_contacts_count"]) == (before, 2)
    assert [row["said"] for row in case["repeat_contacts"]] == ["Masih padam", "Kapan selesai?"]
    assert case["repeat_contacts"][0]["contact_at"] == "2026-11-23T06:05:00+00:00"
    assert case["repeat_contacts"][0]["recorded_by"] == "Cso Uji"
    rows = {row["id"]: row for row in cso.get(f"/{sop}/").json["result"]}
    assert rows[case["id"]]["repeat_contacts_count"] == 2
    assert "repeat_contacts" not in rows[case["id"]]
