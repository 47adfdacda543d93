"""Imports only go down, from room to room and from folder to folder; what SOPs share knows none of them by name; the
picture of the house is the house."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import app.sop
from app.sop import SOPS
from tests import floors

WORD = re.compile(r"\w+")
#: May name an SOP: its own files, the demo's data, what a migration once made.
NAMES_SOPS = ("sop/", "demo/", "migrations/versions/")
#: Imports inside a function that are needed, each with its reason.
DEFERRED = {
    ("app/__init__.py", "app.catalogues"): "it is a program of its own as well (python -m app.catalogues)",
}


def texts(path: Path) -> Iterator[str]:
    constants = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
    return (value for value in constants if isinstance(value, str))


def generic_files() -> Iterator[Path]:
    return (p for p in floors.APP.rglob("*.py") if not str(p.relative_to(floors.APP)).startswith(NAMES_SOPS))


def test_no_import_goes_up() -> None:
    wrong = []
    for path in floors.files():
        here = floors.room_of(floors.module_of(path))
        for one in floors.imports(path):
            there = floors.room_of(one.module)
            if not floors.allowed(here, there):
                wrong.append(f"{one.file} ({here}) imports {one.module} ({there})")
    assert wrong == []


def test_every_folder_of_the_services_has_its_place() -> None:
    folders = {path.parent.name for path in (floors.APP / "services").glob("*/__init__.py")}
    assert folders == set(floors.SERVICES)
    assert [path.name for path in (floors.APP / "services").glob("*.py")] == ["__init__.py"]


def test_imports_are_at_the_head_of_their_file() -> None:
    """Inside a function only for a reason that is written down, and each of those is still there."""
    deferred = {(one.file, one.module) for path in floors.files() for one in floors.imports(path) if one.deferred}
    assert deferred == set(DEFERRED)


def test_no_generic_file_names_an_sop() -> None:
    shared = {"common", "documents", "revisions"}
    files = {path.stem for path in (floors.APP / "sop").iterdir()} - shared - {"__init__", "__pycache__"}
    wrong = [
        f"{path.relative_to(floors.APP)} imports {name}"
        for path in generic_files()
        for name in floors.modules_imported(path)
        if name.startswith("app.sop.") and name.split(".")[2] in files
    ]
    wrong += [
        f"{path.relative_to(floors.APP)} says {said!r}"
        for path in generic_files()
        for said in texts(path)
        if SOPS.keys() & set(WORD.findall(said))
    ]
    wrong += [
        f"{path.relative_to(floors.APP)} says {key!r}"
        for path in (floors.APP / "templates" / "panel").rglob("*.html")
        for key in SOPS
        if re.search(rf"['\"]{key}['\"]", path.read_text())
    ]
    assert wrong == []


def test_every_part_of_an_sop_is_of_a_kind() -> None:
    """A part whose name is none of the kinds would be found by nobody: it serves another of its package, or is dead."""
    kinds = set(re.findall(r"^- ``(\w+)``", str(app.sop.__doc__), re.MULTILINE))
    assert {kind for kind in kinds if app.sop.own_parts(kind)} == kinds
    for path in (floors.APP / "sop").glob("*/*.py"):
        used = {name for other in path.parent.glob("*.py") if other != path for name in floors.modules_imported(other)}
        assert path.stem in kinds | {"__init__", "rules"} or f"app.sop.{path.parent.name}.{path.stem}" in used, path


def test_workflow_is_pure() -> None:
    outside = {"flask", "flask_appbuilder", "sqlalchemy", "flask_babel", "wtforms"}
    for path in (floors.APP / "workflow").rglob("*.py"):
        found = floors.foreign(path) & outside
        assert not found, f"{path.name} imports {found}"


def test_the_picture_is_the_house() -> None:
    text = floors.PAPER.read_text()
    assert floors.drawn(text) == text, "draw it anew: python -m tests.floors"
