"""Reply templates of the complaint SOP: written by CS, approved by QA."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _

from app.workflow.declaration import (
    Case,
    Choice,
    Column,
    Facts,
    Field,
    Guard,
    Sop,
    State,
    Text,
    Transition,
    Work,
    required,
)

CS = "CS"
QA = "QA"
CHANNELS = (
    Choice("inbound", _("Telephone (inbound)")),
    Choice("email", _("E-mail")),
    Choice("walk_in", _("Walk-in")),
)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
TEXT = Field(
    "text",
    _("Text"),
    "longtext",
    help=_("Placeholders: {nama}, {nomor_tiket}, {order_id}, {produk}, {jumlah_tagihan}, {jatuh_tempo}, {status}."),
)


def rupiah(amount: int | None) -> str:
    return "–" if amount is None else "Rp" + f"{amount:,}".replace(",", ".")


def of_customer(read: Callable[[Any], Any]) -> Callable[[Case], str]:
    """What the customer list says; a dash when the case's customer is not in it."""
    return lambda case: "–" if case.customer is None else str(read(case.customer) or "–")


#: The placeholders of a template (in braces), and their values from a case.
PLACEHOLDERS: dict[str, Callable[[Case], str]] = {
    "nama": lambda case: case.name,
    "nomor_tiket": lambda case: case.number,
    "order_id": lambda case: case.order_id or "–",
    "produk": of_customer(lambda c: c.product),
    "jumlah_tagihan": of_customer(lambda c: rupiah(c.bill)),
    "jatuh_tempo": of_customer(lambda c: c.due_date and f"{c.due_date:%d/%m/%Y}"),
    "status": of_customer(lambda c: c.application_status),
}


def unknown_placeholders(text: str) -> list[str]:
    return [name for name in PLACEHOLDER.findall(text or "") if name not in PLACEHOLDERS]


def filled(text: str, case: Case) -> str:
    """``text`` with its placeholders filled from a complaint."""
    return PLACEHOLDER.sub(lambda found: PLACEHOLDERS[found[1]](case), text)


def placeholders_known(facts: Facts) -> bool:
    return facts.case is None or not unknown_placeholders(facts.case.text)


def unknown_sentence(facts: Facts) -> Text:
    unknown = unknown_placeholders(facts.case.text) if facts.case is not None else []
    names = ", ".join("{" + name + "}" for name in unknown)
    return _("Unknown placeholders: %(names)s.", names=names)


def approve(case: Case, work: Work) -> None:
    """What was approved stays usable while a later version is being written."""
    case.approved_text = case.text


def next_version(case: Case, work: Work) -> None:
    case.round += 1


WRITTEN = (
    required(Field("template_title", _("Title"))),
    required(Field("category", _("Category"), "reference", reference="complaint_category")),
    required(Field("channel", _("Channel"), "choice", choices=CHANNELS)),
    required(TEXT),
)

REPLY_TEMPLATE = Sop(
    key="reply_template",
    label=_("Reply template"),
    label_plural=_("Reply templates"),
    number="TPL-{yyyy}-{seq:05}",
    roles=(CS, QA),
    states=(
        State("draft", _("Draft"), "grey"),
        State("in_review", _("In review by QA"), "violet"),
        State("approved", _("Approved"), "green"),
        State("retired", _("Retired"), "grey", "final"),
    ),
    transitions=(
        Transition("write_template", _("Write a template"), (), "draft", (CS,), fields=WRITTEN),
        Transition("rewrite_template", _("Rewrite"), ("draft",), None, (CS,), fields=WRITTEN, optional=True,
                   style="default"),
        Transition("submit_template", _("Submit for review"), ("draft",), "in_review", (CS,),
                   guards=(Guard("placeholders", placeholders_known, unknown_sentence,
                                 _("Its placeholders must be known ones.")),)),
        Transition("approve_template", _("Approve"), ("in_review",), "approved", (QA,), effects=(approve,),
                   four_eyes=("write_template", "rewrite_template", "edit_template", "submit_template")),
        Transition("reject_template", _("Reject"), ("in_review",), "draft", (QA,), note="required", style="danger"),
        Transition("edit_template", _("Write a new version"), ("approved",), "draft", (CS,), fields=WRITTEN,
                   effects=(next_version,), optional=True, style="default"),
        Transition("retire_template", _("Retire"), ("approved",), "retired", (QA,), optional=True, style="danger"),
    ),
    columns=(Column("number"), Column("template_title"), Column("state"), Column("category"),
             Column("channel"), Column("round", _("Version")), Column("changed_at")),
    computed_fields=(Field("approved_text", _("Approved text"), "longtext"),),
    reporter=None,
    subject="template_title",
    offered_with="approved_text",
    icon="fa-envelope-open-text",
)  # fmt: skip
