"""Finds the documents of the SOPs that run here, and loads them all.

A folder of documents has ``<name>/sop.toml`` for each SOP, or ``<name>/<other>.sop.toml`` where several belong together;
a document alone may also lie in the folder itself. Ours, in ``app/sop``, may have functions in Python beside them
(``rules.py``); a deployment's own (``SOP_PATH``) are documents alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from app.extensions import db
from app.models import REFERENCES, Case
from app.workflow import revisions
from app.workflow.checks import WrongDeclaration
from app.workflow.declaration import Sop
from app.workflow.document import Surroundings, once, sop_of, tables_of
from app.workflow.document.expressions import Type
from app.workflow.mistakes import N_, Mistake, Mistakes
from config import SETTINGS_OF_SOPS

OURS = Path(__file__).parent
TEMPLATES = OURS.parent / "templates"
#: What stands in addresses and in the API beside the SOPs, so that none may be called so.
ADDRESSES = frozenset({"audit", "menu", "notices", "openapi", "reports", "search", "security", "sop", "worklist"})
TYPES: dict[type, Type] = {str: "text", int: "number", bool: "truth", date: "date", datetime: "moment"}


@dataclass(frozen=True)
class Found:
    """A document; ``name`` is how its owner knows it."""

    path: Path
    name: str
    raw: Mapping[str, Any] | None
    content: bytes

    @property
    def key(self) -> str:
        return str((self.raw or {}).get("key", ""))


@dataclass(frozen=True)
class Loaded:
    """``sops`` in the order of the menu, each in all its revisions; ``folders``: where each one's documents lie;
    ``broken``: the mistakes of those that were left out."""

    sops: tuple[Sop, ...]
    folders: Mapping[str, Path]
    broken: tuple[Mistake, ...] = ()


def load_all(others: Sequence[Path] = (), lenient: bool = False) -> Loaded:
    """Our SOPs and those in the folders of a deployment. Raises ``WrongDeclaration`` with the mistakes of all of them;
    ``lenient`` leaves out the deployment's own that are wrong."""
    mistakes = Mistakes()
    ours = [_read(path, OURS, mistakes) for path in paths(OURS)]
    own = [_read(path, folder, mistakes) for folder in others for path in paths(folder)]
    around = surroundings([found.key for found in (*ours, *own)])
    loaded: list[tuple[Found, Sop]] = []
    for found in (*ours, *own):
        sop = None if found.raw is None else _loaded(found, around, loaded, mistakes)
        if sop is not None:
            loaded.append((found, sop))
    ours_wrong = any(mistake.file in {found.name for found in ours} for mistake in mistakes)
    if mistakes and (ours_wrong or not lenient):
        raise WrongDeclaration(mistakes)
    sops = sorted((sop for _found, sop in loaded), key=lambda sop: (sop.menu, sop.key, sop.revision))
    return Loaded(tuple(sops), {sop.key: found.path.parent for found, sop in loaded}, tuple(mistakes))


def paths(folder: Path) -> list[Path]:
    """The documents in a folder, always in the same order."""
    return sorted([*folder.glob("*/sop.toml"), *folder.glob("*/*.sop.toml"), *folder.glob("*.toml")])


def load_file(path: Path, others: Iterable[Sop]) -> Sop:
    """The document at ``path``, checked together with the SOPs that run here. Raises ``WrongDeclaration``."""
    mistakes = Mistakes()
    found = _read(path, Path(), mistakes)
    beside = [(found, sop) for sop in others if sop.key != found.key]
    around = surroundings([*(sop.key for _found, sop in beside), found.key])
    loaded = None if found.raw is None else _loaded(found, around, beside, mistakes)
    if loaded is None:
        raise WrongDeclaration(mistakes)
    return loaded


def _read(path: Path, folder: Path, mistakes: Mistakes) -> Found:
    name, own = str(path.relative_to(folder) if path.is_relative_to(folder) else path), Mistakes()
    content = b""
    try:
        content = path.read_bytes()
    except OSError as error:
        own.add("", N_("can't be read: %(error)s"), error=error.strerror)
    raw = tables_of(content, own, lambda beside: (path.parent / beside).read_bytes()) if not own else None
    mistakes.extend(replace(mistake, file=name) for mistake in own)
    return Found(path, name, raw, content)


def _loaded(
    found: Found, around: Surroundings, before: Sequence[tuple[Found, Sop]], mistakes: Mistakes
) -> Sop | None:  # fmt: skip
    """None where it has mistakes, alone or together with those ``before``. Documents of one key that lie side by side
    are revisions of one SOP."""
    own = Mistakes()
    sop = sop_of(found.raw or {}, around, own, found.content.decode("utf-8", "replace"))
    if not own:
        earlier = [other for place, other in before if other.key == sop.key and place.path.parent == found.path.parent]
        _clashes(sop, [other for _place, other in before if other not in earlier], own)
        own.extend(revisions.mistakes([*earlier, sop]))
    mistakes.extend(replace(mistake, file=found.name) for mistake in once(own))
    return None if own else sop


def _clashes(sop: Sop, others: Iterable[Sop], mistakes: Mistakes) -> None:
    """What an SOP gets wrong together with the others: their key, or their way of numbering."""
    for other in others:
        if other.key == sop.key:
            mistakes.add("key", N_("“%(key)s” is the key of another SOP"), key=sop.key)
        elif other.number.split("{seq")[0] == sop.number.split("{seq")[0]:
            mistakes.add("number", N_("“%(sop)s” gives the same numbers"), sop=other.key)


def surroundings(keys: Iterable[str]) -> Surroundings:
    """What the documents of the SOPs with these keys may name."""
    keys = frozenset(keys)
    references = {name: _columns(model) for name, model in REFERENCES.items()}
    tables = {table for table in db.metadata.tables if not any(table.startswith(key) for key in keys)}
    return Surroundings(
        rules=rules(),
        references=references,
        sops=keys,
        settings=SETTINGS_OF_SOPS,
        templates=frozenset(path.name for path in (TEMPLATES / "sections").glob("*.html")),
        forms=frozenset(path.stem for path in (TEMPLATES / "letters").glob("*.typ")),
        taken_keys=ADDRESSES | tables,
        taken_fields=frozenset(name for name in dir(Case) if not name.startswith("__")),
    )


def _columns(model: Any) -> dict[str, Type]:
    kinds = {column.key: TYPES.get(column.type.python_type) for column in model.__table__.columns}
    return {key: kind for key, kind in kinds.items() if kind is not None}


@cache
def rules() -> dict[str, Callable[..., Any]]:
    """The functions of our packages that a document may name, by ``package.function``."""
    found: dict[str, Callable[..., Any]] = {}
    for path in sorted(OURS.glob("*/rules.py")):
        package = path.parent.name
        module = import_module(f"{__package__}.{package}.rules")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                found[f"{package}.{name}"] = function
    return found
