#!/usr/bin/env python3
"""Holds the cases of a Tuntas database against signed checkpoints. One file, Python 3.11 and nothing else, so that an
auditor can read it and run it without the product:

    python3 verify.py --key checkpoint_key.pub --checkpoints checkpoints.jsonl tuntas.sqlite3
    python3 verify.py --key checkpoint_key.pub --checkpoints checkpoints.jsonl evidence.jsonl

The second form reads what ``flask evidence-export`` wrote, of SQLite and PostgreSQL alike. ``--checkpoints`` is the
file of an anchor; without it the database's own checkpoints are believed, as far as they are signed: then nothing tells
that the newest of them were removed. Exit status 1 when something was tampered with, 2 when it can't be told.

How it is bound (docs/evidence.md): each event of a case holds the hash of the one before it. A checkpoint signs
(Ed25519, RFC 8032) the Merkle root (RFC 6962) of a list that only grows: an entry for every case that has changed since
the checkpoint before, with its newest hash and digests of its row, its fields and its documents as they were then. So
a checkpoint costs what has changed, however many cases there are, and the last entry of a case says what it must be.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]
#: The columns of a case's row that only a recorded event changes. The others (who has claimed it, when it is due,
#: how often its row was written) follow from elsewhere.
BOUND = (
    "id", "number", "sop", "revision", "state", "round", "title", "reporter_name", "reporter_phone", "unit_id",
    "created_at", "state_since", "closed_at", "voided_at",
)  # fmt: skip
DOCUMENT = ("id", "type", "version", "round", "filename", "content_type", "size", "sha256", "replaces_id")
EVENT = (
    "seq", "at", "actor_id", "actor_name", "action", "from_state", "to_state", "round", "note", "changes", "documents",
    "salt", "digest", "hash", "account",
)  # fmt: skip
AUDIT = (
    "seq", "at", "actor_id", "actor_name", "account", "address", "request", "action", "subject_type", "subject",
    "subject_name", "detail", "hash",
)  # fmt: skip
#: By these columns the rows of a case's records are known, whatever their table is called.
RECORDED = {"case_id", "recorded_at", "recorded_by"}
#: The parts of a case that an entry has digests of, as people call them.
PARTS = {"row": "state, number or dates", "fields": "fields", "files": "documents"}
PURGED, PURGED_BEFORE = "purge_personal", "purge"
#: What a record may be older than the checkpoint that does not have it: a transaction takes a while.
LATE = timedelta(hours=1)
#: Rows that are read at once.
BATCH = 500


# --- Ed25519, after the reference of RFC 8032, section 6 ---

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _x(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if not square:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(written: bytes) -> Point | None:
    y = int.from_bytes(written, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _x(_BASE_Y, 0) or 0
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 key (32 bytes) has signed the message."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, nonce = _point(key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or nonce is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(scalar, BASE), _add(nonce, _times(challenge, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- The list of entries and its root, RFC 6962, section 2.1 ---


class Frontier:
    """The roots of the full subtrees at the right edge of the tree, the largest first: all that is needed to add."""

    def __init__(self, size: int = 0, hashes: Sequence[str] = ()) -> None:
        self.size, self.hashes = size, [bytes.fromhex(one) for one in hashes]

    def add(self, entry: str) -> None:
        node, size = hashlib.sha256(b"\0" + entry.encode()).digest(), self.size
        while size & 1:
            node, size = _node(self.hashes.pop(), node), size >> 1
        self.hashes.append(node)
        self.size += 1

    def root(self) -> str:
        if not self.hashes:
            return hashlib.sha256(b"").hexdigest()
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = _node(left, root)
        return root.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


# --- What is hashed ---


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha(written: str) -> str:
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def entry_of(case: Mapping[str, Any]) -> str:
    """The entry of a case, as ``Tables.cases`` gives it with its newest ``seq`` and ``head``."""
    row = case["row"]
    known = {"case": row["id"], "number": row["number"], "sop": row["sop"], "seq": case["seq"], "head": case["head"]}
    return canonical(known | digests_of(case))


def digests_of(case: Mapping[str, Any]) -> dict[str, str]:
    return {
        "row": sha(canonical(case["row"])),
        "fields": sha(canonical([case["fields"], case["records"]])),
        "files": sha(canonical(case["documents"])),
    }


def _chained(parts: list[Any]) -> str:
    """As the history of a case and the audit log are hashed."""
    return sha(json.dumps(parts, ensure_ascii=False, sort_keys=True))


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def event_hash(event: Row, case_id: int, before: str) -> str:
    """Events keep the user name of whoever did them since a later version, and have it under their hash."""
    facts = ("actor_id", "actor_name", "action", "from_state", "to_state", "round", "documents", "digest")
    account = [] if event.get("account") is None else [event["account"]]
    parts = [before, case_id, event["seq"], _at(event["at"]).isoformat(), *(event[key] for key in facts), *account]
    return _chained(parts)


def audit_hash(entry: Row, before: str) -> str:
    return _chained([before, entry["seq"], _at(entry["at"]).isoformat(), *(entry[key] for key in AUDIT[2:-1])])


# --- Where cases are read from ---


def plain(value: Any, kind: str) -> Any:
    """A value of a column as every database tells it: moments as SQLite keeps them, JSON read."""
    if isinstance(value, str) and kind.upper().startswith("JSON"):
        return json.loads(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


class Tables:
    """The tables of a database. ``columns``: the type of each column, by table and name."""

    columns: dict[str, dict[str, str]]

    def select(self, table: str, columns: Iterable[str], rest: str, values: Sequence[int] = ()) -> Iterator[Row]:
        """Rows; ``rest`` is SQL with a ``?`` for each of ``values``."""
        raise NotImplementedError

    def batches(self) -> Iterator[list[int]]:
        """The ids of all cases, some at a time."""
        last = 0
        while found := [
            r["id"] for r in self.select("cases", ["id"], f"WHERE id > ? ORDER BY id LIMIT {BATCH}", [last])
        ]:
            yield found
            last = found[-1]

    def cases(self, ids: Sequence[int]) -> list[Row]:
        """The bound content of cases: their ``row``, ``fields``, ``records`` and ``documents``, without what is empty,
        so that a column which comes later changes nothing."""
        marks = ", ".join("?" * len(ids))
        found: dict[int, Row] = {}
        for row in self.select("cases", (*BOUND, "history_hash"), f"WHERE id IN ({marks}) ORDER BY id", ids):
            head = row.pop("history_hash")
            found[row["id"]] = {"head": head, "row": _filled(row), "fields": {}, "records": {}, "documents": []}
        for sop in {case["row"]["sop"] for case in found.values()} & self.columns.keys():
            for row in self.select(sop, self.columns[sop], f"WHERE id IN ({marks})", ids):
                if found[row["id"]]["row"]["sop"] == sop:
                    found[row["id"]]["fields"] = _filled(row)
        for table in sorted(name for name, columns in self.columns.items() if columns.keys() >= RECORDED):
            for row in self.select(table, self.columns[table], f"WHERE case_id IN ({marks}) ORDER BY id", ids):
                found[row["case_id"]]["records"].setdefault(table, []).append(_filled(row))
        for row in self.select("documents", ("case_id", *DOCUMENT), f"WHERE case_id IN ({marks}) ORDER BY id", ids):
            found[row.pop("case_id")]["documents"].append(_filled(row))
        return list(found.values())

    def histories(self, ids: Sequence[int]) -> dict[int, list[Row]]:
        marks = ", ".join("?" * len(ids))
        told: dict[int, list[Row]] = {pk: [] for pk in ids}
        known = [column for column in ("case_id", *EVENT) if column in self.columns["events"]]
        for event in self.select("events", known, f"WHERE case_id IN ({marks}) ORDER BY case_id, seq", ids):
            told[event.pop("case_id")].append(event)
        return told

    def records(self) -> Iterator[Row]:
        """All that is judged: checkpoints, the audit log, then cases with their events and purges."""
        yield from ({"checkpoint": one} for one in self.checkpoints())
        if "audit_entries" in self.columns:
            yield from ({"audit": one} for one in self.select("audit_entries", AUDIT, "ORDER BY seq"))
        for ids in self.batches():
            marks, events = ", ".join("?" * len(ids)), self.histories(ids)
            purges: dict[int, list[str]] = {}
            for one in self.select("purges", ("case_id", "whole", "purged_at"), f"WHERE case_id IN ({marks})", ids):
                if one["whole"]:
                    purges.setdefault(one["case_id"], []).append(one["purged_at"])
            for case in self.cases(ids):
                pk = case["row"]["id"]
                yield {"case": case, "events": events[pk], "purges": purges.get(pk, [])}

    def checkpoints(self, after: int = 0, most: int = 1 << 60) -> Iterator[Row]:
        """Those of the database, as an anchor gets them: body, signature, and the entries that are new in them."""
        if "checkpoints" not in self.columns:
            return
        before = next(self.select("checkpoints", ["size"], "WHERE number = ?", [after]), {"size": 0})["size"]
        rest = "WHERE number > ? ORDER BY number LIMIT ?"
        for one in self.select("checkpoints", ("body", "signature", "size"), rest, [after, most]):
            where, size = "WHERE position >= ? AND position < ? ORDER BY position", one.pop("size")
            yield one | {
                "entries": [r["entry"] for r in self.select("checkpoint_leaves", ["entry"], where, [before, size])]
            }
            before = size


def _filled(row: Row) -> Row:
    return {key: value for key, value in row.items() if value is not None}


class Sqlite(Tables):
    """A database file, which is only read."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._connection.execute("BEGIN")  # all as of one moment, though somebody works on it
        self.columns = {}
        for table, column, kind in self._connection.execute(COLUMNS):
            self.columns.setdefault(table, {})[column] = kind

    def select(self, table: str, columns: Iterable[str], rest: str, values: Sequence[int] = ()) -> Iterator[Row]:
        names, kinds = list(columns), self.columns[table]
        listed = ", ".join(f'"{name}"' for name in names)
        for row in self._connection.execute(f'SELECT {listed} FROM "{table}" {rest}', list(values)):
            yield {name: plain(value, kinds[name]) for name, value in zip(names, row, strict=True)}


#: Columns of SQLite's ordinary tables.
COLUMNS = (
    "SELECT m.name, p.name, p.type FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p "
    "WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
)


# --- The judgement ---


@dataclass
class Judgement:
    """``findings``: a sentence for each thing that is wrong. ``upto``: the number of the newest checkpoint."""

    findings: list[str] = field(default_factory=list)
    cases: int = 0
    events: int = 0
    checkpoints: int = 0
    upto: int = 0
    signed_at: str = ""


def judge(
    records: Iterable[Row], anchored: Sequence[Row], keys: Sequence[bytes],
    signed: Callable[[bytes, bytes, bytes], bool] = is_signed,
) -> Judgement:  # fmt: skip
    """Holds ``records`` (``Tables.records``) against the checkpoints of an anchor (none: those of the database)."""
    told = Judgement()
    own: list[Row] = []
    log: Log | None = None
    chain = AuditChain(told)
    for record in records:
        if "checkpoint" in record:
            own.append(record["checkpoint"])
            continue
        if log is None:
            log = Log(told, keys, signed, anchored, own)
        if "audit" in record:
            chain.follow(record["audit"], log)
        else:
            told.cases += 1
            told.events += len(record["events"])
            told.findings += (f"{_name(record)}: {wrong}" for wrong in _wrong(record, log))
    log = log or Log(told, keys, signed, anchored, own)
    chain.end(log)
    for number, entry in log.cases.values():
        case = json.loads(entry)
        told.findings.append(
            f"case {case['number']} ({case['sop']}, id {case['case']}): the whole case is gone; checkpoint "
            f"{number} has {case['seq']} events of it"
        )
    return told


def _name(record: Row) -> str:
    row = record["case"]["row"]
    return f"case {row['number']} ({row['sop']}, id {row['id']})"


class Log:
    """The checkpoints, one after the other. ``cases``: the number of the checkpoint and the entry that is the last of
    each case; a case that is judged is taken out."""

    def __init__(
        self, told: Judgement, keys: Sequence[bytes], signed: Callable[[bytes, bytes, bytes], bool],
        anchored: Sequence[Row], own: Sequence[Row],
    ) -> None:  # fmt: skip
        self.told, self.keys, self.signed = told, keys, signed
        self.cases: dict[int, tuple[int, str]] = {}
        self.audit: Row = {}
        self.at: datetime | None = None
        self._before, self._frontier = "", Frontier()
        self._read(anchored, own)

    def _read(self, anchored: Sequence[Row], own: Sequence[Row]) -> None:
        kept = self._once(anchored)
        last = max(kept, default=0)
        mine = {json.loads(one["body"])["number"]: one for one in own}
        for number in kept:
            kept[number] = {"entries": mine.get(number, {}).get("entries", []), **kept[number]}
        if gone := sorted(kept.keys() - mine.keys()):
            few = f"checkpoint {gone[0]} is" if len(gone) == 1 else f"{len(gone)} checkpoints from {gone[0]} on are"
            self._say(f"{few} not in the database any more: it was put back, or they were removed")
        for number in sorted(kept.keys() & mine.keys()):
            if any(mine[number][part] != kept[number][part] for part in ("body", "entries")):
                self._say(f"checkpoint {number} is another one in the database than the anchor was given")
        following = [kept[number] for number in sorted(kept)] + [mine[n] for n in sorted(mine) if n > last]
        for one in following:
            if not self._follow(one):
                break

    def _once(self, anchored: Sequence[Row]) -> dict[int, Row]:
        """What was handed over twice counts once."""
        kept: dict[int, Row] = {}
        for one in anchored:
            number = json.loads(one["body"])["number"]
            if kept.setdefault(number, one)["body"] != one["body"]:
                self._say(f"the anchor has two checkpoints {number} that differ: the database was put back before it")
        return kept

    def _follow(self, one: Row) -> bool:
        """Whether those after it can be judged."""
        body = json.loads(one["body"])
        number = body["number"]
        if not any(self.signed(key, one["body"].encode(), bytes.fromhex(one["signature"])) for key in self.keys):
            self._say(f"checkpoint {number} is not signed with the key; it and those after it prove nothing")
            return False
        if number != self.told.upto + 1 or body["previous"] != self._before:
            self._say(f"checkpoint {number} does not follow from the one before it: some are missing or were altered")
        for entry in one["entries"]:
            self._frontier.add(entry)
            known = json.loads(entry)
            if "audit" in known:
                self.audit = known | {"number": number}
            else:
                self.cases[known["case"]] = number, entry
        if (self._frontier.size, self._frontier.root()) != (body["size"], body["root"]):
            self._say(f"the entries of checkpoint {number} were altered: they have another root than was signed")
            return False
        self._before, self.told.upto, self.told.signed_at = sha(one["body"]), number, body["at"]
        self.at, self.told.checkpoints = datetime.fromisoformat(body["at"]), self.told.checkpoints + 1
        return True

    def _say(self, sentence: str) -> None:
        self.told.findings.append(sentence)


class AuditChain:
    """The audit log, entry after entry."""

    def __init__(self, told: Judgement) -> None:
        self.told, self._before, self._seq, self._found = told, "", 0, False

    def follow(self, entry: Row, log: Log) -> None:
        self._seq += 1
        if entry["seq"] != self._seq:
            self.told.findings.append(f"audit log: entry {self._seq} is missing")
        elif entry["hash"] != audit_hash(entry, self._before):
            self.told.findings.append(f"audit log: entry {self._seq} does not follow from the one before it")
        elif entry["seq"] == log.audit.get("audit"):
            self._found = True
            if entry["hash"] != log.audit["hash"]:
                said = f"was written anew since checkpoint {log.audit['number']}"
                self.told.findings.append(f"audit log: it {said}")
        self._before, self._seq = entry["hash"], entry["seq"]

    def end(self, log: Log) -> None:
        if log.audit and not self._found and self._seq < log.audit["audit"]:
            self.told.findings.append(
                f"audit log: cut off after entry {self._seq}; checkpoint {log.audit['number']} has {log.audit['audit']}"
            )


def _wrong(record: Row, log: Log) -> Iterator[str]:
    """What is wrong with a case."""
    case, events = record["case"], record["events"]
    yield from _history(case, events)
    yield from _blanked(events, record["purges"])
    yield from _against_history(case, events)
    number, written = log.cases.pop(case["row"]["id"], (0, ""))
    if written:
        entry = json.loads(written)
        yield from _against_entry(case, events, entry, number)
        events = events[entry["seq"] :]
    if log.at is not None:
        for event in events:
            if _at(event["at"]) < log.at - LATE:
                dated = f"event {event['seq']} is dated {event['at'][:16]}"
                yield f"{dated}, and checkpoint {log.told.upto} does not have it"


def _history(case: Row, events: Sequence[Row]) -> Iterator[str]:
    """The chain alone; the first break of it."""
    before = ""
    for expected, event in enumerate(events, 1):
        if event["seq"] != expected:
            yield f"event {expected} is missing"
            return
        if event["hash"] != event_hash(event, case["row"]["id"], before):
            yield f"event {expected} does not follow from the one before it"
            return
        if event["salt"] is not None and event["digest"] != _chained(
            [event[key] for key in ("salt", "note", "changes")]
        ):
            yield f"note or changes of event {expected} were altered"
        before = event["hash"]
    if before != case["head"]:
        yield "the newest event is not the one that the case remembers"


def _blanked(events: Sequence[Row], purges: Sequence[str]) -> Iterator[str]:
    """Events without their salt are empty, and a record of the purge stands behind them. Before there were such
    records, the list of purges has one of the same moment."""
    covering = [
        event["seq"]
        for event in events
        if event["salt"] is not None
        and (event["action"] == PURGED or (event["action"] == PURGED_BEFORE and event["at"] in purges))
    ]
    upto = max(covering, default=0)
    bare = [event for event in events if event["salt"] is None]
    if without := [str(event["seq"]) for event in bare if event["seq"] > upto]:
        yield f"notes of events {', '.join(without)} were emptied, and no purge is on record"
    if told := [str(event["seq"]) for event in bare if event["note"] or event["changes"]]:
        yield f"events {', '.join(told)} were purged and yet say something"


def _against_history(case: Row, events: Sequence[Row]) -> Iterator[str]:
    """What the row and the documents say against the events."""
    if events and events[-1]["to_state"] != case["row"].get("state"):
        yield f"its state is “{case['row'].get('state')}”, and its history ends in “{events[-1]['to_state']}”"
    named = {(one["type"], one["version"]): one["sha256"] for event in events for one in event["documents"]}
    for document in case["documents"]:
        key = document["type"], document["version"]
        if key in named and named[key] != document.get("sha256"):
            yield f"the hash of document {key[0]}, version {key[1]}, is not the one in its history"


def _against_entry(case: Row, events: Sequence[Row], entry: Row, number: int) -> Iterator[str]:
    """What a checkpoint says of the case. What was recorded since then is judged by the chain alone."""
    if (entry["number"], entry["sop"]) != (case["row"]["number"], case["row"]["sop"]):
        yield f"it is another case than checkpoint {number} has under its id: {entry['number']} ({entry['sop']})"
        return
    if len(events) < entry["seq"]:
        yield f"cut off after event {len(events)}: checkpoint {number} has {entry['seq']} events"
    elif events[entry["seq"] - 1]["hash"] != entry["head"]:
        yield f"its history up to event {entry['seq']} was written anew since checkpoint {number}"
    elif len(events) == entry["seq"]:
        present = digests_of(case)
        for part, called in PARTS.items():
            if present[part] != entry[part]:
                yield f"its {called} were altered without an event: not as checkpoint {number} has them"


# --- The command ---


def read_key(written: str) -> bytes:
    """A public key: PEM, or 64 hexadecimal digits. Raises ``ValueError``."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    if lines and lines[0].startswith("-----"):
        return base64.b64decode("".join(lines[1:-1]), validate=True)[-32:]
    return bytes.fromhex("".join(lines))


def read_anchor(lines: Iterable[str]) -> list[Row]:
    """The checkpoints of an anchor's file; other lines (time stamps) are no matter here. A line that was cut off as it
    was written is passed over: it was handed over again, or the chain tells that it lacks. Raises ``ValueError`` where
    something is written and nothing can be read."""
    written, found = 0, list[Row]()
    for line in filter(str.strip, lines):
        written += 1
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    if written and not found:
        raise ValueError("no line of the checkpoints can be read")
    return [one for one in found if isinstance(one, dict) and "body" in one]


def told(judgement: Judgement) -> Iterator[str]:
    yield from judgement.findings
    seen = f"{judgement.cases} cases, {judgement.events} events, {judgement.checkpoints} checkpoints"
    until = f"signed up to {judgement.signed_at}" if judgement.signed_at else "nothing is signed"
    wrong = f"{len(judgement.findings)} findings" if judgement.findings else "nothing was tampered with"
    yield f"{seen}, {until}: {wrong}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks a Tuntas database against its signed checkpoints.")
    parser.add_argument("--key", action="append", required=True, type=Path, help="public key; several after a change")
    parser.add_argument("--checkpoints", type=Path, help="the file of an anchor")
    parser.add_argument("database", type=Path, help="a SQLite file, or what evidence-export wrote")
    options = parser.parse_args(arguments)
    try:
        keys = [read_key(path.read_text()) for path in options.key]
        anchored = read_anchor(options.checkpoints.read_text().splitlines()) if options.checkpoints else []
        with options.database.open("rb") as begun:
            is_sqlite = begun.read(16).startswith(b"SQLite format 3")
        records = Sqlite(options.database).records() if is_sqlite else _lines(options.database)
        judgement = judge(records, anchored, keys)
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
        print(f"It can't be told: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print("\n".join(told(judgement)))
    return 1 if judgement.findings else 0


def _lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    sys.exit(main())
