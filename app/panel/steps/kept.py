"""The files that were chosen in a step's form: kept aside at once, and again when the step is refused, so that nobody
chooses a file twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from app.panel.steps import forms
from app.services.core.errors import Refused
from app.services.documents import staging
from app.services.documents.documents import Uploads
from app.services.documents.staging import Kept, Place

#: The form's own inputs that name the files that are kept.
KEPT = "_kept"


@dataclass(frozen=True)
class Chosen:
    """What a form was sent with: ``typed`` names all that is kept of it by now; ``uploads``: as the step takes them;
    ``refusal``: what was wrong with a file that came along."""

    typed: MultiDict[str, str]
    uploads: Uploads
    refusal: Refused | None

    def taken(self) -> Uploads:
        """Raises the refusal of a wrong file."""
        if self.refusal is not None:
            raise self.refusal
        return self.uploads


def chosen(place: Place) -> Chosen:
    """What the request brings. Files that the step doesn't take, or not from this user, it refuses itself."""
    files = forms.uploads(request.files)
    right = {key: many for key, many in files.items() if place.open and key in place.step.accepts}
    fresh, refusal = staging.keep_all(place, right)
    kept = staging.known(place, [*request.form.getlist(KEPT), *(one.ticket for one in fresh)])
    answers = [pair for pair in request.form.items(multi=True) if pair[0] != KEPT]
    typed = MultiDict([*answers, *((KEPT, one.ticket) for one in kept)])
    others = {key: many for key, many in files.items() if key not in right}
    return Chosen(typed, {**others, **staging.uploads(place, kept)}, refusal)


def kept_for(place: Place, typed: Mapping[str, str] | None) -> dict[str, list[Kept]]:
    """By kind of document, what a form that comes back has kept."""
    found: dict[str, list[Kept]] = {}
    tickets: Sequence[str] = typed.getlist(KEPT) if isinstance(typed, MultiDict) else ()
    for one in staging.there(staging.known(place, tickets)):
        found.setdefault(one.kind, []).append(one)
    return found
