"""A time stamp (RFC 3161) over the newest checkpoint, which chains all before it: proof of when it was there."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import urllib3
from cryptography import x509
from flask import current_app
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from app.models import CheckpointStamp
from app.services.core import clock
from app.services.core.database import aside_transaction
from app.services.evidence.anchors import Given, file

#: Public authorities stamp for all the world.
PACE = timedelta(minutes=5)
#: Bytes of an answer.
LONGEST = 1 << 18
GRANTED = (0, 1)


class NotStamped(Exception):
    """The authority refuses, or what it answers is no stamp over the checkpoint."""


def is_set_up() -> bool:
    return bool(current_app.config["ANCHOR_TSA_URL"])


def take(given: Sequence[Given]) -> None:
    """Raises ``NotStamped``, and what urllib3 raises."""
    newest = given[-1]
    request = TimestampRequestBuilder().data(newest.body.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = _asked(request.as_bytes())
    try:
        response = decode_timestamp_response(answer)
    except ValueError as error:
        raise NotStamped("The authority's answer can't be read.") from error
    if response.status not in GRANTED:
        raise NotStamped(f"The authority refuses: {', '.join(response.status_string) or response.status}")
    if response.tst_info.nonce != request.nonce:
        raise NotStamped("The authority's answer is one to another question.")
    verified(response, newest.body.encode())
    token = base64.b64encode(answer).decode()
    with aside_transaction() as session:
        session.merge(CheckpointStamp(number=newest.number, at=clock.now(), token=token))
    file.stamped(newest.number, token)


def _asked(request: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    with urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=20)) as pool:
        answer = pool.request(
            "POST", current_app.config["ANCHOR_TSA_URL"], body=request, headers=headers, retries=False,
            preload_content=False,
        )  # fmt: skip
        if answer.status != 200:
            raise NotStamped(f"The authority answers {answer.status}.")
        return bytes(answer.read(LONGEST))


def verified(response: TimeStampResponse, message: bytes) -> datetime:
    """When the message was stamped. Its signature is checked where ``ANCHOR_TSA_CERT`` names the authority's root.
    Raises ``NotStamped``."""
    root = current_app.config["ANCHOR_TSA_CERT"]
    if root:
        verifier = VerifierBuilder()
        for one in x509.load_pem_x509_certificates(Path(root).read_bytes()):
            verifier = verifier.add_root_certificate(one)
        try:
            verifier.build().verify_message(response, message)
        except VerificationError as error:
            raise NotStamped(f"The stamp is none of the authority over this checkpoint: {error}") from error
    moment: datetime = response.tst_info.gen_time
    return moment
