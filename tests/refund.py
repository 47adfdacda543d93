"""A sixth SOP, as somebody would add it: this file as ``app/sop/refund.py``, and nothing else. Its rules are awkward:
amounts and dates that must fit each other, an approval by a second person of the same role, recordings of few kinds."""

from __future__ import annotations

from app.workflow.declaration import (
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
    may,
    need,
    required,
)

DESK, OFFICER = "Refund Desk", "Refund Officer"
ITEMS = Records(
    "items",
    "Items",
    (
        Field("what", "What", required=True),
        Field("quantity", "Quantity", "integer", required=True, minimum=1, maximum=3),
        Field("seen_by", "Seen by", "reference", reference="staff"),
    ),
)
CALLS = Records("calls", "Calls", (Field("called_at", "Called at", "datetime"), Field("result", "Result", "longtext")))


def answer(facts: Facts, key: str) -> object:
    """What the form says, or else the case."""
    return facts.values.get(key, getattr(facts.case, key, None))


def at_most(small: str, large: str, sentence: str) -> Guard:
    def holds(facts: Facts) -> bool:
        low, high = answer(facts, small), answer(facts, large)
        return low is None or high is None or bool(low <= high)  # type: ignore[operator]

    return Guard(f"{small}_at_most_{large}", holds, lambda facts: sentence)


REFUND = Sop(
    key="refund",
    label="Refund",
    label_plural="Refunds",
    number="RFD-{yymmdd}-{seq:05}",
    roles=(DESK, OFFICER),
    states=(
        State("checking", "Checking", "blue"),
        State("awaiting_proof", "Waiting for proof", "amber", "waiting"),
        State("approval", "Approval", "violet"),
        State("payout", "Payout", "teal"),
        State("paid", "Paid", "green", "final"),
        State("refused", "Refused", "grey", "final"),
    ),
    transitions=(
        Transition(
            "register", "Register", (), "checking", (DESK,),
            fields=(
                required(Field("name", "Name")), required(Field("phone", "Phone", format="phone")),
                required(Field("subject", "What it is about")),
                required(Field("paid_amount", "Amount paid", "money", minimum=10_000, maximum=1_900_000)),
                required(Field("bought_on", "Bought on", "date")),
                required(Field("broken_on", "Broken on", "date")),
                required(Field("handler", "Handler", "reference", reference="staff")),
                Field("due_on", "Answer due", "date"),
            ),
            documents=(need("call"),),
            guards=(at_most("bought_on", "broken_on", "Nothing breaks before it is bought."),),
        ),
        Transition("ask_for_proof", "Ask for proof", ("checking",), "awaiting_proof", (DESK,), note="required"),
        Transition("proof_came", "Proof came", ("awaiting_proof",), "checking", (DESK,),
                   documents=(need("proof", fresh=True),)),
        Transition("note_call", "Note a call", ("checking", "awaiting_proof"), None, (DESK,), fields=CALLS.columns,
                   records=CALLS.key, optional=True),
        Transition(
            "propose", "Propose", ("checking",), "approval", (OFFICER,),
            fields=(
                required(Field("approved_amount", "Approved amount", "money", minimum=1)),
                required(Field("fee", "Fee", "money")),
                required(Field("items", "Items", "list", columns=ITEMS.columns)),
                required(Field("share", "Share in per cent", "integer", maximum=100)),
                required(Field("way", "Way", "choice", choices=(Choice("cash", "Cash"), Choice("bank", "Bank")))),
            ),
            documents=(may("proof"),),
            guards=(
                at_most("approved_amount", "paid_amount", "Not more than was paid."),
                at_most("fee", "approved_amount", "The fee is not more than what is approved."),
            ),
        ),
        Transition("approve", "Approve", ("approval",), "payout", (OFFICER,), four_eyes=("propose",)),
        Transition("send_back", "Send back", ("approval",), "checking", (OFFICER,), note="required",
                   four_eyes=("propose",)),
        Transition("pay", "Pay", ("payout",), "paid", (DESK,),
                   fields=(required(Field("paid_out_on", "Paid out on", "date")),
                           required(Field("done", "Done", "boolean"))),
                   guards=(at_most("broken_on", "paid_out_on", "Paid after it broke."),)),
        Transition("refuse", "Refuse", ("checking", "awaiting_proof"), "refused", (OFFICER,), note="required",
                   optional=True),
    ),
    documents=(
        DocumentType("call", "Recording of the call", ("audio/ogg", "audio/aac")),
        DocumentType("proof", "Proof", ("image/webp", "application/msword")),
    ),
    records=(ITEMS, CALLS),
    columns=(Column("number"), Column("state"), Column("name"), Column("paid_amount"), Column("created_at")),
    personal=("name", "subject"),
    deadlines=(Deadline("refund", "Refund", limits=(Limit(14),)),),
    assignee="handler",
    assignee_roles=(DESK,),
)  # fmt: skip
