"""Checks an archive without an instance: sums, counts, every history hashed anew, every document's file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.models import Case, Event
from app.services.backup import archive
from app.services.backup.archive import Member
from app.services.backup.taking import HASH, KEY, PURGED, Watch
from app.services.backup.trouble import Damaged
from app.services.core import history

#: Faults that are told one by one; a damaged archive may have one for each file.
LISTED = 100
#: Lists as long as the instance is large lie in a database of the system's own, which goes to the disk when it must.
SCRATCH = """
CREATE TABLE heads (id INTEGER PRIMARY KEY, hash TEXT);
CREATE TABLE seen (id INTEGER PRIMARY KEY, events INTEGER, hash TEXT);
CREATE TABLE chains (id INTEGER PRIMARY KEY, events INTEGER, hash TEXT);
CREATE TABLE named (key TEXT PRIMARY KEY, sha256 TEXT);
CREATE TABLE there (key TEXT PRIMARY KEY, bytes INTEGER, sha256 TEXT);
CREATE TABLE listed (key TEXT PRIMARY KEY, bytes INTEGER, sha256 TEXT);
"""
#: What must not be found when all is well, and what is said of each row of it.
UNEQUAL = (
    (
        "SELECT id FROM heads LEFT JOIN seen USING (id) WHERE coalesce(seen.hash, '') <> heads.hash",
        "case {}: " + history.TRUNCATED,
    ),
    (
        "SELECT id FROM seen LEFT JOIN heads USING (id) WHERE heads.id IS NULL",
        "case {}: it has a history and is not there",
    ),
    (
        "SELECT id FROM (SELECT * FROM seen EXCEPT SELECT * FROM chains)",
        "case {}: its history is not the one that the manifest tells",
    ),
    ("SELECT id FROM chains LEFT JOIN seen USING (id) WHERE seen.id IS NULL", "case {}: its history is gone"),
    (
        "SELECT key FROM listed LEFT JOIN there USING (key) WHERE listed.sha256 IS NOT NULL "
        "AND (there.sha256, there.bytes) IS NOT (listed.sha256, listed.bytes)",
        "file {}: it is not there, or not the one that was taken",
    ),
    (
        "SELECT key FROM named LEFT JOIN listed USING (key) WHERE listed.key IS NULL",
        "file {}: a document names it, and it was not taken",
    ),
    (
        "SELECT key FROM named JOIN listed USING (key) WHERE listed.sha256 <> named.sha256",
        "file {}: it is not the one that its document names",
    ),
)


@dataclass
class Report:
    """``faults``: why the archive is not to be trusted, a sentence each; ``warnings``: what it lacked from the
    beginning. ``manifest`` is empty where it could not be read."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)


def check(source: Any, watch: Watch) -> Report:
    """Reads a whole archive, once."""
    with closing(sqlite3.connect("")) as scratch:
        scratch.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCRATCH)
        scratch.execute("BEGIN")
        check = _Check(scratch)
        try:
            with watch(_("Checking"), 0) as advance:
                for member in archive.members(source):
                    check.member(member)
                    advance(member.size)
        except Damaged as error:
            check.report.faults.append(str(error))
        else:
            check.end()
        del check.report.faults[LISTED:]
        return check.report


class _Check:
    def __init__(self, scratch: sqlite3.Connection) -> None:
        self.report, self._scratch = Report(), scratch
        self._columns: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}
        self._sums: dict[str, str] = {}
        self._chain, self._last = history.Chain(), (0, 0, "")

    def member(self, member: Member) -> None:
        """Raises ``Damaged`` for what can't be read on, whatever a flipped bit has made of it."""
        try:
            self._member(member)
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise Damaged(_("%(member)s is damaged.", member=member.name)) from error

    def _member(self, member: Member) -> None:
        if not self._columns and member.name != archive.ABOUT:
            raise Damaged(_("This is no archive of an instance."))
        prefix, rest = archive.piece_of(member.name)
        match prefix:
            case archive.ABOUT:
                self._about(member)
            case archive.TABLES:
                self._rows(rest, member)
            case archive.FILE_LIST | archive.CHAINS:
                self._list("listed" if prefix == archive.FILE_LIST else "chains", member)
            case archive.FILES:
                self._scratch.execute("INSERT OR REPLACE INTO there VALUES (?, ?, ?)", (rest, member.size, member.sum))
                return
            case archive.MANIFEST:
                self.report.manifest = member.json()
            case archive.SUM:
                if member.content().decode(errors="replace") != self._sums.get(archive.MANIFEST):
                    self.report.faults.append(_("%(member)s is damaged.", member=archive.MANIFEST))
                return
        self._sums[member.name] = member.sum

    def _about(self, member: Member) -> None:
        self.report.about = member.json()
        if (known := self.report.about.get("format")) != archive.FORMAT:
            raise Damaged(_("The archive has format %(format)s, which this version does not know.", format=known))
        for table in self.report.about["tables"]:
            self._columns[table["name"]] = [column["name"] for column in table["columns"]]
            self._counts[table["name"]] = 0

    def _list(self, table: str, member: Member) -> None:
        self._scratch.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", member.rows())  # noqa: S608

    def _rows(self, table: str, member: Member) -> None:
        if table not in self._columns:
            raise Damaged(_("%(member)s is nothing that an archive holds.", member=member.name))
        columns = self._columns[table]
        for values in member.rows():
            self._counts[table] += 1
            row = dict(zip(columns, values, strict=False))
            if table == Case.__tablename__:
                self._scratch.execute("INSERT OR REPLACE INTO heads VALUES (?, ?)", (row["id"], row["history_hash"]))
            elif table == Event.__tablename__:
                self._event(row)
            if row.get(KEY) and row.get(HASH) and not row.get(PURGED):
                self._scratch.execute("INSERT OR REPLACE INTO named VALUES (?, ?)", (row[KEY], row[HASH]))

    def _event(self, row: Mapping[str, Any]) -> None:
        event = event_of(row)
        if wrong := self._chain.follow(event):
            self.report.faults.append(f"case {event.case_id}: {wrong}")
        if event.case_id != self._last[0]:
            self._seen()
        self._last = (event.case_id, self._last[1] + 1 if event.case_id == self._last[0] else 1, event.hash)

    def _seen(self) -> None:
        if self._last[1]:
            self._scratch.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", self._last)

    def end(self) -> None:
        """Compares what was read with what the manifest tells."""
        self._seen()
        told, manifest = self.report.faults, self.report.manifest
        sums = {name: kept for name, kept in self._sums.items() if name != archive.MANIFEST}
        for name in sorted(sums.keys() ^ manifest["members"].keys()):
            told.append(_("%(member)s is not what the manifest tells.", member=name))
        for name in sorted(sums.keys() & manifest["members"].keys()):
            if sums[name] != manifest["members"][name]:
                told.append(_("%(member)s is damaged.", member=name))
        if self._counts != manifest["tables"]:
            told.append(_("The tables do not have as many rows as the manifest tells."))
        told += self._unequal()
        self._warn(manifest)

    def _unequal(self) -> Iterator[str]:
        for query, says in UNEQUAL:
            yield from (says.format(one) for (one,) in self._scratch.execute(query).fetchmany(LISTED))

    def _warn(self, manifest: Mapping[str, Any]) -> None:
        if missing := manifest["missing"]:
            self.report.warnings.append(
                ngettext(
                    "%(num)s document had no file any more when the archive was taken.",
                    "%(num)s documents had no file any more when the archive was taken.",
                    missing,
                )
            )


def event_of(row: Mapping[str, Any]) -> SimpleNamespace:
    """A line of history as its hash needs it, from a row of an archive."""
    parsed = {name: json.loads(row[name]) if row[name] is not None else None for name in ("changes", "documents")}
    return SimpleNamespace(**{**row, **parsed, "at": datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)})
