"""The pages on which a case is moved on: form, refusal, and where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.models import Case
from app.panel.cases import timeline
from app.panel.cases.masked import sections_for
from app.panel.cases.page import Answer, CaseView, rests_on
from app.panel.origin import done, origin
from app.panel.steps import forms
from app.panel.steps.kept import chosen, kept_for
from app.panel.steps.sending import LINE, PREFILL, drafts, sent
from app.panel.steps.typed import inputs, readable
from app.services.cases import facts, links, transitions
from app.services.core.access import NOTE_OPEN, sop_or_404, visible_or_404
from app.services.core.errors import Conflict, Forbidden, NotVisible, Refused
from app.services.core.veiled import case_for, documents_for
from app.services.core.wording import describe_violation
from app.services.documents import documents
from app.services.documents.staging import Place
from app.sop import sop_of
from app.web.actor import current_actor
from app.web.roles import view_name
from app.workflow.declaration import Sop, Transition
from app.workflow.engine import barred

#: What keeps somebody from seeing the page of the form at all.
BARRIERS: dict[str, type[Refused]] = {"role": Forbidden, "state": Conflict}


class StepView(CaseView):
    """The same page shows the form and takes it: a refusal shows it again with everything that was typed."""

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
        sop = sop_or_404(actor, self.sop.key, pk)
        step = step_of(sop, key)
        came = chosen(Place(actor, sop, step, pk))
        typed = came.typed
        raw = forms.answers(step, typed)
        if LINE in typed:
            raw = forms.begun(sop, step, actor, visible_or_404(actor, self.sop.key, pk)) | raw
        try:
            transitions.perform(
                actor,
                self.sop.key,
                pk,
                key,
                raw,
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
        sent()
        return self._go_on(pk, _("Done: %(step)s.", step=step.label))

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
            rests_on=rests_on(case, step, documents_for(actor, case, found)),
            sent_back=None if step.optional else timeline.sent_back(actor, sop, case, events, found),
            **drafts(),
            **self.papers(actor, case),
        )

    def _form_page(
        self, case: Case, form: forms.StepForm, refusal: Refused | None, action: str, **more: Any
    ) -> Answer:  # fmt: skip
        """A form about a case, with what was refused; ``action``: where it is sent."""
        if refusal is not None:
            form.show(refusal.message, refusal.field_errors)
        sop, step, shown = sop_of(case), form.transition, case_for(current_actor(), case)
        place = Place(current_actor(), sop, step, case.id)
        return self.render_template(
            "panel/steps/form.html", title=f"{step.label} · {case.number}", sop=sop, step=step, form=form, case=shown,
            side_panel=next(iter(sections_for([step.side_panel], shown)), None), state=sop.state(case.state),
            cancel=self.url(case.id), action=action, kept_files=kept_for(place, form.typed), **more,
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

    def _go_on(self, pk: int, told: str) -> Answer:
        """Where it leads that something was done on a case: to the case as which it continues since, back to where its
        user came from, or to the case itself; to the list when it is out of the user's sight."""
        try:
            case = visible_or_404(current_actor(), self.sop.key, pk)
        except NotVisible:
            flash(told, "success")
            return redirect(origin() or url_for(f"{self.endpoint}.list"))
        opened, back = links.continued_with(current_actor(), case), origin()
        flash(done(told, case) if back and not opened else told, "success")
        if opened is not None:
            return redirect(url_for(f"{view_name(opened.sop)}.case", pk=opened.id))
        return redirect(back or self.url(pk))


def step_of(sop: Sop, key: str) -> Transition:
    """The step on a case of this revision. Raises ``NotVisible``."""
    step = sop.transition_by_key.get(key)
    if step is None or step.creates:
        raise NotVisible(_("This SOP has no such step."))
    return step
