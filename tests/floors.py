"""The house as its imports show it: which file stands in which room, which room on which floor, who leans on whom.

``python -m tests.floors`` draws it anew into ``docs/architecture.md``; a test holds the picture to the code.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
PAPER = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- floors: python -m tests.floors -->", "<!-- /floors -->"

#: From the ground up; an import goes down, or stays in its own room. Rooms on one floor don't know each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("extensions", "workflow"),
    ("models",),
    ("sop",),
    ("services",),
    ("own parts", "web"),
    ("panel", "api", "jobs", "demo"),
    ("commands", "own pages"),
    ("root",),
)
#: The rooms of the services, from the ground up.
SERVICES = (
    "core", "audit", "deadlines", "documents", "search", "tables", "notices", "evidence", "webhooks", "calendar",
    "cases", "mail", "dashboards", "accounts", "imports", "retention", "privacy", "procedures", "reports",
    "operation", "backup",
    "moving",
)  # fmt: skip
#: Modules of an SOP's package: what declares it, and what adds it to the panel; the rest are parts of its own, which
#: use the services. Nobody imports parts and pages: they are found by what they are (``app.sop.own_parts``).
DECLARED, PAGES = frozenset({"rules", "placeholders"}), frozenset({"page", "sections"})


@dataclass(frozen=True, order=True)
class Import:
    """``deferred``: it stands inside a function."""

    file: str
    module: str
    deferred: bool


def files() -> list[Path]:
    return sorted(path for path in APP.rglob("*.py") if "migrations" not in path.parts)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> frozenset[str]:
    return frozenset(map(module_of, files()))


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """The modules of the house that a file imports, each once per place where it stands."""
    return tuple(sorted(set(_imports(path))))


def _imports(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules() else node.module for name in whole]
        for name in names:
            if name.split(".")[0] == "app":
                yield Import(str(path.relative_to(ROOT)), name, id(node) in inside)


def modules_imported(path: Path) -> set[str]:
    return {one.module for one in imports(path)}


def foreign(path: Path) -> set[str]:
    """The packages that a file imports, by their first name."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def room_of(module: str) -> str:
    """``app.services.cases.creation`` -> ``services/cases``, ``app.panel.frame`` -> ``panel``, ``app`` -> ``root``."""
    parts = module.split(".")[1:]
    if not parts or parts[0] not in {name for floor in FLOORS for name in floor} - {"root"}:
        return "root"
    if parts[0] == "sop" and len(parts) > 2 and parts[2] not in DECLARED:
        return "own pages" if parts[2] in PAGES else "own parts"
    if parts[0] == "services" and len(parts) > 1:
        return f"services/{parts[1]}"
    return parts[0]


def level(room: str) -> tuple[int, int]:
    """The floor of a room and its place on it."""
    floor, _slash, inner = room.partition("/")
    number = next(at for at, names in enumerate(FLOORS) if floor in names)
    return number, SERVICES.index(inner) + 1 if inner else 0


def _place(room: str) -> tuple[tuple[int, int], str]:
    return level(room), room


def allowed(here: str, there: str) -> bool:
    return here == there or level(there) < level(here)


def arrows() -> dict[str, set[str]]:
    """Room -> the rooms that it leans on."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in files():
        here = room_of(module_of(path))
        found[here] |= {there for one in imports(path) if (there := room_of(one.module)) != here}
    return dict(sorted(found.items()))


def picture() -> str:
    """A Mermaid drawing: floors as boxes, an arrow for each room that leans on another; the services' own order is
    drawn, what stands above them leans on the floor as a whole."""
    lines = ["```mermaid", "flowchart TD"]
    rooms = sorted(
        {*arrows(), *(there for several in arrows().values() for there in several)}, key=_place, reverse=True
    )
    for number in range(len(FLOORS) - 1, -1, -1):
        here = [room for room in rooms if level(room)[0] == number]
        names = " · ".join(FLOORS[number])
        lines.append(f'  subgraph floor{number}["{names}"]')
        lines += [f'    {_id(room)}["{room.removeprefix("services/")}"]' for room in here]
        lines.append("  end")
    for here in rooms:
        targets = {there if _same_floor(here, there) else there.split("/")[0] for there in arrows().get(here, ())}
        for there in sorted(targets, key=_place, reverse=True):
            end = f"floor{level(there)[0]}" if there == "services" else _id(there)
            lines.append(f"  {_id(here)} --> {end}")
    return "\n".join([*lines, "```"])


def _same_floor(here: str, there: str) -> bool:
    return level(here)[0] == level(there)[0]


def _id(room: str) -> str:
    return room.replace("/", "_").replace(" ", "_")


def drawn(text: str) -> str:
    """The paper with the picture as it is now."""
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{picture()}\n{END}{after}"


if __name__ == "__main__":
    PAPER.write_text(drawn(PAPER.read_text()))
