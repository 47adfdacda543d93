"""Notices of accounts and roles in words. They always come by mail as well: nobody chooses not to learn of them."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.workflow.declaration import Text

#: Of one's own account; of what somebody may do.
ACCOUNT, ROLES = "account", "roles"
ACCOUNT_KINDS: dict[str, Text] = {
    ACCOUNT: _l("Something was changed on my account"),
    ROLES: _l("Somebody's roles or second factors were changed"),
}
SEPARATOR = "@"

Sentence = Callable[[str, str], Text]
#: What happened to the account of a user, by whom.
SENTENCES: dict[str, Sentence] = {
    "made": lambda user, name: _("%(name)s has made the account “%(user)s” for you", name=name, user=user),
    "reset": lambda user, name: _("%(name)s has replaced your password by a one-time password", name=name),
    "changed": lambda user, name: _("Your password was changed"),
    "new_place": lambda place, name: _("Your account was signed in to from a new place: %(place)s", place=place),
    "key_revoked": lambda key, name: _("%(name)s has revoked your API key “%(key)s”", name=name, key=key),
    "unlocked": lambda user, name: _("%(name)s has unlocked your sign-in", name=name),
    "details": lambda user, name: _("%(name)s has changed your name, user name or e-mail address", name=name),
    "factor_added": lambda user, name: _("A second factor was added to your account"),
    "factor_removed": lambda user, name: _("A second factor was removed from your account"),
    "factors_reset": lambda user, name: _("%(name)s has reset your second factors; please set one up again", name=name),
    "factors_reset_of": lambda user, name: _(
        "%(name)s has reset the second factors of “%(user)s”", name=name, user=user
    ),
    "code_blocked": lambda user, name: _(
        "Somebody who knows your password gave wrong codes. If that was not you, change your password now"
    ),
    "recovery_used": lambda user, name: _("One of your recovery codes was used to sign in"),
    "recovery_made": lambda user, name: _("New recovery codes were made for your account; those before no longer work"),
    "created": lambda user, name: _("%(name)s has made the account “%(user)s”", name=name, user=user),
    "roles": lambda user, name: _("%(name)s has changed the roles of “%(user)s”", name=name, user=user),
    "activated": lambda user, name: _("%(name)s has activated the account “%(user)s”", name=name, user=user),
    "deactivated": lambda user, name: _("%(name)s has deactivated the account “%(user)s”", name=name, user=user),
    "proposed": lambda user, name: _(
        "%(name)s proposes roles for “%(user)s”; another admin has to confirm them", name=name, user=user
    ),
    "confirmed": lambda user, name: _("%(name)s has confirmed the roles of “%(user)s”", name=name, user=user),
    "declined": lambda user, name: _("%(name)s has declined the roles proposed for “%(user)s”", name=name, user=user),
    "withdrawn": lambda user, name: _("%(name)s no longer proposes roles for “%(user)s”", name=name, user=user),
}


def account_action(what: str, username: str) -> str:
    """The ``action`` of a notice of an account."""
    return f"{what}{SEPARATOR}{username}"


def about(action: str) -> tuple[str, str]:
    """What happened, and to the account of which user name."""
    what, _separator, username = action.partition(SEPARATOR)
    return what, username


def account_sentence(kind: str, action: str, name: str) -> str:
    what, username = about(action)
    return str(SENTENCES[what](username, name)) if what in SENTENCES else str(ACCOUNT_KINDS[kind])


def account_mail(kind: str, action: str, name: str, more: str) -> tuple[str, str]:
    """Subject and text. ``more``: lines that say it in full."""
    hint = _("If you did not expect this, please tell your administrators at once.")
    sentence = account_sentence(kind, action, name)
    return sentence[:255], "\n\n".join(filter(None, (f"{sentence}.", more, str(hint))))
