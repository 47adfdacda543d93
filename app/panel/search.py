"""The page of the search box; what is found, ``services/search/search.py`` decides."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.panel.cases.worklist import creatable
from app.panel.steps.repeat import repeat_step
from app.services.core.access import sops_of
from app.services.search.search import Hit, search
from app.sop import sop_of
from app.web.actor import current_actor
from app.web.pages import Access, everyone
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
        hits = search(actor, words, sop or None, LIMIT)
        if len(hits) == 1 and hits[0].exact and not hits[0].related:
            return redirect(url_for(f"{view_name(hits[0].case.sop)}.case", pk=hits[0].case.id))
        return self.render_template(
            "panel/search.html", title=_("Search"), words=words, chosen=sop, hits=hits, limit=LIMIT,
            counts={hit.case.id: counts(hit) for hit in hits}, sops_seen=sops_of(actor), creatable=creatable(actor),
            repeat_steps={hit.case.id: repeat_step(hit.case, actor) for hit in hits},
        )  # fmt: skip


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


ACCESS = Access(SearchView, everyone)
