"""What a case asks of its reader now: the one main step, what it lacks, and what else is possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.services.core.errors import FieldError
from app.services.core.wording import describe_violation
from app.workflow.declaration import Facts, Field, Sop, Transition
from app.workflow.engine import AvailableAction, main_action, requirements
from app.workflow.parts import DocumentType


@dataclass(frozen=True)
class AskedFor:
    """One of these kinds of document is lacking; ``anew``: there is one, but a new version is wanted."""

    kinds: tuple[DocumentType, ...]
    anew: bool


class Button:
    """A step as the page shows it: ``lacking`` are the sentences on what prevents it (then it is grey), or on what
    its form will require. ``at_once``: it has no form, so pressing the button does it. ``documents`` and ``fields``:
    what has to come with it and is not there yet; ``sentences``: what is lacking besides; ``wants``: whether there is
    any of these."""

    def __init__(self, sop: Sop, action: AvailableAction, known: Facts) -> None:
        self.transition = action.transition
        self.allowed = action.allowed
        self.lacking: list[FieldError] = [describe_violation(sop, action.transition, lack) for lack in action.missing]
        self.sentences = [error for error in self.lacking if error.kind != "document"]
        self.documents = [
            AskedFor(tuple(sop.document_by_key[key] for key in lack.key.split("|")), lack.anew)
            for lack in action.missing
            if lack.kind == "document"
        ]
        self.fields = list(_unanswered(action.transition, known))
        self.wants = bool(self.lacking or self.fields)
        self.at_once = action.allowed and not asks(action.transition, known)


@dataclass(frozen=True)
class Steps:
    """``main``: the one that is the loudest, if any can be done; ``others``: those that the state waits for besides;
    ``asides``: what is possible without it."""

    main: Button | None
    others: list[Button]
    asides: list[Button]

    def __bool__(self) -> bool:
        return self.main is not None or bool(self.others) or bool(self.asides)


def steps(sop: Sop, actions: Sequence[AvailableAction], known: Facts) -> Steps:
    first = main_action(actions)
    rest = [Button(sop, action, known) for action in actions if action is not first]
    return Steps(
        Button(sop, first, known) if first else None,
        [button for button in rest if not button.transition.optional],
        [button for button in rest if button.transition.optional],
    )


def asks(transition: Transition, known: Facts) -> bool:
    """Whether a step's form has anything to be filled in."""
    return bool(transition.fields or transition.note == "required" or requirements(transition, known))


def _unanswered(step: Transition, known: Facts) -> Iterator[Field]:
    """The fields that must be filled in and begin empty."""
    values = {**known.values, "documents": known.attached, "fresh": known.fresh}
    for field in step.fields:
        there = None if field.attests or field.is_rows or not field.stored else getattr(known.case, field.key, None)
        if field.is_required(known.case, values) and field.default is None and there in (None, "", []):
            yield field
