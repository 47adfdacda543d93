"""Everything under ``flask --app run …``."""

from __future__ import annotations

from flask import Flask

from app.commands import accounts, backup, demo, imports, maintenance, moving, second_factor, sop, sop_documents


def register(app: Flask) -> None:
    for command in sop_documents.COMMANDS:
        sop.sop.add_command(command)
    own = (
        *maintenance.COMMANDS,
        *second_factor.COMMANDS,
        *accounts.COMMANDS,
        *backup.COMMANDS,
        *moving.COMMANDS,
        *imports.commands(),
        demo.demo,
        sop.sop,
    )
    for command in own:
        app.cli.add_command(command)
