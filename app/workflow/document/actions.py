"""What a step does, in the words of a document: each is an effect of a transition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from app.workflow.document.expressions import Expression, Scope
from app.workflow.document.sentences import Sentence
from app.workflow.parts import CONTINUED_AS, Case


def _scope(case: Case, work: Any) -> Scope:
    return Scope(case, work.values, work.now, work.actor_name)


class Action(Protocol):
    def __call__(self, case: Case, work: Any) -> None: ...


@dataclass(frozen=True)
class When:
    """An action under a condition."""

    condition: Expression
    action: Action

    def __call__(self, case: Case, work: Any) -> None:
        if self.condition.value(_scope(case, work)) is True:
            self.action(case, work)


@dataclass(frozen=True)
class Set:
    """Gives fields a new value; all are read before the first is written."""

    values: tuple[tuple[str, Expression], ...]

    def __call__(self, case: Case, work: Any) -> None:
        scope = _scope(case, work)
        found = {key: expression.value(scope) for key, expression in self.values}
        for key, value in found.items():
            setattr(case, key, value)


@dataclass(frozen=True)
class Clear:
    fields: tuple[str, ...]

    def __call__(self, case: Case, work: Any) -> None:
        for key in self.fields:
            setattr(case, key, None)


@dataclass(frozen=True)
class Release:
    documents: tuple[str, ...]

    def __call__(self, case: Case, work: Any) -> None:
        for document in self.documents:
            work.release(document)


@dataclass(frozen=True)
class NextRound:
    opens_round = True

    def __call__(self, case: Case, work: Any) -> None:
        case.round += 1


@dataclass(frozen=True)
class AskAgain:
    """The documents named in a list field are asked again, the rest stay."""

    field: str

    def __call__(self, case: Case, work: Any) -> None:
        case.requested_documents = list(work.values.get(self.field) or ())


@dataclass(frozen=True)
class Mail:
    """``key`` among the document's mails; without an address none is sent."""

    key: str
    to: str
    subject: Sentence
    text: Sentence
    documents: tuple[str, ...] = ()

    def __call__(self, case: Case, work: Any) -> None:
        address = work.values.get(self.to) or getattr(case, self.to, None)
        if address:
            scope = _scope(case, work)
            work.mail(address, self.subject.said(scope), self.text.said(scope), self.documents)


@dataclass(frozen=True)
class Extend:
    deadline: str
    amount: Expression

    def __call__(self, case: Case, work: Any) -> None:
        amount = self.amount.value(_scope(case, work))
        if amount is not None:
            work.extend(self.deadline, amount)


@dataclass(frozen=True)
class OpenCase:
    """Opens a case of another SOP, as which this one continues."""

    sop: str
    values: tuple[tuple[str, Expression], ...] = ()
    code: str | None = None

    def __call__(self, case: Case, work: Any) -> None:
        scope = _scope(case, work)
        values = {key: expression.value(scope) for key, expression in self.values}
        work.link(CONTINUED_AS, case, work.open_case(self.sop, values, code=self.code))


@dataclass(frozen=True)
class AttachForm:
    """``documents``: which documents the printed form becomes, each with its kind of file."""

    form: str
    documents: tuple[tuple[str, str], ...]

    def __call__(self, case: Case, work: Any) -> None:
        work.attach_form(self.form, dict(self.documents))
