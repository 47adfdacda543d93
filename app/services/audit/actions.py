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
    "second_factor.added": _l("Second factor added"),
    "second_factor.renamed": _l("Second factor renamed"),
    "second_factor.removed": _l("Second factor removed"),
    "second_factor.reset": _l("Second factors of a user reset"),
    "second_factor.used": _l("Signed in with a second factor"),
    "second_factor.refused": _l("Second factor refused"),
    "recovery_codes.made": _l("Recovery codes made"),
    "recovery_code.used": _l("Recovery code used"),
}
