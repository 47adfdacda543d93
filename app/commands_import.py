"""``flask --app run import-apkt`` and ``import-customers``: take over tables that other programs give out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from app.services.errors import Refused

if TYPE_CHECKING:
    from app.services import customers as customers_service
    from app.services.csv_reading import Bad
    from app.services.imports import Outcome

#: Bad rows that are told one by one; a wrong file has thousands.
TOLD = 200


@click.command("import-apkt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", help="code of the unit to which poskos belong that nobody has entered yet")
@click.option("--apply", "wanted", is_flag=True, help="import; without it only what would happen is told")
@click.option("--encoding", default="utf-8", show_default=True, help="cp1252 for files of old programs")
@with_appcontext
def import_apkt(file: Path, unit: str | None, wanted: bool, encoding: str) -> None:
    """Imports reports from CSV (comma, semicolon or tab); can be repeated without duplicates."""
    from app.services import imports

    try:
        outcome = imports.preview(file, unit, encoding)
        _tell(outcome, done=False)
        if wanted and outcome.new:
            with click.progressbar(length=outcome.new + outcome.there, label=_("Importing")) as bar:
                outcome = imports.take_over(file, unit, encoding, bar.update)
            _tell(outcome, done=True)
        elif not wanted:
            click.echo(_("Nothing was changed. With --apply it is imported."))
    except Refused as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)


def _tell(outcome: Outcome, done: bool) -> None:
    """The outcome in words; the rows that are wrong are told once, before anything happens."""
    if done:
        click.echo(_("%(new)s reports imported, %(links)s mutated pairs linked.", new=outcome.new, links=outcome.links))
        return
    click.echo(_("%(new)s new, %(there)s already there, %(bad)s can't be imported.",
                 new=outcome.new, there=outcome.there, bad=len(outcome.bad)))  # fmt: skip
    for unit in outcome.units:
        click.echo(_("New unit: %(unit)s", unit=unit))
    for name, unit_code in outcome.poskos.items():
        click.echo(_("New posko: %(posko)s (unit: %(unit)s)", posko=name, unit=unit_code or "–"))
    _tell_bad(outcome.bad)


def _tell_bad(bad: list[Bad]) -> None:
    for row in bad[:TOLD]:
        click.echo(
            _("Line %(line)s, %(number)s: %(reason)s", line=row.line, number=row.number or "–", reason=row.reason)
        )
    if len(bad) > TOLD:
        click.echo(_("… and %(more)s more.", more=len(bad) - TOLD))


@click.command("import-customers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "wanted", is_flag=True, help="import; without it only what would happen is told")
@click.option("--encoding", default="utf-8", show_default=True, help="cp1252 for files of old programs")
@with_appcontext
def import_customers(file: Path, wanted: bool, encoding: str) -> None:
    """Loads customers from CSV (comma, semicolon or tab), known by their order ID; can be repeated."""
    from app.services import customers

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


def _tell_customers(outcome: customers_service.Outcome) -> None:
    click.echo(
        _("Customers: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(bad)s can't be imported.",
          new=outcome.new, changed=outcome.changed, unchanged=outcome.unchanged, bad=len(outcome.bad))
    )  # fmt: skip
