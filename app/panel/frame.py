"""The frame around every page: its menu, its language, how many cases wait for the user."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

from flask import current_app, g, request, url_for
from flask_appbuilder import AppBuilder
from flask_appbuilder.menu import MenuItem
from flask_babel import get_locale

from app.panel import notices, theme
from app.panel.menu import Unfolding, arranged
from app.services.cases.worklist import count_mine
from app.services.core.access import ADMIN
from app.services.core.wording import describe_mistake
from app.services.dashboards.board import overseen
from app.services.tables.dialects import DIALECTS, Dialect
from app.sop import LOADED, SOPS
from app.web.actor import current_actor
from app.web.files import dialect
from app.web.pages import SYSTEM, Group, readers
from app.workflow.declaration import Text

#: The app's extension that makes a frame.
FRAME = "tuntas_frame"
#: Menu entries that Flask-AppBuilder adds and nobody here needs: roles come from users, not from groups.
UNUSED = frozenset({"List Groups"})


def register(appbuilder: AppBuilder, groups: Mapping[str, Group]) -> None:
    """What the frame's templates read (``frame``), once all pages are there; ``groups``: of the menu's entries."""
    menu = appbuilder.menu
    system = menu.find(SYSTEM.key)
    system.label = SYSTEM.label
    system.childs = [item for item in system.childs if item.name not in UNUSED]
    # Flask-AppBuilder adds it before any page of ours.
    menu.menu.remove(system)
    menu.menu.append(system)
    current_app.extensions[FRAME] = partial(Frame, appbuilder, groups)
    current_app.context_processor(lambda: {"frame": present()})


def present() -> Frame:
    """The frame around the page that is being made."""
    made: Frame = current_app.extensions[FRAME]()
    return made


class Frame:
    """What the frame's templates show. Nothing is asked of the database before it is read."""

    def __init__(self, appbuilder: AppBuilder, groups: Mapping[str, Group]) -> None:
        self._appbuilder, self._groups = appbuilder, groups
        self.name: str = current_app.config["APP_NAME"]
        self.home, self.search = "/", "/search"

    @property
    def locale(self) -> str:
        return str(get_locale() or current_app.config["BABEL_DEFAULT_LOCALE"])

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Code and name of every language."""
        return [(code, entry["name"]) for code, entry in current_app.config["LANGUAGES"].items()]

    @property
    def present(self) -> str:
        """The path of the menu's entry for this page; the first page has one of its own besides."""
        if request.path != self.home:
            return request.path
        return url_for("DashboardView.overview" if overseen(current_actor()) else "WorklistView.tasks")

    @property
    def here(self) -> str:
        """The address of the present page, to come back to."""
        return request.full_path.rstrip("?")

    @property
    def new_here(self) -> bool:
        """Whether it is the user's first visit."""
        return int(g.user.login_count or 0) <= 1

    @property
    def theme(self) -> str:
        """``light``, ``dark``, or empty: as the reader's system says."""
        return theme.chosen()

    @property
    def themes(self) -> dict[str, Text]:
        """What people choose from, by what it is called."""
        return theme.THEMES

    @property
    def dialects(self) -> list[Dialect]:
        """The dialects of CSV that people choose from."""
        return list(DIALECTS.values())

    @property
    def dialect(self) -> Dialect:
        """The one in which the user gets their files."""
        return dialect(chosen=True)

    @property
    def public(self) -> list[tuple[str, str]]:
        """Title and address of every page for people who are not signed in."""
        return [(str(sop.public.title), url_for("PublicView.page", key=sop.key)) for sop in SOPS.values() if sop.public]

    @cached_property
    def user(self) -> str:
        """Who is signed in, by full name; empty for nobody."""
        user: Any = g.get("user")
        return user.get_full_name() or user.username if user and user.is_authenticated else ""

    @property
    def searches(self) -> bool:
        """Whether there are cases for the user to look for."""
        return readers(current_actor())

    @property
    def user_id(self) -> int:
        """Whose the drafts are that the browser keeps."""
        return int(g.user.id)

    @cached_property
    def turns(self) -> int:
        """Cases whose next step is the user's, as far as the menu counts: no further than the bell."""
        return count_mine(current_actor(), notices.MOST + 1)

    @property
    def turns_count(self) -> str:
        return notices.in_short(self.turns)

    @cached_property
    def unread(self) -> int:
        """The user's unread notices, as far as the bell counts."""
        return notices.unread()

    @property
    def bell_count(self) -> str:
        return notices.in_short(self.unread)

    @property
    def bell_label(self) -> str:
        return notices.in_words(self.unread)

    @cached_property
    def broken(self) -> dict[str, list[str]]:
        """For administrators: the documents of SOPs that were left out at the start, each with its mistakes."""
        found: dict[str, list[str]] = {}
        if LOADED.broken and ADMIN in current_actor().roles:
            for mistake in LOADED.broken:
                found.setdefault(mistake.file, []).append(describe_mistake(mistake))
        return found

    @cached_property
    def menu(self) -> list[MenuItem | Unfolding]:
        """What the user may open; a category without any entry is left out."""
        open_to = [item for item in map(self._visible, self._appbuilder.menu.get_list()) if item]
        return arranged(open_to, self._groups)

    def _visible(self, item: MenuItem) -> MenuItem | None:
        if item.name == "-" or not self._appbuilder.sm.has_access("menu_access", item.name):
            return None
        if not item.childs:
            return item
        childs = [child for child in map(self._visible, item.childs) if child]
        return MenuItem(item.name, label=item.label, childs=childs) if childs else None
