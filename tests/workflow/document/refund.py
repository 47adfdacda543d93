"""A small SOP that is right, and what it may name: tests change it a little at a time."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.workflow.checks import WrongDeclaration
from app.workflow.declaration import Facts, Sop
from app.workflow.document import Surroundings, load

FILE = "refund/sop.toml"
GOOD = """\
key = "refund"
label = { id = "Pengembalian dana", en = "Refund" }
number = "RFD-{code}-{yymmdd}-{seq:05}"
code_setting = "CODE"
roles = ["CS", "Finance", "Supervisor Finance"]
subject = "reason"
reporter = ["name", "phone"]
person = ["name", "phone"]
from_customer = { phone = "phone", email = "email" }
round_fields = ["reason", "received_on"]
personal = ["name", "calls.said"]
sections = ["refund.html"]
masked_for = ["Finance"]
revealed_for = ["Finance"]
reveal_reason = true
customer_roles = "CS"
overseers = "Supervisor Finance"
corrected_when_closed_by = ["Supervisor Finance"]
voided_by = ["Supervisor Finance"]
void_four_eyes = true
whatsapp = { id = "Halo {name}, ini tentang {number}.", en = "Hello {name}, this is about {number}." }
columns = ["number", "state", "name", { key = "calls_count", label = { id = "Telepon", en = "Calls" } }]

[sheet]
code = "FIN-07"
revision = 1
effective = 2026-12-01
changes = [{ revision = 1, what = { id = "Batas waktu", en = "The limit" }, on = 2026-12-01 }]

[groups]
desk = ["Finance", "Supervisor Finance"]

[conditions]
large = "paid_amount > 1000000"

[fields]
channel = { label = { id = "Kanal", en = "Channel" }, choices = { phone = { id = "Telepon", en = "Phone" }, mail = { id = "Email", en = "Mail" } }, default = "phone", ticked = "phone", remembered = true }
name = { label = { id = "Nama", en = "Name" } }
phone = { label = { id = "Telepon", en = "Phone" }, type = "phone" }
email = { label = { id = "Email", en = "Mail" }, type = "email", group = "customer" }
reason = { label = { id = "Alasan", en = "Reason" }, type = "longtext" }
paid_amount = { label = { id = "Nilai dibayar", en = "Paid amount" }, type = "money" }
approved_amount = { label = { id = "Nilai disetujui", en = "Approved amount" }, type = "money", minimum = 1, maximum = 5000 }
checked = { label = { id = "Diperiksa", en = "Checked" }, type = "boolean", confidential_to = ["Finance", "Supervisor Finance"] }
branch = { label = { id = "Cabang", en = "Branch" }, reference = "branch" }
lacking = { label = { id = "Kurang", en = "Lacking" }, documents = ["receipt", "letter"] }
approved_by = { label = { id = "Disetujui oleh", en = "Approved by" }, computed = true }
result = { label = { id = "Hasil", en = "Result" }, choices = { full = { id = "Penuh", en = "In full" }, partly = { id = "Sebagian", en = "Partly" } }, computed = true }
received_on = { label = { id = "Diterima", en = "Received on" }, type = "date", default = "today" }
due_day = { label = { id = "Tenggat", en = "Due" }, type = "date", computed = true }

[states]
checking = { label = { id = "Pemeriksaan", en = "Checking" } }
awaiting_customer = { label = { id = "Menunggu bukti", en = "Waiting for the proof" }, kind = "waiting" }
approval = { label = { id = "Persetujuan", en = "Approval" }, colour = "violet" }
paid = { label = { id = "Dibayar", en = "Paid" }, kind = "final" }
refused = { label = { id = "Ditolak", en = "Refused" }, kind = "final" }

[documents]
receipt = { label = { id = "Kuitansi", en = "Receipt" }, accept = ["papers", "images"], confidential_to = "desk", retention = 5, max_mb = 20 }
letter = { label = { id = "Surat", en = "Letter" }, accept = "pdf", several = true }
scan = { label = { id = "Pindaian", en = "Scan" }, several = true }

[records.calls]
label = { id = "Telepon", en = "Calls" }
calendar = "next_day"
calendar_states = ["checking"]
counted = "said"
recorded_in = { id = "Status", en = "State" }

[records.calls.fields]
next_day = { label = { id = "Berikutnya", en = "Next" }, type = "date" }
said = { label = { id = "Isi", en = "Said" }, required = true }

[steps.register]
label = { id = "Catat", en = "Register" }
source_step = "1"
to = "checking"
by = "CS"
asks = ["channel*", "name*", "phone", "email", "reason*", "paid_amount*", { field = "branch", required = "large" }]
documents = ["receipt", { any_of = ["letter"], when = "channel == 'mail'", from = 2026-12-01 }]

[steps.ask]
label = { id = "Minta bukti", en = "Ask for the proof" }
from = "checking"
to = "awaiting_customer"
by = "CS"
asks = ["lacking"]
does = [{ ask_again = "lacking" }, { mail = "asked", if = "email != null" }]

[steps.receive]
label = { id = "Terima bukti", en = "Receive the proof" }
from = "awaiting_customer"
to = "checking"
by = "CS"
documents = ["receipt|letter*"]
asks = ["received_on", "reason"]
does = ["next_round"]

[steps.call]
label = { id = "Catat telepon", en = "Record a call" }
from = "checking"
by = "CS"
asks = ["said*", "next_day"]
records = "calls"
optional = true
contact = true

[steps.propose]
label = { id = "Ajukan", en = "Propose" }
from = "checking"
to = "approval"
by = "Finance"
asks = ["approved_amount*", { field = "checked", required = "approved_amount > 1000" }]
only_if = [
  { key = "not_too_much", rule = "approved_amount <= paid_amount", says = { id = "Paling banyak {paid_amount}.", en = "At most {paid_amount}." } },
  { rule = "refund.not_twice", says = "refund.twice_sentence" },
]
does = [{ extend = "refund", by = "2", if = "large" }, { open_case = "audit", take = ["name"], with = { amount = "paid_amount" }, code = "99" }]

[steps.approve]
label = { id = "Setujui", en = "Approve" }
from = "approval"
to = "paid"
branches = [{ to = "refused", if = "approved_amount == 1" }]
by = "Supervisor Finance"
note = "required"
confidential_to = ["Supervisor Finance", "Finance"]
note_open = true
four_eyes = ["propose"]
side_panel = "refund.html"
does = [
  { set = { approved_by = "actor", result = "'full' if approved_amount == paid_amount else 'partly'" } },
  { release = ["receipt"] },
  { clear = ["checked"] },
  { form = "receipt", as = { letter = "pdf" } },
  "refund.book",
]

[deadlines.refund]
limit = "14 working days"
since = "created_at"
states = ["checking", "approval"]
kept_in = "due_day"
citation = { id = "Kebijakan 7", en = "Policy 7" }

[deadlines.call]
due = "newest('calls', 'next_day')"

[mails.answered]
to = 'email'
subject = { id = "Diterima {number}", en = "Received {number}" }
text = { id = "Kami terima.", en = "We have it." }

[mails.asked]
to = "email"
subject = { id = "Bukti {number}", en = "Proof {number}" }
text = { id = "Kirim bukti, {name}.", en = "Send the proof, {name}." }
documents = ["letter"]

[from_mail]
sender = "email"
sender_name = "name"
text = "reason"
answers = { channel = "mail" }
attachments = "letter"
mail = "scan"
acknowledgement = "answered"

[[hints]]
when = "large"
says = { id = "Periksa dua kali.", en = "Check twice." }
colour = "red"
roles = ["desk"]

[indicators.share_full]
label = { id = "Dibayar penuh", en = "Paid in full" }
of = "result == 'full'"

[indicators.time]
label = { id = "Lama", en = "Time" }
of = "closed_at - created_at"
kind = "duration"

[field_groups]
customer = { id = "Pelanggan", en = "Customer" }

[public]
title = { id = "Pengembalian dana", en = "Refunds" }
introduction = { id = "Cara melapor.", en = "How to report." }
guides = [
  { heading = { id = "Telepon", en = "Phone" }, lines = [{ id = "Telepon kami.", en = "Call us." }], limit = { id = "{days} hari, lalu {extension}", en = "{days} days, then {extension}" }, deadline = "refund", channel = "phone", extension = "approved_amount", contact_setting = "PHONE" },
]
"""


def not_twice(facts: Facts) -> bool:
    return True


def twice_sentence(facts: Facts) -> str:
    return "Paid already."


def book(case: Any, work: Any) -> None:
    return None


RULES: dict[str, Callable[..., Any]] = {
    "refund.not_twice": not_twice,
    "refund.twice_sentence": twice_sentence,
    "refund.book": book,
}
for rule in RULES.values():
    # As if they stood beside the document: an SOP that is written names its rules by their package.
    rule.__module__ = "app.sop.refund.rules"
AROUND = Surroundings(
    rules=RULES,
    references={"branch": {"code": "text", "name": "text", "active": "truth", "since": "date"}},
    sops=["refund", "audit"],
    settings=["CODE", "PHONE"],
    templates=["refund.html"],
    forms={"receipt": ["pdf"]},
    taken_keys=["search", "cases", "refund_logs"],
    taken_fields=["number", "state", "events", "metadata"],
    taken_columns=["id", "case_id", "metadata"],
    taken_roles=["Public"],
)


def read(text: str) -> Sop:
    return load(text.encode(), FILE, AROUND)


def lines(text: str) -> list[str]:
    """What a person reads of a document that is wrong; nothing where it is right."""
    try:
        read(text)
    except WrongDeclaration as wrong:
        return str(wrong).splitlines()
    return []
