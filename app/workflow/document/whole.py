"""What shows when a document is read as a whole: names that mean two things or nothing, keys that are taken, and the
checks of the declaration. What only follows from a mistake that is told already is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.workflow.checks import mistakes_of
from app.workflow.declaration import Sop
from app.workflow.document.context import Context
from app.workflow.document.surroundings import Surroundings
from app.workflow.mistakes import N_, Mistakes

Raw = Mapping[str, Any]
#: The longest name of a table in PostgreSQL.
LONGEST_TABLE = 63
#: The parts whose names a group may stand for.
GROUPED = {"roles": "role", "states": "state", "documents": "document", "fields": "field", "steps": "step"}
#: Where the declaration names what a step asks; the document says it with the field.
ASKED = re.compile(r"steps\.[^.]+\.asks: (\w+)")


def unused(context: Context) -> None:
    """What nothing names is never read, so its mistakes would not show."""
    mistakes = context.mistakes
    for part in ("groups", "conditions"):
        for key in context.raw.get(part, {}):
            if key not in context.used and not mistakes:
                mistakes.add(f"{part}.{key}", N_("nothing names it"))
    for key in context.raw.get("field_groups", {}):
        if f"field_groups.{key}" not in context.used and not mistakes:
            mistakes.add(f"field_groups.{key}", N_("no field belongs to it"))
    for key in context.raw.get("mails", {}):
        if f"mails.{key}" not in context.used and not mistakes:
            mistakes.add(f"mails.{key}", N_("no step sends it"))


def undialled(context: Context) -> None:
    """What is written to a phone is of no use where no field takes one."""
    columns = (column for records in context.records.values() for column in records.columns)
    dialled = any("phone" in field.kind.link for field in (*context.fields.values(), *columns))
    if "whatsapp" in context.raw and not dialled and not context.unsure("field with an address", ""):
        context.mistakes.add("whatsapp", N_("no field takes a phone number"))


def check(sop: Sop, read: Raw, around: Surroundings, mistakes: Mistakes) -> None:
    """Adds what is wrong with the whole of ``sop``, which was built of the words ``read``."""
    _taken(sop, read, around, mistakes)
    if mistakes.parts_unknown:
        return
    _asked(sop, read, mistakes)
    for mistake in mistakes_of(sop, mistakes):
        if mistake.values.get("kind") == "field" and mistakes.told_in(f"fields.{mistake.values['name']}"):
            continue
        asked = ASKED.fullmatch(mistake.path)
        place = f"fields.{asked[1]}" if asked and asked[1] in read.get("fields", {}) else mistake.path
        if not mistakes.told_around(place) and not (asked and mistakes.told_in(mistake.path.split(":")[0])):
            mistakes.add(place, mistake.message, **mistake.values)


def ambiguous(context: Context) -> None:
    """A group or a condition must not be called as something for which it could stand."""
    read, mistakes = context.raw, context.mistakes
    for key in read.get("groups", {}):
        for part, kind in GROUPED.items():
            if key in read.get(part, ()) and not mistakes.told_in(f"groups.{key}"):
                mistakes.add(f"groups.{key}", N_("“%(key)s” is the name of a %(kind)s as well"), key=key, kind=kind)
    for key in read.get("conditions", {}):
        if key in read.get("fields", {}):
            mistakes.add(f"conditions.{key}", N_("“%(key)s” is the name of a %(kind)s as well"), key=key, kind="field")


def _taken(sop: Sop, read: Raw, around: Surroundings, mistakes: Mistakes) -> None:
    """Keys that mean something else in the case, in a row or in the database."""
    if sop.key in around.taken_keys:
        mistakes.add("key", N_("“%(key)s” means something else in Tuntas already"), key=sop.key)
    for nth, role in enumerate(sop.roles):
        if role in around.taken_roles or len(role) > around.longest_role:
            mistakes.add(f"roles[{nth}]", N_("“%(role)s” can't be the name of a role"), role=role)
    fields, records = read.get("fields", {}), read.get("records", {})
    own = {f"{key}_id" for key, words in fields.items() if "reference" in words} | {f"{key}_count" for key in records}
    for key in fields:
        if key in around.taken_fields or key in own:
            mistakes.add(f"fields.{key}", N_("the key is taken or not snake_case"))
    for key, words in records.items():
        table = f"{sop.key}_{key}"
        taken = key in around.taken_fields or key in fields or table in around.taken_keys
        if taken or len(table) > LONGEST_TABLE:
            mistakes.add(f"records.{key}", N_("the key is taken or too long"))
        rows = {f"{column}_id" for column, of in words.get("fields", {}).items() if "reference" in of}
        for column in words.get("fields", {}):
            if column in around.taken_columns or column in rows:
                mistakes.add(f"records.{key}.fields.{column}", N_("the key is taken or not snake_case"))


def _asked(sop: Sop, read: Raw, mistakes: Mistakes) -> None:
    """A field that no form asks for and no step sets is never there."""
    unsure = re.compile(r"fields|steps(\.[^.]+(\.asks\b.*)?)?")
    if any(unsure.fullmatch(mistake.about) for mistake in mistakes):
        return
    for key in read.get("fields", {}):
        asked = key in sop.fields or any(step.field(key) for step in sop.transitions)
        if not asked and not mistakes.told_around(f"fields.{key}"):
            mistakes.add(f"fields.{key}", N_("no step asks for it"))
