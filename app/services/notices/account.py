"""Notices about an account: to its owner, and of what an admin did to somebody, to the other admins."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.workflow.declaration import Text

#: The kind of all of them. They always come by mail as well: whoever has taken an account over does not stop them.
ACCOUNT = "account"
SEPARATOR = "@"
ADDED, REMOVED, RESET = "factor_added", "factor_removed", "factors_reset"
RESET_OF, BLOCKED, CODE_USED, CODES_MADE = "factors_reset_of", "code_blocked", "recovery_used", "recovery_made"
SENTENCES: dict[str, Text] = {
    ADDED: _l("A second factor was added to your account."),
    REMOVED: _l("A second factor was removed from your account."),
    RESET: _l("All second factors of your account were reset. Please set one up again."),
    BLOCKED: _l("Somebody who knows your password gave wrong codes. If that was not you, change your password now."),
    CODE_USED: _l("One of your recovery codes was used to sign in."),
    CODES_MADE: _l("New recovery codes were made for your account; those before no longer work."),
}


def of_somebody(action: str, username: str) -> str:
    """The ``action`` of a notice of what happened to somebody else's account."""
    return f"{action}{SEPARATOR}{username}"


def sentence(action: str, by: str = "") -> str:
    """``by``: who did it; empty where that is nobody, and where what is said leaves the system."""
    what, _separator, username = action.partition(SEPARATOR)
    if what == RESET_OF:
        said = str(_("The second factors of “%(name)s” were reset.", name=username))
    else:
        said = str(SENTENCES.get(what, _("Something was changed in your account.")))
    return f"{said} ({by})" if by else said
