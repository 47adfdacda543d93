"""What the audit log tells of, each with what it is called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.workflow.declaration import Text

#: By the key under which an entry keeps it: ``<area>.<what happened>``.
ACTIONS: dict[str, Text] = {
    "sign_in.done": _l("Signed in"),
    "sign_in.refused": _l("Sign-in refused"),
    "sign_in.confirmed": _l("Confirmed who they are"),
    "sign_in.unlocked": _l("Sign-in unlocked by an admin"),
    "sign_out.done": _l("Signed out"),
    "user.created": _l("User created"),
    "user.changed": _l("User changed"),
    "user.linked": _l("User linked to a directory"),
    "user.roles_followed": _l("Roles followed the directory"),
    "file.infected": _l("Virus found in a file"),
    "file.refused": _l("File with active content refused"),
    "password.changed": _l("Password changed"),
    "password.reset": _l("Password reset by an admin"),
    "role.granted": _l("Roles granted"),
    "role.removed": _l("Roles removed"),
    "role.proposed": _l("Roles proposed to another admin"),
    "role.confirmed": _l("Proposed roles confirmed"),
    "role.declined": _l("Proposed roles declined"),
    "role.withdrawn": _l("Proposed roles withdrawn"),
}
