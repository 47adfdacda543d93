"""An SOP as a document: TOML that is read, checked whole and built to an ``Sop``; and the other way round."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.workflow.checks import WrongDeclaration
from app.workflow.declaration import Sop
from app.workflow.document.build import build
from app.workflow.document.shapes import shown
from app.workflow.document.surroundings import Surroundings
from app.workflow.document.vocabulary import SOP
from app.workflow.document.whole import check
from app.workflow.mistakes import N_, Mistake, Mistakes

__all__ = ["LARGEST", "Beside", "Surroundings", "load", "once", "parse", "sop_of", "tables_of"]

#: The largest document, in bytes; the largest that ship have a tenth of it.
LARGEST = 512 << 10
#: Answers the bytes of a document beside the one that includes it. Raises ``OSError``.
Beside = Callable[[str], bytes]


def _nothing_beside(name: str) -> bytes:
    raise FileNotFoundError(name)


def load(content: bytes, file: str, around: Surroundings, beside: Beside = _nothing_beside) -> Sop:
    """The SOP of a document. Raises ``WrongDeclaration`` with every mistake, each with its place.

    ``file`` is how the mistakes call the document; ``beside`` reads those that it includes.
    """
    mistakes = Mistakes()
    raw = tables_of(content, mistakes, beside)
    sop = sop_of(raw, around, mistakes, content.decode("utf-8", "replace")) if raw is not None else None
    if sop is None or mistakes:
        raise WrongDeclaration(replace(mistake, file=file) for mistake in once(mistakes))
    return sop


def tables_of(content: bytes, mistakes: Mistakes, beside: Beside = _nothing_beside) -> dict[str, Any] | None:
    """The tables of a document and of those that it includes; None when it can't be read."""
    raw = parse(content, mistakes)
    return _with_included(raw, beside, mistakes) if raw is not None and "include" in raw else raw


def sop_of(raw: Mapping[str, Any], around: Surroundings, mistakes: Mistakes, source: str) -> Sop:
    """The SOP of these tables, as far as there are no mistakes."""
    read = SOP.read(raw, "", mistakes)
    sop = build(read, around, mistakes, source)
    check(sop, read, around, mistakes)
    return sop


def parse(content: bytes, mistakes: Mistakes) -> dict[str, Any] | None:
    """The tables of a document as TOML has them; None when it can't be read."""
    if len(content) > LARGEST:
        mistakes.add("", N_("is larger than %(largest)s KiB"), largest=LARGEST >> 10)
        return None
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        mistakes.add("", N_("is not written in UTF-8 (byte %(at)s)"), at=error.start)
    except ValueError as error:  # of TOML, or of a number of thousands of digits
        mistakes.add("", N_("is no TOML: %(error)s"), error=str(error))
    except RecursionError:
        mistakes.add("", N_("is no TOML: %(error)s"), error="too deeply nested")
    return None


def _with_included(raw: dict[str, Any], beside: Beside, mistakes: Mistakes) -> dict[str, Any] | None:
    """The tables with those of every document that they include: what stands in an earlier one goes before."""
    written = raw["include"]
    several = isinstance(written, list)
    merged: dict[str, Any] | None = {word: value for word, value in raw.items() if word != "include"}
    for nth, name in enumerate(written if several else [written]):
        at = f"include[{nth}]" if several else "include"
        included = _included(name, at, beside, mistakes)
        merged = None if merged is None or included is None else _merged(included, merged)
    return merged


def _included(name: Any, at: str, beside: Beside, mistakes: Mistakes) -> dict[str, Any] | None:
    """The tables of a document that another one includes: none where it is not there, None where it can't be read."""
    try:
        if not isinstance(name, str) or "/" in name or "\\" in name:
            raise FileNotFoundError(name)
        content = beside(name)
    except (OSError, ValueError):  # a name that no file can have is a ValueError
        mistakes.add(at, N_("there is no document “%(name)s” beside this one"), name=shown(name))
        return {}
    own = Mistakes()
    included = parse(content, own)
    mistakes.extend(replace(mistake, path=at) for mistake in own)
    if included is not None and "include" in included:
        mistakes.add(at, N_("“%(name)s” includes another document"), name=name)
    return included


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Both documents in one; where both say something other than a table, ``over`` does. What it names stands in its
    order, before what only the other has."""
    merged = {}
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(under.get(key), dict)
        merged[key] = _merged(under[key], value) if both else value
    return merged | {key: value for key, value in under.items() if key not in over}


def once(mistakes: Mistakes) -> list[Mistake]:
    """A part that several steps name is built for each of them, but is wrong once."""
    seen: dict[str, Mistake] = {}
    for mistake in mistakes:
        seen.setdefault(str(mistake), mistake)
    return list(seen.values())
