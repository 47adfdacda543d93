"""The checklist of a case: what is there, what lacks now, and what its reader may add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.models import COMMENT_FILE, Case, Document
from app.services.core.access import Actor
from app.services.core.opening import may_open
from app.services.documents import documents
from app.sop import sop_of
from app.workflow.declaration import DocumentType, Sop
from app.workflow.engine import AvailableAction


@dataclass(frozen=True)
class Paper:
    """A line of the checklist. ``needed``: why it is required now, empty when it is not; ``addable``: this
    user may add a version in the case's present state; ``counting``: the files of this round that count;
    ``replaceable``: those of them that a new file may replace, where several of the kind are files of their own."""

    item: documents.Item
    needed: str
    addable: bool
    counting: tuple[Document, ...] = ()

    @property
    def replaceable(self) -> tuple[Document, ...]:
        return self.counting if self.item.kind.several else ()

    @property
    def missing(self) -> bool:
        """Whether somebody waits for it now."""
        return bool(self.needed or self.item.requested)

    @property
    def in_sight(self) -> bool:
        """Whether it concerns the reader now; the others are folded away."""
        return bool(self.item.versions or self.missing or self.addable)


def checklist(actor: Actor, case: Case, found: Sequence[Any], actions: Sequence[AvailableAction]) -> list[Paper]:
    """A line per kind of document: what lacks now, what is there, the rest; each in the SOP's order."""
    sop = sop_of(case)
    addable = documents.uploadable(actor, sop, case.state) if case.voided_at is None else frozenset()
    needed: dict[str, list[str]] = {}
    for key, reason in (pair for action in actions if not action.transition.optional for pair in _needed(sop, action)):
        needed.setdefault(key, []).append(reason)
    counting = documents.in_force(sop, [one for one in found if one.round == case.round])
    papers = [
        Paper(
            item,
            ", ".join(needed.get(item.kind.key, ())),
            item.kind.key in addable,
            tuple(counting.get(item.kind.key, ())),
        )
        for item in documents.checklist(actor, case, found)
    ]
    return sorted(papers, key=lambda paper: (not paper.missing, not paper.item.versions))


def addable_kinds(papers: Sequence[Paper]) -> list[tuple[DocumentType, bool]]:
    """The kinds of which the reader may add a file, each with whether it lacks now."""
    return [(paper.item.kind, paper.missing) for paper in papers if paper.addable]


def with_comments(actor: Actor, sop: Sop, found: Sequence[Document]) -> frozenset[int]:
    """The ids of the files of comments that the reader may open."""
    return frozenset(d.id for d in found if d.type == COMMENT_FILE and may_open(actor, sop, d))


def recording(papers: Sequence[Paper]) -> Document | None:
    """The newest recording that the user may open: positions in rows of the case lead into it."""
    versions = (version for paper in papers for version in paper.item.versions if version.id in paper.item.openable)
    return next((version for version in versions if version.content_type.startswith("audio/")), None)


def _needed(sop: Sop, action: AvailableAction) -> Iterator[tuple[str, str]]:
    step = action.transition.label
    for lack in action.missing:
        keys = lack.key.split("|") if lack.kind == "document" else []
        reason = _("needed for “%(step)s”", step=step)
        if lack.anew:
            reason = _("new version needed for “%(step)s”", step=step)
        if len(keys) > 1:
            names = ", ".join(str(sop.document_by_key[key].label) for key in keys)
            reason = _("for “%(step)s” at least one of these is needed: %(names)s", step=step, names=names)
        yield from ((key, reason) for key in keys)
