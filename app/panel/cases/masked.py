"""What the page of a case says of masked data: that they are, who may have them shown, until when they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models import Case
from app.services.cases import revealing
from app.services.core import masking, reveals
from app.services.core.access import Actor
from app.services.core.errors import Refused
from app.services.core.veiled import is_veiled
from app.sop import sop_of

#: The sections that mask by themselves; any other may tell whatever it likes, and is left out.
MASKING = frozenset({"recording.html", "mails.html", "incoming_mails.html"})


@dataclass(frozen=True)
class MaskedPage:
    """``until``: for how long all is shown; None: masked. ``may``: the reader may have it shown, with a ``reason``
    where the SOP asks for one. ``error``: why the reason was not taken."""

    until: datetime | None
    may: bool
    reason: bool
    error: str


def masked_of(actor: Actor, case: Case, refusal: Refused | None = None) -> MaskedPage | None:
    """None for whom nothing is masked."""
    sop = sop_of(case)
    if not masking.masked(actor, sop):
        return None
    until = reveals.revealed_until(actor, case.id)
    return MaskedPage(until, revealing.may_reveal(actor, sop), sop.reveal_reason, refusal.message if refusal else "")


def sections_for(sections: Sequence[str | None], shown: Any) -> Sequence[str | None]:
    """Of the templates of sections those that may stand beside the case as it is ``shown``."""
    return [one for one in sections if one in MASKING] if is_veiled(shown) else sections
