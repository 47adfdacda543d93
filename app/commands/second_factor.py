"""A way back in for whoever has lost their second factors, where no other admin is left to reset them."""

from __future__ import annotations

import getpass
import sys

import click
from flask.cli import with_appcontext

from app.services.accounts.factors import enrolled
from app.services.core.access import SYSTEM, user_named


@click.command("reset-second-factor")
@click.argument("user")
@with_appcontext
def reset_second_factor(user: str) -> None:
    """Takes all second factors from USER (a user name) and ends their sessions; they and every admin are told."""
    found = user_named(user)
    if found is None:
        click.echo(f"there is no user “{user}”", err=True)
        sys.exit(1)
    count = enrolled.reset(SYSTEM, found.id, command="reset-second-factor", system_user=_system_user())
    click.echo(f"{count} second factors of {user} removed; sessions and API keys ended")


def _system_user() -> str:
    """Who sits at the machine, as its system calls them; empty where it does not know."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


COMMANDS = (reset_second_factor,)
