"""The pages on which a case is created and moved on: form, refusal, and where they lead."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.models import Case
from app.panel.cases import timeline
from app.panel.cases.page import Answer, CaseView, rests_on
from app.panel.steps import forms
from app.panel.steps.kept import Chosen, chosen, kept_for
from app.panel.steps.repeat import carried_over, repeat_step
from app.panel.steps.typed import inputs, readable
from app.services.cases import facts, transitions
from app.services.core.access import NOTE_OPEN, visible_or_404
from app.services.core.errors import Conflict, Forbidden, NotVisible, Refused
from app.services.core.wording import describe_violation
from app.services.documents import documents
from app.services.documents.staging import Place
from app.services.mail import quarantine
from app.services.search.similar import similar
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.declaration import Sop, Transition
from app.workflow.engine import barred, missing

#: Names of the form's own inputs; no declared key begins with an underscore.
SUBMISSION, ANYWAY, PREFILL, DRAFT = "_submission", "_anyway", "_prefill", "_draft"
#: The mail of which the form makes a case; in the address of the form as well.
MAIL = "_mail"
#: Drafts that one form can have come from, and the length of their names.
MOST_DRAFTS, DRAFT_LENGTH = 5, 200
#: What keeps somebody from seeing the page of the form at all.
BARRIERS: dict[str, type[Refused]] = {"role": Forbidden, "state": Conflict}


class StepView(CaseView):
    """The same page shows the form and takes it: a refusal shows it again with everything that was typed."""

    @expose("/new")
    @has_access
    def new(self) -> Answer:
        self._may_create()
        mail = request.args.get(MAIL, 0, type=int)
        said = MultiDict(quarantine.prefilled(current_actor(), self.sop.key, mail)) if mail else None
        return self._create_page(self._create_form(said), uuid.uuid4().hex)

    @expose("/new", methods=["POST"])
    @has_access
    def create(self) -> Answer:
        self._may_create()
        actor, sop = current_actor(), self._in_effect()
        typed: MultiDict[str, str] = request.form
        submission = typed.get(SUBMISSION, "")[:64] or uuid.uuid4().hex
        if PREFILL in typed:  # what stands beside the form is asked for, nothing is to be saved
            return self._create_page(self._create_form(typed), submission)
        came = chosen(Place(actor, sop, sop.create))
        raw, typed = forms.answers(sop.create, came.typed), came.typed
        if sop.similar and ANYWAY not in typed and came.refusal is None:
            found = similar(actor, sop, raw)
            # A second click on the same form finds what the first has made: no warning, the case is answered
            # again.
            if found and all(one.case.submission != submission for one in found):
                return self._similar_page(found, raw, typed, submission)
        try:
            case = self._created(raw, came, submission)
        except (Forbidden, NotVisible):
            raise
        except Refused as refusal:
            form = self._create_form(typed)
            form.show(refusal.message, refusal.field_errors)
            return self._create_page(form, submission), refusal.status
        _sent()
        return self._go_on(case.id, created="1")

    def _created(self, raw: Mapping[str, Any], came: Chosen, submission: str) -> Case:
        """The case, of the mail that the form began with, if so."""
        actor, sop, typed = current_actor(), self._in_effect(), came.typed
        files = came.taken()

        def create() -> Case:
            case: Case = transitions.create(
                actor, sop.key, raw, files, typed.get("note", ""), submission, NOTE_OPEN in typed
            )
            return case

        mail = typed.get(MAIL, 0, type=int)
        return quarantine.make_case(actor, sop.key, mail, create) if mail else create()

    @expose("/<int:pk>/do/<key>")
    @has_access
    def step(self, pk: int, key: str) -> Answer:
        return self._step_page(pk, key)

    @expose("/<int:pk>/do/<key>", methods=["POST"])
    @has_access
    def perform(self, pk: int, key: str) -> Answer:
        typed: MultiDict[str, str] = request.form
        if PREFILL in typed:
            return self._step_page(pk, key, typed)
        actor = current_actor()
        sop = sop_of(visible_or_404(actor, self.sop.key, pk))
        step = step_of(sop, key)
        came = chosen(Place(actor, sop, step, pk))
        typed = came.typed
        try:
            transitions.perform(
                actor,
                self.sop.key,
                pk,
                key,
                forms.answers(step, typed),
                came.taken(),
                typed.get("note", ""),
                typed.get("version", type=int),
                NOTE_OPEN in typed,
            )
        except Conflict as refusal:
            again = url_for(f"{self.endpoint}.perform", pk=pk, key=key)
            return self._conflict_page(pk, step, typed, refusal, again), refusal.status
        except (Forbidden, NotVisible):
            raise
        except Refused as refusal:
            return self._step_page(pk, key, typed, refusal), refusal.status
        _sent()
        flash(_("Done: %(step)s.", step=step.label), "success")
        return self._go_on(pk)

    def _in_effect(self) -> Sop:
        """The revision that takes new cases today."""
        return transitions.declared(self.sop.key)

    def _step_page(
        self, pk: int, key: str, typed: MultiDict[str, str] | None = None, refusal: Refused | None = None
    ) -> Answer:
        """The form; a step that this user may not do, or not in this state, is refused as doing it would be."""
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        sop = sop_of(case)
        step = step_of(sop, key)
        found, events = facts.documents_of([pk])[pk], facts.events_of([pk])[pk]
        known = facts.gather(actor, case, found, events)
        bars = [describe_violation(sop, step, lack) for lack in barred(step, known)]
        for error in bars:
            if error.kind in BARRIERS:
                raise BARRIERS[error.kind](error.message, [error])
        return self._form_page(
            case,
            forms.StepForm(sop, step, actor, case, known, typed),
            refusal,
            url_for(f"{self.endpoint}.perform", pk=pk, key=key),
            barred=bars,
            rests_on=rests_on(case, step, found),
            sent_back=None if step.optional else timeline.sent_back(actor, sop, case, events, found),
            **_drafts(),
            **self.papers(actor, case),
        )

    def _form_page(
        self, case: Case, form: forms.StepForm, refusal: Refused | None, action: str, **more: Any
    ) -> Answer:  # fmt: skip
        """A form about a case, with what was refused; ``action``: where it is sent."""
        if refusal is not None:
            form.show(refusal.message, refusal.field_errors)
        sop, step = sop_of(case), form.transition
        place = Place(current_actor(), sop, step, case.id)
        return self.render_template(
            "panel/steps/form.html", title=f"{step.label} · {case.number}", sop=sop, step=step, form=form, case=case,
            state=sop.state(case.state), cancel=self.url(case.id), action=action,
            kept_files=kept_for(place, form.typed), **more,
        )  # fmt: skip

    def _conflict_page(
        self, pk: int, step: Transition, answers: MultiDict[str, str], refusal: Conflict, again: str,
        present: Mapping[str, Any] | None = None,
    ) -> str:  # fmt: skip
        """What was done in the meantime, and all that was typed: nothing of it is lost. ``again``: where its form is;
        ``present``: as that form has it."""
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        sop = sop_of(case)
        known = facts.load_facts(actor, case)
        place = Place(actor, sop, step, pk)
        # A second tab of the same person: nobody else was first.
        own = bool(refusal.since) and all(one.actor_id == actor.id for one in refusal.since)
        return str(
            self.render_template(
                "panel/cases/conflict.html",
                title=_("You have done this already") if own else _("Somebody was first"),
                sop=sop,
                step=step,
                case=case,
                message=refusal.message,
                timeline=timeline.lines(actor, sop, case, refusal.since, documents.versions(case)),
                openable=self.papers(actor, case)["openable"],
                answers=readable(forms.StepForm(sop, step, actor, case, known, answers, present)),
                again=again,
                kept=inputs(answers),
                files=sorted(one.filename for many in kept_for(place, answers).values() for one in many),
                possible=not barred(step, known),
                prefill=PREFILL,
                here=self.endpoint,
                back=self.url(pk),
            )
        )

    def _may_create(self) -> None:
        sop = self._in_effect()
        for lack in missing(sop.create, facts.facts_for_new(current_actor())):
            if lack.kind == "role":
                error = describe_violation(sop, sop.create, lack)
                raise Forbidden(error.message, [error])

    def _create_form(self, typed: MultiDict[str, str] | None = None) -> forms.StepForm:
        actor, sop = current_actor(), self._in_effect()
        return forms.StepForm(sop, sop.create, actor, None, facts.facts_for_new(actor), typed)

    def _create_page(self, form: forms.StepForm, submission: str) -> str:
        sop = self._in_effect()
        kept = {ANYWAY: "1"} if ANYWAY in request.form else {}
        if mail := request.values.get(MAIL, 0, type=int):
            kept |= {MAIL: str(mail)}
        return str(
            self.render_template(
                "panel/steps/form.html",
                title=sop.create.label,
                sop=sop,
                step=sop.create,
                form=form,
                case=None,
                barred=[],
                hidden={SUBMISSION: submission} | kept,
                prefill=PREFILL,
                cancel=url_for(f"{self.endpoint}.list"),
                action=url_for(f"{self.endpoint}.create"),
                kept_files=kept_for(Place(current_actor(), sop, sop.create), form.typed),
                **_drafts(),
            )
        )

    def _similar_page(self, found: Any, raw: dict[str, Any], typed: MultiDict[str, str], submission: str) -> str:
        """Open reports of the same matter, before anything is saved; what was typed travels along in hidden
        inputs."""
        sop, own = self._in_effect(), {"csrf_token", SUBMISSION}
        kept = [(name, value) for name, many in typed.lists() for value in many if name not in own]
        steps = [repeat_step(one.case, current_actor()) for one in found]
        return str(
            self.render_template(
                "panel/steps/similar.html",
                title=_("Already reported?"),
                sop=sop,
                kept=[*kept, (SUBMISSION, submission)],
                found=[(one, step, carried_over(sop, step, raw)) for one, step in zip(found, steps, strict=True)],
                anyway=ANYWAY,
                prefill=PREFILL,
                **_drafts(),
            )
        )

    def _go_on(self, pk: int, **arguments: Any) -> Answer:
        """To the case, or to the list when the step took it out of the user's sight."""
        try:
            visible_or_404(current_actor(), self.sop.key, pk)
        except NotVisible:
            return redirect(url_for(f"{self.endpoint}.list"))
        return redirect(self.url(pk, **arguments))


def _drafts() -> dict[str, Any]:
    """The browser's names of the drafts that what was typed comes from; they go with it until it is taken."""
    named = dict.fromkeys(one[:DRAFT_LENGTH] for one in request.form.getlist(DRAFT))
    return {"draft_input": DRAFT, "drafts": list(named)[:MOST_DRAFTS]}


def _sent() -> None:
    """The next page tells the browser to drop the drafts."""
    for one in _drafts()["drafts"]:
        flash(one, "draft")


def step_of(sop: Sop, key: str) -> Transition:
    """The step on a case of this revision. Raises ``NotVisible``."""
    step = sop.transition_by_key.get(key)
    if step is None or step.creates:
        raise NotVisible(_("This SOP has no such step."))
    return step
