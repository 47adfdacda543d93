"""A sixth SOP is one declaration: with it alone setup, demo, pages, API and the tests of every SOP do their part."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests import Response

from app.demo import papers
from app.demo.beginning import PASSWORD, username
from app.workflow.declaration import DocumentType
from tests.house import copy_with_sixth
from tests.refund import DESK, OFFICER, REFUND
from tests.test_run import PATIENCE, free_port, wait_for

pytestmark = pytest.mark.slow
#: Tests that go through every SOP, as far as they are quick.
OF_EVERY_SOP = (
    "tests/test_floors.py", "tests/test_labels.py", "tests/migrations/test_migrations.py",
    "tests/workflow/test_diagram.py",
    "tests/workflow/test_outline.py", "tests/workflow/test_paths.py", "tests/workflow/test_random_walks.py",
    "tests/workflow/document/test_round_trip.py", "tests/workflow/document/test_schema.py",
)  # fmt: skip
ANSWERS = {
    "name": "Rina Maharani", "phone": "0812 3344 5566", "subject": "Setrika rusak", "paid_amount": "750000",
    "bought_on": "2026-11-02", "broken_on": "2026-11-09", "handler": "cs-malam",
}  # fmt: skip
PROPOSED = {
    "approved_amount": 700_000, "fee": 25_000, "share": 90, "way": "bank",
    "items": [{"what": "Setrika", "quantity": 1}],
}  # fmt: skip


class House:
    """The copy of the project with its own instance folder, in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.root = copy_with_sixth(folder / "house")
        own = {"INSTANCE_PATH": str(folder / "instance"), "PYTHONPATH": self._path()}
        self.environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | own

    def _path(self) -> str:
        return os.pathsep.join([str(self.root), os.environ.get("PYTHONPATH", "")])

    def runs(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=self.root, env=self.environment, text=True, capture_output=True, check=False
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert "Traceback" not in said
        return said

    def serves(self, port: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "run.py", "--port", str(port)], cwd=self.root, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("sixth"))


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    """Set up, filled with the demo, and served."""
    house.runs("-m", "flask", "--app", "run", "setup")
    assert house.runs("-m", "flask", "--app", "run", "demo").splitlines()[-1:] == ["Demo data is there."]
    port = free_port()
    server = house.serves(port)
    try:
        wait_for(server, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


class Program:
    """A user of the demo, by the API."""

    def __init__(self, address: str, role: str, nth: int = 1) -> None:
        self.address = f"{address}/api/v1"
        body = {"username": username(role, nth), "password": PASSWORD, "provider": "db"}
        token = requests.post(f"{self.address}/security/login", json=body, timeout=PATIENCE).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def posts(self, path: str, answers: dict[str, Any], **papers_: Any) -> Response:
        form: dict[str, Any] = {"data": answers, "files": papers_} if papers_ else {"json": answers}
        return requests.post(f"{self.address}/refund/{path}", headers=self.headers, timeout=PATIENCE, **form)

    def does(self, path: str, answers: dict[str, Any], **papers_: Any) -> dict[str, Any]:
        done = self.posts(path, answers, **papers_)
        assert done.ok, done.text
        result: dict[str, Any] = done.json()
        return result


def signed_in(address: str, role: str) -> requests.Session:
    """A user of the demo, in a browser."""
    browser = requests.Session()
    form = browser.get(f"{address}/login/", timeout=PATIENCE).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    data = {"username": username(role), "password": PASSWORD, "csrf_token": token[1] if token else ""}
    browser.post(f"{address}/login/", data=data, timeout=PATIENCE)
    return browser


def recording(kind: DocumentType) -> tuple[str, bytes]:
    made = papers.paper(kind)
    return made.filename, made.stream.read()


def test_its_list_shows_the_cases_of_the_demo(address: str) -> None:
    page = signed_in(address, DESK).get(f"{address}/refund/", timeout=PATIENCE)
    assert page.status_code == 200
    assert "RFD-" in page.text
    for state in REFUND.states:
        assert state.label.in_language("id") in page.text


def test_a_case_is_opened_decided_and_closed(address: str) -> None:
    desk, officer, second = Program(address, DESK), Program(address, OFFICER), Program(address, OFFICER, 2)
    call = recording(REFUND.document_by_key["call"])
    refused = desk.posts("", ANSWERS | {"broken_on": "2026-11-01"}, call=call)
    assert (refused.status_code, "tidak boleh sebelum" in refused.text) == (422, True)
    case = desk.does("", ANSWERS, call=call)
    assert case["state"] == "checking"
    actions = f"{case['id']}/actions"
    refused = officer.posts(f"{actions}/propose", PROPOSED | {"approved_amount": 800_000})
    assert (refused.status_code, "tidak boleh lebih dari" in refused.text) == (422, True)
    assert officer.does(f"{actions}/propose", PROPOSED)["state"] == "approval"
    assert officer.posts(f"{actions}/approve", {}).status_code == 403, "four eyes"
    assert second.does(f"{actions}/approve", {})["state"] == "payout"
    paid = desk.does(f"{actions}/pay", {"paid_out_on": "2026-11-16", "done": True})
    assert (paid["state"], paid["kind"]) == ("paid", "final")


def test_the_tests_of_every_sop_take_it_without_an_edit(house: House) -> None:
    said = house.runs("-m", "pytest", "-n", "0", *OF_EVERY_SOP)
    assert "failed" not in said
