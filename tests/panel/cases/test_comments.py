"""The box for comments on the page of a case, and how comments stand in its history."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.cast import Cast
from tests.panel.helpers import file, in_english, send, somasi


@pytest.fixture
def legal(cast: Cast) -> FlaskClient:
    cast.user("legal_manager")
    return cast.login("legal")


@pytest.fixture
def path(legal: FlaskClient, pdf: bytes) -> str:
    return somasi(legal, pdf)


def says(client: FlaskClient, path: str, text: str, *roles: str, **more: str) -> TestResponse:
    audience = {"audience": "roles", "to": list(roles)} if roles else {"audience": "all"}
    return client.post(f"{path}/comments", data={"text": text} | audience | more)


def line(page: str, said: str) -> str:
    """The line of the history with this text."""
    found = [one for one in page.split('class="timeline"')[1].split("<li") if said in one]
    assert len(found) == 1
    return found[0]


def box(page: str) -> str:
    return page.split('id="comment"')[1].split("</details>")[0]


def test_comments_stand_in_the_history_the_newest_first(legal: FlaskClient, cast: Cast, path: str) -> None:
    done = says(legal, path, "Mohon dilengkapi <segera>")
    assert re.fullmatch(rf"{path}#comment-\d+", done.headers["Location"])
    says(cast.login("cs"), path, "Sedang dicari")
    page = cast.login("cs").get(path).text
    assert page.index("Sedang dicari") < page.index("Mohon dilengkapi &lt;segera&gt;")
    assert f'id="{done.headers["Location"].split("#")[1]}"' in page
    assert "Legal Uji" in line(page, "Mohon dilengkapi")
    assert "Tarik</button>" not in line(page, "Mohon dilengkapi")
    assert "Tarik</button>" in line(page, "Sedang dicari")


def test_only_the_roles_named_see_it(legal: FlaskClient, cast: Cast, path: str) -> None:
    assert says(legal, path, "Posisi lemah", "Legal Manager").status_code == 302
    for name in ("legal", "legal_manager", "supervisor"):
        assert "hanya untuk: Legal Manager" in line(cast.login(name).get(path).text, "Posisi lemah"), name
    for name in ("cs", "legal_litigasi_1", "admin"):
        page = cast.login(name).get(path).text
        assert "Posisi lemah" not in page
        assert "<strong>Komentar</strong>" not in page, "not even that there is one"


def test_a_refusal_keeps_what_was_typed_and_chosen(legal: FlaskClient, path: str, pdf: bytes) -> None:
    answers = {"text": "Lihat @tidak_ada", "audience": "roles", "to": ["Legal Manager"]}
    refused = send(legal, f"{path}/comments", answers, files=file(pdf))
    assert refused.status_code == 422
    shown = box(refused.text)
    assert shown.startswith(" open>")
    assert "Lihat @tidak_ada</textarea>" in shown
    assert 'value="roles" checked' in shown
    assert 'value="Legal Manager" checked' in shown
    assert "“@tidak_ada”: tidak ada orang" in shown
    assert "Silakan pilih berkas sekali lagi" in shown
    assert 'role="alert"' in shown
    in_english(legal)
    assert "Please write the comment." in box(says(legal, path, " ").text)


def test_roles_without_the_choice_of_roles_are_asked_about(legal: FlaskClient, cast: Cast, path: str) -> None:
    refused = legal.post(f"{path}/comments", data={"text": "Rahasia", "audience": "all", "to": ["Legal Manager"]})
    assert refused.status_code == 422
    assert "Ada peran yang dicentang" in box(refused.text)
    nobody = legal.post(f"{path}/comments", data={"text": "Rahasia", "audience": "roles"})
    assert nobody.status_code == 422
    assert "Rahasia" not in cast.login("cs").get(path).text


def test_a_file_is_opened_from_the_history(legal: FlaskClient, cast: Cast, path: str, pdf: bytes) -> None:
    answers = {"text": "Lampiran", "audience": "roles", "to": ["Legal Manager"]}
    done = send(legal, f"{path}/comments", answers, files=file(pdf + b"%2", "analisis.pdf"))
    assert done.status_code == 302
    found = re.search(r'href="([^"]+)"[^>]*>analisis\.pdf', cast.login("legal_manager").get(path).text)
    assert found
    assert cast.login("legal_manager").get(found[1]).data == pdf + b"%2"
    assert cast.login("cs").get(found[1]).status_code == 404
    wrong = send(legal, f"{path}/comments", {"text": "x", "audience": "all"}, files=file(b"\x00\x01", "x.pdf"))
    assert wrong.status_code == 415
    assert 'id="comment-files-error"' in wrong.text


def test_a_withdrawn_comment_leaves_its_line(legal: FlaskClient, cast: Cast, path: str) -> None:
    place = says(legal, path, "Salah kasus").headers["Location"].rpartition("-")[2]
    assert cast.login("cs").post(f"{path}/comments/{place}/withdraw").status_code == 403
    assert legal.post(f"{path}/comments/{place}/withdraw").status_code == 302
    for name in ("legal", "cs", "supervisor"):
        page = cast.login(name).get(path).text
        assert "Salah kasus" not in page
        assert "ditarik oleh penulisnya" in page.split(f'id="comment-{place}"')[1].split("</li>")[0]
    assert legal.post(f"{path}/comments/{place}/withdraw").status_code == 409
    assert legal.post(f"{path}/comments/99999999999/withdraw").status_code == 404


def test_who_does_not_see_the_case_can_not_comment(cast: Cast, path: str) -> None:
    assert says(cast.login("cso"), path, "x").status_code == 403
    assert says(cast.login("legal"), "/somasi/99", "x").status_code == 404
