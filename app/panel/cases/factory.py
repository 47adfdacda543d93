"""Makes an SOP's pages from its declaration."""

from __future__ import annotations

from functools import partial

from flask import Flask
from flask_appbuilder.models.sqla.interface import SQLAInterface
from wtforms import Form

from app.models.derive import case_model
from app.panel.cases import columns
from app.panel.cases.assignment import AssignmentView
from app.panel.cases.bulk import BulkView
from app.panel.cases.checklist import addable_kinds
from app.panel.cases.column_choice import ColumnChoiceView
from app.panel.cases.comments import CommentView
from app.panel.cases.documents import DocumentView, preview_of
from app.panel.cases.listing import CaseListView
from app.panel.cases.revealing import RevealView
from app.panel.cases.saved_filters import SavedFiltersView
from app.panel.cases.voiding import VoidingView
from app.panel.marks import marked
from app.panel.paging import link
from app.panel.steps import forms
from app.panel.steps.correction import CorrectionView
from app.panel.steps.keeping import KeepingView
from app.panel.steps.kept import KEPT
from app.panel.steps.opening import OpeningView
from app.services.documents.documents import OF_COMMENTS
from app.services.documents.inspection import warnings
from app.sop import SOPS, sop_of
from app.web.pages import CASES, LISTS, Page, readers_of
from app.web.roles import view_name
from app.workflow.declaration import Sop

#: Everything that has a URL. Flask-AppBuilder's own pages of a model are not among them: they pass by the
#: services.
ROUTES = {
    "list", "export", "new", "known", "create", "case", "step", "perform", "follow",
    "upload", "content", "text", "keep_for_new", "keep_for_step",
    "take", "put_back", "hand_over", "give", "presence", "keep_filter", "remove_filter",
    "bulk", "bulk_list", "choose_columns", "comment", "withdraw_comment", "correct", "corrected", "correct_row",
    "row_corrected", "void", "voided", "reveal", "conceal",
}  # fmt: skip


class SopView(
    OpeningView,
    CorrectionView,
    KeepingView,
    CommentView,
    DocumentView,
    AssignmentView,
    VoidingView,
    RevealView,
    SavedFiltersView,
    BulkView,
    ColumnChoiceView,
    CaseListView,
):
    """List, forms and case page of one SOP."""

    include_route_methods = ROUTES
    # Flask-AppBuilder would build forms of the whole model, with a query per reference.
    add_form = edit_form = search_form = Form


def pages() -> list[Page]:
    return [
        Page(
            view_of(sop),
            partial(readers_of, sop),
            key=sop.key,
            label=sop.label_plural,
            category=CASES,
            group=LISTS,
            icon=sop.icon,
        )
        for sop in SOPS.values()
    ]


def tell_templates(app: Flask) -> None:
    """What the templates of the cases read besides what they are given."""
    app.jinja_env.globals.update(
        sops=SOPS, sop_of=sop_of, view_name=view_name, list_link=link, accept=forms.accept, endings=forms.endings,
        shown_input=forms.SHOWN, comment_files=OF_COMMENTS, kept_input=KEPT, preview_of=preview_of,
        warnings_of=warnings, marked=marked,
        addable_kinds=addable_kinds,
    )  # fmt: skip


def view_of(sop: Sop) -> type[SopView]:
    name = view_name(sop.key)
    return type(
        name,
        (SopView,),
        {
            "sop": sop,
            "datamodel": SQLAInterface(case_model(sop.key)),
            "route_base": f"/{sop.key}",
            "class_permission_name": name,
            "list_title": sop.label_plural,
            "list_columns": [column.key for column in sop.columns],
            "label_columns": columns.labels(sop),
            "search_columns": columns.searchable(sop),
            "order_columns": columns.orderable(sop),
        },
    )
