"""The form of a step that is done on many cases: answered once, for all of them alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from app.models import Case
from app.panel.steps import forms
from app.services.cases import facts
from app.services.cases.form_input import default_of
from app.services.core import references
from app.services.core.access import Actor
from app.sop import sop_of
from app.workflow.declaration import Choice, Field, Transition


class ManyForm(forms.StepForm):
    """It begins with what a new form begins with, since every case has answers of its own, and offers only what fits
    all of the cases. A document can't be handed in by it."""

    def __init__(
        self, transition: Transition, actor: Actor, cases: Sequence[Case], typed: MultiDict[str, str] | None = None
    ) -> None:
        self._kinds = list({(case.revision, case.state, case.unit_id): case for case in cases}.values())
        first = cases[0]
        super().__init__(sop_of(first), transition, actor, first, facts.load_facts(actor, first), typed)

    @property
    def nothing_fits(self) -> list[str]:
        """The labels of what has to be chosen, but where nothing that is offered fits all of the cases."""
        return [
            str(entry.field.label)
            for entry in self.entries
            if entry.required and entry.field.type == "reference" and not self._choices[entry.field.key]
        ]

    def _begun(self, field: Field) -> Any:
        return None if field.attests else default_of(field)

    def _kept_rows(self, field: Field) -> list[Any]:
        return []

    def _files(self) -> Iterator[forms.FileEntry]:
        yield from ()

    def _offered(self, field: Field) -> Sequence[Choice]:
        if field.type != "reference":
            return field.choices
        offers = [references.choices(field, sop_of(case), self._actor, case) for case in self._kinds]
        common = set.intersection(*({choice.key for choice in offer} for offer in offers))
        return [choice for choice in offers[0] if choice.key in common]


def answers(transition: Transition, typed: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, by field key. What was left empty is no answer: each case keeps what it has."""
    found = forms.answers(transition, typed).items()
    return {key: answer for key, answer in found if answer not in (None, "", [])}
