"""What complaints and reply templates do that no expression says: the customer list, and the text of a template."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.sop.pengaduan.placeholders import filled, unknown_placeholders
from app.workflow.declaration import Case, Facts, Text, Work
from app.workflow.outline import told


@told(
    _(
        "Looks the customer up by order ID or phone number: the identity can only be matched with one who is found, "
        "whose e-mail address is taken over where none was given. Stores who verified the identity and when."
    )
)
def verify(case: Case, work: Work) -> None:
    """Stores which customer it is and how the customer list agrees with what was said; who matched the identity, and
    when."""
    found = work.customer(case.order_id, case.phone)
    if case.identity_verified == "matched":
        if found is None:
            work.refuse("identity_verified", _(
                "the customer list has no such order ID, and not exactly one customer with this phone number. Correct "
                "them, or choose “Not in our data”."
            ))  # fmt: skip
        case.verified_by, case.verified_at = work.actor_name, work.now
        case.email = case.email or found.email or None
    case.customer = None if case.identity_verified == "not_in_data" else found
    if case.order_id or case.phone:
        case.identity_found = "none" if case.customer is None else _agreement(case, case.customer)


def _agreement(case: Case, customer: Any) -> str:
    """How name, phone and order id agree with the customer list: ``full`` or ``partly``."""
    same_name = " ".join(customer.name.lower().split()) == " ".join(case.name.lower().split())
    same_order = customer.code.lower() == (case.order_id or "").strip().lower()
    return "full" if same_name and same_order and customer.phone_normalised == case.reporter_phone else "partly"


@told(_("E-mail to the customer: the approved template, filled in, and the free text."))
def send_reply(case: Case, work: Work) -> None:
    """An approved template, filled in, and the free text behind it. The subject has the number and nothing of the
    template: its title may be that of a version which nobody has approved yet."""
    parts = (filled(work.values["template"].approved_text, case), work.values.get("free_text"))
    work.mail(case.email, _("[%(number)s] About your complaint", number=case.number), "\n\n".join(filter(None, parts)))


def placeholders_known(facts: Facts) -> bool:
    return facts.case is None or not unknown_placeholders(facts.case.text)


def unknown_sentence(facts: Facts) -> Text:
    unknown = unknown_placeholders(facts.case.text) if facts.case is not None else []
    names = ", ".join("{" + name + "}" for name in unknown)
    return _("Unknown placeholders: %(names)s.", names=names)
