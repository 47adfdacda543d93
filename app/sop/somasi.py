"""Somasi masuk: the response of Legal and Customer Service to a demand letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from flask_babel import LazyString, format_date
from flask_babel import lazy_gettext as _

from app.sop.common import AUDIO, PAPERS, PDF
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
    Text,
    Transition,
    Work,
    may,
    need,
    required,
)

CS = "CS"
LITIGATION_1 = "Legal Litigasi 1"
LITIGATION_2 = "Legal Litigasi 2"
MANAGER = "Legal Manager"
#: The three specific legal roles may do everything that any legal officer may.
LEGAL = ("Legal", LITIGATION_1, LITIGATION_2, MANAGER)

STATES = (
    State("awaiting_cs_documents", _("Awaiting CS documents"), "amber"),
    State("document_check", _("Document check"), "blue"),
    State("drafting", _("Drafting the reply"), "blue"),
    State("litigation_review", _("Review by Legal Litigasi 2"), "violet"),
    State("manager_review", _("Review by Legal Manager"), "violet"),
    State("awaiting_response_proof", _("Awaiting scan of the reply"), "amber"),
    State("responded", _("Reply sent"), "teal", "waiting"),
    State("awaiting_payment_proof", _("Awaiting proof of payment"), "amber"),
    State("court_hearing", _("Court hearings"), "red"),
    State("bpsk_hearing", _("BPSK hearings"), "red"),
    State("closed_temporarily", _("Closed temporarily (> 3 months)"), "grey", "waiting"),
    State("closed", _("Closed"), "green", "final"),
)
HEARINGS = ("court_hearing", "bpsk_hearing")
#: Codes of the hearing stages that start or stop a deadline.
JUDGMENT, APPEAL, CASSATION = "putusan", "banding", "kasasi"
#: What is lodged against a court's judgment, and against the judgment on that.
REMEDIES = (APPEAL, CASSATION)
#: "After step 4": a new somasi or a lawsuit can come as soon as a draft has been handed in.
AFTER_DRAFT = ("litigation_review", "manager_review", "awaiting_response_proof", "responded")

DOCUMENTS = (
    DocumentType("somasi", _("Demand letter (somasi)"), PAPERS),
    DocumentType("lampiran_somasi", _("Attachments of the somasi"), PAPERS),
    DocumentType("form_sengketa", _("Consumer dispute case form"), PAPERS),
    DocumentType("kronologis_operasional", _("Operational delivery chronology"), PAPERS),
    DocumentType("kronologis_cs", _("CS handling chronology"), PAPERS),
    DocumentType("bukti_pod", _("Proof of delivery (POD)"), PAPERS),
    DocumentType("tanda_terima", _("Receipt"), PAPERS),
    DocumentType("surat_menyurat", _("Correspondence"), PAPERS),
    DocumentType("rekaman_telepon", _("Phone recording"), AUDIO),
    DocumentType("mom", _("Minutes of meeting"), PAPERS),
    DocumentType("dokumen_pendukung", _("Other supporting documents"), PAPERS + AUDIO),
    DocumentType("draft_tanggapan", _("Draft reply to the somasi"), PAPERS, LEGAL),
    DocumentType("analisis_kasus", _("Case analysis"), PAPERS, LEGAL),
    DocumentType("scan_tanggapan", _("Scan of the reply letter"), PAPERS),
    DocumentType("bukti_kirim", _("Proof of sending or receipt of the reply"), PAPERS),
    DocumentType("tanggapan_penerimaan", _("Letter of acceptance"), PAPERS),
    DocumentType("laporan_penyelesaian", _("Case settlement report"), PAPERS),
    DocumentType("kesepakatan_damai", _("Settlement agreement"), PAPERS),
    DocumentType("bukti_pembayaran", _("Proof of payment"), PAPERS),
    DocumentType("somasi_lanjutan", _("Second somasi and later ones"), PAPERS),
    DocumentType("tanggapan_customer", _("Customer's response"), PAPERS),
    DocumentType("laporan_perkembangan", _("Case progress report"), PAPERS),
    DocumentType("gugatan_pengadilan", _("Court lawsuit"), PDF),
    DocumentType("gugatan_bpsk", _("BPSK lawsuit"), PDF),
    DocumentType("laporan_sidang", _("Hearing report"), PAPERS, LEGAL),
    DocumentType("putusan", _("Judgment"), PAPERS, LEGAL),
)
FROM_CS = (
    "form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "surat_menyurat",
    "rekaman_telepon", "mom", "dokumen_pendukung",
)  # fmt: skip
LABELS = {document.key: document.label for document in DOCUMENTS}

OFFER = Field("offered_compensation", _("Offered compensation (IDR)"), "money")
AGREED = Field("agreed_amount", _("Agreed amount (IDR)"), "money")
COURT_NUMBER = Field("court_case_number", _("Court case number"))
COURT = Field("court", _("Court"))
REGISTERED = Field("registered_date", _("Date of registration"), "date")
OUTCOME = Field(
    "outcome",
    _("Outcome of the case"),
    "choice",
    choices=(
        Choice("won", _("Won")),
        Choice("lost_unpaid", _("Lost without payment")),
        Choice("withdrawn", _("Withdrawn")),
        Choice("settled", _("Settled")),
    ),
)
OUTCOME_PAID = required(OUTCOME, choices=(Choice("lost_paid", _("Lost with payment")), Choice("settled", _("Settled"))))
INTAKE = (
    required(Field("letter_number", _("Letter number"))),
    required(Field("letter_date", _("Letter date"), "date")),
    required(Field("received_date", _("Received on"), "date")),
    required(Field("sender", _("Sender"))),
    Field("counsel", _("Counsel")),
    required(Field("customer_name", _("Customer name"))),
    Field("customer_phone", _("Customer phone"), format="phone"),
    Field("customer_email", _("Customer e-mail"), format="email"),
    Field("waybill_number", _("Waybill number")),
    required(Field("subject", _("Subject"))),
    Field("chronology", _("Chronology in short"), "longtext"),
    Field("claimed_amount", _("Claimed amount (IDR)"), "money"),
    Field("letter_deadline", _("Deadline given in the letter"), "date"),
    Field(
        "cs_person",
        _("CS person in charge"),
        "reference",
        reference="staff",
        help=_("Leave empty for the CS queue."),
    ),
)
HEARING = (
    required(Field("stage", _("Stage"), "reference", reference="hearing_stage")),
    required(Field("hearing_date", _("Hearing date"), "date")),
    required(Field("what_happened", _("What happened"), "longtext")),
    Field("next_date", _("Next hearing"), "date"),
)


def first_round(case: Case | None) -> bool:
    return case is None or case.round == 1


def later_round(case: Case | None) -> bool:
    """Rounds from the second on require from CS only supporting documents and the offer (steps 11 and 13). Before there
    is a case the requirement is included as well, so that a client that knows only the declaration can walk every
    round."""
    return case is None or case.round > 1


def suspendable_from(facts: Facts) -> date | None:
    """The first day on which more than three calendar months have passed since the reply was sent (step 11)."""
    sent = facts.last.get("send_response")
    return (sent[0].date() + relativedelta(months=3) + timedelta(days=1)) if sent else None


def may_be_suspended(facts: Facts) -> bool:
    day = suspendable_from(facts)
    return day is not None and facts.now.date() >= day


def suspended_from_sentence(facts: Facts) -> Text:
    day = suspendable_from(facts)
    return _("Possible from %(date)s, when more than 3 months have passed since the reply.",
             date=LazyString(format_date, day) if day else "–")  # fmt: skip


def ask_again(case: Case, work: Work) -> None:
    """Only the documents named are requested again from CS, the rest stay (step 3)."""
    case.requested_documents = list(work.values.get("requested") or ())


def next_round(case: Case, work: Work) -> None:
    case.round += 1


def disclose_draft(case: Case, work: Work) -> None:
    """After the manager's decision CS prints and sends the final draft (step 6)."""
    work.release("draft_tanggapan")


def next_hearing(case: Case) -> date | None:
    """The date fixed at the last hearing; every hearing recorded replaces it."""
    rows = sorted(case.hearings, key=lambda row: row.id)
    return rows[-1].next_date if rows else None


def decided(case: Case, forum: str) -> date | None:
    """The day of the newest judgment that was recorded in a forum."""
    days = [row.hearing_date for row in case.hearings if row.stage.forum == forum and row.stage.code == JUDGMENT]
    return max(days, default=None)


def awaiting_decision(case: Case) -> date | None:
    """BPSK decides within 21 working days of the registration (UU 8/1999, article 55)."""
    return None if decided(case, "bpsk_hearing") else case.registered_date


def objection_from(case: Case) -> date | None:
    """An objection goes to the court within 14 working days of the BPSK decision (UU 8/1999, article 56)."""
    return decided(case, "bpsk_hearing")


def open_remedy(case: Case) -> tuple[str, date] | None:
    """What may still be lodged in court, and the day of the judgment against which; once it is, no deadline runs."""
    rows = [row for row in case.hearings if row.stage.forum == "court_hearing"]
    lodged, judged = 0, None
    for row in sorted(rows, key=lambda row: (row.hearing_date, row.id)):
        if row.stage.code == JUDGMENT:
            judged = row.hearing_date
        elif row.stage.code in REMEDIES:
            lodged, judged = REMEDIES.index(row.stage.code) + 1, None
    return (REMEDIES[lodged], judged) if judged and lodged < len(REMEDIES) else None


def lodged_from(remedy: str) -> Callable[[Case], date | None]:
    """An appeal and a cassation are each lodged within 14 days of the judgment (HIR/RBg, UU 14/1985 article 46)."""

    def since(case: Case) -> date | None:
        found = open_remedy(case)
        return found[1] if found and found[0] == remedy else None

    return since


GUARD_THREE_MONTHS = Guard(
    "three_months",
    may_be_suspended,
    suspended_from_sentence,
    _("Possible when more than 3 months have passed since the reply."),
)
GUARD_HEARD = Guard(
    "hearing_recorded",
    lambda facts: facts.counts.get("hearings", 0) > 0,
    lambda facts: _("Record at least one hearing first."),
)
FOLLOW_UP = need("somasi_lanjutan", "tanggapan_customer", fresh=True)

TRANSITIONS = (
    # 1
    Transition("submit", _("Submit the somasi"), (), "awaiting_cs_documents", LEGAL,
               (need("somasi"), may("lampiran_somasi")), INTAKE),
    # 2
    Transition("submit_documents", _("Submit the documents"), ("awaiting_cs_documents",), "document_check", (CS,),
               (*(need(key, when=first_round) for key in
                  ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima")),
                need("surat_menyurat", "rekaman_telepon", "mom", when=first_round),
                may("dokumen_pendukung", when=first_round), need("dokumen_pendukung", when=later_round)),
               (required(OFFER),)),
    # 3
    Transition("request_revision", _("Request a revision"), ("document_check",), "awaiting_cs_documents",
               (LITIGATION_1,), (),
               (Field("requested", _("Documents to be completed or replaced"), "list", True,
                      tuple(Choice(key, LABELS[key]) for key in FROM_CS), stored=False),),
               "required", effects=(ask_again,), style="danger",
               help=_("Say what is lacking; only the documents ticked are asked again.")),
    Transition("accept_documents", _("Accept the documents"), ("document_check",), "drafting", (LITIGATION_1,)),
    # 4
    Transition("submit_draft", _("Submit the draft"), ("drafting",), "litigation_review", (LITIGATION_1,),
               (need("draft_tanggapan"), need("analisis_kasus"))),
    # 5
    Transition("approve_litigation", _("Approve"), ("litigation_review",), "manager_review", (LITIGATION_2,),
               four_eyes=("submit_draft",)),
    Transition("revise_litigation", _("Revise"), ("litigation_review",), "manager_review", (LITIGATION_2,),
               (need("draft_tanggapan", fresh=True),), note="required", four_eyes=("submit_draft",), style="default",
               help=_("Attach your revision as a new version of the draft.")),
    # 6
    Transition("approve_manager", _("Approve"), ("manager_review",), "awaiting_response_proof", (MANAGER,),
               effects=(disclose_draft,), four_eyes=("submit_draft", "approve_litigation", "revise_litigation")),
    Transition("revise_manager", _("Revise"), ("manager_review",), "awaiting_response_proof", (MANAGER,),
               (need("draft_tanggapan", fresh=True),), note="required", effects=(disclose_draft,),
               four_eyes=("submit_draft", "approve_litigation", "revise_litigation"), style="default",
               help=_("Attach your revision as a new version of the draft.")),
    # 7
    Transition("send_response", _("Send the reply"), ("awaiting_response_proof",), "responded", (CS,),
               (need("scan_tanggapan"), need("bukti_kirim"))),
    # 8-11
    Transition("finish_compensated", _("Finish: compensation"), ("responded",), "awaiting_payment_proof", LEGAL,
               (need("laporan_penyelesaian"), may("tanggapan_penerimaan")), (required(AGREED),)),
    Transition("finish_settled", _("Finish: settlement"), ("responded",), "awaiting_payment_proof", LEGAL,
               (need("kesepakatan_damai"), need("laporan_penyelesaian")), (required(AGREED),)),
    Transition("confirm_payment", _("Confirm the payment"), ("awaiting_payment_proof",), "closed", (CS,),
               (need("bukti_pembayaran"),),
               (required(Field("paid_date", _("Paid on"), "date")),
                required(Field("paid_amount", _("Paid amount (IDR)"), "money")))),
    Transition("suspend", _("Close temporarily"), ("responded",), "closed_temporarily", LEGAL, note="required",
               guards=(GUARD_THREE_MONTHS,), style="default"),
    Transition("reopen", _("Reopen"), ("closed_temporarily",), "awaiting_cs_documents", LEGAL, (FOLLOW_UP,),
               effects=(next_round,), optional=True),
    # 12-16
    Transition("continue_somasi", _("Continue: somasi"), AFTER_DRAFT, "awaiting_cs_documents", LEGAL,
               (FOLLOW_UP, need("laporan_perkembangan", fresh=True)), effects=(next_round,), optional=True,
               style="default"),
    Transition("continue_court", _("Continue: court lawsuit"), AFTER_DRAFT, "court_hearing", LEGAL,
               (need("gugatan_pengadilan"),), (required(COURT), required(COURT_NUMBER), required(REGISTERED)),
               optional=True, style="default"),
    Transition("continue_bpsk", _("Continue: BPSK lawsuit"), AFTER_DRAFT, "bpsk_hearing", LEGAL,
               (need("gugatan_bpsk"),),
               (required(Field("bpsk_office", _("BPSK office"))),
                required(Field("bpsk_case_number", _("BPSK case number"))), required(REGISTERED)),
               optional=True, style="default"),
    Transition("record_hearing", _("Record a hearing"), HEARINGS, None, LEGAL,
               (may("laporan_sidang"), may("putusan")), HEARING, records="hearings"),
    Transition("object_bpsk", _("Object to the BPSK decision"), ("bpsk_hearing",), "court_hearing", LEGAL,
               (need("gugatan_pengadilan"),), (required(COURT), required(COURT_NUMBER)), optional=True,
               style="default"),
    Transition("conclude_paid", _("Conclude with payment"), HEARINGS, "awaiting_payment_proof", LEGAL,
               (need("laporan_penyelesaian"),), (OUTCOME_PAID, required(AGREED)), style="default"),
    Transition("conclude", _("Conclude"), HEARINGS, "closed", LEGAL, (need("laporan_penyelesaian"),),
               (required(OUTCOME),), guards=(GUARD_HEARD,), style="default"),
)  # fmt: skip

SOMASI = Sop(
    key="somasi",
    label=_("Somasi"),
    label_plural=_("Somasi"),
    number="SOM-{yyyy}-{seq:05}",
    roles=(*LEGAL, CS),
    states=STATES,
    transitions=TRANSITIONS,
    documents=DOCUMENTS,
    records=(Records("hearings", _("Hearings"), HEARING, calendar="next_date"),),
    columns=(
        Column("number"), Column("state"), Column("subject"), Column("customer_name"), Column("sender"),
        Column("round", _("Somasi no.")), Column("cs_person"), Column("due_at"), Column("offered_compensation"),
        Column("created_at"),
    ),
    personal=("sender", "counsel", "customer_name", "customer_phone", "customer_email", "chronology"),
    deadlines=(
        Deadline("letter", _("Deadline of the letter"), lambda case: case.letter_deadline,
                 ("awaiting_cs_documents", "document_check", "drafting", "litigation_review", "manager_review",
                  "awaiting_response_proof")),
        Deadline("hearing", _("Next hearing"), next_hearing, HEARINGS),
        Deadline("bpsk", _("Decision of the BPSK"), None, ("bpsk_hearing",), (Limit(21),), awaiting_decision),
        Deadline("objection", _("Objection to the BPSK decision"), None, ("bpsk_hearing",), (Limit(14),),
                 objection_from),
        Deadline("appeal", _("Appeal (banding)"), None, ("court_hearing",), (Limit(14, "calendar_days"),),
                 lodged_from(APPEAL)),
        Deadline("cassation", _("Cassation (kasasi)"), None, ("court_hearing",), (Limit(14, "calendar_days"),),
                 lodged_from(CASSATION)),
    ),
    overseers=(MANAGER,),
    reporter=("customer_name", "customer_phone"),
    assignee="cs_person",
    assignee_roles=(CS,),
    icon="fa-balance-scale",
)  # fmt: skip
