"""What is cut off, altered, locked, too new, too old or in the way is told, and nothing is half done."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, text

import run as way_in
from app import create_app
from app.extensions import db
from app.models import Case, Document
from app.services.accounts.unfinished import DEMO, RESTORE
from app.services.backup import archive as archives
from app.services.backup.known import Known
from app.services.backup.restoring import Older
from app.services.backup.sealing import Keys
from app.services.backup.trouble import Trouble, WrongKey
from app.services.core import history
from app.services.documents import storage
from tests.conftest import settings_for
from tests.services.backup.copying import Work, checked, put_back, taken

LARGE = random.Random(1).randbytes(1_200_000)
PASSPHRASE = Keys(passphrase="kuda lumping")


def faults(app: Flask, folder: Path, content: bytes, keys: Keys = Keys()) -> list[str]:  # noqa: B008
    path = folder / "altered.tar"
    path.write_bytes(content)
    try:
        return checked(app, path, keys).faults
    except Trouble as trouble:
        return [str(trouble)]


def altered(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


def test_a_flipped_bit_anywhere_is_found(app: Flask, archive: Path, tmp_path: Path) -> None:
    """In the content and in the header of every kind of member."""
    whole = archive.read_bytes()
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    assert faults(app, tmp_path, whole) == []
    kinds = {archives.piece_of(member.name)[0]: member for member in members}
    named = [member for member in members if "/cases/" in member.name or "/events/" in member.name]
    for member in (*kinds.values(), *named):
        assert faults(app, tmp_path, altered(whole, member.offset_data + member.size // 2)), member.name
        assert faults(app, tmp_path, altered(whole, member.offset + 1)), member.name


def test_an_archive_that_ends_early_is_found(app: Flask, archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    with tarfile.open(archive) as tar:
        last = tar.getmembers()[-1]
    ends = [0, 1, 511, 512, *random.Random(5).sample(range(last.offset), 6), last.offset, last.offset_data + 3]
    for end in ends:
        [told] = faults(app, tmp_path, whole[:end])[-1:]
        assert "terpotong" in told or "cut off" in told or "bukan arsip" in told, (end, told)


def rewritten(archive: Path, change: Callable[[archives.Writer, archives.Member], bool]) -> bytes:
    """The archive with sums that fit again after ``change``, which tells whether it has written a member itself."""
    out = io.BytesIO()
    with archives.Writer(out) as writer, archive.open("rb") as file:
        for member in archives.members(file):
            if change(writer, member):
                continue
            if member.name.startswith(archives.FILES):
                writer.file(member.name, member.size, member.chunks())
            elif member.name == archives.MANIFEST:
                writer.end({key: value for key, value in member.json().items() if key != "members"})
            elif member.name != archives.SUM:
                writer.member(member.name, member.content())
    return out.getvalue()


def test_what_a_clever_hand_changes_is_found(app: Flask, archive: Path, tmp_path: Path) -> None:
    """A line of history with another note."""

    def another_note(writer: archives.Writer, member: archives.Member) -> bool:
        if not member.name.startswith("tables/events/"):
            return False
        lines = archives.Lines(writer, "tables/events/")
        for row in member.rows():
            lines.add([value.replace("padam", "nyala") if isinstance(value, str) else value for value in row])
        lines.end()
        return True

    told = faults(app, tmp_path, rewritten(archive, another_note))
    assert any("note or changes of event 1 were altered" in one for one in told)


def test_only_the_right_key_opens_it(app: Flask, target: Flask, tmp_path: Path) -> None:
    """The key that signs sessions is in it, and becomes that of the instance."""
    Work(app).case()
    own, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    secret = Path(app.config["INSTANCE_PATH"]) / "secret_key"
    secret.write_text(app.config["SECRET_KEY"])
    taken(app, tmp_path / "p.sealed", PASSPHRASE)
    taken(app, tmp_path / "k.age", Keys(recipients=(str(other.to_public()), str(own.to_public()))))
    with pytest.raises(Trouble, match="age"):
        taken(app, tmp_path / "x.age", Keys(recipients=("age1nonsense",)))
    assert not (tmp_path / "x.age").exists()
    secret.unlink()
    for name, wrong in (("p.sealed", Keys(passphrase="lumping kuda")), ("p.sealed", Keys()), ("k.age", PASSPHRASE),
                        ("k.age", Keys(identities=(str(pyrage.x25519.Identity.generate()),)))):  # fmt: skip
        with pytest.raises(WrongKey):
            put_back(target, tmp_path / name, wrong)
    for name in ("p.sealed", "k.age"):
        content = (tmp_path / name).read_bytes()
        assert b"Sri" not in content
        keys = Keys(PASSPHRASE.passphrase, identities=(f"# made today\n{own}\n",))
        assert checked(app, tmp_path / name, keys).faults == []
        # To open a passphrase takes a second, by intention.
        for at in (30, len(content) - 5) if name == "p.sealed" else (30, 250, len(content) // 2, len(content) - 5):
            assert faults(app, tmp_path, altered(content, at), keys), (name, at)
    told = put_back(target, tmp_path / "p.sealed", PASSPHRASE)
    restored = Path(target.config["INSTANCE_PATH"]) / "secret_key"
    assert (restored.read_text(), restored.stat().st_mode & 0o777) == (app.config["SECRET_KEY"], 0o600)
    assert len(told) == 1


def test_a_file_that_is_there_stays(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "copy.tar").write_text("mine")
    with pytest.raises(Trouble, match=r"copy\.tar"):
        taken(app, tmp_path / "copy.tar")
    assert (tmp_path / "copy.tar").read_text() == "mine"
    taken(app, tmp_path / "copy.tar", replace=True)
    assert checked(app, tmp_path / "copy.tar").faults == []
    with pytest.raises(Trouble):
        taken(app, tmp_path / "not mounted" / "copy.tar")


@pytest.mark.slow
def test_a_full_disk_leaves_no_archive(app: Flask, small_disk: Path) -> None:
    Work(app).case(more=LARGE)
    for keys in (Keys(), Keys(recipients=(str(pyrage.x25519.Identity.generate().to_public()),))):
        with pytest.raises(Trouble, match=r"penuh|full"):
            taken(app, small_disk / "copy.tar", keys)
        assert list(small_disk.iterdir()) == []


def test_half_a_restore_is_told_and_done_anew(
    app: Flask, target: Flask, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aborted by a name that would lead out of its folder, after all rows and files were written."""

    def leads_out(writer: archives.Writer, member: archives.Member) -> bool:
        if member.name == archives.MANIFEST:
            writer.member("sop/1/../../../outside.toml", b"x")
        return False

    (tmp_path / "bad.tar").write_bytes(rewritten(archive, leads_out))
    with pytest.raises(Trouble, match=r"outside[^$]*half of a backup"):
        put_back(target, tmp_path / "bad.tar")
    for command in (["setup"], ["worker"], ["demo"]):
        refused = target.test_cli_runner().invoke(args=command)
        assert "half of a backup" in refused.output, command
    monkeypatch.setattr(way_in, "create_app", lambda: target)
    with pytest.raises(SystemExit):
        way_in.served()
    with pytest.raises(Trouble, match="half of a backup"):
        taken(target, tmp_path / "half.tar")
    put_back(target, archive)
    with target.app_context():
        assert db.session.scalar(select(func.count(Case.id))) == 3
        assert not RESTORE.there()
        db.session.remove()
    assert way_in.served() is target


def test_only_an_empty_instance_takes_it(app: Flask, target: Flask, archive: Path) -> None:
    """One that is refused stays as it is, its schema as well."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0014'"))
    with pytest.raises(Trouble):
        put_back(app, archive)
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0014"
    with target.app_context():
        storage.put("documents/ab/other", b"of another")
    with pytest.raises(Trouble):
        put_back(target, archive)
    with target.app_context():
        storage.forget("documents/ab/other")
        DEMO.set()
    with pytest.raises(Trouble, match="half a demo"):
        put_back(target, archive)
    with pytest.raises(Trouble, match="half a demo"):
        taken(target, archive.with_name("half.tar"))
    with target.app_context():
        DEMO.remove()
    with pytest.raises(Trouble):
        taken(target, archive.with_name("empty.tar"))


def test_one_of_a_newer_schema_is_refused_by_name(app: Flask, target: Flask, tmp_path: Path) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    taken(app, tmp_path / "copy.tar")
    with pytest.raises(Trouble, match="9999"):
        put_back(target, tmp_path / "copy.tar")
    with target.app_context():
        assert not RESTORE.there()


def test_one_of_an_older_schema_is_migrated(pg_target: Flask, tmp_path: Path) -> None:
    """Before migration 0011 a tick stood where an outcome stands now, also in the table of an SOP."""
    app = create_app(settings_for(tmp_path))
    with app.app_context():
        upgrade(revision="0010")
        with db.engine.begin() as connection:
            connection.execute(text(
                "INSERT INTO cases (id, number, sop, state, round, title, reporter_name, reporter_phone, history_hash, "
                "created_at, changed_at, state_since, requested_documents, version) VALUES (1, 'PGD-1', 'pengaduan', "
                "'open', 1, '', '', '', '', '2026-11-01 01:00', '2026-11-01 01:00', '2026-11-01 01:00', '[]', 1)"
            ))  # fmt: skip
            connection.execute(text(
                "INSERT INTO pengaduan (id, channel, identity_verified, identity_found) "
                "VALUES (1, 'walk_in', true, 'partly')"
            ))  # fmt: skip
        db.engine.dispose()
    taken(app, tmp_path / "copy.tar")
    put_back(pg_target, tmp_path / "copy.tar")
    with pg_target.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT identity_verified FROM pengaduan")) == "matched"


def test_one_that_is_older_than_what_is_known_warns(app: Flask, target: Flask, tmp_path: Path) -> None:
    work = Work(app)
    work.case()
    taken(app, tmp_path / "first.tar")
    work.case()
    taken(app, tmp_path / "second.tar")
    reports = [checked(app, tmp_path / f"{name}.tar") for name in ("first", "second")]
    first, second = (Known.of(report.manifest) for report in reports)
    assert second.is_older_than(first) is first.is_older_than(first) is False
    with pytest.raises(Older, match=str(second.events)):
        put_back(target, tmp_path / "first.tar", remembered=second)
    with target.app_context():
        assert not RESTORE.there()
    told = put_back(target, tmp_path / "first.tar", remembered=second, older=True)
    assert any(str(second.events) in line for line in told)
    with target.app_context():
        assert list(history.verify(db.session())) == []
        db.session.remove()


def test_files_that_have_gone_are_told(app: Flask, target: Flask, tmp_path: Path) -> None:
    """One was lost by the storage: the archive has all the rest. One was purged: nothing is missing."""
    work = Work(app)
    for turn in range(3):
        work.case(turn)
    with app.app_context():
        keys = db.session.scalars(select(Document.storage_key).order_by(Document.id)).all()
        storage.forget(keys[0])
        storage.forget(keys[1])
        db.session.execute(
            text("UPDATE documents SET purged_at = uploaded_at WHERE storage_key = :key"), {"key": keys[1]}
        )
        db.session.commit()
        db.session.remove()
    done = taken(app, tmp_path / "copy.tar")
    assert done.lacking == 1
    report = checked(app, tmp_path / "copy.tar")
    assert (report.faults, len(report.warnings)) == ([], 1)
    put_back(target, tmp_path / "copy.tar")


def test_nonsense_is_no_archive(app: Flask, target: Flask, tmp_path: Path) -> None:
    for content in (b"", b"hello", bytes(2048), b"TUNTAS-BACKUP-1 passphrase xx\n", b"age-encryption.org/v1\nx"):
        assert faults(app, tmp_path, content, PASSPHRASE)
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        tar.add(__file__, "about.json")
    assert checked(app, tmp_path / "t.tar").faults
    with pytest.raises(Trouble):
        put_back(target, tmp_path / "t.tar")
    with pytest.raises(Trouble):
        checked(app, tmp_path / "nothing.tar")
