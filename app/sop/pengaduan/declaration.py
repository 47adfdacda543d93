"""Users' complaints to a fintech lender (POJK 18/2018), over four channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.sop.common import AUDIO, PAPERS, SUPERVISOR
from app.sop.pengaduan.guide import guide
from app.sop.pengaduan.reply_template import CHANNELS, filled
from app.workflow.contacts import mail_address
from app.workflow.declaration import (
    Case,
    Choice,
    Column,
    Deadline,
    DocumentType,
    Facts,
    Field,
    Guard,
    Limit,
    Records,
    Sop,
    State,
    Transition,
    Work,
    need,
    required,
)

CS = "CS"
#: POJK 18/POJK.07/2018: an oral complaint within 5 working days, a written one within 20, extendable once by up to 20.
ORAL_DAYS, WRITTEN_DAYS, EXTENSION_DAYS = 5, 20, 20
ORAL = ("inbound", "walk_in")

STATES = (
    State("open", _("Recorded"), "amber"),
    State("in_progress", _("Being handled"), "blue"),
    State("awaiting_customer", _("Awaiting the customer's data"), "teal", "waiting"),
    State("callback_scheduled", _("Call-back scheduled"), "violet"),
    State("resolved", _("Solved"), "green", "final"),
)
UNSETTLED = ("open", "in_progress", "awaiting_customer")


def face_to_face(case: Case | None, values: Mapping[str, Any]) -> bool:
    """By phone or at the counter the identity is verified and the customer is greeted; by e-mail neither is
    required."""
    stored = case.channel if case is not None else None
    return values.get("channel", stored) in ORAL


def not_reached(case: Case | None, values: Mapping[str, Any]) -> bool:
    return values.get("callback_result") == "not_reached"


def reached(case: Case | None, values: Mapping[str, Any]) -> bool:
    return values.get("callback_result") == "reached"


IDENTITY = (
    required(Field("name", _("Name"))),
    required(Field("phone", _("Phone number"), format="phone"), needed=face_to_face),
    required(Field("order_id", _("Order ID")), needed=face_to_face),
    required(
        Field("identity_verified", _("Name, phone and order ID verified"), "boolean", help=_("Not asked for e-mail.")),
        needed=face_to_face,
    ),
)
CHECKLIST = (
    required(Field("number_told", _("Ticket number told to the customer"), "boolean")),
    required(Field("anything_else", _("Asked whether there is anything else"), "boolean")),
    required(Field("summary_given", _("Gave a summary of what was said"), "boolean")),
    required(Field("closing_greeting", _("Closing greeting"), "boolean"), needed=face_to_face),
)
SOLUTION = Field("solution", _("Solution"), "longtext")
CALLBACK_AT = Field("callback_at", _("Call back at"), "datetime")
CALLBACKS = Records(
    "callbacks",
    _("Call-backs"),
    (
        Field("callback_reason", _("Reason of the call-back"), "choice", choices=(
            Choice("more_explanation", _("More explanation needed")),
            Choice("no_reply", _("No reply to e-mail or social media")),
            Choice("cut_off", _("The call was cut off")),
        )),
        Field("callback_result", _("Result"), "choice", choices=(
            Choice("reached", _("Reached")), Choice("not_reached", _("Not reached")))),
        Field("callback_said", _("What was said"), "longtext"),
        CALLBACK_AT,
    ),
    calendar="callback_at",
    calendar_states=("callback_scheduled",),
    counted="callback_result",
)  # fmt: skip
REASON, RESULT, SAID, _AT = CALLBACKS.columns


def verify(case: Case, work: Work) -> None:
    """Stores who ticked the identity and when, and how the customer list agrees with it."""
    if case.order_id:
        case.customer = work.row("customer", case.order_id)
        case.identity_found = "none" if case.customer is None else found(case, case.customer)
    if case.identity_verified:
        case.verified_by, case.verified_at = work.actor_name, work.now


def found(case: Case, customer: Any) -> str:
    """How the name and phone given agree with the customer list: ``full`` or ``partly``."""
    same_name = " ".join(customer.name.lower().split()) == " ".join(case.name.lower().split())
    return "full" if same_name and customer.phone_normalised == case.reporter_phone else "partly"


def has_address(case: Case | None) -> bool:
    return case is not None and mail_address(case.email or "") is not None


def confirm_by_mail(case: Case, work: Work) -> None:
    """By e-mail the number is sent back at once; by phone it is read out."""
    if case.channel == "email" and has_address(case):
        work.mail(case.email, _("[%(number)s] We have received your complaint", number=case.number),
                  _("Your complaint is recorded under number %(number)s.", number=case.number))  # fmt: skip


def ask_customer(case: Case, work: Work) -> None:
    if has_address(case):
        work.mail(case.email, _("[%(number)s] We need more data from you", number=case.number),
                  _("To go on with your complaint %(number)s we need: %(what)s. Please answer this e-mail with the "
                    "documents attached, and leave the number in the subject.",
                    number=case.number, what=case.data_needed))  # fmt: skip


def send_reply(case: Case, work: Work) -> None:
    """An approved template, filled in, and the free text behind it. The subject has the number and nothing of the
    template: its title may be that of a version which nobody has approved yet."""
    parts = (filled(work.values["template"].approved_text, case), work.values.get("free_text"))
    work.mail(case.email, _("[%(number)s] About your complaint", number=case.number), "\n\n".join(filter(None, parts)))


def extend(case: Case, work: Work) -> None:
    """Once, by up to 20 working days, with written notice to the consumer."""
    work.extend("pojk", work.values["extension_days"])
    case.extended_at = work.now
    if has_address(case):
        work.mail(case.email, _("[%(number)s] Your complaint takes longer", number=case.number),
                  _("We need until %(date)s to settle your complaint %(number)s. Reason: %(reason)s",
                    date=f"{case.deadline:%d/%m/%Y}", number=case.number, reason=case.extension_reason))  # fmt: skip


def supporting_data_asked(case: Case | None) -> bool:
    """A walk-in complaint that needs supporting data can't go on without it."""
    return case is not None and case.channel == "walk_in" and bool(case.data_needed)


def may_answer_at_once(facts: Facts) -> bool:
    return facts.case is not None and facts.case.category is not None and facts.case.category.direct


def not_extended(facts: Facts) -> bool:
    return facts.case is not None and facts.case.extended_at is None


FROM_CUSTOMER = ("data_pelanggan", "email_pelanggan")
SUPPORTED = (need(*FROM_CUSTOMER, when=supporting_data_asked),)
TRANSITIONS = (
    Transition("register", _("Record a complaint"), (), "open", (CS,), fields=(
        required(Field("channel", _("Channel"), "choice", choices=CHANNELS)), *IDENTITY,
        Field("email", _("E-mail"), format="email", help=_("Needed for replies by e-mail.")),
        required(Field("category", _("Category"), "reference", reference="complaint_category")),
        required(Field("complaint", _("Complaint"), "longtext"))),
        effects=(verify, confirm_by_mail)),
    Transition("answer", _("Answer at once"), ("open", "in_progress"), "resolved", (CS,), SUPPORTED,
               fields=(required(Field("answer", _("Answer"), "longtext")), *CHECKLIST),
               guards=(Guard("direct_category", may_answer_at_once,
                             lambda facts: _("CS may not answer this category at once: handle it first."),
                             _("Only for a category that CS may answer at once.")),),
               side_panel="customer.html"),
    Transition("handle", _("Handle"), ("open",), "in_progress", (CS,),
               fields=(required(Field("analysis", _("Analysis"), "longtext")),)),
    Transition("request_data", _("Request data"), ("open", "in_progress"), "awaiting_customer", (CS,),
               fields=(required(Field("data_needed", _("What is needed"), "longtext")),), effects=(ask_customer,),
               style="default"),
    Transition("receive_data", _("Receive the data"), ("awaiting_customer",), "in_progress", (CS,),
               (need(*FROM_CUSTOMER, fresh=True),)),
    Transition("schedule_callback", _("Schedule a call-back"), UNSETTLED, "callback_scheduled", (CS,),
               fields=(required(REASON), required(CALLBACK_AT)), records="callbacks", optional=True, style="default"),
    Transition("record_callback", _("Record the call-back"), ("callback_scheduled",), "in_progress", (CS,),
               fields=(required(RESULT), required(SAID, needed=reached),
                       required(CALLBACK_AT, needed=not_reached, help=_("When the customer was not reached."))),
               branches=("callback_scheduled",), records="callbacks",
               choose=lambda case, values: "in_progress" if reached(case, values) else "callback_scheduled"),
    Transition("reply", _("Reply by e-mail"), UNSETTLED, None, (CS,),
               fields=(required(Field("template", _("Reply template"), "reference", reference="reply_template",
                                      stored=False)),
                       Field("free_text", _("Free text"), "longtext", stored=False)),
               guards=(Guard("email", lambda facts: has_address(facts.case),
                             lambda facts: _("The case has no e-mail address to which a mail could go."),
                             _("Only for a case with an e-mail address.")),),
               effects=(send_reply,), optional=True, style="default", side_panel="reply_preview.html"),
    Transition("extend_deadline", _("Extend the deadline"), (*UNSETTLED, "callback_scheduled"), None, (SUPERVISOR,),
               fields=(required(Field("extension_reason", _("Reason of the extension"), "longtext")),
                       required(Field("extension_days", _("Working days"), "integer", minimum=1,
                                      maximum=EXTENSION_DAYS, default=EXTENSION_DAYS))),
               guards=(Guard("once", not_extended, lambda facts: _("The deadline was extended once already."),
                             _("Only once in a case.")),),
               effects=(extend,), optional=True, style="default"),
    Transition("resolve", _("Resolve"), ("in_progress",), "resolved", (CS,), SUPPORTED,
               fields=(required(SOLUTION), *CHECKLIST), side_panel="customer.html"),
    Transition("reopen", _("Reopen: the same problem again"), ("resolved",), "in_progress", (CS,), note="required",
               optional=True, style="default"),
)  # fmt: skip

PENGADUAN = Sop(
    key="pengaduan",
    label=_("User complaint"),
    label_plural=_("User complaints"),
    number="PGD-{yymmdd}-{seq:05}",
    roles=(CS, SUPERVISOR),
    states=STATES,
    transitions=TRANSITIONS,
    documents=(
        DocumentType("data_pelanggan", _("Customer's data"), PAPERS + AUDIO),
        DocumentType("email_pelanggan", _("Customer's e-mail"), ("message/rfc822", "text/plain")),
    ),
    records=(CALLBACKS,),
    sections=("mails.html",),
    columns=(
        Column("number"), Column("state"), Column("channel"), Column("name"), Column("phone"), Column("order_id"),
        Column("category"), Column("complaint"), Column("deadline"), Column("callbacks_count", _("Call-back attempts")),
        Column("created_at"),
    ),
    personal=("name", "phone", "email", "order_id", "complaint", "customer"),
    deadlines=(Deadline("pojk", _("Deadline (POJK)"), kept_in="deadline",
                        limits=(Limit(ORAL_DAYS, channels=ORAL), Limit(WRITTEN_DAYS))),),
    computed_fields=(
        Field("deadline", _("Deadline (POJK)"), "date"),
        Field("customer", _("Customer"), "reference", reference="customer"),
        Field("identity_found", _("Agrees with the customer list"), "choice", choices=(
            Choice("full", _("Yes")), Choice("partly", _("Partly")), Choice("none", _("Not in the list")))),
        Field("verified_by", _("Verified by")),
        Field("verified_at", _("Verified at"), "datetime"),
        Field("extended_at", _("Deadline extended at"), "datetime"),
    ),
    subject="complaint",
    similar=("phone", "order_id"),
    public=guide(ORAL_DAYS, WRITTEN_DAYS, EXTENSION_DAYS),
    icon="fa-headset",
)  # fmt: skip
