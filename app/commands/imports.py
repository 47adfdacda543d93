"""``flask --app run import-customers`` and one such command for each table that an SOP takes over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from app.services.core.errors import Refused
from app.services.imports import customers, engine
from app.services.imports.engine import Outcome, Source
from app.services.tables.csv_reading import Bad
from app.sop import own_parts

#: Bad rows that are listed one by one; a wrong file has thousands.
LISTED = 200


def commands() -> Iterator[click.Command]:
    yield from (_import_of(part.IMPORT) for part in own_parts("import_file"))
    yield import_customers


def _import_of(source: Source) -> click.Command:
    @click.command(f"import-{source.key}", help=source.help)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--unit", help="code of the unit to which poskos belong that nobody has entered yet")
    @click.option("--apply", "wanted", is_flag=True, help="import; without it only what would happen is told")
    @click.option("--encoding", default="utf-8", show_default=True, help="cp1252 for files of old programs")
    @with_appcontext
    def command(file: Path, unit: str | None, wanted: bool, encoding: str) -> None:
        try:
            _import(source, file, unit, wanted, encoding)
        except Refused as refusal:
            click.echo(refusal.message, err=True)
            sys.exit(1)

    return command


def _import(source: Source, file: Path, unit: str | None, wanted: bool, encoding: str) -> None:
    outcome = engine.preview(source, file, unit, encoding)
    _tell(outcome)
    if wanted and outcome.new:
        with click.progressbar(length=outcome.new + outcome.there, label=_("Importing")) as bar:
            outcome = engine.take_over(source, file, unit, encoding, bar.update)
        click.echo(str(source.done) % {"new": outcome.new, "links": outcome.links})
    elif not wanted:
        click.echo(_("Nothing was changed. With --apply it is imported."))


def _tell(outcome: Outcome) -> None:
    """What would happen, in words, with the rows that are wrong."""
    click.echo(_("%(new)s new, %(there)s already there, %(bad)s can't be imported.",
                 new=outcome.new, there=outcome.there, bad=len(outcome.bad)))  # fmt: skip
    for unit in outcome.units:
        click.echo(_("New unit: %(unit)s", unit=unit))
    for name, unit_code in outcome.poskos.items():
        click.echo(_("New posko: %(posko)s (unit: %(unit)s)", posko=name, unit=unit_code or "–"))
    _tell_bad(outcome.bad)


def _tell_bad(bad: list[Bad]) -> None:
    for row in bad[:LISTED]:
        click.echo(
            _("Line %(line)s, %(number)s: %(reason)s", line=row.line, number=row.number or "–", reason=row.reason)
        )
    if len(bad) > LISTED:
        click.echo(_("… and %(more)s more.", more=len(bad) - LISTED))


@click.command("import-customers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "wanted", is_flag=True, help="import; without it only what would happen is told")
@click.option("--encoding", default="utf-8", show_default=True, help="cp1252 for files of old programs")
@with_appcontext
def import_customers(file: Path, wanted: bool, encoding: str) -> None:
    """Loads customers from CSV (comma, semicolon or tab), known by their order ID; can be repeated."""
    try:
        outcome = customers.preview(file, encoding)
        _tell_customers(outcome)
        _tell_bad(outcome.bad)
        if wanted:
            with click.progressbar(length=outcome.rows - len(outcome.bad), label=_("Importing")) as bar:
                outcome = customers.take_over(file, encoding, bar.update)
            _tell_customers(outcome)
        else:
            click.echo(_("Nothing was changed. With --apply it is imported."))
    except Refused as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)


def _tell_customers(outcome: customers.Outcome) -> None:
    click.echo(
        _("Customers: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(bad)s can't be imported.",
          new=outcome.new, changed=outcome.changed, unchanged=outcome.unchanged, bad=len(outcome.bad))
    )  # fmt: skip
