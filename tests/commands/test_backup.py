"""``flask backup``, ``verify-backup`` and ``restore`` as somebody at a terminal and cron use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyrage
import pytest
from click.testing import Result
from flask import Flask

from app.extensions import db
from app.models import Document
from app.services.documents import storage
from tests.services.backup.conftest import sqlite_kept, target
from tests.services.backup.copying import Work, contents

__all__ = ["sqlite_kept", "target"]


def run(app: Flask, *arguments: object, **more: Any) -> Result:
    done = app.test_cli_runner().invoke(args=[str(one) for one in arguments], **more)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def test_every_night_into_a_folder(app: Flask, target: Flask, tmp_path: Path) -> None:
    """Archives come and go, what is not ours stays; the newest is checked and put back into an empty instance."""
    work, folder = Work(app), tmp_path / "nightly"
    folder.mkdir()
    (folder / "tuntas-20200101T000000Z.tar").write_bytes(b"old")
    (folder / "letter.tar").write_bytes(b"not ours")
    identity = pyrage.x25519.Identity.generate()
    key = tmp_path / "key.txt"
    key.write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    work.case()
    done = run(app, "backup", folder, "--recipient", identity.to_public(), "--keep-daily", 1, "--keep-weekly", 1)
    assert (done.exit_code, "tuntas-20200101T000000Z.tar" in done.output) == (0, True), done.output
    [archive] = folder.glob("tuntas-*")
    assert archive.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in folder.iterdir()} == {archive.name, "letter.tar", "last_backup.json"}
    assert run(app, "verify-backup", archive).exit_code == 1
    told = run(target, "verify-backup", archive, "--identity", key)
    assert (told.exit_code, "1 " in told.output) == (0, True), told.output
    done = run(target, "restore", archive, "--identity", key)
    assert done.exit_code == 0, done.output
    here, there = contents(app), contents(target)
    [added] = set(there.pop("audit_entries")) - set(here.pop("audit_entries"))
    assert "('subject', 'restore')" in added, "and nothing else is new"
    assert there == here
    assert run(target, "restore", archive, "--identity", key).exit_code == 1
    assert run(app, "backup", folder / "one.tar", "--keep-daily", 7).exit_code == 1
    assert not (folder / "one.tar").exists()


def test_the_passphrase_is_asked_for_read_from_a_file_or_a_setting(app: Flask, tmp_path: Path) -> None:
    Work(app)
    secret = tmp_path / "passphrase"
    secret.write_text("kuda lumping\n")
    typed = run(app, "backup", tmp_path / "a", "--encrypt", input="kuda lumping\nkuda lumping\n")
    assert typed.exit_code == 0, typed.output
    assert run(app, "backup", tmp_path / "b", "--encrypt", input="kuda\nlumping\n").exit_code == 1
    assert run(app, "verify-backup", tmp_path / "a", "--passphrase-file", secret).exit_code == 0
    app.config["BACKUP_PASSPHRASE"] = "kuda lumping"
    assert run(app, "verify-backup", tmp_path / "a").exit_code == 0
    app.config["BACKUP_PASSPHRASE"] = ""
    assert run(app, "verify-backup", tmp_path / "a").exit_code == 1
    secret.write_text("\n")
    assert run(app, "backup", tmp_path / "b", "--passphrase-file", secret).exit_code == 1
    assert run(app, "backup", tmp_path / "b", "--encrypt", "--recipient", "age1x").exit_code == 1
    assert not (tmp_path / "b").exists()


def test_what_is_wrong_is_told_by_the_exit_status(app: Flask, target: Flask, tmp_path: Path) -> None:
    """Damaged, older than what is known, or without a file that the storage had lost."""
    work = Work(app)
    work.case()
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    assert run(app, "backup", first).exit_code == 0
    work.case()
    with app.app_context():
        storage.forget(db.session.scalars(db.select(Document.storage_key)).first())
        db.session.remove()
    lacking = run(app, "backup", second)
    assert (lacking.exit_code, second.exists()) == (3, True)
    older = run(target, "restore", first)
    assert (older.exit_code, "--older" in older.output) == (1, True), older.output
    (tmp_path / "last_backup.json").rename(tmp_path / "kept.json")
    assert run(target, "restore", first, "--known", tmp_path / "kept.json").exit_code == 1
    done = run(target, "restore", first, "--known", tmp_path / "kept.json", "--older")
    assert done.exit_code == 0, done.output
    second.write_bytes(second.read_bytes()[:-12_000])
    damaged = run(app, "verify-backup", second)
    assert damaged.exit_code == 1


def test_documents_of_own_sops_come_along(
    app: Flask, target: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what lies beside them; one that is there and is another one stays."""
    Work(app)
    own, there = tmp_path / "own", tmp_path / "there"
    (own / "refund").mkdir(parents=True)
    (own / "refund" / "sop.toml").write_text("key = 'refund'")
    (own / "refund" / "letter.typ").write_text("letter")
    (own / ".git").mkdir()
    (own / ".git" / "config").write_text("hidden")
    monkeypatch.setenv("SOP_PATH", str(own))
    assert run(app, "backup", tmp_path / "copy.tar").exit_code == 0
    monkeypatch.setenv("SOP_PATH", str(there))
    (there / "refund").mkdir(parents=True)
    (there / "refund" / "letter.typ").write_text("another letter")
    done = run(target, "restore", tmp_path / "copy.tar")
    assert done.exit_code == 0, done.output
    assert (there / "refund" / "sop.toml").read_text() == "key = 'refund'"
    assert (there / "refund" / "letter.typ").read_text() == "another letter"
    assert not (there / ".git").exists()
