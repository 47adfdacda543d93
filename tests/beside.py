"""Lets an SOP of the tests run beside those of the application, within this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from app.models.derive import derive_case, tables_of
from app.sop import ROLES, SOPS
from app.workflow.checks import check
from app.workflow.declaration import Sop

_derived: dict[int, Sop] = {}


def derived(sop: Sop) -> Sop:
    """The SOP with its models. The application's own metadata does not know them."""
    if id(sop) not in _derived:
        derive_case(check(sop))
        for table in tables_of(sop):
            table.metadata.remove(table)
        _derived[id(sop)] = sop
    return sop


@contextmanager
def beside(sop: Sop, *others: str) -> Iterator[Sop]:
    """What is made within knows the SOP and its roles, and all other SOPs or those that are named."""
    roles = tuple(dict.fromkeys((*ROLES, *sop.roles)))
    with ExitStack() as patched:
        patched.enter_context(
            patch.dict(SOPS, {key: SOPS[key] for key in others or SOPS} | {sop.key: derived(sop)}, clear=True)
        )
        for place in ("app.web.roles.ROLES", "app.panel.admin.policies.ROLES"):
            patched.enter_context(patch(place, roles))
        yield sop
