"""Everything under ``flask --app run …``."""

from __future__ import annotations

from itertools import chain

from flask import Flask

from app.commands import (
    accounts,
    backup,
    demo,
    evidence,
    imports,
    logged,
    maintenance,
    moving,
    second_factor,
    sop,
    sop_documents,
)


def register(app: Flask) -> None:
    for command in sop_documents.COMMANDS:
        sop.sop.add_command(command)
    groups = (
        maintenance.COMMANDS,
        evidence.COMMANDS,
        accounts.COMMANDS,
        second_factor.COMMANDS,
        backup.COMMANDS,
        moving.COMMANDS,
        imports.commands(),
    )
    for command in (*chain(*groups), demo.demo, sop.sop):
        app.cli.add_command(logged.told(command))
