"""The kinds of fields: everything that depends on the kind of a field follows from its entry here.

The upper floors map the values of an entry (``storage``, ``control``, ``shown`` …) by a table each; the tests in
``tests/test_kinds.py`` name every table in which a new value is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Literal

from app.workflow import values

if TYPE_CHECKING:
    from app.workflow.parts import Field, FieldType, Format

Schema = Mapping[str, Any]
#: How the database stores it (``models.derive.STORAGE``).
Storage = Literal["string", "text", "whole", "date", "moment", "truth", "key", "json", "row"]
#: Its control in forms (``panel.steps.controls.CONTROLS``).
Control = Literal[
    "line", "lines", "whole", "money", "position", "date", "moment", "tick", "one", "row", "several", "email", "phone"
]
#: How it is displayed (``services.core.formatting.SHOWN``).
Shown = Literal["as it is", "number", "money", "position", "date", "moment", "truth", "name", "phone"]
#: The link behind it (``panel.show.LINKS``).
Link = Literal["nowhere", "mail", "phone", "mail or phone"]
#: What is left of it where it is masked (``services.tables.masking.MASKS``).
Mask = Literal["nothing", "initials", "ends"]
#: The conditions that a program may filter a list by (``api.cases.filters.GROUPS``).
Operators = Literal["equal", "member", "order", "text"]


@dataclass(frozen=True)
class FieldKind:
    """A kind of field.

    ``type`` and ``format`` are its names in the API: programs know the types, and a format narrows a type. ``parse``
    reads what was typed or raises ``values.InvalidValue``, as a rule with ``reason``
    (``services.core.wording.REASONS``). ``schema``: the API's value, as JSON schema.

    ``sortable``: the API can order a list by it; ``ordered``, ``narrowed``: the panel can order and filter a list by
    it. ``nowrap``: it is shown in one line. ``words``: search finds a case by the words in it, ``about`` only where the
    field is what the SOP is about. ``exact``: search finds a case by the whole value, whatever its notation.
    ``dialled``: it is a phone number, which has many notations.

    ``free``: it takes free text, so it is masked in rows and purged from them; ``long``: in a case as well.
    ``personal``: it is always personal data, whatever its SOP declares.
    """

    key: str
    type: FieldType
    parse: Callable[[Field, Any, tzinfo], Any]
    reason: str
    storage: Storage
    control: Control
    schema: Schema
    format: Format = ""
    shown: Shown = "as it is"
    link: Link = "nowhere"
    mask: Mask = "nothing"
    operators: tuple[Operators, ...] = ()
    sortable: bool = True
    ordered: bool = False
    narrowed: bool = False
    nowrap: bool = False
    words: Literal["", "always", "about"] = ""
    exact: bool = False
    dialled: bool = False
    free: bool = False
    long: bool = False
    personal: bool = False

    @property
    def asked_as_text(self) -> bool:
        """Whether a filter accepts any text for it, also one that the field itself would refuse: a part of it, a former
        choice."""
        return self.storage in ("string", "text", "key", "row")


STRING: Schema = {"type": "string", "nullable": True}
WHOLE: Schema = {"type": "integer", "nullable": True}
MATCHED: tuple[Operators, ...] = ("equal", "member", "text")
COUNTED: tuple[Operators, ...] = ("equal", "member", "order")

KINDS: dict[str, FieldKind] = {
    kind.key: kind
    for kind in (
        FieldKind("text", "text", values.read_text, "text", "string", "line", STRING, mask="initials",
                  operators=MATCHED, ordered=True, narrowed=True, words="always", free=True),
        FieldKind("email", "text", values.read_email, "email", "string", "email", STRING, format="email", link="mail",
                  mask="initials", operators=MATCHED, ordered=True, narrowed=True, words="always", exact=True,
                  free=True, personal=True),
        FieldKind("phone", "text", values.read_phone, "phone", "string", "phone", STRING, format="phone",
                  shown="phone", link="phone", mask="ends", operators=MATCHED, ordered=True, narrowed=True,
                  nowrap=True, words="always", exact=True, dialled=True, free=True, personal=True),
        FieldKind("contact", "text", values.read_contact, "contact", "string", "line", STRING, format="contact",
                  link="mail or phone", mask="initials", operators=MATCHED, ordered=True, narrowed=True,
                  words="always", exact=True, free=True, personal=True),
        FieldKind("longtext", "longtext", values.read_longtext, "text", "text", "lines", STRING, operators=MATCHED,
                  narrowed=True, words="about", free=True, long=True),
        FieldKind("integer", "integer", values.read_integer, "integer", "whole", "whole", WHOLE, shown="number",
                  operators=COUNTED, ordered=True),
        FieldKind("position", "integer", values.read_position, "position", "whole", "position", WHOLE,
                  format="position", shown="position", operators=COUNTED, ordered=True),
        FieldKind("money", "money", values.read_money, "money", "whole", "money",
                  {**WHOLE, "description": "Whole rupiah"}, shown="money", operators=COUNTED, ordered=True,
                  nowrap=True),
        FieldKind("date", "date", values.read_date, "date", "date", "date",
                  {**STRING, "format": "date"}, shown="date", operators=("equal", "order"), ordered=True,
                  narrowed=True, nowrap=True),
        FieldKind("datetime", "datetime", values.read_datetime, "datetime", "moment", "moment",
                  {**STRING, "format": "date-time"}, shown="moment", operators=("equal", "order"), ordered=True,
                  narrowed=True, nowrap=True),
        FieldKind("boolean", "boolean", values.read_boolean, "boolean", "truth", "tick",
                  {"type": "boolean", "nullable": True}, shown="truth", operators=("equal",)),
        FieldKind("choice", "choice", values.read_choice, "choice", "key", "one", STRING,
                  operators=("equal", "member"), ordered=True, narrowed=True),
        FieldKind("reference", "reference", values.read_reference, "reference", "row", "row", STRING, shown="name",
                  operators=("equal", "member"), sortable=False),
        FieldKind("list", "list", values.read_list, "list", "json", "several",
                  {"type": "array", "items": {}, "nullable": True}, sortable=False),
    )
}  # fmt: skip
