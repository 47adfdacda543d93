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

from app.models.derive import derive_case
from app.sop.apkt import GANGGUAN, KELUHAN
from app.sop.common import SUPERVISOR
from app.sop.hard_complaint import HARD_COMPLAINT
from app.sop.intera import INTERA
from app.sop.pengaduan import PENGADUAN, REPLY_TEMPLATE
from app.sop.somasi import SOMASI
from app.workflow.checks import check
from app.workflow.declaration import Sop

#: In the order of the menu; an SOP to whose cases another refers comes before it.
SOPS: dict[str, Sop] = {
    sop.key: check(sop) for sop in (SOMASI, KELUHAN, GANGGUAN, REPLY_TEMPLATE, PENGADUAN, HARD_COMPLAINT, INTERA)
}

for _sop in SOPS.values():
    derive_case(_sop)

#: Every role that some SOP names, in order of appearance.
ROLES: tuple[str, ...] = tuple(dict.fromkeys([role for sop in SOPS.values() for role in sop.roles] + [SUPERVISOR]))


@cache
def own_parts(kind: str) -> tuple[ModuleType, ...]:
    """The modules of this name in the packages of the SOPs that run here."""
    packages = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__) if found.ispkg]
    running = [package for package in packages if any(_runs(value) for value in vars(package).values())]
    names = [f"{package.__name__}.{kind}" for package in running]
    return tuple(import_module(name) for name in names if find_spec(name))


def _runs(value: object) -> bool:
    return isinstance(value, Sop) and SOPS.get(value.key) is value
