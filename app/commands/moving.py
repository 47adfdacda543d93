"""``flask --app run move-to``: the instance to PostgreSQL and to another storage."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext
from sqlalchemy import make_url

from app.services.moving.move import Moved, move
from app.services.moving.trouble import Trouble
from config import WrongSetting, storage_url, with_driver


@click.command("move-to")
@click.option("--database", required=True, metavar="URL", help="an empty PostgreSQL database")
@click.option("--storage", metavar="URL", help="where the files go; without it they stay where they are")
@with_appcontext
def move_to(database: str, storage: str | None) -> None:
    """Moves this SQLite instance to PostgreSQL, with its files. Stop the server and the workers before; nothing is
    removed here. May be repeated: what is there already is compared, and what is lacking is added."""
    try:
        moved = move(with_driver(database), storage and storage_url(storage, "--storage"), bar)
    except (Trouble, WrongSetting) as reason:
        click.echo(str(reason), err=True)
        sys.exit(1)
    _tell(moved)
    click.echo("From now on start the server and the workers with")
    click.echo(f"  DATABASE_URL={make_url(database).render_as_string(hide_password=True)}")
    if storage:
        click.echo(f"  STORAGE_URL={storage}")


def _tell(moved: Moved) -> None:
    done = "It was moved already; compared again" if moved.again else "Moved and verified"
    click.echo(f"{done}: {moved.tables} tables, {moved.rows} rows, {moved.files} files ({moved.size} bytes).")


@contextmanager
def bar(label: str, length: int) -> Iterator[Callable[[int], object]]:
    """A progress bar on stderr, where somebody looks at it."""
    with click.progressbar(length=length, label=f"{label:32}", file=sys.stderr) as shown:
        yield shown.update


COMMANDS = (move_to,)
