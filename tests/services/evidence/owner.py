"""Who owns the database: may write whatever they like, and know how a history is hashed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, text

from app.extensions import db
from app.models import Case, Event
from app.services.cases import transitions
from app.services.core import history
from app.services.documents import documents
from app.services.evidence import checkpoints, handing, verifier
from tests.services.retention.keeping import Stage

CALL: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-1",
    "identity_verified": "not_in_data", "category": "bill_amount", "complaint": "Tagihan berbeda",
}  # fmt: skip


class Office(Stage):
    """A closed complaint full of files (``pk``) and two calls of customers, of which a checkpoint was made."""

    def __init__(self, app: Flask, clock: Any) -> None:
        super().__init__(app, clock)
        self.calls = [self.call(), self.call()]
        self.checkpoint()

    def call(self) -> int:
        return int(transitions.create(self.actor("cs"), "pengaduan", CALL, note="Menelepon dua kali").id)

    def upload(self, pk: int, content: bytes) -> None:
        upload = documents.Upload("bukti.pdf", io.BytesIO(content))
        documents.upload(self.actor("cs"), "pengaduan", pk, "data_pelanggan", upload)

    def checkpoint(self) -> int:
        db.session.rollback()
        made = checkpoints.make_due()
        handing.hand_over_all()
        return made

    @property
    def folder(self) -> Path:
        return Path(self.app.config["INSTANCE_PATH"])

    @property
    def anchor(self) -> Path:
        return self.folder / "checkpoints.jsonl"

    def anchored(self) -> list[Any]:
        return [json.loads(line) for line in self.anchor.read_text().splitlines()]

    def number(self, pk: int) -> str:
        return str(db.session.get_one(Case, pk).number)

    def found(self) -> list[str]:
        """What the product's command and the stand-alone verifier say, which is the same."""
        db.session.rollback()
        product = self.verified()
        lone = self.alone()
        assert lone.stdout.splitlines()[:-1] == product.stderr.splitlines(), (lone.stdout, product.output)
        assert (lone.returncode, product.exit_code) in ((0, 0), (1, 1)), (lone.stderr, product.output)
        assert bool(product.exit_code) == bool(product.stderr)
        return product.stderr.splitlines()

    def verified(self, *arguments: str) -> Result:
        return self.app.test_cli_runner().invoke(args=["verify", *arguments])

    def alone(self, *more: str, of: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The stand-alone verifier, with nothing of the product in reach: on SQLite it reads the file."""
        copy = self.folder / "auditor" / "verify.py"
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(Path(verifier.__file__).read_bytes())
        command = [sys.executable, "-I", str(copy), "--key", str(self.folder / "checkpoint_key.pub"),
                   "--checkpoints", str(self.anchor), *more, str(of or self.database())]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=copy.parent)

    def database(self) -> Path:
        if db.engine.dialect.name == "sqlite":
            return Path(str(db.engine.url.database))
        return self.exported()

    def exported(self) -> Path:
        target = self.folder / "evidence.jsonl"
        target.unlink(missing_ok=True)
        done = self.app.test_cli_runner().invoke(args=["evidence-export", str(target)])
        assert done.exit_code == 0, done.output
        return target

    @contextmanager
    def owning(self) -> Iterator[Connection]:
        """Without triggers and foreign keys."""
        db.session.rollback()
        db.session.remove()
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                yield connection
            return
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _sql in kept:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            yield connection
            for _name, sql in kept:
                connection.exec_driver_sql(sql)
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.exec_driver_sql("BEGIN")

    def does(self, *statements: str, **values: Any) -> None:
        with self.owning() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    def rehash(self, pk: int) -> None:
        """Makes the chain of a case follow from what its events say by now, and the case remember its end."""
        before, hashes = "", []
        for event in db.session.query(Event).filter_by(case_id=pk).order_by(Event.seq):
            facts = SimpleNamespace(**{column.key: getattr(event, column.key) for column in Event.__table__.columns})
            if facts.salt is not None:
                facts.digest = history.digest_of(facts)
            before = history.hash_of(facts, before)
            hashes.append({"id": event.id, "digest": facts.digest, "hash": before})
        with self.owning() as connection:
            for one in hashes:
                connection.execute(text("UPDATE events SET digest = :digest, hash = :hash WHERE id = :id"), one)
            head = {"head": before, "pk": pk}
            connection.execute(text("UPDATE cases SET history_hash = :head WHERE id = :pk"), head)
        assert [one for one in history.verify(db.session()) if one[0] == pk] == [], "the chain alone is whole"
