"""Archives in a bucket, of an instance whose files lie in one, on a real S3 server."""

from __future__ import annotations

import random
from collections.abc import Callable

import pyrage
import pytest
from flask import Flask

from app.services.backup.known import NAME
from app.services.backup.places import Folder, place
from app.services.backup.rotation import Keep
from app.services.backup.sealing import Keys
from app.services.backup.trouble import Trouble
from tests.buckets import Bucket
from tests.services.backup.copying import Work, contents, put_back, taken


def test_from_bucket_to_bucket_and_back(make_app: Callable[..., Flask], target: Flask, bucket: Bucket) -> None:
    """The archive is larger than one part of an upload; an older one of our own goes, what is not ours stays."""
    app = make_app(UPLOAD_MAX_BYTES=16 << 20, **bucket.settings)
    work = Work(app)
    for turn in range(3):
        work.case(more=random.Random(turn).randbytes(4 << 20))
    other = Bucket(bucket.endpoint, bucket.name, "copies/nightly")
    client = bucket.client
    for name in ("tuntas-20260101T000000Z.tar", "report.pdf"):
        client.put_object(Bucket=bucket.name, Key=f"{other.prefix}/{name}", Body=b"x")
    folder = other.url.replace("nightly?", "nightly/?")
    own = pyrage.x25519.Identity.generate()
    keys = Keys(recipients=(str(own.to_public()),), identities=(str(own),))
    done = taken(app, folder, keys, Keep(daily=1))
    [name] = [key.rpartition("/")[2] for key in bucket.files() if key.startswith(f"{other.prefix}/tuntas-")]
    assert done.removed == ["tuntas-20260101T000000Z.tar"]
    assert {f"{other.prefix}/report.pdf", f"{other.prefix}/{NAME}", f"tuntas/{NAME}"} <= bucket.files().keys()
    file = folder.replace("/?", f"/{name}?")
    target.config["STORAGE_OPTIONS"] = app.config["STORAGE_OPTIONS"]
    put_back(target, file, keys)
    assert contents(target) == contents(app)
    with pytest.raises(Trouble, match=r"is there already|sudah ada"):
        taken(app, file, keys)


def _written_in_part(folder: Folder, name: str) -> None:
    with folder.writing(name) as file:
        for _part in range(12):
            file.write(bytes(1 << 20))
        raise ZeroDivisionError


def test_what_is_aborted_is_not_there(app: Flask, bucket: Bucket) -> None:
    """Neither the archive nor the parts of it that were sent already."""
    app.config["STORAGE_OPTIONS"] = bucket.settings["STORAGE_OPTIONS"]
    with app.app_context():
        folder, name = place(bucket.url.replace("?", "/copy.tar?"))
        with pytest.raises(ZeroDivisionError):
            _written_in_part(folder, name)
        gone = place(Bucket(bucket.endpoint, "no-such-bucket-here").url.replace("?", "/copy.tar?"))[0]
        with pytest.raises(Trouble), gone.writing("copy.tar") as file:
            file.write(b"x")
        with pytest.raises(Trouble):
            place("s3://bucket/copy.tar?colour=red")
    assert bucket.files() == {}
    assert "Uploads" not in bucket.client.list_multipart_uploads(Bucket=bucket.name)
