"""Commands that change something are told of in the audit log, with whoever ran them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from sqlalchemy import select

from app.commands import logged
from app.extensions import db
from app.models import AuditEntry, Customer

#: All that we have; a new one stands here, so that somebody has thought of it.
TOLD = {
    "setup", "sweep-orphans", "reindex-search", "purge-due", "watch-deadlines", "partition-events", "demo", "backup",
    "restore", "import-customers", "import-apkt", "move-cases", "grants", "reset-second-factor",
    "checkpoint", "evidence-export",
}  # fmt: skip
TABLE = "Nama;Telepon;Order ID\nNur Aini;0812 3344 5566;ORD-1\n"


def ours(group: Any) -> Iterator[click.Command]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from ours(command) if command.name == "sop" else ()
        elif str(getattr(command.callback, "__module__", "")).startswith("app."):
            yield command


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)))


def test_each_is_told_of_or_only_looks(app: Flask) -> None:
    commands = {command.name: command for command in ours(app.cli)}
    assert {name for name, command in commands.items() if hasattr(command.callback, "told")} == TOLD
    assert set(commands) - TOLD == logged.UNTOLD


def test_who_imports_what(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "budi")
    file = tmp_path / "pelanggan.csv"
    file.write_text(TABLE)
    run = app.test_cli_runner().invoke
    assert run(args=["import-customers", str(file)]).exit_code == 0
    with app.app_context():
        assert entries("command.done") == []
    assert run(args=["import-customers", str(file), "--apply"]).exit_code == 0
    with app.app_context():
        [command], [imported] = entries("command.done"), entries("import.done")
        assert (command.actor_name, command.subject) == ("budi (terminal)", "import-customers")
        assert command.detail == {"options": {"file": "pelanggan.csv", "wanted": True}, "outcome": "done"}
        assert (imported.subject, imported.subject_name, imported.actor_name) == (
            "customers", "pelanggan.csv", "budi (terminal)"
        )  # fmt: skip
        assert imported.detail == {"new": 1, "changed": 0, "unchanged": 0, "bad": 0}
        assert db.session.scalars(select(Customer.code)).all() == ["ORD-1"]


def test_what_failed_is_told_as_well(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "kosong.csv"
    file.write_text("Nama\n")
    assert app.test_cli_runner().invoke(args=["import-customers", str(file), "--apply"]).exit_code == 1
    with app.app_context():
        assert [entry.detail["outcome"] for entry in entries("command.done")] == ["failed"]


def test_no_command_edits_the_log(app: Flask) -> None:
    assert not [command.name for command in ours(app.cli) if "audit" in str(command.name)]
