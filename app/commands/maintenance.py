"""Commands for whoever runs a deployment: set up, sweep, index, purge."""

from __future__ import annotations

import sys
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from app.services.accounts import setup as service
from app.services.accounts import unfinished
from app.services.accounts.sop_tables import Unfit
from app.services.core import partitions
from app.services.documents import documents
from app.services.notices import deadline_warnings
from app.services.retention import purge, retention
from app.services.search import index
from app.sop import SOPS


@click.command("setup")
@with_appcontext
def setup() -> None:
    """Migrates the database, adds the SOPs' own tables, and puts in roles and the master data that SOPs start with."""
    if half := unfinished.told():
        click.echo("\n".join(half), err=True)
        sys.exit(1)
    try:
        service.prepare()
    except Unfit as reason:
        click.echo(str(reason), err=True)
        sys.exit(1)


@click.command("sweep-orphans")
@click.option("--hours", type=click.IntRange(min=0), help="only files older than this; default: the setting's")
def sweep_orphans(hours: int | None) -> None:
    """Removes files that no document names."""
    age = timedelta(hours=current_app.config["ORPHAN_AGE_HOURS"] if hours is None else hours)
    click.echo(f"{documents.sweep(age)} files removed")


@click.command("reindex-search")
@with_appcontext
def reindex_search() -> None:
    """Indexes every case anew, after a change of what the SOPs let be found."""
    done = 0
    for done in index.reindex():
        click.echo(f"{done} cases indexed")
    click.echo(f"{done} cases indexed in all")


@click.command("watch-deadlines")
@click.option("--recount", is_flag=True, help="count every clock anew first, after a change of the calendar")
@with_appcontext
def watch_deadlines(recount: bool) -> None:
    """Does at once what the worker does every minute: starts clocks that are missing, tells people of deadlines."""
    if recount:
        click.echo(f"{deadline_warnings.recount()} cases counted anew")
    click.echo(f"{deadline_warnings.begin_missing()} clocks started, {deadline_warnings.watch()} warnings given")


@click.command("purge-due")
@click.option("--apply", "wanted", is_flag=True, help="remove; without it only what is due is told")
@with_appcontext
def purge_due(wanted: bool) -> None:
    """Lists what is due to be removed after its retention, and removes it."""
    due = [(one, "") for one in retention.due(SOPS.values())]
    removed = 0
    for one, stays in purge.purge_due() if wanted else due:
        removed += wanted and not stays
        personal = ", personal data" if one.whole else ""
        click.echo(f"{one.number}: {one.files} files{personal}, due since {one.since}{stays and f', stays: {stays}'}")
    click.echo(f"{removed} cases purged" if wanted else f"{len(due)} cases due; nothing was removed")


@click.command("partition-events")
@with_appcontext
def partition_events() -> None:
    """Gives the history a partition for each month, on a PostgreSQL that has grown; writers wait meanwhile."""
    try:
        made = partitions.partition()
    except ValueError as reason:
        click.echo(str(reason), err=True)
        sys.exit(1)
    click.echo(f"The history is partitioned: {made} months, the next {partitions.AHEAD} among them")


COMMANDS = (partition_events, setup, sweep_orphans, reindex_search, purge_due, watch_deadlines)
