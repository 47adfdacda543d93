"""Commands for the accounts of people, where no second admin is there to see to it."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from app.services.accounts import grants as service
from app.services.core.access import SYSTEM
from app.services.core.errors import Refused


@click.command("grants")
@click.option("--confirm", type=int, help="the number of a proposal that is confirmed")
@click.option("--decline", type=int, help="the number of a proposal that is declined")
@with_appcontext
def grants(confirm: int | None, decline: int | None) -> None:
    """Lists the roles that wait for another admin, and confirms or declines them in the system's name."""
    try:
        if confirm is not None:
            service.confirm(SYSTEM, confirm)
        if decline is not None:
            service.decline(SYSTEM, decline)
    except Refused as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)
    for one in service.waiting():
        gets = ", ".join((*one.roles, *(["active"] if one.activates else [])))
        click.echo(f"{one.id}  {one.user.username}: {gets}  (proposed by {one.proposed_by.username})")


COMMANDS = (grants,)
