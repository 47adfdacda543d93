"""A program that knows nothing but the REST contract: it reads a declaration, fills its forms, walks its cases.

No SOP, state, field or role is named here. What it answers to a form follows from the types in the declaration.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from app.demo import papers
from tests.cast import Api
from tests.moment import JAKARTA

Json = dict[str, Any]
#: Signs in the n-th user of a role.
SignIn = Callable[[str, int], Api]
Files = dict[str, tuple[str, bytes]]

#: Ways of answering the choices of a form that are tried, when one of them leads nowhere.
TURNS = 4
#: More steps than any way through a procedure takes.
PATIENCE = 60
#: How often something is recorded, each time with the next choice, until what holds a step up is recorded.
RECORDED = 10
#: What is answered to a field of a line, by its key; and to the phone of whoever reports.
ANYTHING = "{}.08123456789@contoh.id"
PHONE = ANYTHING.format("phone")
#: What must not lie in the past lies so far ahead.
AHEAD = timedelta(days=1)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + (b"\xff\xfb\x90\x00" + bytes(413)) * 20
#: A file of each content type that documents may ask for, the first that fits is taken.
SAMPLES = {kind: (f"berkas.{ending}", make("contoh")) for kind, (ending, make) in papers.MADE.items()}


class Refusal(AssertionError):
    """The system refused a step which, by its declaration, this program should have been able to do."""


class Program:
    """Walks the cases of one SOP. ``wait`` lets time pass, for steps that may only be done later."""

    def __init__(self, sop: str, sign_in: SignIn, wait: Callable[[], None] | None = None) -> None:
        self.sop, self.sign_in, self.wait = sop, sign_in, wait
        self.users: dict[tuple[str, int], Api] = {}
        self.done: Counter[tuple[int, str]] = Counter()
        self.turn, self.files = 0, count()
        self.declared: Json = {}
        self.declared = self._read_declaration()
        self.accept = {d["key"]: d["accept"] for d in self.declared["documents"]}
        self.steps: dict[str, Json] = {t["key"]: t for t in self.declared["transitions"]}

    def _read_declaration(self) -> Json:
        """Any user may read it, but only who takes part gets choices from master data."""
        first: Json = self._anybody().get(f"/sop/{self.sop}").json
        role = next(t for t in first["transitions"] if not t["from"])["roles"][0]
        read: Json = self.user(role).get(f"/sop/{self.sop}").json
        return read

    def _anybody(self) -> Api:
        return next(iter(self.users.values()), None) or self.user("Admin")

    def user(self, role: str, nth: int = 0) -> Api:
        if (role, nth) not in self.users:
            self.users[role, nth] = self.sign_in(role, nth)
        return self.users[role, nth]

    # -- ways through the declaration ---------------------------------------------------------------------------

    @property
    def create_step(self) -> Json:
        return next(t for t in self.steps.values() if not t["from"])

    @property
    def final_states(self) -> list[str]:
        return [s["key"] for s in self.declared["states"] if s["kind"] == "final"]

    def ends(self, step: Json, state: str) -> list[str]:
        return [step["to"] or state, *step.get("branches", [])]

    def way(self, state: str, goals: Iterable[str]) -> list[Json] | None:
        """The shortest sequence of steps from a state to one of ``goals``."""
        wanted = set(goals)
        ahead: deque[tuple[str, list[Json]]] = deque([(state, [])])
        seen = {state}
        while ahead:
            here, steps = ahead.popleft()
            if here in wanted:
                return steps
            for step in self.steps.values():
                for there in self.ends(step, here) if here in step["from"] and step["roles"] else ():
                    if there not in seen:
                        seen.add(there)
                        ahead.append((there, [*steps, step]))
        return None

    # -- steps --------------------------------------------------------------------------------------------------

    def create(self, **answers: Any) -> Json:
        step = self.create_step
        body = self.filled(step["fields"], step) | answers
        made = self.user(step["roles"][0]).post(f"/{self.sop}/", body, files=self.papers(step["documents"]))
        if made.status_code != 201:
            raise Refusal(f"{self.sop} {step['key']}: {made.status_code} {made.text}")
        result: Json = made.json
        return result

    def case_in(self, goals: Iterable[str]) -> Json:
        """A new case, walked to one of ``goals``. Where the answers given on the way lead elsewhere for good, another
        case is tried with other ones."""
        goals = list(goals)
        for self.turn in range(TURNS):
            try:
                return self.reach(self.create(), goals)
            except Refusal:
                if self.turn == TURNS - 1:
                    raise
        raise AssertionError("unreachable")

    def reach(self, case: Json, goals: Iterable[str]) -> Json:
        """Walks the case to one of ``goals``; where a step led elsewhere than hoped, on from there."""
        goals = set(goals)
        for _attempt in range(PATIENCE):
            if case["state"] in goals:
                return case
            way = self.way(case["state"], goals)
            if way is None:
                raise Refusal(f"{self.sop}: no way from {case['state']} to {goals}")
            case = self.do(case, way[0]["key"])
        raise Refusal(f"{self.sop}: {goals} was not reached, but {case['state']}")

    def do(self, case: Json, key: str) -> Json:
        """Does one step by whichever user may do it."""
        api, action = self.offered(case, key)
        nth = self.turn + self.done[case["id"], key]
        body = self.filled(action["fields"], self.steps[key], nth) | {"version": case["version"]}
        answer = api.post(f"/{self.sop}/{case['id']}/actions/{key}", body, files=self.papers(action["documents"]))
        if answer.status_code != 200:
            raise Refusal(f"{self.sop} {key}: {answer.status_code} {answer.text}")
        self.done[case["id"], key] += 1
        result: Json = answer.json
        return result

    def offered(self, case: Json, key: str) -> tuple[Api, Json]:
        """A user for whom the step is open, and the step as it is offered to them."""
        held_up: list[Json] = []
        for attempt in range(RECORDED + 1):
            for role in self.steps[key]["roles"]:
                for nth in range(2):
                    api = self.user(role, nth)
                    actions = {o["key"]: o for o in api.get(f"/{self.sop}/{case['id']}/actions").json}
                    if key in actions and actions[key]["allowed"]:
                        return api, actions[key]
                    held_up += actions[key]["missing"] if key in actions else []
            if attempt < RECORDED:
                self._let_be_possible(case, key)
        raise Refusal(f"{self.sop}: nobody may {key} in {case['state']}: {held_up}")

    def _let_be_possible(self, case: Json, key: str) -> None:
        """A guard prevents the step: what can be recorded in this state is recorded, and time passes."""
        for step in self.steps.values():
            if case["state"] in step["from"] and not step["to"] and step["key"] != key and step["roles"]:
                case |= self.do(case, step["key"])
        if self.wait is not None:
            self.wait()
            self.users.clear()  # their tokens have expired

    # -- forms --------------------------------------------------------------------------------------------------

    def filled(self, fields: list[Json], step: Json, nth: int = 0) -> Json:
        """An answer to every field, where there are choices the ``nth``: when a step is done again, the next one."""
        body = {field["key"]: self.answer(field, nth) for field in fields}
        body = {key: value for key, value in body.items() if value is not None}
        return body if step["note"] == "none" else body | {"note": "Catatan uji"}

    def answer(self, field: Json, nth: int = 0) -> Any:
        choices = [c["key"] for c in field.get("choices", [])]
        # A day is one of the deployment's zone.
        now = datetime.now(JAKARTA) + AHEAD * any(one["rule"] == "not_in_past" for one in field["rules"])
        match field["type"]:
            case "choice" | "reference":
                return choices[nth % len(choices)] if choices else None
            case "list" if field.get("columns"):
                return [{c["key"]: self.answer(c, nth) for c in field["columns"]}]
            case "list":
                return [choices[nth % len(choices)]]
            case "integer":
                return 1
            case "money":
                return 1_250_000
            case "boolean":
                return True
            case "date":
                return now.date().isoformat()
            case "datetime":
                return now.isoformat(timespec="minutes")
            case "longtext":
                return f"Uraian {field['label']}\nbaris kedua"
            case _:
                # Good for a name, for a number, and for whoever wants an address to write to.
                return ANYTHING.format(field["key"])

    def papers(self, requirements: list[Json]) -> Files | None:
        """One file for every set of documents required, also for those that may be left out."""
        return {need["any_of"][0]: self.file(need["any_of"][0]) for need in requirements} or None

    def file(self, document: str) -> tuple[str, bytes]:
        for content_type, (name, content) in SAMPLES.items():
            if content_type in self.accept[document]:
                # No two alike: the same file again is no revision.
                return name, content + b"%d" % next(self.files)
        raise Refusal(f"{self.sop}: no sample for {document}: {self.accept[document]}")
