"""Why a mail is not an entry of a case, and what becomes of it, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.workflow.declaration import Text

REASONS: dict[str, Text] = {
    # Somebody looks at it:
    "incomplete": _l("It lacks what a case needs"),
    "unknown_sender": _l("It names a case, but that case does not know this sender"),
    "other_sop": _l("It answers a case of another procedure"),
    "void": _l("Its case was declared void"),
    "purged": _l("The personal data of its case were removed"),
    "too_many": _l("This sender writes unusually often"),
    "too_large": _l("It is too large"),
    "too_many_parts": _l("It has too many parts"),
    "headers": _l("Its headers are not those of a mail program"),
    "archive": _l("An attached archive would unpack to far more than it is"),
    "encrypted": _l("It is encrypted or sealed, so it can't be read here"),
    "unreadable": _l("It can't be read"),
    "no_sender": _l("It does not say who sent it"),
    # Nobody needs to:
    "auto": _l("A program answered by itself"),
    "bounce": _l("A mail of ours could not be delivered"),
    "list": _l("It came by a mailing list"),
    "own": _l("It is a mail of our own"),
    "duplicate": _l("It came by another mailbox already"),
}
STATES: dict[str, Text] = {
    "quarantined": _l("Quarantined"),
    "on_case": _l("On a case"),
    "ignored": _l("Ignored"),
    "discarded": _l("Discarded"),
}
