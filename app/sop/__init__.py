"""The SOPs that run here, each a document: ``<package>/sop.toml``, or a deployment's own in ``SOP_PATH``.

What no document can say stands beside it. ``rules.py`` has the functions that a document names. Other own parts are
modules with fixed names; they are not imported by name but found by ``own_parts``:

- ``import_file``: ``IMPORT``, a table of another program (``services/imports/engine.py``);
- ``report``: ``REPORTS`` (``services/reports/parts.py``);
- ``due_report``: ``DUE``, a periodic report to the authorities (``services/deadlines/due_reports.py``);
- ``figures``: ``FIGURES`` of the dashboards (``services/dashboards/board.py``);
- ``page``: ``PAGE``, a page of the panel (``web/pages.py``);
- ``sections``: ``FUNCTIONS`` that its templates in ``templates/sections/`` call.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from app.sop.common import SUPERVISOR
from app.sop.documents import OURS, Loaded, load_all
from app.sop.revisions import REVISIONS, SOPS, in_effect, register, revisions_of, sop_of
from app.workflow.checks import WrongDeclaration
from config import sop_folders, sop_lenient

__all__ = [
    "LOADED", "NOT_READY", "REVISIONS", "ROLES", "SOPS", "in_effect", "own_parts", "register", "revisions_of", "sop_of",
]  # fmt: skip
#: The exit code after which gunicorn stops, instead of starting worker after worker.
NOT_READY = 3


def _loaded() -> Loaded:
    """A wrong document stops the start: what it says wrong is what the terminal shows, not where Python stood. One that
    is left out is told as well."""
    try:
        loaded = load_all(sop_folders(), sop_lenient())
        register(loaded.sops)
    except WrongDeclaration as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(NOT_READY)
    sys.stderr.writelines(f"{mistake}\n" for mistake in loaded.broken)
    return loaded


LOADED = _loaded()
#: Every role that some revision of an SOP names, in order of appearance.
ROLES: tuple[str, ...] = tuple(
    dict.fromkeys([role for sop in SOPS.values() for one in sop.revisions for role in one.roles] + [SUPERVISOR])
)


@cache
def own_parts(kind: str) -> tuple[ModuleType, ...]:
    """The modules of this name beside the documents of the SOPs that run here."""
    packages = sorted({folder.name for folder in LOADED.folders.values() if folder.parent == OURS})
    names = [f"{__name__}.{package}.{kind}" for package in packages]
    return tuple(import_module(name) for name in names if find_spec(name.rpartition(".")[0]) and find_spec(name))
