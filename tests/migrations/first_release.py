"""What a deployment of the first release had in its database: the rows by table, in the words of its schema (0001).

Nothing of the present code has a part in them: the chain of hashes is that of then, and has to verify for ever.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, MetaData, Table, insert
from werkzeug.security import generate_password_hash

PASSWORD = "tuntas-demo"
START = datetime(2026, 9, 1, 2, 30)
PHOTO = b"%PDF-1.4\n%the first photo\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PHOTO_KEY = "documents/5e/5ec0ffee"
#: id, user name, role.
USERS = ((1, "cso", "CSO"), (2, "unit", "Unit"), (3, "legal", "Legal"), (4, "admin", "Admin"))
#: id, number, SOP, state, title; its steps: action, by whom, from, to, note, changes.
CASES: tuple[tuple[int, str, str, str, str, tuple[tuple[Any, ...], ...]], ...] = (
    (1, "K542609010000", "keluhan", "resolved", "Lampu padam", (
        ("create", 1, None, "reported", None, {"name": [None, "Ibu Sri"]}),
        ("start", 2, "reported", "in_progress", "Regu berangkat", {}),
        ("resolve", 2, "in_progress", "resolved", None, {"cause": [None, "Sekring"]}),
    )),
    (2, "K542609010001", "keluhan", "cancelled", "Kabel putus", (
        ("create", 1, None, "reported", None, {}),
        ("mutate_to_gangguan", 2, "reported", "cancelled", None, {"mutation_reason": [None, "urgent"]}),
    )),
    (3, "G992609010000", "gangguan", "reported", "Kabel putus", (("create", 2, None, "reported", None, {}),)),
    (4, "SOM/2026/0001", "somasi", "awaiting_cs_documents", "Paket hilang – “é”", (
        ("create", 3, None, "awaiting_cs_documents", "Somasi pertama", {}),
    )),
    (5, "K542609010002", "keluhan", "reported", "Tegangan turun", (("create", 1, None, "reported", None, {}),)),
)  # fmt: skip
DETAILS: dict[str, list[dict[str, Any]]] = {
    "keluhan": [
        {"id": pk, "name": name, "address": "Jl. Melati 3", "phone": "0812 3456 7890", "posko_id": 1,
         "description": title, "outage_at": START}
        for pk, name, title in ((1, "Ibu Sri", "Lampu padam"), (2, "Pak Budi", "Kabel putus"), (5, "Ibu Ani", "Turun"))
    ],
    "gangguan": [{"id": 3, "name": "Pak Budi", "address": "Jl. Melati 3", "posko_id": 1, "crew_id": 1,
                  "description": "MUTASI K : K542609010001 : Kabel putus"}],
    "somasi": [{"id": 4, "letter_number": "12/S/2026", "sender": "Kantor Hukum", "customer_name": "Budi",
                "subject": "Paket hilang – “é”", "claimed_amount": 12_500_000, "cs_person_id": 1}],
    "keluhan_repeat_contacts": [{"case_id": 1, "recorded_at": START, "recorded_by": "Cso Uji", "contact_at": START,
                                 "contact_channel": "cc_123", "said": "Masih padam"}],
}  # fmt: skip


def fill(connection: Connection) -> None:
    """Rows in the order of what refers to what; ids are given by the database, as then."""
    _add(connection, "units", {"code": "ULP-DPK", "name": "ULP Depok", "active": True})
    _add(connection, "ab_role", *({"name": role} for _pk, _name, role in USERS))
    hashed = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
    _add(connection, "ab_user", *(
        {"first_name": name.title(), "last_name": "Uji", "username": name, "password": hashed, "active": True,
         "email": f"{name}@example.test", "unit_id": 1 if name == "unit" else None, "session_epoch": 0,
         "created_on": START, "changed_on": START}
        for _pk, name, _role in USERS
    ))  # fmt: skip
    _add(connection, "ab_user_role", *({"user_id": pk, "role_id": pk} for pk, _name, _role in USERS))
    _add(connection, "poskos", {"code": "DPK", "name": "Posko Depok", "unit_id": 1, "active": True})
    _add(connection, "crews", {"code": "R1", "name": "Regu 1", "unit_id": 1, "active": True})
    _add(connection, "staff", {"code": "S1", "name": "Staf CS", "active": True})
    _add(connection, "hearing_stages", {"forum": "court_hearing", "code": "mediasi", "name": "Mediasi", "position": 0})
    _add(connection, "counters", {"prefix": "K54260901", "value": 2}, {"prefix": "G99260901", "value": 0})
    events = {pk: list(_events(pk, steps)) for pk, *_case, steps in CASES}
    _add(connection, "cases", *(
        {"number": number, "sop": sop, "state": state, "round": 1, "title": title, "reporter_name": "Ibu Sri",
         "reporter_phone": "+6281234567890", "unit_id": None if sop == "somasi" else 1, "created_at": START,
         "changed_at": START, "state_since": START, "requested_documents": [], "version": len(events[pk]),
         "closed_at": START if state in ("resolved", "cancelled") else None, "history_hash": events[pk][-1]["hash"]}
        for pk, number, sop, state, title, _steps in CASES
    ))  # fmt: skip
    for table, rows in DETAILS.items():
        _add(connection, table, *rows)
    _add(connection, "documents", {
        "case_id": 1, "type": "foto", "version": 1, "round": 1, "filename": "foto é.pdf", "size": len(PHOTO),
        "content_type": "application/pdf", "sha256": hashlib.sha256(PHOTO).hexdigest(), "storage_key": PHOTO_KEY,
        "released": False, "uploader_id": 2, "uploader_name": "Unit Uji", "uploaded_at": START,
    })  # fmt: skip
    for rows in events.values():
        _add(connection, "events", *rows)
    _add(connection, "links", {"kind": "mutation", "source_id": 2, "target_id": 3, "created_at": START})
    _add(connection, "follows", {"user_id": 4, "case_id": 5})


def _add(connection: Connection, name: str, *rows: dict[str, Any]) -> None:
    connection.execute(insert(Table(name, MetaData(), autoload_with=connection, resolve_fks=False)), list(rows))


def _events(case_id: int, steps: Any) -> Any:
    before = ""
    for seq, (action, actor, source, target, note, changes) in enumerate(steps, 1):
        at, salt, name = START + timedelta(hours=seq), f"{case_id:016x}{seq:016x}", f"{USERS[actor - 1][1].title()} Uji"
        digest = _sha([salt, note, changes])
        before = _sha([
            before, case_id, seq, f"{at.isoformat()}+00:00", actor, name, action, source, target, 1, [], digest,
        ])  # fmt: skip
        yield {
            "case_id": case_id, "seq": seq, "at": at, "actor_id": actor, "actor_name": name, "action": action,
            "from_state": source, "to_state": target, "round": 1, "note": note, "changes": changes, "documents": [],
            "salt": salt, "digest": digest, "hash": before,
        }  # fmt: skip


def _sha(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
