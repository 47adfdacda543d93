"""What an effect of an SOP may do besides changing its case (implements ``workflow.declaration.Work``)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Case, Document, Link
from app.services.cases import creation
from app.services.core import customers
from app.services.core.access import Actor, audience
from app.services.core.errors import FieldError, ValidationFailed
from app.services.deadlines import clocks
from app.services.documents import printing
from app.services.documents.documents import Upload, attach, in_force, taken_in
from app.services.documents.recordings import recording_seconds
from app.services.notices import outbox
from app.sop import in_effect, sop_of
from app.workflow.declaration import Text


class TransitionWork:
    """Runs inside the transaction of the transition that made it."""

    def __init__(
        self, session: Session, actor: Actor, case: Case, values: Mapping[str, Any], note: str, now: datetime
    ) -> None:
        self.session, self.actor, self.case = session, actor, case
        self.values, self.note, self.now = values, note, now
        self.attached: list[Document] = []
        #: Numbers of cases linked to this one, by kind of link, in the history's form of changes.
        self.linked: dict[str, list[Any]] = {}
        self.actor_id, self.actor_name = actor.id, actor.name

    def open_case(self, sop: str, values: Mapping[str, Any], *, code: str | None = None) -> Any:
        """A new case of another SOP, in its initial state; its first event has this case's number."""
        declared = in_effect(sop, self.now.date())
        return creation.open_case(
            self.session, declared, self.actor, values, self.now, action=declared.create.key, code=code,
            changes={"from": [None, self.case.number]},
        )  # fmt: skip

    def link(self, kind: str, source: Any, target: Any) -> None:
        """Links two cases; the history of this one records the other's number."""
        self.session.add(Link(kind=kind, source_id=source.id, target_id=target.id, created_at=self.now))
        self.session.flush()
        self.linked[kind] = [None, (target if source is self.case else source).number]

    def release(self, document: str) -> None:
        """Lets everyone who sees the case open the newest version of a confidential document."""
        for counting in self._in_force(document):
            counting.released = True

    def customer(self, order_id: str | None, phone: str | None) -> Any:
        """The customer whom these mean, None when there is none."""
        return customers.meant(order_id, phone)

    def refuse(self, field: str, sentence: Text) -> NoReturn:
        """Refuses the step because of the answer to a field: nothing is written. For what no rule can see because it
        needs more than the case and the answers."""
        message = f"{sop_of(self.case).fields[field].label}: {sentence}"
        raise ValidationFailed(message, [FieldError("field", field, message)])

    def mail(self, to: str, subject: Text, text: Text, documents: tuple[str, ...] = ()) -> None:
        """Puts a mail into the outbox, with the newest versions of the named documents. It is written in the
        deployment's language, whatever the user's own."""
        ids = [document.id for key in documents for document in self._in_force(key)]
        with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
            subject, text = str(subject), str(text)
        outbox.write(self.session, to, subject, text, case_id=self.case.id, documents=ids, actor_id=self.actor.id)

    def extend(self, deadline: str, amount: int) -> None:
        """Extends a deadline of this case by ``amount`` of its measure."""
        clocks.extend(self.session, sop_of(self.case), self.case, deadline, amount, self.now)

    def attach_form(self, form: str, documents: Mapping[str, str]) -> None:
        """Renders a form of this case and attaches it: the document's key with the kind of file it is."""
        sop = sop_of(self.case)
        for key, kind in documents.items():
            content = printing.render(form, kind, self.case, audience(sop.document_by_key.get(key)))
            upload = Upload(f"{key}-{self.case.number}.{kind}", io.BytesIO(content))
            with taken_in(sop, {key: [upload]}) as incoming:
                self.attached += attach(self.session, self.case, self.actor, incoming, self.now)

    def seconds_of(self, document: str) -> int | None:
        """The length of the newest version of a recording, None when it is unknown."""
        found = self._in_force(document)
        return recording_seconds(found[-1]) if found else None

    def _in_force(self, document: str) -> list[Document]:
        """The newest version, or every file that none has replaced."""
        mine = select(Document).where(Document.case_id == self.case.id, Document.type == document)
        found = self.session.scalars(mine.order_by(Document.version)).all()
        return in_force(sop_of(self.case), found).get(document, [])
