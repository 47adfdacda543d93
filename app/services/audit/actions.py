"""What the audit log tells of, each with what it is called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.workflow.declaration import Text

#: By the key under which an entry keeps it: ``<area>.<what happened>``.
ACTIONS: dict[str, Text] = {
    "sign_in.done": _l("Signed in"),
    "sign_in.refused": _l("Sign-in refused"),
    "sign_out.done": _l("Signed out"),
    "user.created": _l("User created"),
    "user.changed": _l("User changed"),
    "password.changed": _l("Password changed"),
    "password.reset": _l("Password reset by an admin"),
    "access.refused": _l("Refused"),
    "record.created": _l("Data entered"),
    "record.changed": _l("Data changed"),
    "record.deleted": _l("Data deleted"),
    "settings.changed": _l("Settings of the server changed"),
    "audit.verified": _l("Audit log checked"),
    "command.done": _l("Command run"),
    "import.done": _l("File imported"),
    "export.begun": _l("Export begun"),
    "export.ended": _l("Export ended"),
    "export.downloaded": _l("Report downloaded"),
    "document.opened": _l("Document opened"),
    "mail.opened": _l("Source of a mail downloaded"),
    "mail.discarded": _l("Incoming mail discarded"),
    "mail.attached": _l("Incoming mail put on a case"),
    "outbox.resent": _l("Mails sent again"),
    "outbox.discarded": _l("Mails discarded"),
    "outbox.tested": _l("Test mail sent"),
    "channel.tested": _l("Notice channel tested"),
    "channel.resent": _l("Messages of a channel sent again"),
    "webhook.secret_shown": _l("Secret of a webhook shown"),
    "webhook.tested": _l("Webhook tested"),
    "webhook.replayed": _l("Delivery of a webhook sent again"),
    "calendar.made": _l("Calendar address made"),
    "calendar.revoked": _l("Calendar address revoked"),
    "job.ordered": _l("Background work started by hand"),
    "job.settled": _l("Failed background work ticked off"),
    "job.dropped": _l("Background work dropped"),
    "purge.done": _l("Removed after its retention"),
    "retention.begun": _l("Removal of what is due begun"),
    "retention.ended": _l("Removal of what is due ended"),
}

#: What an entry can be about, by the key of its kind.
KINDS: dict[str, Text] = {
    "user": _l("User"),
    "role": _l("Role"),
    "group": _l("Group of users"),
    "unit": _l("Unit"),
    "posko": _l("Posko"),
    "crew": _l("Crew"),
    "hearing_stage": _l("Hearing stage"),
    "staff": _l("Staff member"),
    "complaint_category": _l("Complaint category"),
    "deadline_policy": _l("Policy"),
    "calendar_day": _l("Calendar day"),
    "working_hours": _l("Working hours"),
    "retention_policy": _l("Retention period"),
    "legal_hold": _l("Legal hold"),
    "notice_channel": _l("Notice channel"),
    "webhook": _l("Webhook"),
    "case": _l("Case"),
    "document": _l("Document"),
    "mail": _l("Mail"),
    "export": _l("Export of data"),
    "import": _l("File"),
    "job": _l("Background work"),
    "command": _l("Command"),
    "route": _l("Address"),
}
