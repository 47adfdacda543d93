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
    "user.linked": _l("User linked to a directory"),
    "user.roles_followed": _l("Roles followed the directory"),
    "password.changed": _l("Password changed"),
    "password.reset": _l("Password reset by an admin"),
}
