"""A bucket with object lock (S3), an object for each checkpoint.

The bucket itself has to lock what is put into it (a default retention, best in compliance mode): the retention of one
object would be a header that must be signed, which obstore can't do. It signs addresses, to which an object can be put
with the sum that such a bucket wants. So that nobody trusts a bucket that locks nothing, the server is asked for the
lock of what was put.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import obstore
import urllib3
from flask import current_app
from obstore.store import S3Store

from app.services.evidence.anchors import Given

PACE = timedelta(0)
TIMEOUT = urllib3.Timeout(connect=5, read=20)
#: The headers in which S3 tells of the lock of an object.
MODE, UNTIL = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"


class NotTaken(Exception):
    """What the server says."""


class NotLocked(Exception):
    """The bucket has taken the object and does not lock it."""


def is_set_up() -> bool:
    return bool(current_app.config["ANCHOR_S3_URL"])


def take(given: Sequence[Given]) -> None:
    """Raises ``NotLocked`` or ``NotTaken``, and what obstore and urllib3 raise."""
    store = _store()
    for one in given:
        content = f"{one.line()}\n".encode()
        name = f"{one.number:010d}-{hashlib.sha256(one.body.encode()).hexdigest()[:16]}.jsonl"
        _ask(store, "PUT", name, content)
        lock = _ask(store, "HEAD", name)
        if not lock.get(MODE) or not lock.get(UNTIL):
            raise NotLocked(f"{name} is there, but not locked: the bucket needs a default retention (object lock)")


def _ask(store: S3Store, method: Literal["PUT", "HEAD"], name: str, content: bytes = b"") -> Mapping[str, str]:
    """The headers of the answer, by an address that is signed for this one question."""
    address = obstore.sign(store, method, name, timedelta(minutes=5))
    sums = {"Content-MD5": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()}
    with urllib3.PoolManager(timeout=TIMEOUT) as pool:
        answer = pool.request(method, address, body=content or None, headers=sums if content else {}, retries=1)
    if answer.status != 200:
        raise NotTaken(f"The bucket answers {answer.status}: {answer.data[:300].decode('utf-8', 'replace')}")
    return answer.headers


def _store() -> S3Store:
    url = current_app.config["ANCHOR_S3_URL"]
    options = dict(parse_qsl(urlsplit(url).query))
    config: Any = {"region": "us-east-1", **current_app.config["STORAGE_OPTIONS"], **options}
    client: Any = {"allow_http": str(config.get("endpoint", "")).startswith("http://")}
    return S3Store.from_url(url.partition("?")[0], config=config, client_options=client)
