"""One resource per SOP, generated from its declaration: list, create, read, act, documents, history."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from flask import Response, request
from flask_appbuilder.api import ModelRestApi, expose
from flask_appbuilder.exceptions import InvalidOrderByColumnFABException
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _
from sqlalchemy import asc, desc, func
from sqlalchemy.orm import lazyload, undefer

from app.api import schema
from app.api.base import Resource, answer
from app.api.cases import body, declarations, filters, listing, shape
from app.api.cases.bulk import BulkRoutes
from app.api.cases.comments import CommentRoutes
from app.api.cases.revealing import RevealRoutes
from app.api.spec import PK, RESOURCE, WRITING, documented, json_of
from app.models.derive import case_model
from app.services.cases import assignment, corrections, facts, transitions, voiding
from app.services.core.access import sees_event, user_named, visible_or_404
from app.services.core.conditions import counts
from app.services.core.errors import Malformed, NotVisible, WrongContent
from app.services.documents import documents
from app.services.search.similar import similar
from app.sop import SOPS, sop_of
from app.web.actor import current_actor
from app.web.events import event
from app.web.files import document_response
from app.web.pages import Access, readers_of
from app.web.roles import api_name
from app.web.visible import VisibleCases
from app.workflow.declaration import Sop

#: Everything that has a URL. Flask-AppBuilder's own post, put, delete and info would pass by the services.
ROUTES = {
    "get_list", "get", "create", "actions", "act", "checklist", "upload", "content", "history", "hold", "comments",
    "comment", "withdraw_comment", "correct", "void", "bulk",
    "reveal",
}  # fmt: skip
CASE = json_of(f"{RESOURCE}.case")


class CaseApi(CommentRoutes, RevealRoutes, BulkRoutes, ModelRestApi):
    """The cases of one SOP."""

    sop: ClassVar[Sop]
    include_route_methods = ROUTES
    base_order = ("id", "desc")
    max_page_size = 100

    def _init_model_schemas(self) -> None:
        """None are needed: ``shape`` writes the answers, ``schema`` describes them."""

    def add_apispec_components(self, api_spec: Any) -> None:
        Resource.add_apispec_components(self, api_spec)
        schema.describe(api_spec, self.sop, type(self).__name__)

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of(f"{RESOURCE}.list"), 400, parameters=(schema.QUERY,))
    def get_list(self) -> Response:
        """A page of the cases that the user may see."""
        actor, parameters = current_actor(), listing.parameters()
        filters.open_or_refused(actor, self.sop, parameters)
        wanted = [filters.condition(self.sop, one) for one in parameters.get("filters", ())]
        if not any(one["col"] == "voided_at" for one in parameters.get("filters", ())):
            wanted.append(counts())  # who wants those declared void as well, says so
        query = self._base_filters.apply_all(self.datamodel.session.query(self.datamodel.obj)).filter(*wanted)
        count = query.with_entities(func.count(self.datamodel.obj.id)).scalar()
        rows = [shape.row(actor, sop_of(case), case) for case in self._page(query, parameters)]
        ids = [documented["id"] for documented in rows]
        if keys := set(parameters.get("columns") or parameters.get("select_columns") or ()):
            rows = [{key: value for key, value in documented.items() if key in keys} for documented in rows]
        return answer({"count": count, "ids": ids, "result": rows})

    def _page(self, query: Any, parameters: dict[str, Any]) -> list[Any]:
        """One page of ``query``: the cases with the counts of their rows, but without the rows themselves."""
        try:
            key, direction = self._handle_order_args(parameters)
        except InvalidOrderByColumnFABException as error:
            column = parameters["order_column"]
            raise Malformed(_("The list can't be ordered by “%(column)s”.", column=column)) from error
        page, size = self._handle_page_args(parameters)
        model: Any = self.datamodel.obj
        way = asc if direction == "asc" else desc
        loads = [lazyload(getattr(model, r.key)) for r in self.sop.records_by_key.values()]
        counts = [undefer(getattr(model, f"{r.key}_count")) for r in self.sop.records_by_key.values()]
        ordered = query.options(*loads, *counts).order_by(way(getattr(model, key)), way(model.id))
        return list(ordered.offset((page or 0) * size).limit(size))

    @expose("/<int:pk>", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", CASE, 404, parameters=(PK,))
    def get(self, pk: int) -> Response:
        """One case, with its rows and links."""
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        return answer(shape.whole(actor, sop_of(case), case))

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", CASE, *WRITING, status=201, parameters=(schema.IDEMPOTENCY,))
    def create(self) -> Response:
        """The SOP's create transition; ``similar`` in the answer names the open cases of the same matter."""
        actor, sop = current_actor(), transitions.declared(self.sop.key)
        sent = body.submitted(sop.create)
        key = body.submission(actor.id, sop.key)
        case = transitions.create(actor, sop.key, sent.values, sent.uploads, sent.note, key, sent.note_open)
        documented = shape.whole(actor, sop_of(case), case)
        documented["similar"] = [shape.reference(found.case) for found in similar(actor, sop, {}, case)]
        return answer(documented, 201)

    @expose("/<int:pk>/actions", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Action", many=True), 404, parameters=(PK,))
    def actions(self, pk: int) -> Response:
        """The steps that the user's roles may do now, each with what is lacking."""
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        return answer(declarations.actions(actor, sop_of(case), case))

    @expose("/<int:pk>/actions/<key>", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", CASE, 404, *WRITING)
    def act(self, pk: int, key: str) -> Response:
        """Do a step; answers the case after it."""
        actor = current_actor()
        sop = sop_of(visible_or_404(actor, self.sop.key, pk))
        step = sop.transition_by_key.get(key)
        if step is None or step.creates:
            raise NotVisible(_("This SOP has no such step."))
        sent = body.submitted(step)
        case = transitions.perform(
            actor, sop.key, pk, key, sent.values, sent.uploads, sent.note, sent.version, sent.note_open
        )
        return answer(shape.whole(actor, sop_of(case), case))

    @expose("/<int:pk>/holder", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", CASE, 404, *WRITING, parameters=(PK,))
    def hold(self, pk: int) -> Response:
        """Take the case by one's own user name, hand it over by another's, put it back by null; answers the case."""
        actor, key = current_actor(), self.sop.key
        username, note = body.claimed_by()
        if username is None:
            case = assignment.put_back(actor, key, pk)
        elif getattr(user_named(username), "id", None) == actor.id:
            case = assignment.take(actor, key, pk)
        else:
            case = assignment.hand_over(actor, key, pk, username, note)
        return answer(shape.whole(actor, sop_of(case), case))

    @expose("/<int:pk>/corrections", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", CASE, 404, *WRITING, parameters=(PK,))
    def correct(self, pk: int) -> Response:
        """Correct what steps have asked for, with the reason; answers the case."""
        actor = current_actor()
        raw, reason, version = body.correction()
        case = corrections.correct(actor, self.sop.key, pk, raw, reason, version)
        return answer(shape.whole(actor, sop_of(case), case))

    @expose("/<int:pk>/void", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", CASE, 404, *WRITING, parameters=(PK,))
    def void(self, pk: int) -> Response:
        """Declare a case void, or ask for it where two are needed; answers the case."""
        actor = current_actor()
        reason, decline, version = body.void()
        do = voiding.decline if decline else voiding.declare
        case = do(actor, self.sop.key, pk, reason, version)
        return answer(shape.whole(actor, sop_of(case), case))

    @expose("/<int:pk>/documents", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("ChecklistItem", many=True), 404, parameters=(PK,))
    def checklist(self, pk: int) -> Response:
        """Every kind of document of the SOP with its versions, newest first."""
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        found, events = documents.versions(case), facts.events_of([pk])[pk]
        known = facts.gather(actor, case, found, events)
        return answer(shape.documents(actor, sop_of(case), case, known, found))

    @expose("/<int:pk>/documents", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", json_of("DocumentVersion"), 404, *WRITING, status=201, parameters=(PK,))
    def upload(self, pk: int) -> Response:
        """Add a version of a document, or one file more of a kind of several, ahead of the step that needs it."""
        actor, key = current_actor(), self.sop.key
        sop = sop_of(visible_or_404(actor, key, pk))
        if request.mimetype != body.MULTIPART:
            raise WrongContent(_("Send the document as multipart/form-data with “type” and “file”."))
        uploads, kind = body.files(), request.form.get("type", "")
        if not kind or set(uploads) != {"file"} or len(uploads["file"]) != 1:
            raise Malformed(_("Send the document as multipart/form-data with “type” and “file”."))
        added = documents.upload(actor, key, pk, kind, uploads["file"][0], body.replaces())
        return answer(shape.document(actor, sop, added), 201)

    @expose("/<int:pk>/documents/<doc>/content", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", schema.BYTES, 404, parameters=(PK, schema.DOC, schema.RANGE), more=schema.PARTS)
    def content(self, pk: int, doc: str) -> Response:
        """The bytes of a version of a document, or of the newest one of a kind."""
        actor, key = current_actor(), self.sop.key
        case = visible_or_404(actor, key, pk)
        sop = sop_of(case)
        if doc in sop.document_by_key:
            number = max((d.id for d in documents.versions(case) if d.type == doc), default=0)
        else:
            number = int(doc) if doc.isascii() and doc.isdigit() and len(doc) < 11 else 0
        document = documents.openable_or_refused(actor, key, pk, number)
        return document_response(document, shape.file_name(actor, sop, document))

    @expose("/<int:pk>/history", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Event", many=True), 404, parameters=(PK,))
    def history(self, pk: int) -> Response:
        """Every step on the case and what else was done, oldest first."""
        actor = current_actor()
        sop = sop_of(visible_or_404(actor, self.sop.key, pk))
        seen = (entry for entry in facts.events_of([pk])[pk] if sees_event(actor, entry))
        return answer([event(actor, sop, entry) for entry in seen])


def resource_of(sop: Sop) -> type[CaseApi]:
    """The resource class of an SOP."""
    return type(
        api_name(sop.key),
        (CaseApi,),
        {
            "__module__": __name__,
            "sop": sop,
            "resource_name": sop.key,
            "datamodel": SQLAInterface(case_model(sop.key)),
            "openapi_spec_methods": schema.operations(sop, api_name(sop.key)),
            "base_filters": [["id", VisibleCases, None]],
            # ``filters`` has filters of its own, so Flask-AppBuilder has none to prepare.
            "search_columns": ["id"],
            "list_columns": ["id"],
            "order_columns": filters.sortable(sop),
        },
    )


def resources() -> list[Access]:
    return [Access(resource_of(sop), partial(readers_of, sop)) for sop in SOPS.values()]
