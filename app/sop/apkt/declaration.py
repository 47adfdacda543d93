"""APKT: customers' complaints (keluhan) and outages (gangguan), and the mutation from the one to the other."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.sop.common import IMAGES, PDF, SUPERVISOR
from app.workflow.declaration import (
    CONTINUED_AS,
    Case,
    Choice,
    Column,
    DocumentType,
    Field,
    Hint,
    Records,
    Sop,
    State,
    Transition,
    Work,
    may,
    required,
)

CSO = "CSO"
UNIT = "Unit"
#: The code that only mutated reports carry (circular of 16 April 2021, point 2b).
MUTATED = "99"

NAME = Field("name", _("Name"))
PHONE = Field("phone", _("Phone number"), format="phone")
ADDRESS = Field("address", _("Reporter's address"))
DESCRIPTION = Field("description", _("Description"), "longtext")
CAUSE = Field("cause", _("Cause"))
CHANNELS = (
    Choice("pln_mobile", _("PLN Mobile")),
    Choice("cc_123", _("CC 123")),
    Choice("walk_in", _("Walk-in")),
    Choice("social_media", _("Social media")),
)
REPORT = (
    Field("priority", _("Priority"), "choice", choices=tuple(Choice(p.lower(), p) for p in "ABC")),
    required(NAME),
    Field("customer_id", _("Customer ID")),
    required(ADDRESS),
    Field("location", _("Location")),
    required(Field("posko", _("Posko"), "reference", reference="posko")),
    required(PHONE),
    required(DESCRIPTION),
    CAUSE,
    Field("outage_at", _("Time of outage"), "datetime"),
    Field("channel", _("Channel"), "choice", choices=CHANNELS, default="cc_123"),
)
#: What the outage report takes over from the complaint (point 2 of the mutation).
TAKEN_OVER = (
    "priority", "name", "customer_id", "address", "location", "posko", "phone", "cause", "outage_at", "channel",
)  # fmt: skip
CONTACT = (
    required(Field("contact_at", _("Time of contact"), "datetime")),
    required(Field("contact_channel", _("Channel"), "choice", choices=CHANNELS)),
    required(Field("said", _("What was said"), "longtext")),
)
ACTION_TAKEN = Field("action_taken", _("What was done"), "longtext")
PHOTO = DocumentType("foto", _("Photo or supporting file"), PDF + IMAGES)
REPEATS = Records("repeat_contacts", _("Repeat contacts"), CONTACT)


def mutate(case: Case, work: Work) -> None:
    """The complaint continues as outage report G99…, in the transaction that cancels it."""
    values = {key: getattr(case, key) for key in TAKEN_OVER}
    values["description"] = f"MUTASI K : {case.number} : {case.description}"
    values["outage_at"] = values["outage_at"] or case.created_at
    outage = work.open_case("gangguan", values, code=MUTATED)
    work.link(CONTINUED_AS, case, outage)


def is_mutated(case: Case) -> bool:
    return bool(case.description) and case.description.startswith("MUTASI K")


def repeat_contact(states: tuple[str, ...]) -> Transition:
    return Transition("add_repeat_contact", _("Add a repeat contact"), states, None, (CSO,), fields=CONTACT,
                      records="repeat_contacts", optional=True, style="default",
                      help=_("The customer reports the same thing again: no new ticket."))  # fmt: skip


def cancel(states: tuple[str, ...]) -> Transition:
    return Transition("cancel", _("Cancel the report"), states, "cancelled", (UNIT, SUPERVISOR), note="required",
                      optional=True, style="danger")  # fmt: skip


REPORTED = State("reported", _("Reported"), "amber")
RESOLVED = State("resolved", _("Resolved"), "green", "final")
CANCELLED = State("cancelled", _("Cancelled"), "grey", "final", counts_for_deadlines=False)

COLUMNS = (
    Column("number", _("Report no.")), Column("priority"), Column("name"), Column("state"), Column("address"),
    Column("location"), Column("posko"), Column("phone"), Column("description"), Column("cause"),
    Column("created_at"), Column("outage_at"), Column("repeat_contacts_count", _("Repeats")),
)  # fmt: skip
PERSONAL = ("name", "customer_id", "address", "location", "phone", "description")
SAME_REPORT = ("customer_id", "phone", "address")

KELUHAN = Sop(
    key="keluhan",
    label=_("Complaint (keluhan)"),
    label_plural=_("Keluhan"),
    number="K{code}{yymmdd}{seq:05}",
    code_setting="APKT_CODE",
    roles=(CSO, UNIT, SUPERVISOR),
    states=(REPORTED, State("in_progress", _("In progress"), "blue"), RESOLVED, CANCELLED),
    transitions=(
        Transition("report", _("Report a complaint"), (), "reported", (CSO,), (may("foto"),), REPORT),
        Transition("start", _("Start handling"), ("reported",), "in_progress", (UNIT,)),
        Transition("resolve", _("Resolve"), ("in_progress",), "resolved", (UNIT,), (may("foto"),),
                   (required(CAUSE), required(ACTION_TAKEN))),
        Transition("mutate_to_gangguan", _("Mutate to an outage"), ("reported", "in_progress"), "cancelled", (UNIT,),
                   fields=(required(Field("mutation_reason", _("Reason of the mutation"), "choice", choices=(
                       Choice("urgent", _("Needs handling at once")),
                       Choice("special", _("Special condition")),
                       Choice("wrong_menu", _("Wrong menu chosen"))))),),
                   effects=(mutate,), optional=True, style="default",
                   help=_("The complaint is cancelled and continues as an outage report with number G99….")),
        cancel(("reported", "in_progress")),
        repeat_contact(("reported", "in_progress")),
    ),
    documents=(PHOTO,),
    records=(REPEATS,),
    columns=COLUMNS,
    personal=PERSONAL,
    subject="description",
    similar=SAME_REPORT,
    unit_roles=(UNIT,),
    unit_field="posko",
    icon="fa-comment",
)  # fmt: skip

GANGGUAN = Sop(
    key="gangguan",
    label=_("Outage (gangguan)"),
    label_plural=_("Gangguan"),
    number="G{code}{yymmdd}{seq:05}",
    code_setting="APKT_CODE",
    roles=(CSO, UNIT, SUPERVISOR),
    states=(
        REPORTED,
        State("crew_assigned", _("Crew assigned"), "blue"),
        State("en_route", _("En route"), "blue"),
        State("investigating", _("Crew investigating"), "violet"),
        State("restored", _("Power restored"), "teal"),
        RESOLVED,
        CANCELLED,
    ),
    transitions=(
        Transition("report", _("Report an outage"), (), "reported", (CSO,), (may("foto"),), REPORT),
        Transition("assign_crew", _("Assign a crew"), ("reported",), "crew_assigned", (UNIT,),
                   fields=(required(Field("crew", _("Crew"), "reference", reference="crew")),)),
        Transition("depart", _("Crew departs"), ("crew_assigned",), "en_route", (UNIT,)),
        Transition("investigate", _("Crew investigates"), ("en_route", "crew_assigned"), "investigating", (UNIT,)),
        Transition("restore", _("Power is back"), ("investigating",), "restored", (UNIT,), (may("foto"),),
                   (required(CAUSE), required(Field("restored_at", _("Restored at"), "datetime")))),
        Transition("resolve", _("Resolve"), ("restored",), "resolved", (UNIT, CSO),
                   fields=(required(Field("customer_confirmed", _("Customer confirmed"), "choice", choices=(
                       Choice("yes", _("Yes")), Choice("not_reached", _("Not reached"))))),)),
        Transition("reopen", _("Still dark: reopen"), ("restored",), "investigating", (UNIT, CSO), note="required",
                   optional=True, style="default"),
        cancel(("reported", "crew_assigned", "en_route", "investigating")),
        repeat_contact(("reported", "crew_assigned", "en_route", "investigating", "restored")),
    ),
    documents=(PHOTO,),
    records=(REPEATS,),
    columns=COLUMNS,
    personal=PERSONAL,
    hints=(
        Hint(is_mutated,
             _("The customer need not be told that the report was mutated; tell them only how the handling goes on."),
             (CSO,)),
    ),
    subject="description",
    similar=SAME_REPORT,
    unit_roles=(UNIT,),
    unit_field="posko",
    icon="fa-bolt",
)  # fmt: skip
