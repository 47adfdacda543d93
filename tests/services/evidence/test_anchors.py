"""Where checkpoints are handed to: a file, an SMTP server, an S3 server with object lock, an authority of openssl."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.extensions import db
from app.models import CheckpointStamp
from app.services.evidence import handing
from config import WrongSetting, read
from tests import buckets
from tests.buckets import KEYS
from tests.conftest import missing_part
from tests.servers import serving
from tests.services.evidence.owner import Office
from tests.services.notices.post_office import PostOffice, post_office


def state(name: str) -> handing.State:
    db.session.rollback()
    return next(one for one in handing.states() if one.name == name)


def test_the_file_only_grows(office: Office) -> None:
    before = office.anchor.read_bytes()
    office.call()
    office.checkpoint()
    assert office.anchor.read_bytes().startswith(before)
    assert office.anchor.stat().st_mode & 0o777 == 0o600
    handing.hand_over_all()
    assert len(office.anchored()) == 2


def test_a_line_that_was_cut_off_spoils_no_other(office: Office) -> None:
    with office.anchor.open("a") as file:
        file.write('{"body": "{\\"num')
    assert office.found() == [], "it is the last one"
    office.call()
    office.checkpoint()
    assert office.anchor.read_text().splitlines()[-1].startswith('{"body"')
    assert office.found() == [], "it is in the middle"
    office.anchor.write_text("no checkpoint at all\n")
    assert (office.verified().exit_code, office.alone().returncode) == (2, 2)


def test_what_was_handed_over_twice_counts_once(office: Office) -> None:
    office.does("UPDATE checkpoint_anchors SET upto = 0")
    office.call()
    office.checkpoint()
    assert len(office.anchored()) == 3
    assert office.found() == []


def test_an_anchor_that_fails_is_told_and_tried_again(office: Office) -> None:
    office.app.config["ANCHOR_FILE"] = "/dev/null/anchor"
    office.call()
    office.checkpoint()
    failing = state(handing.FILE)
    assert (failing.behind, failing.failing_since is not None, "Not a directory" in failing.error) == (1, True, True)
    assert handing.are_well(), "one attempt may fail"
    assert office.app.test_client().get("/ready").json["anchors"] is True
    office.clock.shift(timedelta(minutes=11))
    office.checkpoint()
    assert office.app.test_client().get("/ready").json["anchors"] is False
    db.session.rollback()
    page = office.cast.login("admin").get("/background/").text
    assert "Not a directory" in page
    office.app.config["ANCHOR_FILE"] = ""
    office.clock.shift(timedelta(hours=1))
    office.checkpoint()
    assert (state(handing.FILE).behind, state(handing.FILE).error) == (0, "")
    assert handing.are_well()
    assert office.found() == []


def test_an_auditor_gets_them_by_mail(office: Office) -> None:
    with post_office() as post:
        office.app.config.update(post.settings(), ANCHOR_MAIL="auditor@example.test")
        office.call()
        office.checkpoint()
        assert office.checkpoint() == 0
        office.call()
        office.checkpoint()
        assert len(post.accepted) == 1, "every hour at most"
        office.clock.shift(timedelta(hours=1, seconds=1))
        office.checkpoint()
    assert [recipient for recipient, _mail in post.accepted] == ["auditor@example.test"] * 2
    kept = office.folder / "mails.jsonl"
    kept.write_bytes(b"".join(attached(post)))
    assert len(kept.read_text().splitlines()) == len(office.anchored())
    office.does("DELETE FROM checkpoints")
    lone = office.alone("--checkpoints", str(kept))
    assert "not in the database any more" in lone.stdout


def attached(post: PostOffice) -> Iterator[bytes]:
    for mail in post.mails:
        [part] = mail.iter_attachments()
        content = part.get_content()
        yield content if isinstance(content, bytes) else content.encode()


def test_a_mail_server_that_is_away_is_told(office: Office) -> None:
    with post_office() as post:
        office.app.config.update(post.settings(), ANCHOR_MAIL="auditor@example.test")
    office.call()
    office.checkpoint()
    assert "refused" in state(handing.MAIL).error.lower()
    assert state(handing.FILE).error == "", "the others have it"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with buckets.server() as address:
        yield address


def locking_bucket(endpoint: str, locks: bool) -> str:
    client = buckets.client_of(endpoint)
    name = f"anchor-{'locks' if locks else 'plain'}-{threading.get_ident()}-{len(client.list_buckets()['Buckets'])}"
    client.create_bucket(
        Bucket=name, ObjectLockEnabledForBucket=locks,
        CreateBucketConfiguration={"LocationConstraint": "ap-southeast-3"},
    )  # fmt: skip
    if locks:
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 3650}}
        client.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )
    return name


def test_a_bucket_locks_each_of_them(office: Office, server: str) -> None:
    name = locking_bucket(server, locks=True)
    url = f"s3://{name}/tuntas?endpoint={server}&region=ap-southeast-3"
    office.app.config.update(ANCHOR_S3_URL=url, STORAGE_OPTIONS=KEYS)
    office.call()
    office.checkpoint()
    assert state(handing.BUCKET).error == ""
    client = buckets.client_of(server)
    found = client.list_objects_v2(Bucket=name)["Contents"]
    assert len(found) == len(office.anchored())
    lines = [client.get_object(Bucket=name, Key=one["Key"])["Body"].read().decode() for one in found]
    assert [json.loads(line) for line in lines] == office.anchored()
    newest = client.head_object(Bucket=name, Key=found[0]["Key"])
    assert newest["ObjectLockMode"] == "COMPLIANCE"
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=name, Key=found[0]["Key"], VersionId=newest["VersionId"])


def test_a_bucket_that_locks_nothing_is_told(office: Office, server: str) -> None:
    url = f"s3://{locking_bucket(server, locks=False)}/tuntas?endpoint={server}&region=ap-southeast-3"
    office.app.config.update(ANCHOR_S3_URL=url, STORAGE_OPTIONS=KEYS)
    office.call()
    office.checkpoint()
    assert "not locked" in state(handing.BUCKET).error


class Authority:
    """A time-stamping authority: openssl behind HTTP. ``answers``: what it says instead."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked, self.answers = folder, 0, b""
        self._certify()
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                authority.asked += 1
                query = self.rfile.read(int(self.headers["Content-Length"]))
                answer = authority.answers or authority.stamp(query)
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_more: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder)

    def _certify(self) -> None:
        (self.folder / "tsa.cnf").write_text(CONFIG)
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9999", "-subj", "/O=Uji/CN=Root",
                      "-keyout", "root.key", "-out", "root.pem")  # fmt: skip
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=Uji/CN=Cap Waktu", "-keyout", "tsa.key",
                      "-out", "tsa.csr")  # fmt: skip
        self._openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                      "-days", "9999", "-extfile", "tsa.cnf", "-extensions", "tsa", "-out", "tsa.pem")  # fmt: skip
        (self.folder / "serial").write_text("01\n")

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "own", "-queryfile", "query.tsq",
                      "-out", "reply.tsr")  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()


CONFIG = """
[tsa]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = critical,CA:FALSE
[own]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    if shutil.which("openssl") is None:
        missing_part("openssl")
    folder = tmp_path / "authority"
    folder.mkdir()
    made = Authority(folder)
    with serving(made.server):
        yield made


def test_an_authority_stamps_the_newest(office: Office, authority: Authority) -> None:
    root = authority.folder / "root.pem"
    office.app.config.update(ANCHOR_TSA_URL=authority.url, ANCHOR_TSA_CERT=str(root))
    office.call()
    office.checkpoint()
    assert (state(handing.STAMP).error, authority.asked) == ("", 1)
    done = office.verified()
    assert (done.exit_code, "checkpoint 2 was stamped at" in done.stdout) == (0, True), done.output
    assert office.found() == [], "the verifier reads over the stamp in the anchor's file"
    # An auditor by openssl, as docs/evidence.md says.
    body = json.loads(office.anchor.read_text().splitlines()[1])["body"]
    for name, content in (("body", body.encode()), ("wrong", b"x")):
        (authority.folder / name).write_bytes(content)
    for name, holds in (("body", True), ("wrong", False)):
        asked = ["openssl", "ts", "-verify", "-in", "reply.tsr", "-data", name, "-CAfile", "root.pem"]
        assert (subprocess.run(asked, cwd=authority.folder, capture_output=True).returncode == 0) is holds
    # Moved to another checkpoint it does not hold.
    office.does("UPDATE checkpoint_stamps SET number = 1")
    done = office.verified()
    assert (done.exit_code, "the time stamp of checkpoint 1 does not hold" in done.stderr) == (1, True), done.output


@pytest.mark.parametrize("answer", [b"no stamp", b"\x30\x03\x02\x01\x00"])
def test_an_answer_that_is_no_stamp_is_told(office: Office, authority: Authority, answer: bytes) -> None:
    authority.answers = answer
    office.app.config.update(ANCHOR_TSA_URL=authority.url)
    office.call()
    office.checkpoint()
    assert state(handing.STAMP).error
    assert db.session.query(CheckpointStamp).count() == 0


def test_a_stamp_of_somebody_else_is_told(office: Office, authority: Authority, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with Authority(other).server:
        pass  # it has its keys
    office.app.config.update(ANCHOR_TSA_URL=authority.url, ANCHOR_TSA_CERT=str(other / "root.pem"))
    office.call()
    office.checkpoint()
    assert "none of the authority" in state(handing.STAMP).error


def test_settings_of_anchors_are_judged() -> None:
    for name, wrong in {
        "ANCHOR_MAIL": "auditor", "ANCHOR_S3_URL": "https://bucket", "ANCHOR_TSA_URL": "tsa.example",
        "CHECKPOINT_KEY": "pkcs11:token=x",
    }.items():  # fmt: skip
        with pytest.raises(WrongSetting, match=name):
            read({name: wrong})
