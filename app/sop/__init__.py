"""The SOPs that run here; a new one is its file and its line below.

An SOP that has more than its declaration is a package. Its own parts are modules with fixed names; they are not
imported by name but found by ``own_parts``:

- ``import_file``: ``IMPORT``, a table of another program (``services/imports/engine.py``);
- ``report``: ``REPORTS`` (``services/reports/parts.py``);
- ``due_report``: ``DUE``, a periodic report to the authorities (``services/deadlines/due_reports.py``);
- ``figures``: ``FIGURES`` of the dashboards (``services/dashboards/board.py``);
- ``page``: ``PAGE``, a page of the panel (``web/pages.py``);
- ``sections``: ``FUNCTIONS`` that its templates in ``templates/sections/`` call.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

from app.sop.apkt import GANGGUAN, KELUHAN
from app.sop.common import SUPERVISOR
from app.sop.hard_complaint import HARD_COMPLAINT
from app.sop.intera import INTERA
from app.sop.pengaduan import PENGADUAN, REPLY_TEMPLATE
from app.sop.revisions import REVISIONS, SOPS, in_effect, register, revisions_of, sop_of
from app.sop.somasi import SOMASI
from app.workflow.declaration import Sop

__all__ = ["REVISIONS", "ROLES", "SOPS", "in_effect", "own_parts", "register", "revisions_of", "sop_of"]

register((SOMASI, KELUHAN, GANGGUAN, REPLY_TEMPLATE, PENGADUAN, HARD_COMPLAINT, INTERA))

#: Every role that some revision of an SOP names, in order of appearance.
ROLES: tuple[str, ...] = tuple(
    dict.fromkeys([role for sop in SOPS.values() for one in sop.revisions for role in one.roles] + [SUPERVISOR])
)


@cache
def own_parts(kind: str) -> tuple[ModuleType, ...]:
    """The modules of this name in the packages of the SOPs that run here."""
    packages = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__) if found.ispkg]
    running = [package for package in packages if any(_runs(value) for value in vars(package).values())]
    names = [f"{package.__name__}.{kind}" for package in running]
    return tuple(import_module(name) for name in names if find_spec(name))


def _runs(value: object) -> bool:
    return isinstance(value, Sop) and value in REVISIONS.get(value.key, {}).values()
