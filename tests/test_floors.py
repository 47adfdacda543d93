"""Imports only go down: panel, api, jobs, cli -> services -> sop -> models -> workflow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parent.parent / "app"
FLOORS = {"workflow": 0, "models": 1, "sop": 2, "services": 3, "panel": 4, "api": 4, "jobs": 4, "cli": 4}
#: What stands beside the floors, and the highest floor that may lean on it.
BESIDE = {"extensions": 0}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "app":
                yield from (f"app.{alias.name}" for alias in node.names)


def floor_of(parts: tuple[str, ...]) -> int | None:
    return FLOORS.get(parts[0].removesuffix(".py")) if parts else None


def test_no_import_goes_up() -> None:
    wrong = []
    for path in APP.rglob("*.py"):
        here = floor_of(path.relative_to(APP).parts)
        if here is None:
            continue
        for name in imports(path):
            parts = tuple(name.split(".")[1:]) if name.startswith("app.") else ()
            if not parts:
                continue
            there = floor_of(parts)
            if there is None:
                # Beside the floors only the extensions may serve services and what is below them.
                allowed = parts[0] in BESIDE or here >= FLOORS["panel"]
            else:
                allowed = there <= here and (there < here or FLOORS[parts[0]] == here)
            if not allowed or (there == here == FLOORS["panel"] and parts[0] != path.relative_to(APP).parts[0]):
                wrong.append(f"{path.relative_to(APP)} imports {name}")
    assert wrong == []


def test_workflow_is_pure() -> None:
    for path in (APP / "workflow").glob("*.py"):
        outside = {n.split(".")[0] for n in imports(path)} & {"flask", "flask_appbuilder", "sqlalchemy", "flask_babel"}
        assert not outside, f"{path.name} imports {outside}"
