"""Reply templates through HTTP: written by CS, approved by QA, never by whoever wrote them; versions; placeholders."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import OutgoingMail
from tests.api.story import Story
from tests.cast import Cast

TEMPLATE: dict[str, Any] = {
    "template_title": "Cara bayar", "category": "payment_method", "channel": "email",
    "text": "Yth. {nama}, versi satu.",
}  # fmt: skip
COMPLAINT: dict[str, Any] = {
    "channel": "email", "name": "Rahmat", "email": "rahmat@contoh.example", "category": "payment_method",
    "complaint": "Bagaimana cara membayar?",
}  # fmt: skip
BOTH = ("cs", "qa")


@pytest.fixture
def cast(app: Flask, clock: Any) -> Cast:
    return Cast(app)


@pytest.fixture
def written(cast: Cast) -> Story:
    return Story(cast, "reply_template", "cs", **TEMPLATE)


@pytest.fixture
def complaint(cast: Cast) -> Story:
    return Story(cast, "pengaduan", "cs", **COMPLAINT)


def approved(written: Story) -> Story:
    written.does("cs", "submit_template")
    written.does("qa", "approve_template")
    return written


def test_the_way_of_a_template(written: Story) -> None:
    assert (written.case["state"], written.case["approved_text"]) == ("draft", None)
    assert written.does("cs", "submit_template")["state"] == "in_review"
    assert written.is_refused(422, "qa", "reject_template")["note"] == {"note"}
    assert written.does("qa", "reject_template", note="Terlalu pendek")["state"] == "draft"
    written.does("cs", "rewrite_template", **TEMPLATE | {"text": "Yth. {nama}, lebih panjang."})
    written.does("cs", "submit_template")
    case = written.does("qa", "approve_template")
    assert (case["state"], case["approved_text"]) == ("approved", "Yth. {nama}, lebih panjang.")
    case = written.does("qa", "retire_template")
    assert (case["state"], case["kind"]) == ("retired", "final")


def test_what_a_template_needs(cast: Cast) -> None:
    refused = cast.api("cs").post("/reply_template/", {})
    assert {error["key"] for error in refused.json["missing"]} == {"template_title", "category", "channel", "text"}
    assert cast.api("qa").post("/reply_template/", TEMPLATE).status_code == 403


@pytest.mark.parametrize(
    ("role", "step", "state"),
    [
        ("cs", "approve_template", "in_review"), ("cs", "reject_template", "in_review"),
        ("qa", "submit_template", "draft"), ("qa", "rewrite_template", "draft"),
        ("qa", "edit_template", "approved"), ("cs", "retire_template", "approved"),
        ("supervisor", "approve_template", "in_review"),
    ],
)  # fmt: skip
def test_each_step_belongs_to_one_role(written: Story, role: str, step: str, state: str) -> None:
    if state != "draft":
        written.does("cs", "submit_template")
    if state == "approved":
        written.does("qa", "approve_template")
    assert "role" in written.is_refused(403, role, step, note="x")


@pytest.mark.parametrize("step", ["approve_template", "reject_template", "edit_template", "retire_template"])
def test_a_draft_is_neither_decided_on_nor_retired(written: Story, step: str) -> None:
    written.is_refused(409, "cs" if step == "edit_template" else "qa", step, note="x")


@pytest.mark.parametrize("text", ["Halo {nama_lengkap}", "Halo {}", "Halo { nama }", "{nama} {NAMA}"])
def test_an_unknown_placeholder_is_refused_at_submission(written: Story, text: str) -> None:
    written.does("cs", "rewrite_template", **TEMPLATE | {"text": text})
    refused = written.tries("cs", "submit_template")
    assert refused.status_code == 422
    assert [error["key"] for error in refused.json["missing"]] == ["placeholders"]
    assert "{" + text.split("{")[-1].split("}")[0] + "}" in refused.json["message"]
    written.does("cs", "rewrite_template", **TEMPLATE)
    written.does("cs", "submit_template")


# -- four eyes ----------------------------------------------------------------------------------------------------


def test_the_author_does_not_approve_his_own(cast: Cast) -> None:
    cast.user("both", *BOTH)
    mine = Story(cast, "reply_template", "both", **TEMPLATE)
    mine.does("cs", "submit_template")
    assert mine.is_refused(403, "both", "approve_template")["four_eyes"]
    assert mine.buttons("both")["approve_template"] is False
    mine.does("qa", "approve_template")


def test_nor_after_somebody_elses_rewriting(written: Story) -> None:
    """They wrote a part of it, though they were not the last to write."""
    written.by("both", *BOTH)
    written.does("both", "rewrite_template", **TEMPLATE)
    written.does("cs", "rewrite_template", **TEMPLATE | {"text": "Yth. {nama}, versi dua."})
    written.does("cs", "submit_template")
    assert "four_eyes" in written.is_refused(403, "both", "approve_template")


def test_nor_whoever_submitted_it(written: Story) -> None:
    written.by("both", *BOTH)
    written.does("both", "submit_template")
    assert "four_eyes" in written.is_refused(403, "both", "approve_template")


def test_nor_after_a_new_version(written: Story) -> None:
    written.by("both", *BOTH)
    approved(written)
    case = written.does("both", "edit_template", **TEMPLATE | {"text": "Yth. {nama}, versi dua."})
    assert (case["state"], case["round"]) == ("draft", 2)
    written.does("cs", "submit_template")
    written.does("qa", "reject_template", note="x")
    written.does("cs", "rewrite_template", **TEMPLATE)
    written.does("cs", "submit_template")
    assert "four_eyes" in written.is_refused(403, "both", "approve_template")
    written.does("qa", "approve_template")


# -- what can be used ---------------------------------------------------------------------------------------------


def test_only_what_was_approved_is_offered(written: Story, complaint: Story) -> None:
    number = written.case["number"]
    assert complaint.choices("cs", "reply", "template") == []
    assert complaint.tries("cs", "reply", template=number).status_code == 400
    written.does("cs", "submit_template")
    assert complaint.choices("cs", "reply", "template") == []
    written.does("qa", "approve_template")
    assert complaint.choices("cs", "reply", "template") == [number]
    written.does("qa", "retire_template")
    assert complaint.choices("cs", "reply", "template") == []
    assert complaint.tries("cs", "reply", template=number).status_code == 400


def test_while_a_version_is_written_the_approved_text_is_used(app: Flask, written: Story, complaint: Story) -> None:
    approved(written)
    written.does("cs", "edit_template", **TEMPLATE | {"template_title": "Belum disetujui", "text": "Rancangan {nama}"})
    for step in (None, "submit_template"):
        if step:
            written.does("cs", step)
        complaint.does("cs", "reply", template=written.case["number"])
        with app.app_context():
            mail = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc())).first()
            assert mail is not None
            assert mail.text == "Yth. Rahmat, versi satu."
            assert "Belum disetujui" not in mail.subject
    written.does("qa", "approve_template")
    complaint.does("cs", "reply", template=written.case["number"])
    with app.app_context():
        mail = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc())).first()
        assert mail is not None
        assert mail.text == "Rancangan Rahmat"
