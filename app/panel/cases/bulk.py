"""A step on many cases of a list: its form, where it has one, and the way back to the list with what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.models import BulkResult, Case
from app.models.derive import case_model
from app.panel.paging import TOLD
from app.panel.steps import many
from app.services.cases import assignment, bulk_results
from app.services.cases import bulk as steps
from app.services.core.access import LARGEST_KEY, NOTE_OPEN, Actor, visible_rows
from app.services.core.errors import NotVisible
from app.services.core.wording import HANDED_OVER, PUT_BACK, TAKEN
from app.sop import sop_of
from app.web.actor import current_actor
from app.web.often import BULK_LIMIT, sender
from app.workflow.declaration import Sop, Text, Transition

#: Names of the form's inputs: a case as ``id:version``, the step, and that its form was answered.
CHOSEN, STEP, ANSWERED = "chosen", "step", "_answered"
NAMES = {"chosen": CHOSEN, "step": STEP, "answered": ANSWERED}
#: By what a page's script asks for a form alone, and where it is told to go on.
PART, GO_ON = "X-Part", "X-Go-On"
CLAIMS: dict[str, Text] = {TAKEN: _l("Take"), HANDED_OVER: _l("Hand over"), PUT_BACK: _l("Put back")}


@dataclass(frozen=True)
class Offer:
    """A button of the bar below a list. ``form``: it opens one, in which it is answered or confirmed. ``main``: the
    cases wait for it."""

    key: str
    label: Text
    form: bool
    danger: bool
    main: bool = False


def offers(sop: Sop, keys: Iterable[str]) -> list[Offer]:
    """The buttons for what is possible on any of the rows: what the cases wait for, claims, the rest; what destroys is
    the last."""
    wanted = set(keys)
    declared = [_offer(step) for key, step in sop.known_transitions.items() if key in wanted]
    claims = [Offer(key, label, key == HANDED_OVER, False) for key, label in CLAIMS.items()]
    found = [one for one in claims if one.key in wanted and one.key not in sop.known_transitions]
    return sorted([*found, *declared], key=lambda one: (one.danger, not one.main))


def label_of(sop: Sop, key: str) -> Text:
    """What a button is called, afterwards as well."""
    step = sop.known_transitions.get(key)
    return step.label if step else CLAIMS.get(key, key)


def _offer(step: Transition) -> Offer:
    return Offer(step.key, step.label, _has_form(step), step.style == "danger", not step.optional)


def _has_form(step: Transition) -> bool:
    return bool(step.fields) or step.note == "required" or step.style == "danger"


def _is_another_page() -> bool:
    """Flask-AppBuilder limits a view as a whole."""
    return not (request.endpoint or "").endswith(".bulk")


class BulkView(BaseView):
    """Its answer is the list again, by another request: a reload repeats nothing."""

    sop: Sop
    limits = [Limit(BULK_LIMIT, sender, methods=("POST",), exempt_when=_is_another_page)]

    @expose("/bulk")
    @has_access
    def bulk_list(self) -> Any:
        """Where a browser ends up that asks again for a form that was sent to it."""
        return redirect(self._list_again())

    @expose("/bulk", methods=["POST"])
    @has_access
    def bulk(self) -> Any:
        typed, actor = request.form, current_actor()
        chosen, key = _chosen(typed.getlist(CHOSEN)), typed.get(STEP, "")
        step = steps.step_of(self.sop.key, key)
        if not chosen:
            flash(_("Please choose the cases first."), "warning")
            return self._onward(self._list_again())
        if ANSWERED not in typed and (key == HANDED_OVER if step is None else _has_form(step)):
            return self._form(actor, key, chosen)
        result = steps.perform(actor, self.sop.key, key, chosen, _answers(step, chosen))
        if ANSWERED in typed and _is_wrong(result):
            return self._form(actor, key, chosen, result.refused[0]), 422
        return self._onward(self._list_again(bulk_results.keep(actor, self.sop.key, key, result)))

    def _form(self, actor: Actor, key: str, chosen: dict[int, int], refusal: steps.Refusal | None = None) -> Any:
        cases = _cases(actor, self.sop, chosen)
        step = sop_of(cases[0]).transition_by_key.get(key) or self.sop.known_transitions.get(key)
        form = many.ManyForm(step, actor, cases, request.form if refusal else None) if step else None
        if form is not None and refusal is not None:
            form.show(refusal.message, refusal.field_errors)
        return self.render_template(
            "panel/cases/bulk_form.html" if PART in request.headers else "panel/cases/bulk.html",
            title=label_of(self.sop, key),
            sop=self.sop,
            step=step,
            key=key,
            form=form,
            refusal=refusal,
            people=[] if step else assignment.successors_of_all(actor, cases),
            chosen=[f"{pk}:{version}" for pk, version in chosen.items()],
            cases=cases,
            note=request.form.get("note", "") if refusal else "",
            action=action(self.endpoint),
            cancel=self._list_again(),
            names=NAMES,
        )

    def _onward(self, url: str) -> Any:
        """A page's script is told where to go: if it followed by itself, the list would be read twice."""
        if PART not in request.headers:
            return redirect(url)
        response = make_response("", 204)
        response.headers[GO_ON] = url
        return response

    def _list_again(self, told: int | None = None) -> str:
        """The list as it was left, with what there is to tell."""
        more = [f"{TOLD}={told}"] if told is not None else []
        return "?".join(filter(None, (url_for(f"{self.endpoint}.list"), "&".join([*filter(None, [_query()]), *more]))))


def action(endpoint: str) -> str:
    """Where the chosen cases of a list are sent, with all that narrows it: it is shown again afterwards."""
    return "?".join(filter(None, (url_for(f"{endpoint}.bulk"), _query())))


def told(actor: Actor, sop: Sop) -> BulkResult | None:
    """The result with which the reader comes back to the list, if so."""
    return bulk_results.of(actor, sop.key, request.args.get(TOLD, 0, type=int))


def _query() -> str:
    """The query string of the list from which the step was sent, without an earlier result."""
    kept = request.query_string.decode("ascii", "ignore").split("&")
    return "&".join(part for part in kept if part and not part.startswith(f"{TOLD}="))


def _chosen(sent: Sequence[str]) -> dict[int, int]:
    """The versions of the chosen cases, by their ids, in the order of the list; what can't be read is left out."""
    pairs = (one.partition(":") for one in sent)
    return {int(pk): int(version) for pk, _colon, version in pairs if _is_number(pk) and _is_number(version)}


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) <= len(str(LARGEST_KEY))


def _answers(step: Transition | None, chosen: dict[int, int]) -> steps.Answers:
    typed = request.form
    if step is not None:
        raw = many.answers(step, typed)
    else:
        raw = {"username": typed["username"]} if "username" in typed else {}
    return steps.Answers(raw, typed.get("note", "").replace("\x00", ""), chosen, NOTE_OPEN in typed)


def _is_wrong(result: steps.Result) -> bool:
    """Whether no case was moved because of what the form says, so that it is shown again."""
    return not result.done and all(
        one.status in (400, 422) and {error.kind for error in one.field_errors} <= {"field", "invalid", "note"}
        for one in result.refused
    )


def _cases(actor: Actor, sop: Sop, chosen: Iterable[int]) -> list[Any]:
    """Those of the chosen cases that the actor sees, in their order. Raises ``NotVisible`` when there are none."""
    model = case_model(sop.key)
    wanted = [pk for pk in chosen if 0 < pk <= LARGEST_KEY][: steps.MOST]
    found = db.session.scalars(select(model).where(Case.id.in_(wanted), visible_rows(actor, sop))).unique()
    by_id = {case.id: case for case in found}
    if not by_id:
        raise NotVisible(_("There is no such case, or you may not see it."))
    return [by_id[pk] for pk in wanted if pk in by_id]
