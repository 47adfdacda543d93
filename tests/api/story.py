"""A case and the people around it, through HTTP: who tries what, who does what, and what a refusal lists."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.cast import Api, Cast
from tests.client import PDF

SCAN = ("berkas.pdf", PDF)


class Story:
    """One case of ``sop``, made by ``author``."""

    def __init__(self, cast: Cast, sop: str, author: str, **answers: Any) -> None:
        self.cast, self.sop = cast, sop
        self.people: dict[str, Api] = {}
        made = self.by(author).post(f"/{sop}/", answers)
        assert made.status_code == 201, made.text
        self.case: dict[str, Any] = made.json
        self.similar = [one["number"] for one in made.json["similar"]]
        self.path = f"/{sop}/{made.json['id']}"

    def by(self, name: str, *roles: str) -> Api:
        if name not in self.people:
            self.people[name] = self.cast.api(name, *roles)
        return self.people[name]

    def time_passes(self) -> None:
        """Tokens run out; everybody signs in anew."""
        self.people.clear()

    def tries(self, name: str, key: str, *papers: str, **answers: Any) -> TestResponse:
        files = dict.fromkeys(papers, SCAN)
        return self.by(name).post(f"{self.path}/actions/{key}", answers, files=files or None)

    def does(self, name: str, key: str, *papers: str, **answers: Any) -> dict[str, Any]:
        done = self.tries(name, key, *papers, **answers)
        assert done.status_code == 200, f"{key}: {done.status_code} {done.text}"
        self.case = done.json
        return self.case

    def is_refused(self, status: int, name: str, key: str, *papers: str, **answers: Any) -> dict[str, set[str]]:
        """Keys of what is lacking, by kind; the case is as it was."""
        refused = self.tries(name, key, *papers, **answers)
        assert refused.status_code == status, refused.text
        now = self.by(name).get(self.path).json
        assert (now["state"], now["version"]) == (self.case["state"], self.case["version"])
        lacking: dict[str, set[str]] = {}
        for error in refused.json.get("missing", ()):
            lacking.setdefault(error["kind"], set()).add(error["key"])
            assert error["message"]
        return lacking

    def buttons(self, name: str) -> dict[str, bool]:
        return {action["key"]: action["allowed"] for action in self.by(name).get(f"{self.path}/actions").json}

    def choices(self, name: str, step: str, field: str) -> list[str]:
        [action] = [o for o in self.by(name).get(f"{self.path}/actions").json if o["key"] == step]
        [found] = [f for f in action["fields"] if f["key"] == field]
        return [choice["key"] for choice in found["choices"]]

    def history(self, name: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.by(name).get(f"{self.path}/history").json
        return events
