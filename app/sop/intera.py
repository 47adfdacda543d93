"""Complaints on the Intera product (Wi-Fi Koin), up to compensation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.sop.common import AUDIO, IMAGES, PAPERS
from app.workflow.declaration import (
    Case,
    Choice,
    Column,
    DocumentType,
    Facts,
    Field,
    Guard,
    Sop,
    State,
    Transition,
    Work,
    may,
    need,
    required,
)

ADMIN_DESK = "Admin Layanan"
SUPPORT = "Officer Support"
OPERATIONS = "Tim Operasional"
IT = "Tim Teknis IT"
PIC = "PIC"
COO = "COO"
HEAD = "Head of Product"

STATES = (
    State("received", _("Received"), "amber"),
    State("verification", _("Verification of data and transaction"), "blue"),
    State("operations", _("Handled by operations"), "blue"),
    State("guided", _("Guided remotely"), "blue"),
    State("technical", _("Handled by the IT team"), "violet"),
    State("pic_review", _("PIC review"), "violet"),
    State("compensation_review", _("COO considers compensation"), "violet"),
    State("compensation_offer", _("Compensation offered to the client"), "teal", "waiting"),
    State("closing", _("Closing the service"), "amber"),
    State("closed", _("Closed"), "green", "final"),
    State("rejected", _("Rejected / outside our responsibility"), "grey", "final"),
)
OPEN = tuple(state.key for state in STATES if not state.is_final)

FAULT = Field(
    "product_fault",
    _("Fault of the product"),
    "choice",
    choices=(Choice("yes", _("Yes")), Choice("no", _("No")), Choice("unknown", _("Unknown"))),
)
AMOUNT = Field("compensation_amount", _("Compensation (IDR)"), "money")
IN_KIND = Field("compensation_in_kind", _("Compensation in kind"))
INTAKE = (
    required(
        Field(
            "channel",
            _("Channel"),
            "choice",
            choices=(Choice("whatsapp", _("WhatsApp")), Choice("telepon", _("Telephone"))),
        )
    ),
    required(Field("greeting_given", _("Greeting given"), "boolean")),
    required(Field("client_name", _("Client name"))),
    Field("business_name", _("Business name")),
    required(Field("phone", _("Phone number"), format="phone")),
    required(Field("location", _("Location"))),
    Field("device_serial", _("Device or product serial number")),
    required(Field("chronology", _("Chronology"), "longtext")),
)


def nothing_in_kind(case: Case | None, values: Mapping[str, Any]) -> bool:
    """An amount is needed unless the compensation is given in kind."""
    return not values.get("compensation_in_kind")


def no_consent_paper(case: Case | None, values: Mapping[str, Any]) -> bool:
    """A consent without a paper or recording must be written down."""
    return "persetujuan_klien" not in values.get("documents", ())


def is_product_fault(facts: Facts) -> bool:
    return facts.case is not None and facts.case.product_fault == "yes"


def note_verification(case: Case, work: Work) -> None:
    case.verified_at, case.verified_by = work.now, work.actor_name


def coo_agrees(case: Case, work: Work) -> None:
    case.coo_agreed_at = work.now


def all_agree(case: Case, work: Work) -> None:
    """PIC, COO and client have agreed on the same compensation (step 4i)."""
    case.pic_agreed_at = work.now
    case.client_agreed_at = case.client_agreed_at or work.now


def agreement_lapses(case: Case, work: Work) -> None:
    """A counter-proposal is a new compensation, so the COO decides anew."""
    case.coo_agreed_at = case.pic_agreed_at = case.client_agreed_at = None


def step(key: str, label: Any, source: tuple[str, ...], target: str, by: tuple[str, ...], **more: Any) -> Transition:
    return Transition(key, label, source, target, by, **more)


def text_field(key: str, label: Any) -> tuple[Field, ...]:
    return (required(Field(key, label, "longtext")),)


TRANSITIONS = (
    # 4a-c
    step("register", _("Register a complaint"), (), "received", (ADMIN_DESK,), fields=INTAKE),
    # 4d-e
    step("start_verification", _("Start the verification"), ("received",), "verification", (ADMIN_DESK,)),
    step("forward_operations", _("Forward to operations"), ("verification",), "operations", (ADMIN_DESK,),
         documents=(need("identitas"), need("bukti_transaksi")),
         fields=(required(Field("identity_verified", _("Identity verified"), "boolean")),
                 Field("transaction_checked", _("Transaction checked"), "boolean")), effects=(note_verification,)),
    step("guide_remotely", _("Guide remotely"), ("operations",), "guided", (OPERATIONS,),
         fields=text_field("guidance_plan", _("Plan for a quick solution"))),
    step("send_technician", _("Send a technician"), ("operations",), "technical", (OPERATIONS,),
         fields=text_field("technician_reason", _("Why a technician must go there")), style="default"),
    # 4f
    step("report_to_it", _("Report to the IT team"), ("guided",), "technical", (SUPPORT, PIC),
         fields=text_field("it_report", _("What could not be solved although guided")), style="default"),
    step("solved_remotely", _("Solved remotely"), ("guided",), "closing", (SUPPORT, PIC),
         fields=text_field("remote_solution", _("What solved it"))),
    # 4g
    step("report_back", _("Report back to the PIC"), ("technical",), "pic_review", (IT,), documents=(may("foto_lokasi"),),
         fields=(required(Field("handled_by", _("Handled by"), "choice", choices=(
                     Choice("visit", _("Visit")), Choice("social_media", _("Guidance by social media"))))),
                 *text_field("technical_result", _("Result")), Field("cause", _("Cause")), required(FAULT))),
    # 4h-k
    step("report_loss", _("Report the loss to the COO"), ("pic_review",), "compensation_review", (PIC,),
         fields=(required(Field("reported_loss", _("Loss reported (IDR)"), "money")),),
         guards=(Guard("product_fault", is_product_fault,
                       lambda facts: _("Only when the IT team has found a fault of the product.")),)),
    step("no_compensation", _("Close without compensation"), ("pic_review",), "closing", (PIC,), note="required",
         style="default"),
    step("out_of_scope", _("Outside our responsibility"), ("pic_review", "operations"), "rejected", (PIC,),
         note="required", optional=True, style="danger"),
    step("agree_compensation", _("Agree to a compensation"), ("compensation_review",), "compensation_offer", (COO,),
         fields=(required(AMOUNT, needed=nothing_in_kind), IN_KIND), effects=(coo_agrees,)),
    step("decline_compensation", _("Decline a compensation"), ("compensation_review",), "pic_review", (COO,),
         note="required", style="default"),
    step("client_agrees", _("The client agrees"), ("compensation_offer",), "closing", (PIC,),
         documents=(may("persetujuan_klien"),),
         fields=(required(Field("consent_recorded", _("How the client consented"), "longtext"), needed=no_consent_paper,
                          help=_("Needed when no paper or recording is attached.")),
                 Field("client_agreed_at", _("Client agreed at"), "datetime")), effects=(all_agree,)),
    step("client_declines", _("The client declines"), ("compensation_offer",), "compensation_review", (PIC,),
         note="required", effects=(agreement_lapses,), style="default", help=_("Write down the counter-proposal.")),
    # 3h
    step("reject_client", _("Reject the client"), OPEN, "rejected", (HEAD,), note="required", optional=True,
         style="danger"),
    # 4l
    step("close", _("Close the service"), ("closing",), "closed", (ADMIN_DESK,),
         fields=(required(Field("closing_script", _("Apologised and thanked the client"), "boolean")),
                 Field("satisfaction", _("Satisfaction (1-5)"), "integer", minimum=1, maximum=5))),
)  # fmt: skip

INTERA = Sop(
    key="intera",
    label=_("Intera complaint"),
    label_plural=_("Intera complaints"),
    number="INT-{yyyy}-{seq:05}",
    roles=(ADMIN_DESK, SUPPORT, OPERATIONS, IT, PIC, COO, HEAD),
    states=STATES,
    transitions=TRANSITIONS,
    documents=(
        DocumentType("identitas", _("Client's identity"), PAPERS),
        DocumentType("bukti_transaksi", _("Proof of transaction"), PAPERS),
        DocumentType("foto_lokasi", _("Photo of the location"), IMAGES),
        DocumentType("persetujuan_klien", _("Client's consent"), PAPERS + AUDIO),
    ),
    columns=(
        Column("number"), Column("state"), Column("client_name"), Column("business_name"), Column("phone"),
        Column("location"), Column("product_fault"), Column("compensation_amount"), Column("created_at"),
    ),
    personal=("client_name", "business_name", "phone", "location", "chronology"),
    computed_fields=(
        Field("verified_at", _("Verified at"), "datetime"),
        Field("verified_by", _("Verified by")),
        Field("pic_agreed_at", _("PIC agreed at"), "datetime"),
        Field("coo_agreed_at", _("COO agreed at"), "datetime"),
    ),
    reporter=("client_name", "phone"),
    subject="chronology",
    similar=("phone", "device_serial"),
    overseers=(COO, HEAD),
    masked_for=(COO, HEAD),
    icon="fa-wifi",
)  # fmt: skip
