"""Roles that get personal data masked: nothing that a program can read tells them more than an export does."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import product
from typing import Any

import prison
import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.extensions import db
from app.models import Document, Follow
from app.models.derive import case_model
from app.services import reports
from app.services.core import masking
from app.services.core.access import user_named
from app.services.notices import notify
from app.sop import SOPS
from app.workflow.declaration import Sop
from tests.api.stage import fill_master_data, users_of
from tests.cast import Api, Cast
from tests.client import Json
from tests.disclosing import PAIRS, PHONE, SECRET, Discloser

#: Told to everybody alike: sign-in, the description of the API, the menu.
COMMON = ("/api/v1/security/", "/api/<version>/_openapi", "/api/v1/menu/", "/api/v1/openapi/")


@pytest.fixture(params=PAIRS, ids=lambda pair: " ".join(pair))
def pair(request: pytest.FixtureRequest) -> tuple[Sop, str]:
    key, role = request.param
    return SOPS[key], role


@pytest.fixture
def whole_case(app: Flask, clock: Any, pair: tuple[Sop, str]) -> Json:
    """A case at its end, with the secret in every personal field."""
    sop, role = pair
    fill_master_data(app)
    cast = Cast(app)
    program = Discloser(sop.key, users_of(cast))
    case = program.case_in(program.final_states[:1])
    masked_user = cast.user(role.lower().replace(" ", "_"), role)
    with app.app_context():
        row: Any = db.session.get(case_model(sop.key), case["id"])
        for key, declared in sop.fields.items():
            if key in masking.hidden(sop) and declared.kind.free and (declared.format or not getattr(row, key)):
                setattr(row, key, f"{SECRET} {PHONE}")
        db.session.add(Follow(case_id=row.id, user_id=user_named(masked_user).id))
        notify._tell(
            db.session(), sop, row, [(user_named(masked_user), "approved", sop.create.key)], SECRET, row.created_at
        )
        db.session.commit()
    return case


@pytest.fixture
def reader(app: Flask, whole_case: Json, pair: tuple[Sop, str]) -> Api:
    return Cast(app).api(pair[1].lower().replace(" ", "_"), pair[1])


def test_no_address_tells_who_it_was(app: Flask, reader: Api, whole_case: Json, pair: tuple[Sop, str]) -> None:
    sop, _role = pair
    app.extensions["tuntas_queue"].immediate = True
    read = {}
    for path in addresses(app, sop, whole_case["id"]):
        read[path] = answer = reader.get(path)
        assert answer.status_code in (200, 202, 403, 404, 409), f"{path}: {answer.status_code} {answer.text}"
        discreet(path, answer)
    case = f"/{sop.key}/{whole_case['id']}"
    seen = {path for path, answer in read.items() if answer.status_code == 200}
    assert {case, f"{case}/history", f"{case}/documents", f"/{sop.key}/", "/worklist/", "/notices/"} <= seen
    assert {f"/reports/downloads/{pk}/content" for pk in (1, 2, 3)} & seen
    assert read["/notices/"].json["count"]
    assert read["/worklist/"].json["followed"]


def addresses(app: Flask, sop: Sop, pk: int) -> Iterator[str]:
    """Everything that can be read by a program, of the SOP and its case; the reports in each format."""
    for report in reports.known().values():
        for form, background in product(report.formats, ("0", "1")):
            yield f"/reports/{report.key}?format={form}&background={background}&lang=id"
    with app.app_context():
        kinds = [document.key for document in sop.documents]
        versions = [one.id for one in db.session.query(Document).filter_by(case_id=pk)]
    answers = {"pk": [pk], "key": [sop.key], "doc": [*kinds, *versions]}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.rule.startswith("/api/") and not rule.rule.startswith(COMMON):
            yield from filled(rule, {**answers, "pk": [1, 2, 3]} if "downloads" in rule.rule else answers)
    for q in (SECRET, PHONE, "KTP"):
        yield f"/search/?q={q}"


def filled(rule: Rule, answers: dict[str, list[Any]]) -> Iterator[str]:
    for values in product(*(answers[name] for name in sorted(rule.arguments))):
        path = rule.rule.removeprefix("/api/v1")
        for name, value in zip(sorted(rule.arguments), values, strict=True):
            for written in (f"<int:{name}>", f"<{name}>"):
                path = path.replace(written, str(value))
        yield path


def discreet(path: str, answer: Any) -> None:
    """Neither the body nor the headers contain the secret; the content of a document can't be masked."""
    body = answer.data.decode(errors="replace")
    if "/documents/" in path:
        body = ""
    elif answer.data[:2] == b"PK":  # a workbook
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        body = "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    for words in (body, str(answer.headers)):
        assert SECRET not in words, path
        assert PHONE[2:] not in words.replace("-", ""), path


def test_the_keys_stay(app: Flask, reader: Api, whole_case: Json, pair: tuple[Sop, str]) -> None:
    """What is masked is a text, and what was not answered stays null, so that no program stumbles over it."""
    sop, _role = pair
    whole = Cast(app).api("supervisor").get(f"/{sop.key}/{whole_case['id']}").json
    masked = reader.get(f"/{sop.key}/{whole_case['id']}").json
    assert list(masked) == list(whole)
    assert {key: type(value) for key, value in masked.items()} == {key: type(value) for key, value in whole.items()}
    name = (sop.reporter or ("", ""))[0]
    assert masked[name] == f"{SECRET[0]}*** 0***"
    assert whole[name].startswith(SECRET)
    [line] = reader.get(f"/{sop.key}/").json["result"]
    assert {key: masked[key] for key in line} == line


def test_nothing_can_be_guessed_by_filters(app: Flask, reader: Api, whole_case: Json, pair: tuple[Sop, str]) -> None:
    sop, _role = pair
    supervisor = Cast(app).api("supervisor")
    for key in sorted({*masking.hidden(sop), "title"} & {*sop.fields, "title"}):
        wanted = prison.dumps({"filters": [{"col": key, "opr": "ct", "value": SECRET[:3]}]})
        for query in (wanted, prison.dumps({"order_column": key, "order_direction": "asc"})):
            assert supervisor.get(f"/{sop.key}/", query_string={"q": query}).status_code == 200, key
            refused = reader.get(f"/{sop.key}/", query_string={"q": query})
            assert (refused.status_code, key in refused.json["message"]) == (400, True)
    number = prison.dumps({"filters": [{"col": "number", "opr": "eq", "value": whole_case["number"]}]})
    assert reader.get(f"/{sop.key}/", query_string={"q": number}).json["count"] == 1


def test_search_finds_by_number_alone(app: Flask, reader: Api, whole_case: Json, pair: tuple[Sop, str]) -> None:
    supervisor = Cast(app).api("supervisor")
    for q in (SECRET, PHONE):
        assert [hit["number"] for hit in supervisor.get(f"/search/?q={q}").json] == [whole_case["number"]]
        assert reader.get(f"/search/?q={q}").json == []
    [hit] = reader.get(f"/search/?q={whole_case['number']}").json
    assert hit["number"] == whole_case["number"]
    assert SECRET not in hit["label"]


def test_files_are_closed_until_the_case_is_revealed_and_have_no_name(
    reader: Api, whole_case: Json, pair: tuple[Sop, str]
) -> None:
    """A file can't be masked; what may be opened once the case is revealed tells no name all the same."""
    sop, case = pair[0].key, f"/{pair[0].key}/{whole_case['id']}"
    versions = [version for item in reader.get(f"{case}/documents").json for version in item["versions"]]
    assert versions
    for version in versions:
        refused = reader.get(f"{case}/documents/{version['id']}/content")
        assert (refused.status_code, version["openable"]) == (403, False)
    assert reader.post(f"{case}/reveal", {"reason": "Memeriksa bukti"}).status_code == 200
    for version in [version for item in reader.get(f"{case}/documents").json for version in item["versions"]]:
        assert version["filename"].startswith("***.")
        assert version["openable"]
        content = reader.get(f"{case}/documents/{version['id']}/content", buffered=True)
        assert content.status_code == 200
        assert SECRET not in str(content.headers)
    assert reader.get(f"/{sop}/{whole_case['id']}").json["title"] != whole_case["title"]


def test_what_a_step_answers_is_masked_too(app: Flask, clock: Any) -> None:
    """Also what was done meanwhile, which the answer to a stale version lists."""
    fill_master_data(app)
    cast = Cast(app)
    program = Discloser("intera", users_of(cast))
    case = program.case_in(["compensation_review"])
    coo = cast.api("coo")
    stale = coo.post(f"/intera/{case['id']}/actions/decline_compensation", {"note": "Tidak", "version": 1})
    assert stale.status_code == 409
    assert stale.json["changes"]
    discreet("changes", stale)
    done = coo.post(f"/intera/{case['id']}/actions/decline_compensation", {"note": "Tidak"})
    assert (done.status_code, done.json["state"]) == (200, "pic_review")
    discreet("step", done)


def test_what_another_role_reads_is_whole(app: Flask, clock: Any) -> None:
    fill_master_data(app)
    cast = Cast(app)
    case = Discloser("intera", users_of(cast)).create()
    cast.user("keduanya", "COO", "PIC")
    for api in (cast.api("pic"), cast.api("keduanya")):
        assert SECRET in api.get(f"/intera/{case['id']}").json["client_name"]
