"""A real S3 server within the tests' process, and buckets in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"access_key_id": "tests", "secret_access_key": "tests"}


@dataclass(frozen=True)
class Bucket:
    """``settings``: those of an app whose files lie under ``prefix`` in it."""

    endpoint: str
    name: str
    prefix: str = "tuntas"

    @property
    def url(self) -> str:
        return f"s3://{self.name}/{self.prefix}?endpoint={self.endpoint}&region=ap-southeast-3"

    @property
    def settings(self) -> dict[str, Any]:
        return {"STORAGE_URL": self.url, "STORAGE_OPTIONS": KEYS}

    @property
    def client(self) -> Any:
        return client_of(self.endpoint)

    def files(self) -> dict[str, int]:
        """What lies in it, with sizes."""
        found = self.client.list_objects_v2(Bucket=self.name).get("Contents", ())
        return {one["Key"]: one["Size"] for one in found}


def client_of(endpoint: str) -> Any:
    return boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id=KEYS["access_key_id"],
        aws_secret_access_key=KEYS["secret_access_key"], region_name="ap-southeast-3",
    )  # fmt: skip


@contextmanager
def server() -> Iterator[str]:
    """The address of the server. No proxy and no key of the machine has a part in it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with patch.dict(os.environ, ours, clear=True):
        running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        running.start()
        host, port = running.get_host_and_port()
        yield f"http://{host}:{port}"
        running.stop()


def new_bucket(endpoint: str) -> Bucket:
    bucket = Bucket(endpoint, f"tuntas-{uuid.uuid4().hex[:12]}")
    client_of(endpoint).create_bucket(
        Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-3"}
    )
    return bucket
