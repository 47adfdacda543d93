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

from flask_appbuilder import Model

from app.models import REFERENCES, Case
from app.workflow.checks import WrongDeclaration
from app.workflow.declaration import Sop
from app.workflow.document import LARGEST, Surroundings, once, sop_of, tables_of
from app.workflow.document.expressions import Type
from app.workflow.document.together import left_out, together
from app.workflow.mistakes import N_, Mistake, Mistakes
from config import SETTINGS_OF_SOPS

OURS = Path(__file__).parent
#: Documents that SOPs of any folder may include.
SHARED_DOCUMENTS = OURS / "shared"
TEMPLATES = OURS.parent / "templates"
#: The kind of file that a printed form becomes, by the ending of its template.
FORMS = {".typ": "pdf", ".docx": "docx"}
#: What stands in addresses and in the API beside the SOPs, so that none may be called so.
ADDRESSES = frozenset({"audit", "menu", "notices", "openapi", "reports", "search", "security", "sop", "worklist"})
#: The tables that there are without an SOP; read before those of SOPs are derived.
SHARED = frozenset({*Model.metadata.tables, "alembic_version"})
#: Roles of Flask-AppBuilder, of which one may do everything and the other is everybody who is not signed in, and of
#: who reads the audit log.
OTHER_ROLES = frozenset({"Admin", "Auditor", "Public"})
#: What every row of records has by itself.
OWN_COLUMNS = frozenset({"id", "case_id", "recorded_at", "recorded_by", "recorded_in", "documents"})
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

    @property
    def revision(self) -> Any:
        sheet = (self.raw or {}).get("sheet")
        return sheet.get("revision", 0) if isinstance(sheet, dict) else 0


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
    # One that is called as one of ours is told by its whole path.
    taken = {found.name for found in ours}
    own = [
        _read(path, Path() if str(path.relative_to(folder)) in taken else folder, mistakes)
        for folder in others
        for path in paths(folder)
    ]
    around = surroundings([found.key for found in (*ours, *own)])
    alone = [(found, _loaded(found, around, mistakes)) for found in (*ours, *own)]
    right = [(found, sop) for found, sop in alone if sop is not None]
    right = _right_together(right, [found.key for found, sop in alone if sop is None], lenient, mistakes)
    ours_wrong = any(mistake.file in taken for mistake in mistakes)
    if mistakes and (ours_wrong or not lenient):
        raise WrongDeclaration(mistakes)
    sops = sorted((sop for _found, sop in right), key=lambda sop: (sop.menu, sop.key, sop.revision))
    return Loaded(tuple(sops), {sop.key: found.path.parent for found, sop in right}, tuple(mistakes))


def _right_together(
    sops: list[tuple[Found, Sop]], gone: list[str], lenient: bool, mistakes: Mistakes
) -> list[tuple[Found, Sop]]:
    """Those that are right together as well. ``lenient``: also without those that are ``gone``."""
    folders = {id(sop): found.path.parent for found, sop in sops}
    wrong = together([sop for _found, sop in sops], lambda one, other: folders[id(one)] == folders[id(other)])
    while True:
        names = {id(sop): found.name for found, sop in sops}
        mistakes.extend(replace(mistake, file=names[id(sop)]) for sop, mistake in wrong)
        out = {id(sop) for sop, _mistake in wrong}
        gone += [sop.key for _found, sop in sops if id(sop) in out]
        sops = [(found, sop) for found, sop in sops if id(sop) not in out]
        left = {sop.key for _found, sop in sops}
        wrong = left_out([sop for _found, sop in sops], set(gone) - left) if lenient else []
        if not wrong:
            return sops


def paths(folder: Path) -> list[Path]:
    """The documents in a folder, always in the same order."""
    return sorted([*folder.glob("*/sop.toml"), *folder.glob("*/*.sop.toml"), *folder.glob("*.toml")])


def load_file(path: Path, others: Iterable[Sop]) -> Sop:
    """The document at ``path``, checked together with the SOPs that run here. Raises ``WrongDeclaration``."""
    mistakes = Mistakes()
    found = _read(path, Path(), mistakes)
    others = [sop for sop in others if (sop.key, sop.revision) != (found.key, found.revision)]
    around = surroundings([*(sop.key for sop in others), found.key])
    loaded = _loaded(found, around, mistakes)
    if loaded is not None:
        # What another gets wrong by this one is this one's change.
        wrong = together([*others, loaded], lambda one, other: True)
        mistakes.extend(replace(m, file=found.name if sop is loaded else sop.key) for sop, m in wrong)
    if loaded is None or mistakes:
        raise WrongDeclaration(mistakes)
    return loaded


def _read(path: Path, folder: Path, mistakes: Mistakes) -> Found:
    name, own = str(path.relative_to(folder) if path.is_relative_to(folder) else path), Mistakes()
    content = b""
    try:
        content = _content(path)
    except OSError as error:
        own.add("", N_("can't be read: %(error)s"), error=error.strerror)
    raw = tables_of(content, own, lambda included: beside(path.parent, included)) if not own else None
    mistakes.extend(replace(mistake, file=name) for mistake in own)
    return Found(path, name, raw, content)


def beside(folder: Path, name: str) -> bytes:
    """The document of this name in the folder of the one that includes it, else among those that all share."""
    own = folder / name
    return _content(own if own.is_file() else SHARED_DOCUMENTS / name)


def _content(path: Path) -> bytes:
    """No more of it than tells that it is too large."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _loaded(found: Found, around: Surroundings, mistakes: Mistakes) -> Sop | None:
    """None where it has mistakes."""
    if found.raw is None:
        return None
    own = Mistakes()
    sop = sop_of(found.raw, around, own, found.content.decode("utf-8", "replace"))
    mistakes.extend(replace(mistake, file=found.name) for mistake in once(own))
    return None if own else sop


def surroundings(keys: Iterable[str]) -> Surroundings:
    """What the documents of the SOPs with these keys may name."""
    keys = frozenset(keys)
    references = {name: _columns(model) for name, model in REFERENCES.items()}
    return Surroundings(
        rules=rules(),
        references=references,
        sops=keys - {""},
        settings=SETTINGS_OF_SOPS,
        templates=frozenset(path.name for path in (TEMPLATES / "sections").glob("*.html")),
        forms=_forms(),
        taken_keys=ADDRESSES | SHARED,
        taken_fields=frozenset(name for name in dir(Case) if not name.startswith("__")),
        taken_columns=OWN_COLUMNS | frozenset(dir(Model)),
        taken_roles=OTHER_ROLES,
    )


def _forms() -> dict[str, list[str]]:
    """The printed forms, each with the kinds of file for which it has a template."""
    found: dict[str, list[str]] = {}
    for path in sorted((TEMPLATES / "letters").iterdir()):
        found.setdefault(path.stem, []).append(FORMS[path.suffix])
    return found


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
