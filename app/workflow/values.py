"""Parsers from typed text to values; the kind of a field says which one it has (``kinds.py``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Any

from app.workflow.contacts import is_phone, mail_address
from app.workflow.days import FIRST_YEAR, LAST_YEAR, read_day, read_moment

if TYPE_CHECKING:
    from app.workflow.parts import Field

TEXT_LIMIT = 255
LONGTEXT_LIMIT = 20_000
#: Largest amount and count that is stored in the database's 64-bit column.
LARGEST = 10**15
TICKS = {"1": True, "true": True, "on": True, "yes": True, "y": True, "0": False, "false": False, "off": False,
         "no": False, "n": False, "": False}  # fmt: skip
AMOUNT = re.compile(r"^-?\d{1,3}(\.\d{3})+$|^-?\d{1,3}(,\d{3})+$|^-?\d+$")
POSITION = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")
#: No cents: with a comma, or as English writes them, which only grouping by commas tells from grouping by dots.
CENTS = re.compile(r",00$|[,.]-$|(?<=,\d{3})\.00$")


class InvalidValue(ValueError):
    """What was typed can't be read as the field's type; ``reason`` is a key of ``services.core.wording.REASONS``.
    ``rows``: where it stands among rows, and why, for each mistake in them."""

    def __init__(self, reason: str, rows: tuple[WrongCell, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.rows = reason, rows


@dataclass(frozen=True)
class WrongCell:
    """A mistake among rows: the number of the row, from 1 as people count, its column, and the reason."""

    row: int
    column: Field
    reason: str


def parse(field: Field, raw: Any, zone: tzinfo = UTC) -> Any:
    """The value of ``raw`` for a field, None when it was left empty.

    Strings come from forms, JSON brings numbers, booleans and lists as well. Money: whole rupiah, written ``1250000``,
    ``1.250.000`` or ``Rp1.250.000,00``. Dates: as ``days.py`` reads them. Date-times without a zone are local
    to ``zone``; the result is aware, in UTC. A reference stays the code of its row. Raises ``InvalidValue``.
    """
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or (raw == "" and field.type != "boolean"):
        return None
    return field.kind.parse(field, raw, zone)


def parse_all(
    fields: tuple[Field, ...], raw: Mapping[str, Any], zone: tzinfo
) -> tuple[dict[str, Any], dict[str, InvalidValue]]:
    """The values of those fields that are among ``raw``, None for one that was left empty, and what is wrong with each
    that can't be read."""
    values: dict[str, Any] = {}
    wrong: dict[str, InvalidValue] = {}
    for field in fields:
        if field.key not in raw:
            continue
        try:
            values[field.key] = parse(field, raw[field.key], zone)
        except InvalidValue as error:
            wrong[field.key] = error
    return values, wrong


def read_text(field: Field, raw: Any, zone: tzinfo) -> str:
    return _text(raw, TEXT_LIMIT)


def read_longtext(field: Field, raw: Any, zone: tzinfo) -> str:
    return _text(raw, LONGTEXT_LIMIT)


def read_email(field: Field, raw: Any, zone: tzinfo) -> str:
    address = mail_address(_text(raw, TEXT_LIMIT))
    if address is None:
        raise InvalidValue(field.kind.reason)
    return address


def read_phone(field: Field, raw: Any, zone: tzinfo) -> str:
    written = _text(raw, TEXT_LIMIT)
    if not is_phone(written):
        raise InvalidValue(field.kind.reason)
    return written


def read_contact(field: Field, raw: Any, zone: tzinfo) -> str:
    """A mail address or a phone number, whichever it is."""
    written = _text(raw, TEXT_LIMIT)
    if "@" not in written:
        return read_phone(field, written, zone)
    return read_email(field, written, zone)


def _text(raw: Any, limit: int) -> str:
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        raise InvalidValue("text")
    text = str(raw).replace("\x00", "").replace("\r\n", "\n")
    if len(text) > limit:
        raise InvalidValue("too_long")
    return text


def _number(field: Field, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise InvalidValue(field.kind.reason)
    least, most = bounds(field)
    if not least <= raw <= most:
        raise InvalidValue("out_of_range")
    return raw


def bounds(field: Field) -> tuple[int, int]:
    """The least and the largest number that a field takes."""
    return 0 if field.minimum is None else field.minimum, LARGEST if field.maximum is None else field.maximum


def read_integer(field: Field, raw: Any, zone: tzinfo) -> int:
    if isinstance(raw, str) and re.fullmatch(r"-?\d{1,18}", raw):
        raw = int(raw)
    return _number(field, raw)


def read_position(field: Field, raw: Any, zone: tzinfo) -> int:
    """Seconds into a recording, from ``mm:ss`` or as a number."""
    if isinstance(raw, str) and (written := POSITION.fullmatch(raw)):
        hours, minutes, seconds = (int(part or 0) for part in written.groups())
        return _number(field, hours * 3600 + minutes * 60 + seconds)
    return _number(field, raw)


def read_money(field: Field, raw: Any, zone: tzinfo) -> int:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, str):
        written = CENTS.sub("", re.sub(r"^(rp|idr)\.?", "", raw.lower().replace(" ", "").replace("\xa0", "")))
        if not AMOUNT.match(written):
            raise InvalidValue("money")
        raw = int(re.sub(r"[.,]", "", written)) if len(written) < 24 else LARGEST + 1
    return _number(field, raw)


def read_date(field: Field, raw: Any, zone: tzinfo) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    day = read_day(raw) if isinstance(raw, str) else None
    if day is None:
        raise InvalidValue("date")
    return day


def read_datetime(field: Field, raw: Any, zone: tzinfo) -> datetime:
    moment = raw if isinstance(raw, datetime) else _written_moment(str(raw))
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(UTC)


def _written_moment(written: str) -> datetime:
    """Our own forms come first: ISO 8601 would take the minutes of ``06.15`` for a fraction of the hour."""
    moment = read_moment(written)
    if moment is not None:
        return moment
    try:
        moment = datetime.fromisoformat(written) if ":" in written else None
    except ValueError:
        moment = None
    # At the ends of the calendar a zone offset would overflow.
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidValue("datetime")
    return moment


def read_boolean(field: Field, raw: Any, zone: tzinfo) -> bool:
    if isinstance(raw, bool):
        return raw
    try:
        return TICKS[str(raw).lower()]
    except KeyError:
        raise InvalidValue("boolean") from None


def read_choice(field: Field, raw: Any, zone: tzinfo) -> str | None:
    offered = {choice.key for choice in field.choices}
    if isinstance(raw, str) and raw in offered:
        return raw
    if field.ticked not in offered:
        raise InvalidValue("choice")
    try:
        return field.ticked if read_boolean(field, raw, zone) else None
    except InvalidValue as error:
        raise InvalidValue("choice") from error


def read_reference(field: Field, raw: Any, zone: tzinfo) -> str:
    if not isinstance(raw, str | int) or isinstance(raw, bool) or len(str(raw)) > TEXT_LIMIT:
        raise InvalidValue("reference")
    return str(raw)


def read_list(field: Field, raw: Any, zone: tzinfo) -> list[Any]:
    items = [raw] if isinstance(raw, str) and not field.columns else raw
    if not isinstance(items, list | tuple):
        raise InvalidValue("list")
    if not field.columns:
        return [read_choice(field, item, zone) for item in items]
    numbered = [(number, item) for number, item in enumerate(items, 1) if not _blank(item)]
    if wrong := tuple(cell for number, item in numbered for cell in _wrong_cells(field, number, item, zone)):
        raise InvalidValue(wrong[0].reason, wrong)
    return [
        {column.key: parse(column, item.get(column.key), zone) for column in field.columns} for _n, item in numbered
    ]


def _blank(item: Any) -> bool:
    return isinstance(item, Mapping) and not any(str(v).strip() for v in item.values() if v is not None)


def _wrong_cells(field: Field, number: int, item: Any, zone: tzinfo) -> Iterator[WrongCell]:
    if not isinstance(item, Mapping):
        raise InvalidValue("list")
    for column in field.columns:
        try:
            if parse(column, item.get(column.key), zone) is None and column.required:
                yield WrongCell(number, column, "row_incomplete")
        except InvalidValue as error:
            yield WrongCell(number, column, error.reason)


def position(seconds: int) -> str:
    """Seconds into a recording as people write them, ``mm:ss``; ``parse`` reads it."""
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def start_of(day: date, zone: tzinfo) -> datetime:
    """Midnight at which ``day`` begins in ``zone``."""
    return datetime.combine(day, time.min, zone)
