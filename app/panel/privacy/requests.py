"""What people ask about their personal data: the list with its clocks, a new request, and one with all that is done
about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from flask import Response, flash, redirect, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.panel.paging import page_number
from app.services.cases import correctable, facts
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import Conflict, FieldError, Refused, ValidationFailed
from app.services.core.officers import is_privacy_officer
from app.services.privacy import erasure, export, matching, requests, rights
from app.sop import sop_of
from app.web.actor import current_actor
from app.web.files import disposition
from app.web.pages import OBLIGATIONS, REPORTS, Page
from app.web.roles import view_name
from app.workflow.declaration import Field
from app.workflow.values import parse

CHUNK, LONGEST_ID = 1 << 16, 10
RECEIVED = Field("received_at", _l("Received"), "datetime")


class PrivacyView(BaseView):
    """Privacy officers alone; the services decide."""

    route_base = "/privacy-requests"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        actor, state = current_actor(), request.args.get("state", rights.OPEN)
        state = state if state in rights.STATES else rights.OPEN
        return str(
            self.render_template(
                "panel/privacy/list.html", title=_("Requests about personal data"), state=state,
                found=requests.page(actor, state, page_number()), counts=requests.counts(actor), rights=rights,
                now=clock.now(),
            )
        )  # fmt: skip

    @expose("/new")
    @has_access
    def new(self) -> str:
        return self._new_page()

    @expose("/new", methods=["POST"])
    @has_access
    def record(self) -> Any:
        typed = request.form
        try:
            received = parse(RECEIVED, typed.get("received_at", ""), clock.zone())
        except ValueError:
            sentence = str(_("Please write a date and time such as 29/11/2026 14.30."))
            return self._new_page([FieldError("invalid", "received_at", sentence)]), 400
        asked = requests.Asked(typed.get("right_key", ""), typed.get("name", ""), received, typed)
        try:
            row = requests.record(current_actor(), asked)
        except ValidationFailed as refusal:
            return self._new_page(refusal.field_errors), refusal.status
        flash(_("%(number)s is recorded.", number=row.number), "success")
        return redirect(self._url(row.id), 303)

    def _new_page(self, errors: Any = ()) -> str:
        told: dict[str, list[str]] = {}
        for error in errors:
            told.setdefault(error.key, []).append(error.message)
        return str(
            self.render_template(
                "panel/privacy/new.html", title=_("Record a request"), rights=rights.RIGHTS, errors=told,
                typed=request.form, longest=requests.LONGEST, now=clock.now(),
            )
        )  # fmt: skip

    @expose("/<int:pk>")
    @has_access
    def show(self, pk: int) -> str:
        return self._show(pk)

    @expose("/<int:pk>/cases", methods=["POST"])
    @has_access
    def determine(self, pk: int) -> Any:
        typed = request.form.getlist("case")
        chosen = [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < LONGEST_ID]
        return self._done(pk, lambda actor: self._determined(actor, pk, chosen))

    @staticmethod
    def _determined(actor: Actor, pk: int, chosen: list[int]) -> str:
        requests.determine(actor, pk, chosen)
        return str(ngettext("%(num)s case is about the person.", "%(num)s cases are about the person.", len(chosen)))

    @expose("/<int:pk>/export", methods=["POST"])
    @has_access
    def export(self, pk: int) -> Any:
        try:
            name, archive = export.export(current_actor(), pk)
        except Conflict as refusal:
            return self._show(pk, refusal), refusal.status
        response = Response(stream_with_context(_chunks(archive)), mimetype="application/zip")
        response.headers["Content-Disposition"] = disposition(name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.cache_control.private = True
        response.cache_control.no_store = True
        return response

    @expose("/<int:pk>/erase/<int:case>", methods=["POST"])
    @has_access
    def erase(self, pk: int, case: int) -> Any:
        return self._done(pk, lambda actor: self._erased(actor, pk, case))

    @staticmethod
    def _erased(actor: Actor, pk: int, case: int) -> str:
        files = erasure.erase(actor, pk, case)
        return str(ngettext("Erased, with %(num)s file.", "Erased, with %(num)s files.", files))

    @expose("/<int:pk>/answer", methods=["POST"])
    @has_access
    def answer(self, pk: int) -> Any:
        typed = request.form
        refused = typed.get("refuse") == "1"
        return self._done(pk, lambda actor: self._settled(actor, pk, refused))

    @staticmethod
    def _settled(actor: Actor, pk: int, refused: bool) -> str:
        version = request.form.get("version", type=int)
        row = requests.settle(actor, pk, request.form.get("answer", ""), refused=refused, version=version)
        return str(_("%(number)s is settled.", number=row.number))

    def _done(self, pk: int, do: Any) -> Any:
        """A refusal is shown on the page, with what was typed."""
        try:
            told = do(current_actor())
        except (Conflict, ValidationFailed) as refusal:
            return self._show(pk, refusal), refusal.status
        flash(told, "success")
        return redirect(self._url(pk), 303)

    def _show(self, pk: int, refusal: Refused | None = None) -> str:
        actor = current_actor()
        row = requests.one(actor, pk)
        is_open = row.state == rights.OPEN
        found = matching.matches(actor, row) if is_open else []
        judged = erasure.judged(actor, pk)
        return str(
            self.render_template(
                "panel/privacy/show.html", title=row.number, row=row, rights=rights, refusal=refusal, is_open=is_open,
                matches=found, customers=matching.customers_of(row) if is_open else [], judged=judged,
                correctable=_correctable(actor, [one.case for one in judged]) if is_open else {},
                history=requests.history(row), unseen=len(requests.unseen(actor, row)), now=clock.now(),
                sop_of=sop_of, view_name=view_name,
            )
        )  # fmt: skip

    def _url(self, pk: int) -> str:
        return url_for("PrivacyView.show", pk=pk)


def _correctable(actor: Actor, cases: list[Any]) -> dict[int, bool]:
    """By case id whether this officer may correct it; else another does."""
    events = facts.events_of([case.id for case in cases])
    return {case.id: None in correctable.correctable(actor, case, events[case.id]) for case in cases}


def _chunks(archive: BinaryIO) -> Iterator[bytes]:
    with archive:
        while chunk := archive.read(CHUNK):
            yield chunk


PAGE = Page(
    PrivacyView, is_privacy_officer, key="privacy", label=_l("Requests about personal data"), href="PrivacyView.page",
    category=REPORTS, group=OBLIGATIONS,
)  # fmt: skip
