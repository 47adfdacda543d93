"""A wrong declaration never starts, and says all that is wrong with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.workflow.checks import WrongDeclaration, check
from app.workflow.declaration import Column, DocumentType, Field, Sop, State, Transition, need

GOOD = Sop(
    key="example",
    label="Example",
    label_plural="Examples",
    number="EX-{yyyy}-{seq:05}",
    roles=("Clerk",),
    states=(State("open", "Open"), State("done", "Done", kind="final")),
    transitions=(
        Transition("begin", "Begin", (), "open", ("Clerk",), (need("letter"),),
                   (Field("subject", "Subject"), Field("name", "Name"), Field("phone", "Phone"))),
        Transition("end", "End", ("open",), "done", ("Clerk",)),
    ),
    documents=(DocumentType("letter", "Letter", ("application/pdf",)),),
)  # fmt: skip


def with_transition(**changes: object) -> Sop:
    return replace(GOOD, transitions=(*GOOD.transitions, Transition("more", "More", **changes)))  # type: ignore[arg-type]


def test_a_good_one_passes() -> None:
    assert check(GOOD) is GOOD


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(GOOD, states=(*GOOD.states, State("island", "Island"))), "states.island: the state can't be reached"),
        (with_transition(source=("open",), target="nowhere", by=("Clerk",)), "steps.more.to: unknown state “nowhere”"),
        (with_transition(source=("open",), by=("Stranger",)), "steps.more.by: unknown role “Stranger”"),
        (with_transition(source=("open",), by=("Clerk",), documents=(need("seal"),)), "unknown document “seal”"),
        (with_transition(source=("open",), by=("Clerk",), records="visits"), "unknown records “visits”"),
        (with_transition(source=("open",), by=("Clerk",), four_eyes=("nap",)), "unknown step “nap”"),
        (with_transition(source=("open",), by=("Clerk",), fields=(Field("subject", "Subject", "date"),)), "two types"),
        (with_transition(source=("open",), by=("Clerk",), fields=(Field("state", "State"),)), "taken"),
        (with_transition(source=("open",), by=("Clerk",), fields=(Field("kind", "Kind", "choice"),)), "no choices"),
        (
            with_transition(source=("open",), by=("Clerk",), fields=(Field("kind", "Kind", "date", format="email"),)),
            "“email” that its type does not know",
        ),
        (
            with_transition(source=("open",), by=("Clerk",), fields=(Field("phone", "Phone", format="phone"),)),
            "two types",
        ),
        (replace(GOOD, personal=("title",)), "personal: unknown field “title”"),
        (with_transition(by=("Clerk",), target="open"), "exactly one step must open the case"),
        (replace(GOOD, columns=(Column("colour"),)), "columns: unknown field “colour”"),
        (replace(GOOD, roles=("Clerk", "Idler")), "“Idler” takes no part"),
        (replace(GOOD, transitions=GOOD.transitions[:1]), "no final state can be reached"),
    ],
)
def test_a_wrong_one_is_refused(wrong: Sop, says: str) -> None:
    with pytest.raises(WrongDeclaration, match=says):
        check(wrong)


def test_all_mistakes_are_listed_at_once() -> None:
    wrong = replace(with_transition(source=("open",), target="nowhere", by=("Stranger",)), columns=(Column("colour"),))
    with pytest.raises(WrongDeclaration) as refused:
        check(wrong)
    assert all(word in str(refused.value) for word in ("nowhere", "Stranger", "colour"))
