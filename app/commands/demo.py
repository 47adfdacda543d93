"""``flask demo``: fills an empty database with the demo's small day, and with more cases on demand."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from app.demo import whole


@click.command("demo")
@click.option("--cases", type=click.IntRange(min=0), default=0, help="so many more cases, over two years")
@click.option("--seed", type=int, default=2026, show_default=True, help="another seed makes other cases")
@with_appcontext
def demo(cases: int, seed: int) -> None:
    """Fills an empty database with demo data. Its passwords are known: never for a server that others reach."""
    try:
        whole.fill(cases, seed, click.echo)
    except whole.Trouble as trouble:
        click.echo(str(trouble), err=True)
        sys.exit(trouble.code)
    click.echo("Demo data is there.")
