"""Writes the tables of a document as TOML, the way people do: a label in one line, a step in a part of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import wrap
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 120
#: Parts whose entries have a part each; those of the others stand in a line each.
PARTS = frozenset({"records", "steps", "deadlines", "mails", "indicators"})
ONE_LINE = frozenset({"label", "label_plural", "whatsapp"})


def to_toml(document: Mapping[str, Any]) -> str:
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    parts = {word: value for word, value in document.items() if isinstance(value, dict) and word not in ONE_LINE}
    yield from _entries({word: value for word, value in document.items() if word not in parts})
    for word, value in parts.items():
        if word not in PARTS:
            yield from _part(word, value)
            continue
        for key, one in value.items():
            yield from _part(f"{word}.{_key(key)}", one)


def _part(name: str, value: Mapping[str, Any]) -> Iterator[str]:
    """The columns of records stand in a part of their own, a line each."""
    inner = {"fields": value["fields"]} if name.startswith("records.") and "fields" in value else {}
    yield from ("", f"[{name}]")
    yield from _entries({word: one for word, one in value.items() if word not in inner})
    for word, one in inner.items():
        yield from _part(f"{name}.{word}", one)


def _entries(value: Mapping[str, Any]) -> Iterator[str]:
    for word, one in value.items():
        line = f"{_key(word)} = {written(one)}"
        yield line if len(line) <= WIDTH or not isinstance(one, list) else f"{_key(word)} = [\n{_long(one)}\n]"


def _long(items: list[Any]) -> str:
    """A long list: several names to a line, a table in a line of its own."""
    if any(isinstance(item, dict) for item in items):
        return "\n".join(f"  {written(item)}," for item in items)
    # A name with a space in it stays in one piece.
    pieces = [written(item).replace(" ", "\x00") + "," for item in items]
    lines = wrap(" ".join(pieces), WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"  {line}" for line in lines).replace("\x00", " ")


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else written(key)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON writes a text as TOML does, except for the one control character that JSON leaves.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {written(one)}' for key, one in value.items())} }}"
    return str(value)
