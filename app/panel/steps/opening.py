"""The pages on which a case is created: the form, who is meant by what is typed there, and where saving leads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.models import Case
from app.models.case import identity_of
from app.panel.cases.page import Answer
from app.panel.steps import forms
from app.panel.steps.beside import Beside
from app.panel.steps.kept import Chosen, chosen, kept_for
from app.panel.steps.repeat import carried_over, repeat_step
from app.panel.steps.sending import ANYWAY, LINE, MAIL, PREFILL, SUBMISSION, TAKE, THEN, WORDS, drafts, sent
from app.panel.steps.view import StepView
from app.services.cases import facts, transitions
from app.services.core.access import NOTE_OPEN, sop_or_404
from app.services.core.errors import Forbidden, NotVisible, Refused
from app.services.core.wording import describe_violation
from app.services.documents.staging import Place
from app.services.mail import quarantine
from app.services.search.similar import similar
from app.web.actor import current_actor
from app.workflow.declaration import Sop, Transition
from app.workflow.engine import AvailableAction, barred, main_action, missing

#: Where saving leads besides the page of the case: to the step that comes next, to a fresh form.
TO_STEP, TO_NEW = "step", "new"
#: What is typed into the box beyond this is not looked at.
MOST_TYPED = 200


class OpeningView(StepView):
    """The same page shows the form and takes it: a refusal shows it again with everything that was typed."""

    @expose("/new")
    @has_access
    def new(self) -> Answer:
        self._may_create()
        mail, words = request.args.get(MAIL, 0, type=int), request.args.get(WORDS, "")
        if mail:
            said = MultiDict(quarantine.prefilled(current_actor(), self.sop.key, mail))
            return self._create_page(self._create_form(said), uuid.uuid4().hex)
        beside = self._beside(words)
        return self._create_page(self._create_form(proposed=beside.filled), uuid.uuid4().hex, beside)

    @expose("/new/known", methods=["POST"])
    @has_access
    @permission_name("new")
    def known(self) -> Response:
        """The part of the form's page that says who is meant. Sent rather than asked for: who somebody is belongs in
        no log of addresses."""
        self._may_create()
        answer = make_response(
            self.render_template("panel/steps/known.html", beside=self._beside_typed(), **self._own())
        )
        answer.cache_control.no_store = True
        return answer

    @expose("/new", methods=["POST"])
    @has_access
    def create(self) -> Answer:
        self._may_create()
        actor, sop = current_actor(), self._in_effect()
        typed: MultiDict[str, str] = request.form
        submission = typed.get(SUBMISSION, "")[:64] or uuid.uuid4().hex
        if TAKE in typed:
            return self._create_page(self._create_form(self._beside_typed().taken(typed[TAKE], typed)), submission)
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
        sent()
        return self._after_creation(case)

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

    def _after_creation(self, case: Case) -> Answer:
        """To the case, whose number is told to who reports it; to the next step where it can be done at once; or to a
        fresh form, on which the number stands."""
        then, pk = request.form.get(THEN), identity_of(case)
        if then == TO_NEW:
            said = _("Saved: %(document)s.", document=self._in_effect().label)
            link = Markup('{} <a class="num-large" href="{}">{}</a>').format(said, self.url(pk), case.number)
            flash(link, "success")
            return redirect(url_for(f"{self.endpoint}.new"))
        step = self._next_step()
        if then == TO_STEP and step and not barred(step, facts.load_facts(current_actor(), case)):
            return redirect(url_for(f"{self.endpoint}.step", pk=pk, key=step.key))
        try:
            sop_or_404(current_actor(), self.sop.key, pk)
        except NotVisible:  # whoever only takes reports in does not see where they go
            return redirect(url_for(f"{self.endpoint}.list"))
        return redirect(self.url(pk, created="1"))

    def _in_effect(self) -> Sop:
        """The revision that takes new cases today."""
        return transitions.declared(self.sop.key)

    def _may_create(self) -> None:
        sop = self._in_effect()
        for lack in missing(sop.create, facts.facts_for_new(current_actor())):
            if lack.kind == "role":
                error = describe_violation(sop, sop.create, lack)
                raise Forbidden(error.message, [error])

    def _next_step(self) -> Transition | None:
        """The main step of a new case, as far as this user's roles may do it."""
        sop, roles = self._in_effect(), current_actor().roles
        state = sop.create.target_from(None)
        may = [AvailableAction(t, ()) for t in sop.transitions if state in t.source and roles & set(t.by)]
        main = main_action(may)
        return main.transition if main else None

    def _beside(self, words: str = "", typed: Mapping[str, str] | None = None) -> Beside:
        return Beside(current_actor(), self._in_effect(), words[:MOST_TYPED], typed or {})

    def _beside_typed(self) -> Beside:
        return self._beside(request.form.get(WORDS, ""), request.form)

    def _create_form(
        self, typed: MultiDict[str, str] | None = None, proposed: Mapping[str, Any] | None = None
    ) -> forms.StepForm:
        actor, sop = current_actor(), self._in_effect()
        return forms.StepForm(sop, sop.create, actor, None, facts.facts_for_new(actor), typed, proposed=proposed)

    def _own(self) -> dict[str, Any]:
        """What the parts of the page read besides."""
        return {"sop": self._in_effect(), "here": self.endpoint, "take_input": TAKE, "line_input": LINE}

    def _create_page(self, form: forms.StepForm, submission: str, beside: Beside | None = None) -> str:
        sop = self._in_effect()
        kept = {ANYWAY: "1"} if ANYWAY in request.form else {}
        if mail := request.values.get(MAIL, 0, type=int):
            kept |= {MAIL: str(mail)}
        return str(
            self.render_template(
                "panel/steps/form.html",
                title=sop.create.label,
                step=sop.create,
                form=form,
                case=None,
                side_panel=sop.create.side_panel,
                barred=[],
                hidden={SUBMISSION: submission} | kept,
                prefill=PREFILL,
                beside=beside or self._beside_typed(),
                words_input=WORDS,
                then_input=THEN,
                then_step=self._next_step(),
                cancel=url_for(f"{self.endpoint}.list"),
                action=url_for(f"{self.endpoint}.create"),
                kept_files=kept_for(Place(current_actor(), sop, sop.create), form.typed),
                **self._own(),
                **drafts(),
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
                **drafts(),
            )
        )
