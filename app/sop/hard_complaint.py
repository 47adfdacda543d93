"""Hard complaints about outbound calls (CT-0, PRANPC), decided by the recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.sop.common import PAPERS, PDF
from app.workflow.contacts import is_phone, mail_address
from app.workflow.declaration import (
    Case,
    Choice,
    Column,
    DocumentType,
    Facts,
    Field,
    Guard,
    Indicator,
    Records,
    Sop,
    State,
    Text,
    Transition,
    Work,
    may,
    need,
    required,
)
from app.workflow.values import position

SPV = "SPV"
QCO = "QCO"
MANAGER = "Manager Operasional"
QC = "QC"
#: Section 6 of the work instruction: the form is kept two years by QC.
KEPT_YEARS = 2
RECORDING_MAX_BYTES = 200 << 20
FORM = "OB.IN.QCC.TELK.F-01.Rev.00"
DOCX = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)

STATES = (
    State("recording_search", _("Searching the voice recording"), "amber"),
    State("analysis", _("Analysis of the recording"), "blue"),
    State("validation", _("Validation by SPV"), "violet"),
    State("manager_approval", _("Approval by the manager"), "violet"),
    State("reply", _("Sending the result"), "amber"),
    State("closed", _("Closed"), "green", "final"),
)
BY = (Choice("email", _("E-mail")), Choice("whatsapp", _("WhatsApp")))
PROGRAMS = (Choice("ct0", _("Change Tarif-0 (CT-0)")), Choice("pranpc", _("Pra Non-Produktif Customer (PRANPC)")))
CRITERIA = (
    Choice("disputes_arrears", _("Does not feel they agreed to pay the arrears they were told of")),
    Choice("impolite_agent", _("The agent was impolite while offering")),
)
FINDING = Field("finding", _("Finding"), "choice", choices=(
    Choice("proven", _("Complaint proven")), Choice("not_proven", _("Complaint not proven")),
    Choice("unclear", _("Not clear"))))  # fmt: skip
INTAKE = (
    required(Field("program", _("Program"), "choice", choices=PROGRAMS)),
    required(Field("source", _("External source"), "choice", choices=(
        Choice("plasa", "Plasa"), Choice("147", "147"), Choice("tier_2", "Tier 2")))),
    required(Field("received_by", _("Received by"), "choice", choices=BY)),
    required(Field("requester_name", _("Requester's name"))),
    required(Field("requester_contact", _("Requester's contact"))),
    required(Field("customer_number", _("Customer number (internet or phone)"))),
    Field("customer_name", _("Customer name")),
    required(Field("complaint_date", _("Complaint date"), "date")),
    required(Field("criterion", _("Criterion"), "choice", choices=CRITERIA)),
    required(Field("complaint", _("Complaint"), "longtext")),
)  # fmt: skip
CHRONOLOGY = Records(
    "chronology",
    _("Chronology of the recording"),
    (
        required(Field("position", _("Position (mm:ss)"), "integer", format="position")),
        required(Field("speaker", _("Speaker"), "choice", choices=(
            Choice("agent", _("Agent")), Choice("customer", _("Customer")), Choice("other", _("Somebody else"))))),
        required(Field("said", _("What is said"))),
    ),
)  # fmt: skip


def measure_recording(case: Case, work: Work) -> None:
    case.recording_seconds = work.seconds_of("voice_recording")
    case.found_recording = True


def nothing_found(case: Case, work: Work) -> None:
    case.found_recording = False


def was_found(case: Case | None, values: Mapping[str, Any]) -> bool:
    return case is None or case.found_recording is not False


def back_to_qco(case: Case, values: Mapping[str, Any]) -> str:
    """To the search when nothing was found, else to the analysis."""
    return "analysis" if case.found_recording else "recording_search"


def beyond(facts: Facts) -> list[int]:
    """Positions handed in that lie behind the recording's end."""
    length = facts.case.recording_seconds if facts.case is not None else None
    rows = facts.values.get("chronology") or ()
    return [row["position"] for row in rows if length is not None and row["position"] > length]


def beyond_sentence(facts: Facts) -> Text:
    written = ", ".join(position(seconds) for seconds in beyond(facts))
    length = position(facts.case.recording_seconds) if facts.case is not None else ""
    return _("The recording ends at %(length)s; these positions lie behind it: %(positions)s.",
             length=length, positions=written)  # fmt: skip


def write_form(case: Case, work: Work) -> None:
    """The form hard complaint, as far as it has come: with the validation, later with the approval as well."""
    work.attach_form("hard_complaint", {"form_hard_komplain": "pdf", "form_hard_komplain_docx": "docx"})


def note_validation(case: Case, work: Work) -> None:
    case.validated_by, case.validated_at = work.actor_name, work.now


def note_approval(case: Case, work: Work) -> None:
    case.approved_by, case.approved_at = work.actor_name, work.now


def note_analyst(case: Case, work: Work) -> None:
    case.analysed_by, case.analysed_at = work.actor_name, work.now


def is_reachable(facts: Facts) -> bool:
    """A mail goes to a mail address, a message to a phone."""
    to, by = facts.values.get("sent_to"), facts.values.get("sent_by")
    if not (to and by):
        return True
    return mail_address(to) is not None if by == "email" else is_phone(to)


def unreachable_sentence(facts: Facts) -> Text:
    if facts.values.get("sent_by") == "email":
        return _("By e-mail it can only be sent to an e-mail address.")
    return _("By WhatsApp it can only be sent to a phone number.")


def mail_result(case: Case, work: Work) -> None:
    """By e-mail the system sends the form itself; otherwise the officer has sent it."""
    if case.sent_by == "email":
        work.mail(case.sent_to, _("[%(number)s] Result of the hard complaint", number=case.number),
                  _("Attached is the result for customer number %(customer)s.", customer=case.customer_number),
                  ("form_hard_komplain",))  # fmt: skip


#: Section 4 of the work instruction.
INDICATORS = (
    Indicator(
        "by_recording",
        _("Settled on the ground of an analysed recording"),
        lambda case: bool(case.found_recording and case.finding),
    ),
    Indicator(
        "with_chronology",
        _("With a complete chronology"),
        lambda case: bool(case.chronology) and all(row.position is not None and row.speaker for row in case.chronology),
    ),
    Indicator(
        "time_to_result",
        _("Time from the request to the result"),
        lambda case: case.closed_at - case.created_at,
        "duration",
    ),
)

TRANSITIONS = (
    # 5.3.1
    Transition("register", _("Record a hard complaint"), (), "recording_search", (SPV,),
               (may("surat_permintaan"),), INTAKE),
    # 5.3.2
    Transition("attach_recording", _("Attach the recording"), ("recording_search",), "analysis", (QCO,),
               (need("voice_recording"),),
               (required(Field("call_at", _("Date and time of the call"), "datetime")),
                required(Field("agent", _("Agent")))), effects=(measure_recording,)),
    Transition("report_not_found", _("Recording not found"), ("recording_search",), "validation", (QCO,),
               note="required", effects=(nothing_found, note_analyst), style="default",
               help=_("Say where it was looked for.")),
    # 5.3.3-4
    Transition("submit_chronology", _("Submit the chronology"), ("analysis",), "validation", (QCO,),
               fields=(required(Field("arrears", _("Arrears (IDR)"), "money")),
                       required(Field("customer_profile", _("Customer profile"), "longtext")), required(FINDING),
                       Field("chronology", CHRONOLOGY.label, "list", True, columns=CHRONOLOGY.columns)),
               guards=(Guard("within_recording", lambda facts: not beyond(facts), beyond_sentence,
                             _("No position may lie behind the end of the recording.")),),
               effects=(note_analyst,), side_panel="recording.html"),
    # 5.3.5-6
    Transition("return_to_qco", _("Return to QCO"), ("validation",), "analysis", (SPV,), note="required",
               branches=("recording_search",), choose=back_to_qco, style="default"),
    Transition("validate", _("Validate"), ("validation",), "manager_approval", (SPV,),
               fields=(required(Field("listened", _("Recording listened to"), "boolean"), needed=was_found),),
               effects=(note_validation, write_form), side_panel="recording.html"),
    Transition("return_to_spv", _("Return to SPV"), ("manager_approval",), "validation", (MANAGER,), note="required",
               style="default"),
    Transition("approve", _("Approve"), ("manager_approval",), "reply", (MANAGER,), four_eyes=("validate",),
               effects=(note_approval, write_form)),
    # 5.3.7
    Transition("send_result", _("Send the result"), ("reply",), "closed", (SPV,), (may("bukti_kirim"),),
               (required(Field("sent_to", _("Sent to"), format="contact")),
                required(Field("sent_by", _("Sent by"), "choice", choices=BY))),
               guards=(Guard("reachable", is_reachable, unreachable_sentence,
                             _("By e-mail it goes to an e-mail address, by WhatsApp to a phone number.")),),
               effects=(mail_result,)),
)  # fmt: skip

HARD_COMPLAINT = Sop(
    key="hard_complaint",
    label=_("Hard complaint"),
    label_plural=_("Hard complaints"),
    number="HC-{yyyy}-{seq:05}",
    roles=(SPV, QCO, MANAGER, QC),
    states=STATES,
    transitions=TRANSITIONS,
    documents=(
        DocumentType("surat_permintaan", _("Letter of request"), PAPERS),
        DocumentType("voice_recording", _("Voice recording"), ("audio/mpeg",), retention=KEPT_YEARS,
                 max_bytes=RECORDING_MAX_BYTES),
        DocumentType("form_hard_komplain", f"FORM HARD KOMPLAIN {FORM}", PDF, retention=KEPT_YEARS),
        DocumentType("form_hard_komplain_docx", f"FORM HARD KOMPLAIN {FORM} (DOCX)", DOCX, retention=KEPT_YEARS),
        DocumentType("bukti_kirim", _("Proof of sending"), PAPERS),
    ),
    records=(CHRONOLOGY,),
    sections=("recording.html", "mails.html"),
    columns=(
        Column("number"), Column("state"), Column("program"), Column("source"), Column("customer_number"),
        Column("customer_name"), Column("criterion"), Column("finding"), Column("complaint_date"),
        Column("created_at"),
    ),
    personal=("requester_name", "requester_contact", "customer_number", "customer_name", "complaint",
              "customer_profile", "sent_to"),
    computed_fields=(
        Field("recording_seconds", _("Length of the recording"), "integer", format="position"),
        Field("found_recording", _("Recording found"), "boolean"),
        Field("analysed_by", _("Analysed by")),
        Field("analysed_at", _("Analysed at"), "datetime"),
        Field("validated_by", _("Validated by")),
        Field("validated_at", _("Validated at"), "datetime"),
        Field("approved_by", _("Approved by")),
        Field("approved_at", _("Approved at"), "datetime"),
    ),
    reporter=("customer_name", "customer_number"),
    subject="complaint",
    similar=("customer_number",),
    retention_officers=(QC,),
    overseers=(MANAGER, QC),
    masked_for=(QC,),
    indicators=INDICATORS,
    icon="fa-microphone",
)  # fmt: skip
