"""The page from which somebody came to a case: a list with its filters, the worklist, a search. A step leads back.

Browsers say from where a link was followed, to pages of ours in full; on the pages of the case it then goes along in
their addresses."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, has_request_context, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.models import Case
from app.sop import SOPS
from app.web.roles import view_name
from app.web.signing_in import page_within

#: The argument of an address that names it.
BACK = "back"
#: Pages that list cases, besides the lists of the SOPs.
LISTS = frozenset({"WorklistView.index", "WorklistView.tasks", "SearchView.search", "AgendaView.agenda"})
#: What of a case's addresses takes it along: its pages, and what leads back to one of them.
KEPT = frozenset({
    "case", "step", "perform", "upload", "follow", "take", "put_back", "hand_over", "give", "comment",
    "withdraw_comment", "correct", "corrected", "correct_row", "row_corrected",
})  # fmt: skip
LONGEST = 1_000
#: Where it is kept while a request is answered: a page of a case has many addresses.
KNOWN = "tuntas.origin"


def register(app: Flask) -> None:
    app.url_defaults(_carried)


def origin() -> str:
    """Path and query of the page of ours; empty when it was none that lists cases."""
    if KNOWN not in request.environ:
        said = request.args.get(BACK) or request.referrer or ""
        address = page_within(said) if said else ""
        request.environ[KNOWN] = address if len(address) <= LONGEST and _lists_cases(address) else ""
    return str(request.environ[KNOWN])


def done(sentence: str, case: Case) -> Markup:
    """What is told on another page than the case's own; ``static/js/intake.js`` adds the next case of the list."""
    address = url_for(f"{view_name(case.sop)}.case", pk=case.id)
    return Markup('{} <a href="{}" data-done-case="{}">{}</a>').format(
        sentence, address, _("Next in the list:"), case.number
    )  # fmt: skip


def _carried(endpoint: str, values: dict[str, Any]) -> None:
    """Called for every address that is made: on a page about a case, those of cases keep where it was reached from."""
    if "pk" not in values or BACK in values or endpoint.rpartition(".")[2] not in KEPT or not has_request_context():
        return
    if "pk" in (request.view_args or {}) and (address := origin()):
        values[BACK] = address


def _lists_cases(address: str) -> bool:
    path = address.partition("?")[0].removeprefix(request.script_root)
    try:
        adapter = current_app.create_url_adapter(request)
        endpoint, _arguments = adapter.match(path, method="GET") if adapter else ("", {})
    except (HTTPException, RequestRedirect):
        return False
    return endpoint in LISTS or endpoint in {f"{view_name(key)}.list" for key in SOPS}
