"""What stands beside the form of a new case: who is meant, what is open of theirs, and what the form takes over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from app.models import Case
from app.panel.steps.controls import written
from app.panel.steps.repeat import Line, line_of
from app.services.cases import intake
from app.services.core.access import Actor
from app.services.core.errors import NotVisible
from app.services.core.formatting import answer
from app.services.search.matching import Typed
from app.workflow.declaration import Sop, Text


class Beside:
    """``words``: what was typed into the box; ``typed``: the form's own answers, by name of the control."""

    def __init__(self, actor: Actor, sop: Sop, words: str, typed: Mapping[str, str]) -> None:
        self.words, self._actor, self._sop, self._typed = words, actor, sop, typed
        self._lines: dict[str, Mapping[str, Any]] = {}

    @property
    def offered(self) -> bool:
        return intake.offers(self._sop)

    @cached_property
    def known(self) -> intake.Known:
        return intake.known(self._actor, self._sop, self.words, self._typed)

    @property
    def marks(self) -> Typed:
        return Typed(self.words)

    @cached_property
    def placed(self) -> dict[str, str]:
        """Where the words of the box belong, when they are nobody's."""
        return intake.placed(self._sop, self.words)

    @property
    def filled(self) -> dict[str, Any]:
        """What a form begins with that was opened with words: the person that they mean, else the words themselves."""
        certain = self.known.certain if self.offered and self.words else None
        return dict(certain.values) if certain else dict(self.placed) if self.offered else {}

    def taken(self, key: str, typed: MultiDict[str, str]) -> MultiDict[str, str]:
        """What was typed, and in what was left empty who was chosen."""
        filled = MultiDict(typed)
        try:
            values = self.controls(intake.person(self._actor, self._sop, key))
        except NotVisible:
            return filled
        for name, value in values.items():
            if not filled.get(name):
                filled[name] = value
        return filled

    def controls(self, person: intake.Person) -> dict[str, str]:
        """Values as the form's controls have them, by their names."""
        fields = {key: self._sop.create.field(key) for key in person.values}
        return {
            key: str(said)
            for key, field in fields.items()
            if field is not None and (said := written(field, person.values[key])) not in (None, "")
        }

    def told(self, person: intake.Person) -> Iterator[tuple[Text, str]]:
        """What tells a person from another of the same name."""
        heading = set(self._sop.reporter or ())
        for key, value in person.values.items():
            field = self._sop.create.field(key)
            if field is not None and key not in heading:
                yield field.label, answer(field, value)

    def line(self, case: Case) -> Line | None:
        return line_of(self._actor, case, self._lines)
