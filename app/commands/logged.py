"""Commands that change or carry away something leave an entry in the audit log: which, with what options, by whom."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.services.audit import log
from app.services.core.errors import Refused

#: These only look, or write files of their own; whoever reads them reads what their account on the machine may.
LOOKING = frozenset(
    {"verify", "verify-history", "verify-backup", "checkpoint-key", "worker", "check", "show", "diff", "new", "schema"}
)
#: Told before they begin, so that the copy which they make has it as well.
COPYING = frozenset({"backup"})
#: Tells of itself: where it has been done already, nothing may be added to what is compared.
BY_THEMSELVES = frozenset({"move-to"})
#: None of these gets an entry here.
UNTOLD = LOOKING | BY_THEMSELVES
#: The option without which a command only tells what it would do.
WANTED = "wanted"


def told(command: click.Command) -> click.Command:
    """The same command, which leaves an entry; of a group each of its own."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            told(one)
    elif (
        command.name not in LOOKING | BY_THEMSELVES
        and command.callback is not None
        and not hasattr(command.callback, "told")
    ):
        command.callback = with_appcontext(_telling(str(command.name), command.callback))
        command.callback.told = True  # type: ignore[attr-defined]
    return command


def _telling(name: str, callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*arguments: Any, **options: Any) -> Any:
        if not options.get(WANTED, True):
            return callback(*arguments, **options)
        kept = {key: one for key, one in ((key, _plain(one)) for key, one in options.items()) if one is not None}
        if name in COPYING:
            _write(name, kept, "begun")
        outcome = "failed"
        try:
            answer = callback(*arguments, **options)
            outcome = "done"
        except SystemExit as end:
            outcome = "failed" if end.code else "done"
            raise
        finally:
            if name not in COPYING:
                _write(name, kept, outcome)
        return answer

    return run


def _plain(value: Any) -> Any:
    """Texts stay out: they may be addresses with passwords, or passwords."""
    return value.name if isinstance(value, Path) else value if isinstance(value, bool | int) else None


def _write(name: str, options: dict[str, Any], outcome: str) -> None:
    try:
        db.session.rollback()
        log.record_now(log.at_terminal(), "command.done", ("command", name, name), options=options, outcome=outcome)
    except (Refused, SQLAlchemyError) as error:
        # Where the table isn't there yet, there is nothing to be told to.
        click.echo(f"The audit log could not be written: {type(error).__name__}", err=True)
        sys.stderr.flush()
