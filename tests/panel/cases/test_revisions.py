"""Two revisions of an SOP side by side: each case goes on by its own, and what is over all cases shows both."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.services import reports
from app.services.deadlines import clocks
from app.services.notices import deadline_warnings
from app.services.reports import parts
from tests.cast import Cast
from tests.panel.helpers import file, send
from tests.revised import BEFORE, KEY, Trial, loaded, revised

YEAR = "?from=2026-01-01&to=2026-12-31"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    with revised(make_app) as made:
        yield made


@pytest.fixture
def trial(app: Flask) -> Trial:
    return Trial(app)


@pytest.fixture
def page(cast: Cast, trial: Trial) -> FlaskClient:
    client = cast.login("cs")
    client.get("/lang/en")
    return client


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def test_a_running_case_goes_on_by_its_own_revision(page: FlaskClient, trial: Trial, pdf: bytes) -> None:
    pk = trial.old()
    shown = text(page, f"/{KEY}/{pk}")
    assert "Drafting" in shown
    assert "Writing" not in shown
    assert "Park" in shown
    assert "Hand in" in shown
    assert "Hand in with proof" not in shown
    assert "Letter" in shown
    assert "Proof" not in shown
    assert "Old remark" in shown
    assert "Old visit" in shown
    form = text(page, f"/{KEY}/{pk}/do/hand_in")
    assert 'name="letter"' in form
    assert 'name="proof"' not in form
    text(page, f"/{KEY}/{pk}/do/check", 404)
    done = send(page, f"/{KEY}/{pk}/do/hand_in", {}, letter=file(pdf))
    assert done.status_code == 302, done.text
    assert page.post(f"/{KEY}/{pk}/do/finish").status_code == 302
    assert (trial.stored(pk).state, trial.stored(pk).revision) == ("done", 0)


def test_a_new_case_begins_and_goes_by_the_later_one(cast: Cast, page: FlaskClient, trial: Trial) -> None:
    assert "Begin anew" in text(page, f"/{KEY}/")
    form = text(page, f"/{KEY}/new")
    assert 'name="new_fact"' in form
    assert 'name="old_remark"' not in form
    refused = page.post(f"/{KEY}/new", data={"subject": "Matter"})
    assert refused.status_code == 422
    assert "New fact" in refused.text
    made = page.post(f"/{KEY}/new", data={"subject": "Matter", "new_fact": "Known", "way": "mail"})
    path = made.headers["Location"].split("?")[0]
    case = trial.stored(int(path.rsplit("/", 1)[1]))
    assert (case.revision, case.number[:4]) == (1, "TRY-")
    assert "Writing" in text(page, path)
    lacking = page.post(f"{path}/do/hand_in")
    assert lacking.status_code == 422
    assert "Proof" in lacking.text
    assert send(page, f"{path}/do/hand_in", {}, proof=file(b"Yes\n", "proof.txt")).status_code == 302
    assert "/do/finish" not in text(page, path)
    second = cast.login("qc")
    assert second.post(f"{path}/do/check").status_code == 302
    assert page.post(f"{path}/do/finish").status_code == 302


def test_a_role_of_the_later_revision_has_nothing_to_do_with_older_cases(cast: Cast, trial: Trial) -> None:
    old, new = trial.old("review"), trial.new()
    client = cast.login("qc")
    listed = text(client, f"/{KEY}/")
    assert trial.stored(new).number in listed
    assert trial.stored(old).number not in listed
    text(client, f"/{KEY}/{old}", 404)
    assert trial.stored(old).number not in text(client, "/")


def test_the_list_shows_both_and_finds_what_only_the_older_one_has(page: FlaskClient, trial: Trial) -> None:
    parked, new = trial.old("parked"), trial.new()
    listed = text(page, f"/{KEY}/")
    for words in ("Parked", "Writing", "By post", "By mail", trial.stored(parked).number, trial.stored(new).number):
        assert words in listed, words
    only = text(page, f"/{KEY}/?state=parked")
    assert trial.stored(parked).number in only
    assert trial.stored(new).number not in only
    rows = list(csv.reader(io.StringIO(page.get(f"/{KEY}/export.csv").get_data(as_text=True))))
    assert {"Parked", "Writing"} <= {row[1] for row in rows}
    assert {"By post", "By mail"} <= {row[3] for row in rows}


def test_the_worklist_offers_each_its_own_steps(page: FlaskClient, trial: Trial) -> None:
    trial.old("parked"), trial.old("review"), trial.new()
    shown = text(page, "/tasks/")
    for words in ("Resume", "Send back", "Hand in with proof", "Parked"):
        assert words in shown, words


def test_search_agenda_and_reports_stand_a_case_of_each(app: Flask, page: FlaskClient, trial: Trial) -> None:
    trial.old("parked"), trial.new()
    assert "Parked" in text(page, "/search?q=matter")
    text(page, "/agenda/")
    with app.test_request_context():
        for key, report in reports.known().items():
            if key.endswith(KEY):
                list(report.rows(trial.cs, parts.read(report, trial.cs, {})))


def test_the_dashboard_counts_both(page: FlaskClient, trial: Trial) -> None:
    parked, back = trial.old("parked"), trial.old("review")
    trial.does(back, "send_back", "Again")
    trial.new()
    shown = text(page, f"/dashboard/{KEY}{YEAR}")
    for words in ("Parked", "Writing", "Send back", "Review"):
        assert words in shown, words
    behind = text(page, f"/dashboard/{KEY}/rows?left=review&step=send_back&from=2026-01-01&to=2026-12-31")
    assert trial.stored(back).number in behind
    assert trial.stored(parked).number not in behind


def test_conformance_judges_each_case_by_its_own_revision(app: Flask, page: FlaskClient, trial: Trial) -> None:
    trial.old("done"), trial.old("parked"), trial.new()
    shown = text(page, f"/conformance/{KEY}{YEAR}")
    assert "Park" in shown
    assert "Parked" in shown
    assert "Finish" in shown
    with app.test_request_context():
        found = trial.conformance()
        assert found.deviations == []
        done = {(s.transition.key, s.source, s.target): s.counted.times for s in found.steps}
        assert done["begin", None, "drafting"] == 3
        assert done["finish", "review", "done"] == done["park", "drafting", "parked"] == 1
        assert done["finish", "checked", "done"] == 0


def test_an_older_step_is_a_deviation_of_a_new_case(app: Flask, trial: Trial) -> None:
    trial.old("done")
    pk = trial.new()
    trial.puts_under(pk, 0)
    trial.does(pk, "hand_in")
    trial.does(pk, "finish")
    trial.puts_under(pk, 1)
    with app.test_request_context():
        found = trial.conformance()
        assert [(one.action, one.source, one.counted.cases) for one in found.deviations] == [("finish", "review", 1)]


def test_a_moved_case_deviates_from_neither_and_keeps_what_it_has(
    app: Flask, page: FlaskClient, trial: Trial, pdf: bytes
) -> None:
    pk = trial.old()
    assert send(page, f"/{KEY}/{pk}/documents", {"type": "letter"}, file=file(pdf)).status_code == 302
    trial.does(pk, "call", called_on="2026-11-17", said="Later")
    trial.does(pk, "park")
    before = trial.stored(pk).version
    assert trial.moves("By the new rules", parked="drafting") == 1
    shown = text(page, f"/{KEY}/{pk}")
    for words in ("Writing", "Hand in with proof", "Moved to another revision", "By the new rules", "Old remark",
                  "Kept", "By post", "Letter", "Old answer", "Later", "Parked"):  # fmt: skip
        assert words in shown, words
    assert page.post(f"/{KEY}/{pk}/do/park").status_code == 404
    stale = page.post(f"/{KEY}/{pk}/do/hand_in", data={"version": before})
    assert stale.status_code == 409
    assert "Moved to another revision" in stale.text
    with app.test_request_context():
        found = trial.conformance()
        assert found.deviations == []


def test_without_a_restart_new_cases_go_by_the_later_one_from_its_day(page: FlaskClient, trial: Trial) -> None:
    with loaded(current=0):
        pk = trial.new()
        assert trial.stored(pk).revision == 1
        assert "Begin anew" in text(page, f"/{KEY}/new")
        assert "Writing" in text(page, f"/{KEY}/{pk}")
        assert trial.stored(pk).number in text(page, f"/{KEY}/")


def test_a_closed_case_of_a_revision_that_is_gone_can_be_read(page: FlaskClient, trial: Trial, pdf: bytes) -> None:
    pk = trial.old("parked")
    trial.does(pk, "resume")
    assert send(page, f"/{KEY}/{pk}/do/hand_in", {}, letter=file(pdf)).status_code == 302
    trial.does(pk, "finish")
    with loaded(only=(1,)):
        for path in (f"/{KEY}/{pk}", f"/{KEY}/", f"/dashboard/{KEY}{YEAR}", f"/conformance/{KEY}{YEAR}"):
            text(page, path)


def test_no_clock_of_another_revision_is_started_or_waited_for(app: Flask, trial: Trial) -> None:
    old, new = trial.old(), trial.new()
    with app.app_context():
        assert deadline_warnings.begin_missing() == 0
        deadline_warnings.watch()
        runs = {pk: {clock.key for clock in clocks.running(db.session(), [pk])} for pk in (old, new)}
    assert runs == {old: {"answer", "visit"}, new: {"answer"}}
    assert trial.stored(old).created_at == BEFORE
