"""Makes an SOP's pages from its declaration."""

from __future__ import annotations

from functools import partial

from flask import Flask
from wtforms import Form

from app.models.derive import case_model
from app.panel.cases import columns
from app.panel.cases.assignment import AssignmentView
from app.panel.cases.comments import CommentView
from app.panel.cases.listing import CaseInterface, CaseListView, link
from app.panel.cases.saved_filters import SavedFiltersView
from app.panel.cases.voiding import VoidingView
from app.panel.cases.widgets import CaseListWidget, CaseSearchWidget
from app.panel.marks import marked
from app.panel.steps import forms
from app.panel.steps.correction import CorrectionView
from app.panel.steps.opening import OpeningView
from app.services.documents.documents import OF_COMMENTS
from app.sop import SOPS, sop_of
from app.web.pages import CASES, Page, readers_of
from app.web.roles import view_name
from app.web.visible import VisibleCases
from app.workflow.declaration import Sop

#: Everything that has a URL. Flask-AppBuilder's own pages of a model are not among them: they pass by the
#: services.
ROUTES = {
    "list", "export", "new", "known", "create", "case", "step", "perform", "upload", "content", "follow",
    "take", "put_back", "hand_over", "give", "presence", "keep_filter", "remove_filter",
    "comment", "withdraw_comment", "correct", "corrected", "correct_row", "row_corrected", "void", "voided",
}  # fmt: skip


class SopView(OpeningView, CorrectionView, CommentView, AssignmentView, VoidingView, SavedFiltersView, CaseListView):
    """List, forms and case page of one SOP."""

    list_widget = CaseListWidget
    search_widget = CaseSearchWidget
    include_route_methods = ROUTES
    # Flask-AppBuilder would build forms of the whole model, with a query per reference.
    add_form = edit_form = search_form = Form
    base_order = ("created_at", "desc")


def pages() -> list[Page]:
    return [
        Page(
            view_of(sop),
            partial(readers_of, sop),
            key=sop.key,
            label=sop.label_plural,
            category=CASES,
            icon=sop.icon,
        )
        for sop in SOPS.values()
    ]


def tell_templates(app: Flask) -> None:
    """What the templates of the cases read besides what they are given."""
    app.jinja_env.globals.update(
        sops=SOPS, sop_of=sop_of, view_name=view_name, list_link=link, accept=forms.accept, endings=forms.endings,
        shown_input=forms.SHOWN, marked=marked, comment_files=OF_COMMENTS,
    )  # fmt: skip


def view_of(sop: Sop) -> type[SopView]:
    name = view_name(sop.key)
    return type(
        name,
        (SopView,),
        {
            "sop": sop,
            "datamodel": CaseInterface(case_model(sop.key)),
            "route_base": f"/{sop.key}",
            "class_permission_name": name,
            "base_filters": [["number", VisibleCases, None]],
            "list_title": sop.label_plural,
            "list_columns": [column.key for column in sop.columns],
            "label_columns": columns.labels(sop),
            "search_columns": columns.searchable(sop),
            "order_columns": columns.orderable(sop),
        },
    )
