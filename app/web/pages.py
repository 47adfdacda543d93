"""What a view says of itself once: whom it is open to and, when it is a page of the panel, its entry in the menu.

The menu is built from these records, and so are the rights of the roles (``roles.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.services.core.access import ADMIN, READ_ALL, Actor, reads, sops_of
from app.workflow.declaration import Sop, Text

#: Name and permission, as Flask-AppBuilder knows a right: a view with ``can_.*``, a menu entry with ``menu_access``.
Right = tuple[str, str]


@dataclass(frozen=True)
class Section:
    """A word in the bar under which a part of the menu unfolds."""

    key: str
    label: Text


@dataclass(frozen=True)
class Category:
    """What stands together, as rights call it; it is found in a section of the menu."""

    key: str
    label: Text
    section: Section


@dataclass(frozen=True)
class Group:
    """Entries under one heading in a section of the menu."""

    label: Text


SETTINGS = Section("settings", _l("Settings"))
CASES = Category("cases", _l("Cases"), Section("cases", _l("Cases")))
REPORTS = Category("reports", _l("Reports"), Section("reports", _l("Reports")))
MASTER_DATA = Category("master_data", _l("Master data"), SETTINGS)
#: Flask-AppBuilder's own, with its pages of users and roles.
SYSTEM = Category("Security", _l("System"), SETTINGS)
CATEGORIES = {category.key: category for category in (CASES, REPORTS, MASTER_DATA, SYSTEM)}

#: In the order in which they stand in their sections.
LISTS, BESIDES = Group(_l("Lists")), Group(_l("Besides"))
FIGURES, FILES, OBLIGATIONS = Group(_l("Figures")), Group(_l("Files")), Group(_l("Obligations"))
MASTER, TIMES, PEOPLE = Group(_l("Master data")), Group(_l("Deadlines and calendar")), Group(_l("People"))
SENDING, OPERATION = Group(_l("Mail and notices")), Group(_l("Operation"))
GROUPS = (LISTS, BESIDES, FIGURES, FILES, OBLIGATIONS, MASTER, TIMES, PEOPLE, SENDING, OPERATION)


@dataclass(frozen=True)
class Access:
    """A view or REST resource and whom it is open to; None: it asks nobody who they are. A view that is ``built_in``
    Flask-AppBuilder adds by itself. ``permissions`` is a pattern."""

    view: Any
    open_to: Callable[[Actor], bool] | None
    permissions: str = "can_.*"
    built_in: bool = False

    @property
    def name(self) -> str:
        """As rights call the view."""
        return str(self.view.class_permission_name or self.view.__name__)

    def rights(self, actor: Actor) -> list[Right]:
        """What of it whoever has these roles reaches."""
        return self._rights() if self.open_to and self.open_to(actor) else []

    def add(self, appbuilder: AppBuilder) -> None:
        if not self.built_in:
            appbuilder.add_view_no_menu(self.view)

    def _rights(self) -> list[Right]:
        return [(self.name, self.permissions)]


@dataclass(frozen=True)
class Page(Access):
    """A view with an entry in the menu: its ``key`` is the name of the entry, ``href`` an endpoint (empty: the list
    of a model), ``group`` the heading under which it stands in the section of its category."""

    key: str = ""
    label: Any = ""
    href: str = ""
    category: Category | None = None
    group: Group | None = None
    icon: str = ""

    @property
    def place(self) -> str:
        """Where it stands in the menu: the name of an entry or of a category at the top."""
        return self.category.key if self.category else self.key

    def add(self, appbuilder: AppBuilder) -> None:
        said: dict[str, Any] = {"href": self.href, "icon": self.icon, "label": self.label}
        if self.category:
            said |= {"category": self.category.key, "category_label": self.category.label}
        if self.built_in:
            appbuilder.menu.add_link(self.key, **said)
        else:
            appbuilder.add_view(self.view, self.key, **said)

    def _rights(self) -> list[Right]:
        return [*super()._rights(), *((name, "menu_access") for name in dict.fromkeys((self.key, self.place)))]


def everyone(actor: Actor) -> bool:
    """Whoever is signed in."""
    return True


def readers(actor: Actor) -> bool:
    """Who sees the cases of some SOP."""
    return bool(sops_of(actor))


def readers_of(sop: Sop, actor: Actor) -> bool:
    return reads(actor, sop)


def readers_of_all(actor: Actor) -> bool:
    return bool(actor.roles & READ_ALL)


def admins(actor: Actor) -> bool:
    return ADMIN in actor.roles
