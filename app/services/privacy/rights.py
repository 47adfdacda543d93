"""What somebody may ask about their own data, in which states a request is, and who handles them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core.access import Actor
from app.services.core.errors import Forbidden
from app.services.core.officers import is_privacy_officer, privacy_officers
from app.workflow.declaration import Text

#: Within this time the controller answers (UU 27/2022, articles 30 to 34).
CLOCK = timedelta(hours=72)
OPEN, ANSWERED, REFUSED = "open", "answered", "refused"
STATES: dict[str, Text] = {OPEN: _l("Open"), ANSWERED: _l("Answered"), REFUSED: _l("Refused")}
COLOURS = {OPEN: "amber", ANSWERED: "green", REFUSED: "grey"}


@dataclass(frozen=True)
class Right:
    """``article`` of UU 27/2022."""

    label: Text
    article: str


RIGHTS: dict[str, Right] = {
    "access": Right(_l("Access and a copy of the data"), "5, 7"),
    "portability": Right(_l("The data in a form for another controller"), "13"),
    "correction": Right(_l("Correction"), "6"),
    "erasure": Right(_l("Erasure"), "8"),
    "restriction": Right(_l("Restriction of the processing"), "11"),
    "objection": Right(_l("Objection or withdrawal of consent"), "9, 10"),
}
#: What is done about a request, as its history tells it.
ACTIONS: dict[str, Text] = {
    "recorded": _l("Recorded"),
    "matched": _l("Cases determined"),
    "exported": _l("Everything exported"),
    "erased": _l("Case erased"),
    "kept": _l("Case not erased"),
    "answered": _l("Answered"),
    "refused": _l("Refused"),
}


def officer_or_refused(actor: Actor) -> None:
    if not is_privacy_officer(actor):
        raise Forbidden(_("Only %(roles)s may do this.", roles=", ".join(sorted(privacy_officers()))))
