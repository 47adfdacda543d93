"""A bucket with object lock (S3), an object for each checkpoint.

The bucket itself has to lock what is put into it (a default retention, best in compliance mode): the retention of one
object would be a header that must be signed, which obstore can't do. So that nobody trusts a bucket that locks nothing,
the server is asked for the lock of what was put.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
import urllib3
from flask import current_app
from obstore.store import S3Store

from app.services.documents.storage import RETRY, TIMEOUTS
from app.services.evidence.anchors import Given

PACE = timedelta(0)
#: The headers in which S3 tells of the lock of an object.
MODE, UNTIL = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"


class NotLocked(Exception):
    """The bucket has taken the object and does not lock it."""


def is_set_up() -> bool:
    return bool(current_app.config["ANCHOR_S3_URL"])


def take(given: Sequence[Given]) -> None:
    """Raises ``NotLocked``, and what obstore raises."""
    store = _store()
    for one in given:
        content = f"{one.line()}\n".encode()
        name = f"{one.number:010d}-{hashlib.sha256(one.body.encode()).hexdigest()[:16]}.jsonl"
        obstore.put(store, name, content)
    lock = lock_of(store, name)
    if not lock.get(MODE) or not lock.get(UNTIL):
        raise NotLocked(f"{name} is in the bucket, but not locked: the bucket needs a default retention (object lock)")


def lock_of(store: S3Store, name: str) -> Mapping[str, Any]:
    """The headers of an object, by an address that is signed for this one question."""
    address = obstore.sign(store, "HEAD", name, timedelta(minutes=5))
    with urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=20)) as pool:
        return dict(pool.request("HEAD", address, retries=1).headers.items())


def _store() -> S3Store:
    url = current_app.config["ANCHOR_S3_URL"]
    config: Any = {
        "region": "us-east-1", **current_app.config["STORAGE_OPTIONS"], **dict(parse_qsl(urlsplit(url).query)),
        # A bucket with a default retention takes nothing without a sum.
        "checksum_algorithm": "SHA256",
    }  # fmt: skip
    plain = str(config.get("endpoint", "")).startswith("http://")
    client: Any = {"allow_http": plain, **TIMEOUTS}
    return S3Store.from_url(url.partition("?")[0], config=config, client_options=client, retry_config=RETRY)
