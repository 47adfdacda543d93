"""The palette (Ctrl+K): pages, cases and the steps of the case at hand, by a few letters; and what the keys do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.menu import MenuItem
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Case
from app.panel import frame
from app.panel.cases.worklist import creatable
from app.panel.menu import Unfolding
from app.panel.steps.repeat import repeat_step
from app.services.cases import assignment, facts
from app.services.core import masking
from app.services.core.access import Actor, visible_or_404
from app.services.core.errors import NotVisible
from app.services.search.search import search
from app.sop import SOPS, sop_of
from app.web.actor import current_actor
from app.web.pages import Access, everyone
from app.web.roles import view_name
from app.web.signing_in import page_within
from app.workflow.declaration import Text
from app.workflow.engine import main_action

#: Cases that are shown, and letters that are looked for at least: one finds everything.
CASES_SHOWN, LEAST_LETTERS = 8, 2
LONGEST = 200
#: The path of a case, or of a page below it.
AT_CASE = re.compile(r"/(\w+)/(\d{1,10})(?:/|$)")
#: What ``only`` limits to: one kind of entry.
STEPS, NEW, LISTS, PAGES, CASES = "steps", "new", "lists", "pages", "cases"
HEADINGS: dict[str, Text] = {
    STEPS: _l("On this case"), NEW: _l("New case"), LISTS: _l("Lists"), PAGES: _l("Pages"), CASES: _l("Cases"),
}  # fmt: skip
#: The keys and what they do, by heading, as the help tells them.
KEYS: dict[Text, tuple[tuple[tuple[str, ...], Text], ...]] = {
    _l("On every page"): (
        (("Ctrl", "K"), _l("Open the palette: pages, cases, steps")),
        (("/",), _l("Search")),
        (("g", "t"), _l("My tasks")),
        (("g", "k"), _l("Lists")),
        (("c",), _l("New case")),
        (("?",), _l("This help")),
    ),
    _l("In lists, my tasks and search results"): (
        (("j",), _l("Next row")),
        (("k",), _l("Previous row")),
        (("Enter",), _l("Open the case")),
        (("x",), _l("Select the row")),
    ),
    _l("On a case or its row"): ((("r",), _l("Record a repeat contact")),),
    _l("In a form"): ((("Ctrl", "Enter"), _l("Send the form")),),
}


@dataclass(frozen=True)
class Entry:
    """A line of the palette: where it leads, and a word beside it."""

    label: str
    href: str
    hint: str = ""
    key: str = ""

    def holds(self, words: Iterable[str]) -> bool:
        there = f"{self.label} {self.hint}".casefold()
        return all(word in there for word in words)


class PaletteView(BaseView):
    """Parts of a page for ``static/js/palette.js``, and pages of their own without it."""

    route_base = "/palette"
    default_view = "found"

    @expose("/")
    @has_access
    def found(self) -> Response:
        """``q``: what was typed; ``at``: the path of the page; ``only``: one kind of entry."""
        actor, typed = current_actor(), request.args.get("q", "").strip()[:LONGEST]
        only = request.args.get("only", "")
        wanted = [only] if only in HEADINGS else list(HEADINGS)
        groups = [(HEADINGS[kind], kind, found) for kind in wanted if (found := self._entries(kind, actor, typed))]
        return _fresh(self.render_template("panel/palette/found.html", groups=groups, typed=typed))

    @expose("/row/<sop>/<int:pk>")
    @has_access
    def row(self, sop: str, pk: int) -> Response:
        """What can be done on a case of the worklist, the usual first: unfolded by its “…”."""
        actor = current_actor()
        case = visible_or_404(actor, sop, pk)
        declared, actions = sop_of(case), facts.offers(actor, case)
        main = main_action(actions)
        steps = [action.transition for action in sorted(actions, key=lambda one: one is not main) if action.allowed]
        return _fresh(
            self.render_template(
                "panel/palette/row.html",
                case=case,
                steps=steps,
                hand_over=assignment.may_hand_over(actor, declared, case),
                put_back=assignment.may_put_back(actor, declared, case),
            )
        )

    @expose("/repeat")
    @has_access
    def repeat(self) -> Any:
        """The form of the repeat contact of the case at a path."""
        actor = current_actor()
        case = case_at(actor, request.args.get("at", ""))
        step = repeat_step(case, actor) if case is not None else None
        if case is None or step is None:
            flash(_("No repeat contact can be recorded here."), "warning")
            return redirect(page_within(request.referrer))
        return redirect(_step(case, step.key))

    @expose("/keys")
    @has_access
    def keys(self) -> Any:
        """What the keys do; ``part``: without a page around it."""
        part = request.args.get("part") == "1"
        page = "panel/palette/keys_dialog.html" if part else "panel/palette/keys.html"
        return self.render_template(page, title=_("Keyboard shortcuts"), keys=KEYS, level="h3" if part else "h2")

    def _entries(self, kind: str, actor: Actor, typed: str) -> list[Entry]:
        if kind == CASES:
            return list(_cases(actor, typed)) if len(typed) >= LEAST_LETTERS else []
        words = typed.casefold().split()
        return [entry for entry in self._known(kind, actor) if entry.holds(words)]

    def _known(self, kind: str, actor: Actor) -> Iterator[Entry]:
        """What there is without being looked for in the database, but for the steps of the case at hand."""
        if kind == STEPS:
            yield from _steps(actor, case_at(actor, request.args.get("at", "")))
        elif kind == NEW:
            for sop in creatable(actor):
                yield Entry(str(sop.create.label), url_for(f"{view_name(sop.key)}.new"), str(sop.label))
        else:
            pages = _leaves(frame.present().menu)
            for item, category in pages:
                if (item.name in SOPS) == (kind == LISTS):
                    yield Entry(str(item.label), str(item.get_url()), category)


def case_at(actor: Actor, path: str) -> Case | None:
    """The case whose page, or a page below it, is at a path of ours; None where there is none that ``actor`` sees."""
    found = AT_CASE.match(path)
    try:
        return visible_or_404(actor, found[1], int(found[2])) if found else None
    except NotVisible:
        return None


def _steps(actor: Actor, case: Case | None) -> Iterator[Entry]:
    if case is None:
        return
    for action in facts.offers(actor, case):
        if action.allowed:
            yield Entry(str(action.transition.label), _step(case, action.transition.key), case.number)
    if assignment.may_hand_over(actor, sop_of(case), case):
        yield Entry(_("Hand over"), url_for(f"{view_name(case.sop)}.hand_over", pk=case.id), case.number)


def _cases(actor: Actor, typed: str) -> Iterator[Entry]:
    """As the search finds them; whoever gets personal data masked finds a case by its number alone."""
    for hit in search(actor, typed, limit=CASES_SHOWN, discreet=True):
        case, sop = hit.case, sop_of(hit.case)
        about = [case.title, case.reporter_name]
        if masking.masked(actor, sop):
            about = [masking.mask(case.title, masking.field_of(sop, "title")), masking.mask(case.reporter_name)]
        hint = " · ".join(part for part in (str(sop.state(case.state).label), *about) if part)
        yield Entry(case.number, url_for(f"{view_name(case.sop)}.case", pk=case.id), hint)


def _step(case: Case, key: str) -> str:
    return url_for(f"{view_name(case.sop)}.step", pk=case.id, key=key)


def _leaves(items: Iterable[MenuItem | Unfolding]) -> Iterator[tuple[MenuItem, str]]:
    """The entries of the menu, each with the section under which it stands."""
    for item in items:
        if isinstance(item, Unfolding):
            yield from ((entry, str(item.label)) for entry in item.entries)
        else:
            yield item, ""


def _fresh(part: str) -> Response:
    response = make_response(part)
    response.cache_control.private = response.cache_control.no_store = True
    return response


ACCESS = Access(PaletteView, everyone)
