"""Notices in words: their kinds, sentences and mails."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core.wording import COMMENT, MAIL_CAME, action_label, state_label
from app.services.deadlines.due_reports import Period, period_of
from app.services.notices.account_wording import ACCOUNT_KINDS, account_sentence
from app.workflow.declaration import Sop, Text

#: The label of each kind of notice that people choose.
KINDS: dict[str, Text] = {
    "my_turn": _l("It is my turn"),
    "revision": _l("A revision is asked of me"),
    "approved": _l("My work was decided on"),
    "deadline": _l("A deadline is near or has run out"),
    "escalation": _l("An overdue case is escalated to me"),
    "report_due": _l("A report to the authorities is due"),
    "mention": _l("Somebody mentions me"),
    "handed_over": _l("A case is handed over to me"),
    MAIL_CAME: _l("E-mail comes in on a case that waits for me"),
    "void_asked": _l("I am asked to declare a case void"),
    "mail_failed": _l("A mail of a case could not be delivered"),
    "webhook_off": _l("A webhook was switched off"),
    "privacy_due": _l("A request about personal data is due"),
}
ALL_KINDS = KINDS | ACCOUNT_KINDS
#: The kinds that concern no case.
REPORT_DUE, WEBHOOK_OFF, PRIVACY_DUE = "report_due", "webhook_off", "privacy_due"
OF_MAIL = (MAIL_CAME, "mail_failed")
SEPARATOR = "@"
OUT = 100


def deadline_action(key: str, level: int) -> str:
    """The ``action`` of a notice of a deadline."""
    return f"{key}{SEPARATOR}{level}"


def comment_action(seq: int) -> str:
    """The ``action`` of a notice of a comment, by its event."""
    return f"{COMMENT}{SEPARATOR}{seq}"


def comment_seq(action: str) -> int | None:
    """The event to which a notice of a comment leads; None of any other notice."""
    what, _separator, seq = action.partition(SEPARATOR)
    return int(seq) if what == COMMENT and seq.isdecimal() else None


def period_due(action: str) -> Period:
    """The period of a due report; ``action`` is ``deadline_action`` of its key."""
    return period_of(action.rpartition(SEPARATOR)[0])


def mail_without_case(kind: str, action: str) -> tuple[str, str]:
    """Subject and text."""
    return str(KINDS[kind]), sentence_without_case(kind, action)


def sentence_without_case(kind: str, action: str, name: str = "") -> str:
    """Of an account, of a due report, of the name of a webhook, of a request about personal data by its number.
    ``name``: who did it."""
    if kind in ACCOUNT_KINDS:
        return account_sentence(kind, action, name)
    if kind == WEBHOOK_OFF:
        return str(_("The webhook “%(name)s” was switched off: nothing has reached it for days.", name=action))
    if kind == PRIVACY_DUE:
        number, _separator, level = action.rpartition(SEPARATOR)
        if level == str(OUT):
            return str(_("The time for request %(number)s has run out", number=number))
        return str(_("Request %(number)s: %(level)s %% of its time used", number=number, level=level))
    return period_due(action).notice


def sentence(sop: Sop, number: str, kind: str, action: str, name: str) -> str:
    """A notice in one line, for its recipient."""
    return str(_line(sop, number, kind, action, name))


def _line(sop: Sop, number: str, kind: str, action: str, name: str) -> Text:
    if kind == "my_turn":
        return _("Your turn: %(number)s, %(state)s", number=number, state=state_label(sop, action))
    if kind == "revision":
        return _("%(name)s asks for a revision of %(number)s", name=name, number=number)
    if kind == "approved":
        step = action_label(sop, action)
        return _("%(name)s has decided on %(number)s: %(step)s", name=name, number=number, step=step)
    if kind == "mention":
        return _("%(name)s mentions you in %(number)s", name=name, number=number)
    if kind == "handed_over":
        return _("%(name)s has handed %(number)s over to you", name=name, number=number)
    if kind == "void_asked":
        return _("%(name)s asks you to declare %(number)s void", name=name, number=number)
    return _of_mail(number, kind) if kind in OF_MAIL else _of_deadline(sop, number, kind, action)


def _of_mail(number: str, kind: str) -> Text:
    if kind == MAIL_CAME:
        return _("E-mail has come in on %(number)s", number=number)
    return _("A mail of %(number)s could not be delivered", number=number)


def _of_deadline(sop: Sop, number: str, kind: str, action: str) -> Text:
    key, _separator, level = action.rpartition(SEPARATOR) if kind == "deadline" else (action, "", "")
    label = sop.clock_label(key)
    if kind == "escalation":
        return _("Escalated to you: deadline “%(deadline)s” of %(number)s has run out", deadline=label, number=number)
    if level == str(OUT):
        return _("Deadline “%(deadline)s” of %(number)s has run out", deadline=label, number=number)
    return _("Deadline “%(deadline)s” of %(number)s: %(level)s %% used", deadline=label, number=number, level=level)


def mail(sop: Sop, number: str, kind: str, action: str) -> tuple[str, str]:
    """Subject and text. A mail leaves the system, so it names the case and what happened, but no person."""
    hint = _("Please sign in to see the case. Which notices come by mail, you choose in your profile.")
    text = f"{sop.label} {number}\n{what_happened(sop, number, kind, action)}\n\n{hint}"
    return f"{number}: {KINDS[kind]}"[:255], text


def what_happened(sop: Sop, number: str, kind: str, action: str) -> str:
    """A notice in one line that names no person."""
    if kind in ("my_turn", "deadline", "escalation", *OF_MAIL):
        return sentence(sop, number, kind, action, "")
    what = action.partition(SEPARATOR)[0]
    return f"{KINDS[kind]}: {action_label(sop, what)}" if what else str(KINDS[kind])


def announcement(sop: Sop | None, number: str | None, kind: str, action: str, link: str) -> tuple[str, str]:
    """Title and text of a notice in a chat, which addresses nobody in particular and, as it leaves the system, names
    the case and what happened, but no person. ``link``: where the case is; empty where that is not known."""
    if sop is None or number is None:
        return mail_without_case(kind, action)
    text = _announced(sop, number, kind, action)
    return f"{sop.label} {number}"[:255], f"{text}\n{link}" if link else str(text)


def _announced(sop: Sop, number: str, kind: str, action: str) -> Text:
    if kind == "my_turn":
        return _("%(number)s waits for its next step: %(state)s", number=number, state=state_label(sop, action))
    if kind == "revision":
        return _("A revision of %(number)s is asked", number=number)
    if kind == "approved":
        return _("%(number)s was decided on: %(step)s", number=number, step=action_label(sop, action))
    if kind == "mention":
        return _("Somebody is mentioned in %(number)s", number=number)
    if kind == "handed_over":
        return _("%(number)s was handed over", number=number)
    if kind == "void_asked":
        return _("It is asked to declare %(number)s void", number=number)
    return _line(sop, number, "deadline", deadline_action(action, OUT) if kind == "escalation" else action, "")
