"""Puts an archive back into an empty instance, on whichever database and storage that one has.

The archive is checked as a whole first. From then on a mark stands in the database until everything is back and was
checked again; whoever finds the mark serves nothing, and the next restore begins anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext as _
from flask_migrate import upgrade
from sqlalchemy import func, select

from app.extensions import db, migrate
from app.models import Case, Document, Event
from app.services.accounts import setup, unfinished
from app.services.accounts.sop_tables import Unfit
from app.services.accounts.unfinished import RESTORE
from app.services.backup import archive, checking, known, schema
from app.services.backup.known import Known
from app.services.backup.rows import set_sequences, tables, write
from app.services.backup.schema import loading
from app.services.backup.taking import Watch
from app.services.backup.trouble import Damaged, Trouble
from app.services.core import database, exclusive, history
from app.services.documents import storage
from config import sop_folders

#: Gives the archive, from its beginning each time.
Source = Callable[[], AbstractContextManager[Any]]


class Older(Trouble):
    """The archive is older than what is known of the instance; the message says what would be lost."""


def restore(source: Source, watch: Watch, remembered: Known | None, older: bool) -> Iterator[str]:
    """Yields what is worth telling. ``older``: also an archive that is older than what is ``remembered``. Raises
    ``Trouble``; once the first row was to be written, the database carries its mark then."""
    with exclusive.held("restore", wait=False) as got:
        if not got:
            raise Trouble(_("Another process is restoring into this database. Please wait until it is done."))
        with source() as file:
            report = checking.check(file, watch)
        if report.faults:
            raise Damaged("\n".join([*report.faults, _("The archive is damaged: nothing was restored.")]))
        yield from report.warnings
        _fits_or_refused(report.about)
        if says := known.warning(Known.of(report.manifest), remembered):
            if not older:
                raise Older(says)
            yield says
        _empty_or_refused()
        try:
            yield from _put_back(source, report, watch)
        except Exception as error:
            why = str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}"
            raise Trouble(_("Restoring was aborted: %(why)s", why=why) + f"\n{RESTORE.says}") from error


def _fits_or_refused(about: dict[str, Any]) -> None:
    """Raises ``Trouble`` for a schema that this version does not have, because it is newer or another product's."""
    script = ScriptDirectory.from_config(migrate.get_config())
    if about["schema"] not in {revision.revision for revision in script.walk_revisions()}:
        raise Trouble(
            _(
                "The archive was taken by version %(version)s and has the schema %(schema)s, which this version does "
                "not know: restore it with that version or a newer one.",
                version=about["version"], schema=about["schema"],
            )
        )  # fmt: skip


def _empty_or_refused() -> None:
    """Raises ``Trouble`` where the instance has anything. What half a restore left is its own; it is written over."""
    if unfinished.DEMO.there():
        raise Trouble(unfinished.DEMO.says)
    if RESTORE.there():
        return
    if unfinished.occupied():
        raise Trouble(_("The database has data already: an archive is only put back into an empty instance."))
    if any(not key.startswith((known.NAME, storage.INCOMING)) for key in storage.every_key()):
        raise Trouble(_("The storage has files already: an archive is only put back into an empty instance."))


def _put_back(source: Source, report: checking.Report, watch: Watch) -> Iterator[str]:
    RESTORE.set()
    unfinished.drop(unfinished.our_tables())
    upgrade(revision=report.about["schema"])
    with loading() as connection:
        schema.complete(connection, report.about["tables"])
        yield from _all(source, connection, report, watch)
    db.session.remove()
    try:
        setup.migrate()
    except Unfit as misfit:
        yield str(misfit)
    yield from _checked(report.manifest)
    database.count_anew()
    RESTORE.remove()


def _all(source: Source, connection: Any, report: checking.Report, watch: Watch) -> Iterator[str]:
    """Every part of the archive, rows in one transaction; a sentence for what could not be put where it was."""
    there = {table.name: table for table in tables(connection)}
    columns = {table["name"]: [c["name"] for c in table["columns"]] for table in report.about["tables"]}
    with schema.keys_aside(connection) as broken, source() as file, watch(_("Restoring"), 0) as advance:
        for member in archive.members(file):
            prefix, rest = archive.piece_of(member.name)
            if prefix == archive.TABLES:
                for _count in write(connection, there[rest], columns[rest], member.rows()):
                    """A batch after the other."""
            elif prefix == archive.FILES:
                storage.put(rest, member.content() if member.size <= archive.CHUNK else member.chunks())
            elif prefix == archive.DOCUMENTS:
                yield from _sop_document(rest, member.content())
            elif prefix == archive.SECRET:
                yield from _secret_key(member.content())
            advance(member.size)
        set_sequences(connection)
    yield from broken


def _sop_document(name: str, content: bytes) -> Iterator[str]:
    """``1/name/sop.toml`` into the first folder of SOPs that this deployment has; one that is there stays."""
    number, _slash, inside = name.partition("/")
    folders = sop_folders()
    folder = folders[min(int(number), len(folders)) - 1]
    path = (folder / inside).resolve()
    if not path.is_relative_to(folder):
        raise Damaged(_("%(member)s is nothing that an archive holds.", member=name))
    if path.exists():
        if path.read_bytes() != content:
            yield _("%(file)s is there already and is another one: it stays as it is.", file=path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    yield _("%(file)s was put back; processes that run do not know it yet.", file=path)


def _secret_key(content: bytes) -> Iterator[str]:
    """The key of the instance goes in the place of the one that this start has made."""
    path = Path(current_app.config["INSTANCE_PATH"]) / archive.SECRET
    made = path.with_name(f".{path.name}.restored")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    made.replace(path)
    if current_app.config["SECRET_KEY"].encode() != content:
        yield _("The secret key was put back; processes that run must be started again.")


def _checked(manifest: dict[str, Any]) -> Iterator[str]:
    """What was put back is what was taken. Raises ``Damaged``."""
    session = db.session()
    counts = {model.__tablename__: session.scalar(select(func.count()).select_from(model)) for model in (Case, Event)}
    wrong = [f"case {pk}: {what}" for pk, what in history.verify(session)]
    if wrong or any(manifest["tables"][name] != count for name, count in counts.items()):
        raise Damaged("\n".join([*wrong, _("What was restored is not what the archive holds.")]))
    absent = 0
    for key in session.scalars(select(Document.storage_key).where(Document.purged_at.is_(None))).yield_per(500):
        absent += not _is_there(key)
    db.session.remove()
    if absent > manifest["missing"] + manifest["purged"]:
        raise Damaged(_("What was restored is not what the archive holds."))
    yield _("%(cases)s cases with %(events)s lines of history and %(files)s files were restored.",
            cases=counts[Case.__tablename__], events=counts[Event.__tablename__], files=manifest["files"])  # fmt: skip


def _is_there(key: str) -> bool:
    try:
        storage.size(key)
    except FileNotFoundError:
        return False
    return True
