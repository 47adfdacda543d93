"""The page of a case: its facts, documents, history and steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.extensions import db
from app.models import Case, Document
from app.panel.cases import now, rounds, timeline
from app.panel.cases.assignment import claim_of
from app.panel.cases.checklist import checklist, recording, with_comments
from app.panel.cases.comment_form import CommentForm
from app.panel.cases.conversation import conversation
from app.panel.cases.fact_groups import fact_groups, person_of
from app.panel.cases.masked import masked_of, sections_for
from app.panel.cases.voiding import void_of
from app.services.cases import correctable, facts, four_eyes, links, presence, worklist
from app.services.cases.recorded import origins
from app.services.cases.rounds import rounds as rounds_of
from app.services.core import history
from app.services.core.access import Actor, closed_columns, closed_fields, visible_or_404
from app.services.core.errors import Refused
from app.services.core.formatting import NOTHING
from app.services.core.turns import waits_for
from app.services.core.veiled import case_for, documents_for
from app.services.deadlines import clocks
from app.services.deadlines.laws import laws_of
from app.services.documents import documents
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow import diagram
from app.workflow.declaration import Sop, Transition
from app.workflow.engine import available

#: A page, a redirect, or either with its status.
Answer = Any


class CaseView(BaseView):
    """Whoever may not see the case gets the same answer as for one that is not there (``visible_or_404``)."""

    sop: Sop

    @expose("/<int:pk>")
    @has_access
    def case(self, pk: int) -> Answer:
        return self.case_page(pk)

    @expose("/<int:pk>/follow", methods=["POST"])
    @has_access
    def follow(self, pk: int) -> Answer:
        worklist.follow(current_actor(), self.sop.key, pk, request.form.get("wanted") == "1")
        return redirect(self.url(pk))

    @expose("/<int:pk>/presence", methods=["POST"])
    @has_access
    def presence(self, pk: int) -> Answer:
        """Reports that a page is open, and answers who else has the case open; or that it was left."""
        if "left" in request.form:
            presence.leave(current_actor(), self.sop.key, pk, request.form.get("doing", ""))
            return "", 204
        found = presence.ping(current_actor(), self.sop.key, pk, request.form.get("doing", ""))
        answer = jsonify(others=[{"name": one.name, "doing": one.doing} for one in found])
        answer.cache_control.no_store = True
        return answer

    def url(self, pk: int, anchor: str | None = None, **arguments: Any) -> str:
        return url_for(f"{self.endpoint}.case", pk=pk, _anchor=anchor, **arguments)

    def papers(self, actor: Actor, case: Case) -> dict[str, Any]:
        """What a side panel of a form reads: the documents, and which of them this user may open."""
        lines = checklist(actor, case, documents_for(actor, case, documents.versions(case)), ())
        return {"papers": lines, "openable": frozenset(pk for paper in lines for pk in paper.item.openable)}

    def case_page(
        self, pk: int, upload_errors: dict[str, str] | None = None, comment: CommentForm | None = None,
        reveal: Refused | None = None,
    ) -> str:  # fmt: skip
        """The whole page, in a number of queries that does not grow with documents or events."""
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        sop = sop_of(case)
        found, events = facts.documents_of([pk])[pk], facts.events_of([pk])[pk]
        known = facts.gather(actor, case, found, events)
        actions = available(sop, known)
        running = clocks.running(db.session(), [pk])
        shown, files = case_for(actor, case), documents_for(actor, case, found)
        papers = checklist(actor, case, files, actions)
        lines, closed = timeline.lines(actor, sop, case, events, found), closed_fields(actor, sop)
        return str(
            self.render_template(
                "panel/cases/page.html",
                title=case.number,
                sop=sop,
                case=shown,
                masked=masked_of(actor, case, reveal),
                sections=sections_for(sop.sections, shown),
                state=sop.state(case.state),
                turn=waits_for(sop, case),
                my_turn=worklist.is_turn_of(actor, case),
                barred=four_eyes.bar(sop, case, known, actions),
                claim=claim_of(actor, sop, case),
                hints=[h for h in sop.hints if h.when(case) and (not h.roles or actor.roles & set(h.roles))],
                steps=now.steps(sop, actions, known),
                sent_back=timeline.sent_back(actor, sop, case, events, found),
                rests_on=dict.fromkeys(rests_on(case, action.transition, files) for action in actions),
                clocks=running,
                laws=laws_of(sop, case, running),
                links=links.linked(actor, case),
                papers=papers,
                recording=recording(papers),
                openable=frozenset(pk for paper in papers for pk in paper.item.openable)
                | with_comments(actor, sop, found),
                comment=comment or CommentForm(),
                upload_errors=upload_errors or {},
                origins=origins(case, events, files),
                rounds=rounds.entries(actor, case, rounds_of(actor, case, events, found)),
                head=history.head_of(events[-1]) if events else NOTHING,
                conversation=conversation(sop, lines, request.args.get("timeline")),
                void=void_of(actor, sop, case, lines),
                fact_groups=fact_groups(sop, shown, closed),
                person=person_of(sop, shown, closed),
                closed_in={key: closed_columns(actor, sop, key) for key in sop.records_by_key},
                correctable=correctable.correctable(actor, case, events),
                follows=worklist.follows(actor, case),
                created=request.args.get("created") == "1",
                here=self.endpoint,
                picture=picture(sop, case),
                spoken=diagram.spoken(sop, _("Start"), _("stays")),
            )
        )


@dataclass(frozen=True)
class RestsOn:
    """The versions that a step decides on, and those that it works from."""

    decides: tuple[Document, ...]
    works: tuple[Document, ...]


def rests_on(case: Case, step: Transition, found: Sequence[Any]) -> RestsOn:
    sop = sop_of(case)
    return RestsOn(tuple(documents.decided_on(sop, step, case, found)), tuple(documents.worked_from(sop, step, found)))


def picture(sop: Sop, case: Case) -> str:
    now = sop.state(case.state).label
    description = _(
        "The states of the procedure from the first to the last. The case is now in “%(state)s”.", state=now
    )
    return diagram.svg(sop, case.state, str(sop.label), description, _("now"))
