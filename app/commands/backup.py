"""``flask --app run backup``, ``restore`` and ``verify-backup``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from app.services.backup import checking, copies, known, restoring
from app.services.backup.places import place
from app.services.backup.rotation import Keep
from app.services.backup.rows import Uncovered
from app.services.backup.sealing import Keys
from app.services.backup.trouble import Trouble

Command = Callable[..., Any]
#: Exit status of a backup that was written and lacks files which the storage had lost before.
LACKING = 3
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _unlocking(command: Command) -> Command:
    """What opens an encrypted archive."""
    for option in (
        click.option("--identity", "identities", type=FILE, multiple=True, help="file with an age key that opens it"),
        click.option("--passphrase-file", type=FILE, help="file whose first line is the passphrase"),
    ):
        command = option(command)
    return command


@click.command("backup")
@click.argument("target")
@click.option("--encrypt", is_flag=True, help="encrypt with a passphrase that is asked for")
@click.option("--passphrase-file", type=FILE, help="encrypt with the passphrase in the first line of this file")
@click.option("--recipient", "recipients", multiple=True, metavar="age1…", help="encrypt to this age key; repeatable")
@click.option("--keep-daily", type=click.IntRange(min=0), default=0, help="of so many days keep the newest archive")
@click.option("--keep-weekly", type=click.IntRange(min=0), default=0, help="likewise of so many weeks")
@click.option("--keep-monthly", type=click.IntRange(min=0), default=0, help="likewise of so many months")
@click.option("--replace", is_flag=True, help="write over a file that is there")
@with_appcontext
def backup(
    target: str, encrypt: bool, passphrase_file: Path | None, recipients: tuple[str, ...], keep_daily: int,
    keep_weekly: int, keep_monthly: int, replace: bool,
) -> None:  # fmt: skip
    """Writes database, files and own SOPs into one archive while the system runs.

    TARGET is a file, or a folder in which the archive gets a name of its own and old ones are rotated; either of this
    machine or of a bucket (s3://bucket/folder/).
    """
    with _in_words():
        if recipients and (encrypt or passphrase_file):
            raise Trouble(_("Either a passphrase or age keys, not both."))
        keys = Keys(recipients=recipients)
        if not recipients:
            asked = encrypt and not passphrase_file
            keys = Keys(passphrase=_passphrase(passphrase_file) or (_asked(confirm=True) if asked else ""))
        done = copies.write(target, keys, Keep(keep_daily, keep_weekly, keep_monthly), replace, _bar)
    click.echo(done.says)
    for removed in done.removed:
        click.echo(_("%(file)s was removed: newer ones are kept.", file=removed))
    for warning in done.warnings:
        click.echo(warning, err=True)
    sys.exit(LACKING if done.lacking else 0)


@click.command("verify-backup")
@click.argument("source")
@_unlocking
@with_appcontext
def verify_backup(source: str, passphrase_file: Path | None, identities: tuple[Path, ...]) -> None:
    """Checks an archive without restoring it: sums, counts, histories, files; exits with 1 when it is damaged."""
    with _in_words(), _opener(source, passphrase_file, identities)() as file:
        report = checking.check(file, _bar)
    for line in (*report.faults, *report.warnings):
        click.echo(line, err=True)
    if report.faults:
        click.echo(_("The archive is damaged."), err=True)
        sys.exit(1)
    click.echo(copies.summary(report.manifest))


@click.command("restore")
@click.argument("source")
@_unlocking
@click.option("--known", "told", type=FILE, help="a last_backup.json that tells what there was")
@click.option("--older", is_flag=True, help="also when the archive is older than what is known of the instance")
@with_appcontext
def restore(
    source: str, passphrase_file: Path | None, identities: tuple[Path, ...], told: Path | None, older: bool
) -> None:
    """Puts an archive back into an empty instance: its database, its storage, its folder."""
    with _in_words():
        opener = _opener(source, passphrase_file, identities)
        remembered = known.newest(place(source)[0], told)
        try:
            for line in restoring.restore(opener, _bar, remembered, older):
                click.echo(line)
        except restoring.Older as warning:
            click.echo(str(warning), err=True)
            click.echo(_("Nothing was restored. With --older it is, all the same."), err=True)
            sys.exit(1)


def _opener(source: str, file: Path | None, identities: tuple[Path, ...]) -> Callable[[], AbstractContextManager[Any]]:
    """What gives the archive from its beginning, each time; a passphrase is asked for once."""
    keys = Keys(passphrase=_passphrase(file), identities=tuple(one.read_text() for one in identities))
    if not keys.passphrase and copies.needs_passphrase(source) and sys.stdin.isatty():
        keys = Keys(passphrase=_asked(confirm=False))
    return lambda: copies.read(source, keys)


def _passphrase(file: Path | None) -> str:
    if file is None:
        return str(current_app.config["BACKUP_PASSPHRASE"])
    written = file.read_text().partition("\n")[0].rstrip("\r")
    if not written:
        raise Trouble(_("The first line of %(file)s is empty: it should be the passphrase.", file=file))
    return written


def _asked(confirm: bool) -> str:
    return str(click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=confirm, err=True))


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], object]]:
    """A progress bar; silent where nobody looks. Without a length it counts what has passed by, in MB."""
    if not sys.stderr.isatty():
        yield lambda count: None
    elif length:
        with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
            yield bar.update
    else:
        yield _counter(label)
        click.echo("", err=True)


def _counter(label: str) -> Callable[[int], object]:
    passed = 0

    def count(size: int) -> None:
        nonlocal passed
        before, passed = passed >> 20, passed + size
        if before != passed >> 20:
            click.echo(f"\r{label}  {passed >> 20} MB", nl=False, err=True)

    return count


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (Trouble, Uncovered) as trouble:
        click.echo(str(trouble), err=True)
        sys.exit(1)
    except SQLAlchemyError as error:
        click.echo(_("The database does not answer as it should: %(why)s", why=str(error).partition("\n")[0]), err=True)
        sys.exit(1)


COMMANDS = (backup, restore, verify_backup)
