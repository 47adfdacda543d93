"""The menu of the bar: its entries under their headings, in the sections that unfold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_appbuilder.menu import MenuItem

from app.web.pages import CATEGORIES, GROUPS, PEOPLE, Access, Group, Page, Section
from app.workflow.declaration import Text

#: Of the entries that Flask-AppBuilder adds by itself.
ADDED = {"List Users": PEOPLE, "List Roles": PEOPLE}


@dataclass(frozen=True)
class Headed:
    """Entries under a heading."""

    label: Text
    entries: list[MenuItem] = field(default_factory=list)


@dataclass(frozen=True)
class Unfolding:
    """A section with all that the user may open of it; ``groups`` has at least one."""

    section: Section
    groups: list[Headed]

    @property
    def label(self) -> Text:
        return self.section.label

    @property
    def wide(self) -> bool:
        """Whether its groups stand beside each other."""
        return len(self.groups) > 1

    @property
    def entries(self) -> list[MenuItem]:
        return [entry for group in self.groups for entry in group.entries]


def groups_of(views: Iterable[Access]) -> dict[str, Group]:
    """The group of each entry of the menu that has one, by its name."""
    return ADDED | {one.key: one.group for one in views if isinstance(one, Page) and one.group}


def arranged(items: Iterable[MenuItem], groups: Mapping[str, Group]) -> list[MenuItem | Unfolding]:
    """``items``: entries and categories with their entries, as far as they are open to the user."""
    found: list[MenuItem | Unfolding] = []
    sections: dict[str, list[MenuItem]] = {}
    for item in items:
        if not item.childs:
            found.append(item)
            continue
        section = CATEGORIES[item.name].section
        if section.key not in sections:
            sections[section.key] = []
            found.append(Unfolding(section, []))
        sections[section.key] += item.childs
    for one in found:
        if isinstance(one, Unfolding):
            one.groups.extend(_headed(sections[one.section.key], groups))
    return found


def _headed(entries: Iterable[MenuItem], groups: Mapping[str, Group]) -> list[Headed]:
    """What has no group stands last, under no heading."""
    under: dict[Group | None, Headed] = {group: Headed(group.label) for group in GROUPS}
    under[None] = Headed("")
    for entry in entries:
        under[groups.get(entry.name)].entries.append(entry)
    return [headed for headed in under.values() if headed.entries]
