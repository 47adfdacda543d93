"""Decides which transitions are possible now, and lists what is missing for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.workflow.declaration import Facts, Field, Requirement, Sop, Text, Transition

ViolationKind = Literal["role", "state", "four_eyes", "guard", "document", "field", "note"]
#: What the form itself supplies, so it does not disable the button.
IN_THE_FORM: frozenset[str] = frozenset({"document", "field", "note"})


@dataclass(frozen=True)
class Violation:
    """One thing that prevents a transition. ``key`` names it: a role list, a field, ``a|b`` for documents, a guard; for
    four eyes the step that the user did or the document of which they made the version under decision. ``anew``: such a
    document is there, but a new version is wanted."""

    kind: ViolationKind
    key: str
    sentence: Text = None
    anew: bool = False


@dataclass(frozen=True)
class AvailableAction:
    """A transition that the user's role may do from the present state; a button on the case page."""

    transition: Transition
    missing: tuple[Violation, ...]

    @property
    def allowed(self) -> bool:
        """Whether nothing is missing that the form does not supply."""
        return all(violation.kind in IN_THE_FORM for violation in self.missing)


def missing(transition: Transition, facts: Facts, handed_in: Collection[str] = ()) -> tuple[Violation, ...]:
    """Everything that prevents this user from doing ``transition`` now; empty when it can be done.

    ``facts.values`` are the form's parsed values, ``handed_in`` the types of the documents that come with it. A wrong
    role or state is returned alone: users without permission do not learn what the step requires.
    """
    refused = tuple(_permission_violations(transition, facts))
    if refused:
        return refused
    return (
        *_guard_violations(transition, facts),
        *_document_violations(transition, facts, handed_in),
        *_field_violations(transition, facts, handed_in),
    )


def barred(transition: Transition, facts: Facts) -> tuple[Violation, ...]:
    """What keeps this user from the form of ``transition``, before anything is answered in it."""
    return tuple(_permission_violations(transition, facts)) or tuple(_guard_violations(transition, facts, False))


def available(sop: Sop, facts: Facts) -> tuple[AvailableAction, ...]:
    """The buttons of this user on this case, in the order of the declaration; forms are still empty, so missing fields
    and notes do not count."""
    offers = []
    for transition in sop.transitions:
        if transition.creates or any(_permission_violations(transition, facts)):
            continue
        offers.append(
            AvailableAction(
                transition,
                (*_guard_violations(transition, facts, False), *_document_violations(transition, facts, ())),
            )
        )
    return tuple(offers)


def main_action(actions: Sequence[AvailableAction]) -> AvailableAction | None:
    """The one button that a page makes the loudest: of the steps that can be done now and that the state waits for the
    first in the order of the declaration; a quiet one only where there is no other, never one in danger style."""
    ways = [one for one in actions if one.allowed and not one.transition.optional and one.transition.style != "danger"]
    return min(ways, key=lambda one: one.transition.style != "primary", default=None)


def requirements(transition: Transition, facts: Facts) -> tuple[Requirement, ...]:
    """The document requirements of ``transition`` for this case: the declared ones that apply, where each document that
    a revision requested again is required by itself, and anew."""
    declared = [
        part for r in transition.documents if r.applies(facts.case, facts.now) for part in _asked_again(r, facts)
    ]
    listed = {key for requirement in declared for key in requirement.any_of}
    unlisted = (key for key in transition.accepts if key in facts.requested and key not in listed)
    return (*declared, *(Requirement((key,), True, True) for key in unlisted))


def _asked_again(requirement: Requirement, facts: Facts) -> Iterator[Requirement]:
    """A new version of one of several documents satisfies what was required of them; the others may come along."""
    again = [key for key in requirement.any_of if key in facts.requested]
    if not again:
        yield requirement
        return
    yield from (Requirement((key,), True, True) for key in again)
    if others := tuple(key for key in requirement.any_of if key not in again):
        yield Requirement(others, False)


def _permission_violations(transition: Transition, facts: Facts) -> Iterator[Violation]:
    if not facts.roles & set(transition.by):
        yield Violation("role", "|".join(transition.by))
    if (facts.state or None) not in (transition.source or (None,)):
        yield Violation("state", facts.state or "")


def _guard_violations(transition: Transition, facts: Facts, answered: bool = True) -> Iterator[Violation]:
    own = next(_own_work(transition, facts), None)
    if own is not None:
        yield Violation("four_eyes", own)
    for guard in transition.guards:
        if (answered or not guard.of_form) and not guard.holds(facts):
            yield Violation("guard", guard.key, guard.sentence(facts))


def _own_work(transition: Transition, facts: Facts) -> Iterator[str]:
    """The user's own work that ``transition`` decides on: the key of a step that they did, or of a document whose
    version under decision they made. A version submitted with the step itself is not under decision; the one that it
    replaces is."""
    yield from (earlier for earlier in transition.four_eyes if (earlier, facts.user_id) in facts.done)
    for document in transition.decides_on:
        makers = facts.brought if document in transition.accepts else facts.made
        if facts.user_id is not None and facts.user_id in makers.get(document, ()):
            yield document


def _document_violations(transition: Transition, facts: Facts, handed_in: Collection[str]) -> Iterator[Violation]:
    for requirement in requirements(transition, facts):
        there = facts.fresh if requirement.fresh else facts.attached
        if requirement.required and not (set(requirement.any_of) & (there | set(handed_in))):
            anew = bool(set(requirement.any_of) & facts.attached)
            yield Violation("document", "|".join(requirement.any_of), anew=anew)


def _broken_rules(field: Field, answer: Any, facts: Facts) -> Iterator[Violation]:
    reason = str(facts.values.get("note") or "").strip()
    for rule in field.rules:
        sentence = None if rule.or_reason and reason else rule.broken(field, answer, facts)
        if sentence is not None:
            yield Violation("field", field.key, sentence)


def _field_violations(transition: Transition, facts: Facts, handed_in: Collection[str]) -> Iterator[Violation]:
    there, came = facts.attached | set(handed_in), facts.fresh | set(handed_in)
    values = {**facts.values, "documents": there, "fresh": came}
    for field in transition.fields:
        answer = facts.values.get(field.key)
        # A required tick must be set: an unticked box is no value, but an amount of 0 is one.
        wanted = field.is_required(facts.case, values)
        if wanted and (answer is None or answer is False or answer == "" or answer == []):
            yield Violation("field", field.key)
        elif answer not in (None, "", []):
            yield from _broken_rules(field, answer, facts)
    if transition.note == "required" and not str(facts.values.get("note") or "").strip():
        yield Violation("note", "note")
