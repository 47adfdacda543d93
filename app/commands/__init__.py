"""Everything under ``flask --app run …``."""

from __future__ import annotations

from flask import Flask

from app.commands import demo, imports, maintenance


def register(app: Flask) -> None:
    for command in (*maintenance.COMMANDS, *imports.commands(), demo.demo):
        app.cli.add_command(command)
