"""The mailboxes of the settings, and what they have to do with the SOPs."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app

from app.services.core import clock, masking
from app.services.core.access import ADMIN, SYSTEM, Actor
from app.sop import SOPS, in_effect
from app.workflow.declaration import FromMail, Sop
from environment import WrongSetting
from mail_settings import Mailbox


def mailboxes() -> tuple[Mailbox, ...]:
    found: tuple[Mailbox, ...] = current_app.config["MAILBOXES"]
    return found


def check(found: Sequence[Mailbox]) -> None:
    """Raises ``WrongSetting`` for a mailbox whose mails could open no case."""
    for mailbox in found:
        name = f"MAILBOX_{mailbox.number}_SOP"
        if mailbox.sop not in SOPS:
            raise WrongSetting(f"{name}: there is no SOP “{mailbox.sop}”, only {', '.join(SOPS)}")
        if SOPS[mailbox.sop].from_mail is None:
            able = [key for key, sop in SOPS.items() if sop.from_mail]
            raise WrongSetting(
                f"{name}: the document of “{mailbox.sop}” does not say how a mail opens a case (from_mail); that of "
                f"{', '.join(able) or 'no SOP'} does"
            )


def way_of(sop_key: str) -> FromMail | None:
    """How a mail opens a case of the SOP today; None where its revision in effect does not say."""
    return in_effect(sop_key, clock.today()).from_mail


def robot(sop: Sop) -> Actor:
    """Who opens a case from a mail: the system, in the roles that may."""
    return Actor(None, SYSTEM.name, SYSTEM.roles | set(sop.create.by))


def sops_with_mail(actor: Actor) -> list[Sop]:
    """The SOPs whose mails ``actor`` handles: an Admin of all, others where they may open a case. A mail can't be
    masked: who gets personal data masked handles none."""
    able = (sop for sop in SOPS.values() if sop.from_mail and not masking.masked(actor, sop))
    return [sop for sop in able if actor.roles & {ADMIN, *sop.create.by}]
