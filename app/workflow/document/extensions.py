"""How far a step may extend a deadline: the limit under which the case stands bounds the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from app.workflow.declaration import Deadline, Transition
from app.workflow.document import actions
from app.workflow.parts import Comparison, Field, Limit, Text
from app.workflow.texts import Words

#: The rule's name in the contract; no word of a document, it follows from the limits.
EXTENSION = "extension"


@dataclass(frozen=True)
class TooLong:
    """Says what is wrong with an extension, with the law of the case."""

    deadline: Deadline

    def __call__(self, field: Field, answer: Any, facts: Any) -> Text | None:
        limit = self.deadline.limit_of(facts.case, facts.now) if facts.case is not None else None
        if limit is None or limit.extension is None or answer <= limit.extension:
            return None
        return bound_in_words(field, self.deadline, limit)


def bounded(step: Transition, deadlines: Iterable[Deadline]) -> Transition:
    """The step with the bounds of what it extends upon the field that says by how much."""
    by_key = {one.key: one for one in deadlines}
    inner = [one.action if isinstance(one, actions.When) else one for one in step.effects]
    extends = {one.amount.source.strip(): by_key.get(one.deadline) for one in inner if isinstance(one, actions.Extend)}
    return replace(step, fields=tuple(_bounded(field, extends.get(field.key)) for field in step.fields))


def _bounded(field: Field, deadline: Deadline | None) -> Field:
    limits = [one for one in deadline.limits if one.extension is not None] if deadline else []
    if deadline is None or not limits:
        return field
    said = [bound_in_words(field, deadline, one).texts for one in limits]
    general = Words(tuple(" ".join(dict.fromkeys(texts)) for texts in zip(*said, strict=True)))
    return replace(field, rules=(*field.rules, Comparison(EXTENSION, "", TooLong(deadline), general)))


def bound_in_words(field: Field, deadline: Deadline, limit: Limit) -> Words:
    """At most how much, and by what law."""
    law, label = limit.citation or deadline.citation, field.label
    texts = ("“{}” paling banyak {}{}.", "“{}” must be at most {}{}.")
    by = (" menurut {}", " under {}")
    return Words(tuple(
        text.format(_in(label, nth), limit.extension, by[nth].format(_in(law, nth)) if law else "")
        for nth, text in enumerate(texts)
    ))  # fmt: skip


def _in(label: Text, language: int) -> str:
    return label.texts[language] if isinstance(label, Words) else str(label)
