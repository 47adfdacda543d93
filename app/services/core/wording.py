"""Violations, unreadable input and mistakes in documents, in words for the user."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core.errors import FieldError
from app.services.core.formatting import answer
from app.workflow.declaration import Field, Sop, Text, Transition
from app.workflow.engine import Violation
from app.workflow.mistakes import Mistake
from app.workflow.parts import COMMENT as COMMENT
from app.workflow.parts import WITHDRAWN as WITHDRAWN
from app.workflow.values import InvalidValue, bounds

#: Why an input can't be read (``workflow.values.InvalidValue.reason``).
REASONS: dict[str, Text] = {
    "text": _l("Please write a text here."),
    "too_long": _l("This text is too long."),
    "integer": _l("Please write a whole number, such as 3."),
    "money": _l("Please write an amount in rupiah, such as 1250000 or 1.250.000."),
    "out_of_range": _l("This number is too small or too large."),
    "date": _l("Please write a date such as 29/11/2026."),
    "datetime": _l("Please write a date and time such as 29/11/2026 14.30."),
    "time": _l("Please write a time such as 14.30."),
    "boolean": _l("Please answer yes or no."),
    "choice": _l("Please choose one of the answers offered."),
    "reference": _l("This is not one of the entries offered."),
    "email": _l("Please write an e-mail address such as name@example.com."),
    "phone": _l("Please write a phone number such as 0812-3456-7890."),
    "contact": _l("Please write an e-mail address or a phone number."),
    "position": _l("Please write a position such as 03:25 (minutes:seconds)."),
    "list": _l("Please choose from the list."),
    "row_incomplete": _l("This is lacking."),
    "masked": _l("This is only what is masked of it: leave it as it was, or write all of it."),
    "unknown": _l("This step does not ask for that."),
}


def describe_violation(sop: Sop, transition: Transition, violation: Violation) -> FieldError:
    """The sentence for one violation."""
    if violation.sentence is not None:
        message = str(violation.sentence)
    elif violation.kind == "field":
        field = transition.field(violation.key)
        message = _("%(field)s is required.", field=field.label if field else violation.key)
    elif violation.kind == "document":
        names = [str(sop.document_by_key[key].label) for key in violation.key.split("|")]
        listed = _(" or ").join(names)
        message = _("Document missing: %(names)s.", names=listed)
        if violation.anew:
            message = _("A new version is needed: %(names)s.", names=listed)
    elif violation.kind == "note":
        message = _("Please write the reason.")
    elif violation.kind == "four_eyes":
        message = _own_work(sop, transition, violation.key)
    elif violation.kind == "role":
        message = _("Only %(roles)s may do this.", roles=", ".join(transition.by))
    else:
        message = _("This step is not possible in the present state.")
    return FieldError(violation.kind, violation.key, message)


def _own_work(sop: Sop, transition: Transition, key: str) -> str:
    if key in transition.four_eyes:
        earlier = sop.transition_by_key[key].label
        return str(_("Whoever did “%(step)s” may not decide on it: a second person must.", step=earlier))
    document = sop.document_by_key[key].label
    return str(_("You made the version of “%(document)s” to be decided on: a second person must.", document=document))


def invalid(transition: Transition, key: str, error: InvalidValue) -> list[FieldError]:
    """The sentence for an input that can't be read; of rows, one for each mistake."""
    field = transition.field(key)
    if field is None:
        return [FieldError("invalid", key, f"{key}: {REASONS[error.reason]}")]
    if not error.rows:
        return [FieldError("invalid", key, f"{field.label}: {why_not(field, error.reason)}")]
    places = (
        _("%(rows)s, row %(number)s, %(column)s", rows=field.label, number=one.row, column=one.column.label)
        for one in error.rows
    )
    return [
        FieldError("invalid", key, f"{place}: {why_not(one.column, one.reason)}", (one.row, one.column.key))
        for place, one in zip(places, error.rows, strict=True)
    ]


def why_not(field: Field, reason: str) -> str:
    """The reason for which a value of ``field`` can't be read, with the bounds that it has left."""
    if reason != "out_of_range":
        return str(REASONS[reason])
    least, most = (answer(field, bound) for bound in bounds(field))
    return str(_("At least %(least)s and at most %(most)s.", least=least, most=most))


def bounds_of(field: Field) -> str:
    """The bounds that the SOP declares for a number, in words; empty where it declares none."""
    if field.minimum is not None and field.maximum is not None:
        return why_not(field, "out_of_range")
    if field.minimum is not None:
        return str(_("At least %(least)s.", least=answer(field, field.minimum)))
    return str(_("At most %(most)s.", most=answer(field, field.maximum))) if field.maximum is not None else ""


#: What the history calls the move of a case to another revision of its SOP.
MOVED = "move_revision"
HANDED_OVER = "hand_over"
TAKEN, PUT_BACK = "take", "put_back"
IMPORTED = "import"
CORRECTED = "correct"
MAIL_FAILED, MAIL_RESENT, MAIL_DISCARDED = "mail_failed", "mail_resent", "mail_discarded"
#: What a retention that ran out has taken: files alone, or the personal data as well; only after the latter may events
#: of the case be empty.
PURGED_FILES, PURGED = "purge", "purge_personal"
VOIDED, VOID_ASKED, VOID_REFUSED = "void", "ask_void", "refuse_void"
#: A mail of somebody outside, which is an entry of the case.
MAIL_CAME = "mail_came"
#: What people say on a case and take back; ``access.sees_event`` says who learns of it.
COMMENTING = (COMMENT, WITHDRAWN)
#: Actions in a history that are not transitions.
OTHER_ACTIONS: dict[str, Text] = {
    "upload": _l("Document added"),
    IMPORTED: _l("Imported"),
    PURGED_FILES: _l("Removed after its retention"),
    PURGED: _l("Personal data removed after retention"),
    "hold": _l("Legal hold set"),
    "release_hold": _l("Legal hold released"),
    "deadline_warning": _l("Deadline warning"),
    TAKEN: _l("Taken on"),
    PUT_BACK: _l("Put back"),
    HANDED_OVER: _l("Handed over"),
    COMMENT: _l("Comment"),
    WITHDRAWN: _l("Comment withdrawn"),
    "mutated_from": _l("Continues a complaint"),
    MOVED: _l("Moved to another revision"),
    CORRECTED: _l("Data corrected"),
    VOIDED: _l("Declared void"),
    VOID_ASKED: _l("Asked to be declared void"),
    VOID_REFUSED: _l("Not declared void"),
    MAIL_CAME: _l("E-mail came in"),
    MAIL_FAILED: _l("Mail could not be delivered"),
    MAIL_RESENT: _l("Mail sent again"),
    MAIL_DISCARDED: _l("Mail discarded"),
}


def action_label(sop: Sop, action: str) -> str:
    transition = sop.known_transitions.get(action)
    return str(transition.label if transition else OTHER_ACTIONS.get(action, action))


def state_label(sop: Sop, state: str | None) -> str:
    """``state`` is None where there was no case yet; a state that is no longer declared is shown by its key."""
    if state is None:
        return str(_("Start"))
    return str(sop.state(state).label)


#: What a mistake in a document is about, as the checks call it: kinds of names, shapes of values, types of expressions.
NOUNS: dict[str, Text] = {
    "SOP": _l("SOP"),
    "a table": _l("a table"),
    "a text": _l("a text"),
    "a text, a number or true": _l("a text, a number or true"),
    "a whole number": _l("a whole number"),
    "action": _l("action"),
    "channel": _l("channel"),
    "choice": _l("choice"),
    "colour": _l("colour"),
    "column": _l("column"),
    "column of the customer list": _l("column of the customer list"),
    "column with a day": _l("column with a day"),
    "date": _l("date"),
    "deadline": _l("deadline"),
    "document": _l("document"),
    "field": _l("field"),
    "field with a day": _l("field with a day"),
    "field with an address": _l("field with an address"),
    "field with choices": _l("field with choices"),
    "form": _l("printed form"),
    "group of fields": _l("group of fields"),
    "function": _l("function"),
    "kind": _l("kind"),
    "kind of file": _l("kind of file"),
    "language": _l("language"),
    "list": _l("list"),
    "list field": _l("list field"),
    "mail": _l("mail"),
    "moment": _l("date with time"),
    "months": _l("number of months"),
    "null": _l("null"),
    "number": _l("number"),
    "records": _l("records"),
    "reference": _l("reference"),
    "role": _l("role"),
    "row": _l("row of master data"),
    "rule": _l("rule"),
    "rule for the note": _l("rule for the note"),
    "setting": _l("setting"),
    "span": _l("length of time"),
    "state": _l("state"),
    "step": _l("step"),
    "style": _l("style"),
    "template": _l("template"),
    "text": _l("text"),
    "true or false": _l("true or false"),
    "truth": _l("condition"),
    "type": _l("type"),
    "word": _l("word"),
}
#: The values of a mistake that are such nouns, one or several.
OF_NOUNS = frozenset({"kind", "found", "wanted", "left", "right"})
BETWEEN = re.compile(r"(/| or )")


def describe_mistake(mistake: Mistake) -> str:
    """The line for one mistake in a document, in the reader's language."""
    values = {key: _nouns(value) if key in OF_NOUNS else value for key, value in mistake.values.items()}
    return mistake.said(str(_(mistake.message)) % values)


def _nouns(value: Any) -> str:
    whole = NOUNS.get(str(value))
    if whole is not None:
        return str(whole)
    parts = BETWEEN.split(str(value))
    return "".join(str(_(" or ")) if at % 2 else str(NOUNS.get(part, part)) for at, part in enumerate(parts))
