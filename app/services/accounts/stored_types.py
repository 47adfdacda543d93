"""Compares the types of columns, as the databases tell them, with those that declarations ask for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Integer, String, Text, TypeDecorator

from app.workflow.values import TEXT_LIMIT

#: What a column is called that holds values of this family, in the words of declarations; the first that fits.
FAMILIES: tuple[tuple[type[Any], str], ...] = (
    (Boolean, "boolean"),
    (DateTime, "datetime"),
    (Date, "date"),
    (JSON, "list"),
    (Text, "longtext"),
    (String, "text"),
    (Integer, "integer"),
)


def words(stored: Any) -> str:
    """The type of field that such a column keeps, or the database's own name for a type that no field has."""
    if isinstance(stored, String) and _length(stored) < TEXT_LIMIT:
        return "choice"
    return next((name for family, name in FAMILIES if isinstance(_plain(stored), family)), str(stored))


def reference(table: str) -> str:
    return f"reference → {table}"


def takes(stored: Any, wanted: Any) -> bool:
    """Whether a column of type ``stored`` keeps every value of type ``wanted``."""
    stored, wanted = _plain(stored), _plain(wanted)
    if isinstance(wanted, String):
        return isinstance(stored, String) and _length(stored) >= _length(wanted)
    if isinstance(wanted, BigInteger):
        return isinstance(stored, BigInteger)
    return any(isinstance(wanted, family) and isinstance(stored, family) for family, _name in FAMILIES)


def _plain(kind: Any) -> Any:
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _length(kind: String) -> float:
    return float("inf") if kind.length is None else kind.length
