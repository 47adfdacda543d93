"""The page of the search box; what is found, ``services/search/search.py`` decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.panel.cases.worklist import creatable
from app.panel.steps.repeat import line_of, repeat_step
from app.panel.steps.sending import LINE, WORDS
from app.services.core import masking, phones
from app.services.core.access import Actor, closed_fields, sops_of
from app.services.core.formatting import answer
from app.services.search.matching import Typed
from app.services.search.search import Hit, search
from app.sop import SOPS, sop_of
from app.web.actor import current_actor
from app.web.pages import Access, readers
from app.web.roles import view_name
from app.workflow.declaration import Text

#: Results on the page; whoever gets more should search for more words.
LIMIT = 20


class SearchView(BaseView):
    route_base = ""
    default_view = "search"

    @expose("/search")
    @has_access
    def search(self) -> Any:
        """A number that is one case's alone leads straight to it; a mutated pair is shown, so that both are seen."""
        actor = current_actor()
        words, sop = request.args.get("q", "").strip(), request.args.get("sop", "")
        hits = search(actor, words, sop or None, LIMIT, discreet=True)
        if len(hits) == 1 and hits[0].exact and not hits[0].related:
            return redirect(url_for(f"{view_name(hits[0].case.sop)}.case", pk=hits[0].case.id))
        lines: dict[str, Mapping[str, Any]] = {}
        return self.render_template(
            "panel/search.html", title=_("Search"), words=words, chosen=sop, hits=hits, limit=LIMIT,
            counts={hit.case.id: counts(hit) for hit in hits}, sops_seen=sops_of(actor), creatable=creatable(actor),
            told={hit.case.id: Told(actor, hit.case) for hit in hits}, typed=Typed(words),
            steps={hit.case.id: repeat_step(hit.case, actor) for hit in hits}, words_input=WORDS, line_input=LINE,
            lines={hit.case.id: line_of(actor, hit.case, lines) for hit in hits},
        )  # fmt: skip


class Told:
    """What a result says of who and where somebody is, so that two of the same name are told apart; for whom it is
    masked as in any list, with nothing marked in it."""

    def __init__(self, actor: Actor, case: Any) -> None:
        self._case, self._sop = case, sop_of(case)
        self.masked = masking.masked(actor, SOPS[case.sop])
        self._closed = closed_fields(actor, SOPS[case.sop])

    @property
    def name(self) -> str:
        return self._read(self._case.reporter_name, 0)

    @property
    def phone(self) -> str:
        return self._read(phones.national(self._case.reporter_phone), 1)

    @property
    def title(self) -> str:
        return masking.MASK if self.masked and self._case.title else str(self._case.title)

    @property
    def facts(self) -> list[tuple[Text, str]]:
        """Label and words of what else there is of a person: address, ID, posko."""
        heading = {*(self._sop.reporter or ()), self._sop.subject}
        keys = (key for key in dict.fromkeys((*self._sop.person, *self._sop.similar)) if key not in heading)
        fields = [self._sop.own_fields[key] for key in keys if key in self._sop.own_fields and key not in self._closed]
        values = ((field, getattr(self._case, field.key)) for field in fields)
        hidden = masking.hidden(self._sop) if self.masked else frozenset()
        return [
            (field.label, masking.mask(value, field) if field.key in hidden else answer(field, value))
            for field, value in values
            if value not in (None, "")
        ]

    def _read(self, value: str, place: int) -> str:
        reporter = self._sop.reporter
        field = self._sop.own_fields.get(reporter[place]) if reporter else None
        return masking.mask(value, field) if self.masked else value


def counts(hit: Hit) -> list[tuple[Text, int]]:
    """Label and number of the records of a result, repeat contacts for instance; what was recorded on the cancelled
    half of a pair counts as well."""
    labels: dict[str, Text] = {}
    numbers: Counter[str] = Counter()
    for case in (hit.case, *hit.related):
        for records in sop_of(case).records_by_key.values():
            labels[records.key] = records.label
            numbers[records.key] += len(getattr(case, records.key))
    return [(label, numbers[key]) for key, label in labels.items() if numbers[key]]


ACCESS = Access(SearchView, readers)
