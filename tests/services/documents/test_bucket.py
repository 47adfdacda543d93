"""Files in a bucket: an S3 server that listens, and one that is full or away."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug import Request, Response
from werkzeug.serving import make_server

from app.extensions import db
from app.models import Case, Document
from app.services.cases import transitions
from app.services.core.errors import Unavailable
from app.services.documents import documents, storage
from config import WrongSetting, from_environment
from tests import buckets
from tests.buckets import Bucket
from tests.cast import Cast
from tests.moment import EVER
from tests.servers import serving
from tests.services.cases.test_transitions import REPORT, depok

#: More than a part of a multipart upload (5 MiB) and less than two and a half.
LARGE = (12 << 20) + 321


class Recording(io.RawIOBase):
    """An upload that is never whole in memory; notes the largest piece that was asked for."""

    def __init__(self, head: bytes, size: int) -> None:
        self.head, self.left, self.asked = head, size, 0

    def read(self, wanted: int = -1) -> bytes:
        self.asked = max(self.asked, wanted if wanted >= 0 else self.left)
        piece, self.head = self.head[:wanted], self.head[wanted:]
        piece += bytes(min(wanted, self.left) - len(piece)) if not piece else b""
        self.left -= len(piece)
        return piece


@pytest.fixture
def bucket_app(make_app: Callable[..., Flask], bucket: Bucket) -> Flask:
    return make_app(UPLOAD_MAX_BYTES=16 << 20, **bucket.settings)


def report(app: Flask, file: Any) -> int:
    with app.test_request_context():
        depok()
        uploads: Any = {"foto": [documents.Upload("foto.pdf", file)]}
        return int(transitions.create(Cast(app).actor("cso"), "keluhan", REPORT, uploads).id)


def test_a_large_file_goes_in_by_parts_and_out_by_ranges(bucket_app: Flask, bucket: Bucket, pdf: bytes) -> None:
    file = Recording(pdf, LARGE)
    pk = report(bucket_app, file)
    assert file.asked <= storage.CHUNK, "it is streamed"
    [(key, size)] = bucket.files().items()
    assert (key.startswith("tuntas/documents/"), size) == (True, LARGE)
    cso = Cast(bucket_app).api("cso")
    path = f"/keluhan/{pk}/documents/foto/content"
    part = cso.get(path, headers={"Range": "bytes=3-9"})
    assert (part.status_code, part.data) == (206, pdf[3:10])
    end = cso.get(path, headers={"Range": f"bytes={LARGE - 2}-"})
    assert (end.status_code, end.data) == (206, bytes(2))
    assert end.headers["Content-Range"] == f"bytes {LARGE - 2}-{LARGE - 1}/{LARGE}"
    answer = cso.get(path)
    assert (answer.status_code, len(answer.data), "Location" in answer.headers) == (200, LARGE, False)
    unit = Cast(bucket_app).api("other", "unit", unit="ULP-BGR")
    assert unit.get(path).status_code == 404, "nobody gets at it but through us"


def test_it_comes_in_three_parts(bucket_app: Flask, bucket: Bucket, pdf: bytes) -> None:
    with bucket_app.app_context():
        taken = storage.take_in(Recording(pdf, LARGE), 16 << 20)
    whole = bucket.client.head_object(Bucket=bucket.name, Key=f"tuntas/{taken.key}")
    assert whole["ETag"].strip('"').endswith("-3")


def test_what_is_too_large_leaves_nothing_behind(bucket_app: Flask, bucket: Bucket, pdf: bytes) -> None:
    with pytest.raises(Exception, match="16 MB"):
        report(bucket_app, Recording(pdf, 20 << 20))
    assert bucket.files() == {}
    assert "Uploads" not in bucket.client.list_multipart_uploads(Bucket=bucket.name), "no part is paid for either"


def test_what_no_document_names_is_swept(bucket_app: Flask, bucket: Bucket, pdf: bytes) -> None:
    report(bucket_app, io.BytesIO(pdf))
    [kept] = bucket.files()
    for orphan in ("incoming/aborted", "documents/aa/lost"):
        bucket.client.put_object(Bucket=bucket.name, Key=f"tuntas/{orphan}", Body=b"x")
    bucket.client.put_object(Bucket=bucket.name, Key="another/one", Body=b"x")
    with bucket_app.app_context():
        assert documents.sweep(timedelta(days=1)) == 0, "it may be on its way still"
        assert documents.sweep(EVER) == 2
    assert set(bucket.files()) == {kept, "another/one"}, "what is not under our prefix is not ours"


@pytest.fixture
def full_server() -> Iterator[str]:
    """An S3-compatible server whose disk is full: whatever is to be written it answers as such servers do."""

    @Request.application
    def application(request: Request) -> Response:
        request.get_data()
        error = "<Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached its minimum free drive "
        return Response(f"{error}threshold.</Message></Error>", status=507, mimetype="application/xml")

    with serving(make_server("127.0.0.1", 0, application)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def is_refused(app: Flask, pdf: bytes, sentence: str) -> None:
    with pytest.raises(Unavailable, match=sentence):
        report(app, io.BytesIO(pdf))
    with app.app_context():
        assert db.session.query(Case).count() == db.session.query(Document).count() == 0


def test_a_full_bucket_refuses_and_says_so(make_app: Callable[..., Flask], full_server: str, pdf: bytes) -> None:
    is_refused(make_app(**Bucket(full_server, "full").settings), pdf, "penuh")


def test_a_bucket_that_is_away_refuses_and_says_so(
    make_app: Callable[..., Flask], bucket_app: Flask, bucket: Bucket, pdf: bytes
) -> None:
    is_refused(make_app(**Bucket("http://127.0.0.1:1", "away").settings), pdf, "Penyimpanan berkas")
    is_refused(make_app(**Bucket(bucket.endpoint, "no-such-bucket").settings), pdf, "Penyimpanan berkas")
    pk = report(bucket_app, io.BytesIO(pdf))
    cso = Cast(bucket_app).api("cso")
    with bucket_app.app_context():
        bucket_app.extensions["tuntas_store"] = storage.opened(
            Bucket("http://127.0.0.1:1", bucket.name).url, buckets.KEYS
        )
    answer = cso.get(f"/keluhan/{pk}/documents/foto/content")
    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert cso.get(f"/keluhan/{pk}").status_code == 200, "the case itself is there"


@pytest.mark.parametrize(
    "wrong", ["/var/files", "s3://", "ftp://host/files", "s3://bucket?key=secret", "file://", "https://bucket"]
)
def test_an_address_that_can_not_be_right_is_named(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="STORAGE_URL"):
        from_environment({"INSTANCE_PATH": str(tmp_path), "STORAGE_URL": wrong})


def test_keys_come_by_the_usual_variables(tmp_path: Path) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "ap-southeast-3"}
    settings = from_environment({"INSTANCE_PATH": str(tmp_path), "STORAGE_URL": "s3://bucket/tuntas", **environment})
    assert settings["STORAGE_OPTIONS"] == {
        "access_key_id": "a", "secret_access_key": "b", "region": "ap-southeast-3"
    }  # fmt: skip
