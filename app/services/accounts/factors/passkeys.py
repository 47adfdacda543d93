"""Passkeys (WebAuthn level 3): made and answered by an authenticator, for one host, by a challenge of ours."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import webauthn
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.models import SecondFactor, SecondStep, SpentChallenge
from app.models.second_factor import PASSKEY
from app.services.accounts.factors import enrolled, recovery
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Malformed

#: How long a challenge may be answered, and how many characters an answer may have.
VALID, LONGEST = timedelta(minutes=5), 20_000
LONGEST_ID = 1400
KNOWN_TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)


@dataclass(frozen=True)
class RelyingParty:
    """Us, as a browser knows us: ``id``, the host; ``origin``, with scheme and port."""

    id: str
    origin: str


@dataclass(frozen=True)
class Account:
    """Whose passkey it becomes, as the authenticator shows it."""

    id: int
    username: str
    name: str


def to_make(party: RelyingParty, account: Account) -> tuple[str, bytes]:
    """What ``navigator.credentials.create`` is asked, as JSON, and its challenge. A passkey that the authenticator can
    find by itself signs in without a password too."""
    with write_transaction() as session:
        handle = enrolled.locked_step(session, account.id).handle
    options = webauthn.generate_registration_options(
        rp_id=party.id, rp_name=current_app.config["APP_NAME"], user_id=handle.encode(), user_name=account.username,
        user_display_name=account.name, exclude_credentials=_descriptors(account.id, party),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )  # fmt: skip
    return webauthn.options_to_json(options), options.challenge


def to_answer(party: RelyingParty, user_id: int | None) -> tuple[str, bytes]:
    """What ``navigator.credentials.get`` is asked: of a user's passkeys, or (None) of whichever the authenticator has,
    which then has to make sure who holds it."""
    alone = user_id is None
    options = webauthn.generate_authentication_options(
        rp_id=party.id, allow_credentials=None if user_id is None else _descriptors(user_id, party),
        user_verification=UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED,
    )  # fmt: skip
    return webauthn.options_to_json(options), options.challenge


def keep(
    actor: Actor, party: RelyingParty, challenge: bytes, answer: str, name: str, kept: int | None = None
) -> list[str]:  # fmt: skip
    """Keeps the passkey that was made; answers the recovery codes that come with a first factor (empty: it is not the
    first). ``kept``: the session in which they are. Raises ``Malformed``, ``Conflict``, ``ValidationFailed``."""
    owned_by, wanted, said = enrolled.own_id(actor), enrolled.checked_name(name), _read(answer)
    try:
        made = webauthn.verify_registration_response(
            credential=said, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin
        )
    except Exception as error:  # of the many kinds that a hostile answer can raise in the libraries below
        raise _refused(error) from error
    factor = SecondFactor(
        user_id=owned_by, kind=PASSKEY, name=wanted, credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key), sign_count=made.sign_count, rp_id=party.id,
        transports=_transports(said), created_at=clock.now(),
    )  # fmt: skip
    if len(factor.credential_id or "") > LONGEST_ID:
        raise _refused(ValueError("the id is too long"))
    try:
        with write_transaction() as session:
            _spend(session, challenge)
            enrolled.locked_step(session, owned_by)
            first = enrolled.add(session, actor, factor, kept)
            return recovery.make_in(session, actor, owned_by) if first else []
    except IntegrityError as error:
        raise _refused(error) from error


def owner(party: RelyingParty, challenge: bytes, answer: str, user_id: int | None) -> int | None:
    """Whose passkey has answered the challenge: ``user_id``'s, or (None) anybody's, which then must know its holder.
    None for an answer that proves nothing. Raises ``Malformed``."""
    said = _read(answer)
    try:
        with write_transaction() as session:
            factor = _named(session, party, said, user_id)
            if factor is None:
                return None
            proof = webauthn.verify_authentication_response(
                credential=said, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
                credential_public_key=webauthn.base64url_to_bytes(factor.public_key or ""),
                credential_current_sign_count=factor.sign_count, require_user_verification=user_id is None,
            )  # fmt: skip
            _spend(session, challenge)
            factor.sign_count, factor.used_at = proof.new_sign_count, clock.now()
            return factor.user_id
    except IntegrityError:
        return None
    except Exception as error:
        if _is_ours(error):
            raise
        current_app.logger.info("A passkey was refused: %s", error)
        return None


def _is_ours(error: Exception) -> bool:
    """Whether it is the database's or ours rather than what the library makes of a hostile answer."""
    return type(error).__module__.startswith(("app.", "sqlalchemy."))


def _named(session: Session, party: RelyingParty, said: dict[str, Any], user_id: int | None) -> SecondFactor | None:
    """The factor that an answer names, locked; None where it is another's, or its handle is."""
    found = select(SecondFactor).where(
        SecondFactor.kind == PASSKEY, SecondFactor.credential_id == str(said.get("id", ""))[:LONGEST_ID],
        SecondFactor.rp_id == party.id,
    )  # fmt: skip
    factor = session.scalars(found.with_for_update()).one_or_none()
    if factor is None or user_id not in (None, factor.user_id):
        return None
    response = said.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    if not handle:
        return factor if user_id is not None else None
    known = session.scalar(select(SecondStep.handle).where(SecondStep.user_id == factor.user_id)) or ""
    return factor if handle == bytes_to_base64url(known.encode()) else None


def _spend(session: Session, challenge: bytes) -> None:
    """Raises ``IntegrityError`` for one that was answered before."""
    session.execute(delete(SpentChallenge).where(SpentChallenge.at < clock.now() - 2 * VALID))
    session.add(SpentChallenge(digest=hashlib.sha256(challenge).hexdigest(), at=clock.now()))
    session.flush()


def _descriptors(user_id: int, party: RelyingParty) -> list[PublicKeyCredentialDescriptor]:
    mine = [one for one in enrolled.of(user_id) if one.kind == PASSKEY and one.rp_id == party.id and one.credential_id]
    return [
        PublicKeyCredentialDescriptor(
            id=webauthn.base64url_to_bytes(one.credential_id or ""),
            transports=[AuthenticatorTransport(name) for name in one.transports if name in KNOWN_TRANSPORTS],
        )
        for one in mine
    ]


def _transports(said: dict[str, Any]) -> list[str]:
    response = said.get("response")
    named = response.get("transports") if isinstance(response, dict) else None
    return sorted(KNOWN_TRANSPORTS & {one for one in named if isinstance(one, str)}) if isinstance(named, list) else []


def _read(answer: str) -> dict[str, Any]:
    try:
        said = json.loads(answer) if len(answer) <= LONGEST else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Malformed(_("The browser's answer could not be read."))
    return said


def _refused(error: Exception) -> Malformed:
    current_app.logger.info("A passkey was refused: %s", error)
    return Malformed(_("The passkey could not be checked. Please try again."))
