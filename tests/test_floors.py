"""Imports only go down: panel, api, jobs, cli -> services -> sop -> models -> workflow.

What is an SOP's own in its package stands higher than its declaration: it uses the services, its pages the panel.
Nobody imports it: it is found by what it is (``app.sop.own_parts``), and what SOPs share knows none of them by name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import app.sop
from app.sop import SOPS

APP = Path(__file__).resolve().parent.parent / "app"
FLOORS = {
    "workflow": 0, "models": 1, "sop": 2, "services": 3, "own parts": 4, "panel": 5, "api": 5, "jobs": 5, "cli": 5,
    "own pages": 6,
}  # fmt: skip
#: Of a package in ``sop``: what declares it, what adds it to the panel; the rest are parts of its own.
DECLARED, PAGES = {"__init__", "declaration", "rules", "guide", "reply_template"}, {"page", "sections"}
WORD = re.compile(r"\w+")
#: May name an SOP: its own files, the demo's data, what a migration once made.
NAMES_SOPS = ("sop/", "demo", "migrations/versions/")
#: What stands beside the floors, and the highest floor that may lean on it.
BESIDE = {"extensions": 0}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (name for alias in node.names if is_module(name := f"{node.module}.{alias.name}"))


def texts(path: Path) -> Iterator[str]:
    constants = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
    return (value for value in constants if isinstance(value, str))


def is_module(name: str) -> bool:
    path = APP.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def module(name: str) -> tuple[str, ...]:
    """Its place in ``app``; nothing for what is not ours."""
    return tuple(name.split(".")[1:]) if name.startswith("app.") else ()


def room_of(parts: tuple[str, ...]) -> str:
    """Where a file or a module stands, by its place in ``app``."""
    if parts[0] != "sop" or len(parts) < 3 or parts[2].removesuffix(".py") in DECLARED:
        return parts[0].removesuffix(".py")
    return "own pages" if parts[2].removesuffix(".py") in PAGES else "own parts"


def floor_of(parts: tuple[str, ...]) -> int | None:
    return FLOORS.get(room_of(parts)) if parts else None


def generic_files() -> Iterator[Path]:
    return (p for p in APP.rglob("*.py") if not str(p.relative_to(APP)).startswith(NAMES_SOPS))


def test_no_import_goes_up() -> None:
    wrong = []
    for path in APP.rglob("*.py"):
        here = floor_of(path.relative_to(APP).parts)
        if here is None:
            continue
        for name in imports(path):
            parts = module(name)
            if not parts:
                continue
            there = floor_of(parts)
            # Beside the floors only the extensions may serve services and what is below them.
            beside = parts[0] in BESIDE or here >= FLOORS["panel"]
            allowed = beside if there is None else there <= here
            if not allowed or (there == here == FLOORS["panel"] and parts[0] != path.relative_to(APP).parts[0]):
                wrong.append(f"{path.relative_to(APP)} imports {name}")
    assert wrong == []


def test_no_generic_file_names_an_sop() -> None:
    shared = {"common"}
    files = {path.stem for path in (APP / "sop").iterdir()} - shared - {"__init__", "__pycache__"}
    wrong = [
        f"{path.relative_to(APP)} imports {name}"
        for path in generic_files()
        for name in imports(path)
        if module(name)[:1] == ("sop",) and files & set(module(name)[1:2])
    ]
    wrong += [
        f"{path.relative_to(APP)} says {said!r}"
        for path in generic_files()
        for said in texts(path)
        if SOPS.keys() & set(WORD.findall(said))
    ]
    wrong += [
        f"{path.relative_to(APP)} says {key!r}"
        for path in (APP / "templates" / "panel").glob("*.html")
        for key in SOPS
        if re.search(rf"['\"]{key}['\"]", path.read_text())
    ]
    assert wrong == []


def test_every_part_of_an_sop_is_of_a_kind() -> None:
    """A part whose name is none of the kinds would be found by nobody: it serves another of its package, or is dead."""
    kinds = set(re.findall(r"^- ``(\w+)``", str(app.sop.__doc__), re.MULTILINE))
    assert {kind for kind in kinds if app.sop.own_parts(kind)} == kinds
    for path in (APP / "sop").glob("*/*.py"):
        used = {name for other in path.parent.glob("*.py") if other != path for name in imports(other)}
        assert path.stem in kinds | {"__init__"} or f"app.sop.{path.parent.name}.{path.stem}" in used, path


def test_workflow_is_pure() -> None:
    for path in (APP / "workflow").glob("*.py"):
        outside = {n.split(".")[0] for n in imports(path)} & {"flask", "flask_appbuilder", "sqlalchemy", "flask_babel"}
        assert not outside, f"{path.name} imports {outside}"
