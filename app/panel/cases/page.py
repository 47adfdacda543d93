"""The page of a case: its facts, documents, history and steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.extensions import db
from app.models import COMMENT_FILE, Case, Document
from app.panel.cases import now, rounds, timeline
from app.panel.cases.assignment import claim_of
from app.panel.cases.comment_form import CommentForm
from app.panel.cases.conversation import conversation
from app.panel.cases.fact_groups import fact_groups, person_of
from app.panel.cases.voiding import void_of
from app.panel.steps import forms
from app.services.cases import correctable, facts, four_eyes, links, presence, worklist
from app.services.cases.recorded import origins
from app.services.cases.rounds import rounds as rounds_of
from app.services.core.access import Actor, closed_columns, closed_fields, may_open, visible_or_404
from app.services.core.errors import Malformed, Refused
from app.services.core.turns import waits_for
from app.services.deadlines import clocks
from app.services.deadlines.laws import laws_of
from app.services.documents import documents
from app.sop import sop_of
from app.web.actor import current_actor
from app.web.files import document_response
from app.workflow import diagram
from app.workflow.declaration import Sop, Transition
from app.workflow.engine import AvailableAction, available

#: A page, a redirect, or either with its status.
Answer = Any


class CaseView(BaseView):
    """Whoever may not see the case gets the same answer as for one that is not there (``visible_or_404``)."""

    sop: Sop

    @expose("/<int:pk>")
    @has_access
    def case(self, pk: int) -> Answer:
        return self.case_page(pk)

    @expose("/<int:pk>/documents", methods=["POST"])
    @has_access
    def upload(self, pk: int) -> Answer:
        """Adds files to the checklist, each as a version of its kind or as a file of its own."""
        kind = request.form.get("type", "")
        try:
            files = forms.uploads(request.files).get("file", [])
            if not files:
                raise Malformed(_("Please choose a file first."))
            replaces = request.form.get("replaces", type=int)
            if replaces is not None and len(files) > 1:
                raise Malformed(_("One file replaces one: please choose a single file."))
            for file in files:
                documents.upload(current_actor(), self.sop.key, pk, kind, file, replaces)
        except Refused as refusal:
            visible_or_404(current_actor(), self.sop.key, pk)
            return self.case_page(pk, {kind: refusal.message}), refusal.status
        flash(_("Saved: %(document)s.", document=self.sop.document_by_key[kind].label), "success")
        return redirect(self.url(pk, "documents"))

    @expose("/<int:pk>/documents/<int:document>")
    @has_access
    def content(self, pk: int, document: int) -> Response:
        return document_response(documents.openable_or_refused(current_actor(), self.sop.key, pk, document))

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
        lines = checklist(actor, case, documents.versions(case), ())
        return {"papers": lines, "openable": frozenset(pk for paper in lines for pk in paper.item.openable)}

    def case_page(
        self, pk: int, upload_errors: dict[str, str] | None = None, comment: CommentForm | None = None
    ) -> str:  # fmt: skip
        """The whole page, in a number of queries that does not grow with documents or events."""
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        sop = sop_of(case)
        found, events = facts.documents_of([pk])[pk], facts.events_of([pk])[pk]
        known = facts.gather(actor, case, found, events)
        actions = available(sop, known)
        running = clocks.running(db.session(), [pk])
        papers = checklist(actor, case, found, actions)
        lines, closed = timeline.lines(actor, sop, case, events, found), closed_fields(actor, sop)
        return str(
            self.render_template(
                "panel/cases/page.html",
                title=case.number,
                sop=sop,
                case=case,
                state=sop.state(case.state),
                turn=waits_for(sop, case),
                my_turn=worklist.is_turn_of(actor, case),
                barred=four_eyes.bar(sop, case, known, actions),
                claim=claim_of(actor, sop, case),
                hints=[h for h in sop.hints if h.when(case) and (not h.roles or actor.roles & set(h.roles))],
                steps=now.steps(sop, actions, known),
                sent_back=timeline.sent_back(actor, sop, case, events, found),
                rests_on=dict.fromkeys(rests_on(case, action.transition, found) for action in actions),
                clocks=running,
                laws=laws_of(sop, case, running),
                links=links.linked(actor, case),
                papers=papers,
                recording=recording(papers),
                openable=frozenset(pk for paper in papers for pk in paper.item.openable)
                | with_comments(actor, sop, found),
                comment=comment or CommentForm(),
                upload_errors=upload_errors or {},
                origins=origins(case, events, found),
                rounds=rounds.entries(case, rounds_of(actor, case, events, found)),
                conversation=conversation(sop, lines, request.args.get("timeline")),
                void=void_of(actor, sop, case, lines),
                fact_groups=fact_groups(sop, case, closed),
                person=person_of(sop, case, closed),
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
class Paper:
    """A line of the checklist. ``needed``: why it is required now, empty when it is not; ``addable``: this
    user may add a version in the case's present state; ``replaceable``: the files that it may replace, where several of
    the kind are files of their own."""

    item: documents.Item
    needed: str
    addable: bool
    replaceable: tuple[Document, ...] = ()

    @property
    def in_sight(self) -> bool:
        """Whether it concerns the reader now; the others are folded away."""
        return bool(self.item.versions or self.needed or self.addable or self.item.requested)


def checklist(actor: Actor, case: Case, found: Sequence[Any], actions: Sequence[AvailableAction]) -> list[Paper]:
    """A line per kind of document, in the SOP's order."""
    sop = sop_of(case)
    addable = documents.uploadable(actor, sop, case.state) if case.voided_at is None else frozenset()
    needed: dict[str, list[str]] = {}
    for key, reason in (pair for action in actions if not action.transition.optional for pair in _needed(sop, action)):
        needed.setdefault(key, []).append(reason)
    counting = documents.in_force(sop, [one for one in found if one.round == case.round])
    return [
        Paper(
            item,
            ", ".join(needed.get(item.kind.key, ())),
            item.kind.key in addable,
            tuple(counting.get(item.kind.key, ())) if item.kind.several else (),
        )
        for item in documents.checklist(actor, case, found)
    ]


def with_comments(actor: Actor, sop: Sop, found: Sequence[Document]) -> frozenset[int]:
    """The ids of the files of comments that the reader may open."""
    return frozenset(d.id for d in found if d.type == COMMENT_FILE and may_open(actor, sop, d))


def recording(papers: Sequence[Paper]) -> Document | None:
    """The newest recording that the user may open: positions in rows of the case lead into it."""
    versions = (version for paper in papers for version in paper.item.versions if version.id in paper.item.openable)
    return next((version for version in versions if version.content_type.startswith("audio/")), None)


def _needed(sop: Sop, action: AvailableAction) -> Iterator[tuple[str, str]]:
    step = action.transition.label
    for lack in action.missing:
        keys = lack.key.split("|") if lack.kind == "document" else []
        reason = _("needed for “%(step)s”", step=step)
        if lack.anew:
            reason = _("new version needed for “%(step)s”", step=step)
        if len(keys) > 1:
            names = ", ".join(str(sop.document_by_key[key].label) for key in keys)
            reason = _("for “%(step)s” at least one of these is needed: %(names)s", step=step, names=names)
        yield from ((key, reason) for key in keys)


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
