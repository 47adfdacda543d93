"""Cases and what belongs to them: documents, history, links, number sequences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.models.people import Unit, User
from app.models.types import FileName, UTCDateTime, utcnow

OPEN, VOID = text("closed_at IS NULL"), text("voided_at IS NOT NULL")
TAKEN = text("closed_at IS NULL AND claimed_by_id IS NOT NULL")
#: The most urgent first.
URGENT = ("due_at", "created_at", "id")
#: The type of the files that come with comments; no declared key begins so.
COMMENT_FILE = "@comment"


def _open(name: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=OPEN, postgresql_where=OPEN)


class Case(Model):
    """A case of any SOP; ``services/cases/transitions.py`` writes ``state``, and ``services/cases/revisions.py`` where
    a case moves to a revision that lacks it.

    ``revision``: of its SOP, under which it stands. ``state_since``: when it entered its state.
    ``requested_documents``: types that a revision asks for again. ``history_hash``: hash of the newest event, so that a
    truncated history is detected. ``title``: a copy of the SOP's subject field, so that lists over several SOPs need no
    joins. ``reporter_phone``: E.164 where the number is one. ``claimed_by``: who has claimed it for the step that it
    waits for, so that it is on nobody else's worklist. ``submission``: the form that created it, so that a double click
    creates one case. ``voided_at``: when it was declared void; it is closed since then, and counts nowhere.
    ``void_request``: who has asked for that (``by_id``), until somebody else decides.
    """

    __tablename__ = "cases"
    __table_args__ = (
        # A page of a list is read from one of these in its order, from the row on after which it comes (keyset.py); so
        # each ends with what the list is ordered by.
        Index("ix_cases_state_created", "sop", "state", "created_at", "id"),
        Index("ix_cases_created", "sop", "created_at", "id"),
        Index("ix_cases_closed", "sop", "closed_at", "id"),
        Index("ix_cases_unit_created", "unit_id", "sop", "created_at", "id"),
        # Almost every case of a grown deployment is closed; what people work on are the few that are not.
        _open("ix_cases_open_due", "sop", *URGENT),
        _open("ix_cases_open_state", "sop", "state", *URGENT),
        _open("ix_cases_open_unit", "unit_id", "sop", *URGENT),
        _open("ix_cases_open_claimed", "claimed_by_id", "sop", *URGENT),
        Index("ix_cases_taken", "sop", *URGENT, sqlite_where=TAKEN, postgresql_where=TAKEN),
        Index("ix_cases_void", "sop", "id", sqlite_where=VOID, postgresql_where=VOID),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True, nullable=False)
    sop: Mapped[str] = mapped_column(String(32), nullable=False)
    revision: Mapped[int] = mapped_column(Integer, nullable=False, default=0, server_default=text("0"))
    state: Mapped[str] = mapped_column(String(64), nullable=False)
    round: Mapped[int] = mapped_column(Integer, nullable=False, default=1)
    title: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    reporter_name: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    reporter_phone: Mapped[str] = mapped_column(String(64), nullable=False, default="", index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    state_since: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    void_request: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    requested_documents: Mapped[list[str]] = mapped_column(JSON, nullable=False, default=list)
    history_hash: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    submission: Mapped[str | None] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(Integer, nullable=False)

    unit: Mapped[Unit | None] = relationship(Unit, lazy="joined")
    assignee: Mapped[Any] = relationship(User, lazy="joined", foreign_keys=[assignee_id])
    claimed_by: Mapped[Any] = relationship(User, lazy="joined", foreign_keys=[claimed_by_id])

    __mapper_args__ = {"polymorphic_on": "sop", "version_id_col": version}

    def __repr__(self) -> str:
        return self.number

    @property
    def code(self) -> str:
        """The key by which files and the API refer to a case in a field."""
        return self.number


def identity_of(case: Case) -> int:
    """The id of a case that the database knows, without reading the case again after a commit."""
    identity: tuple[int, ...] = inspect(case).identity
    return identity[0]


#: Of ``Document.scanned``: a virus was found in it after it was taken.
INFECTED = "infected"


class Document(Model):
    """One version of one document of a case. ``storage_key``: the key of its file in the storage. ``released``: a
    confidential document that everyone who sees the case may open from now on. ``purged_at``: when its file and its
    name were removed. ``replaces``: the one whose place it takes, where it was said so; where several documents of a
    kind are files of their own, ``version`` numbers the files. ``comment``: with which it came, of a
    ``COMMENT_FILE``. ``warnings``, ``scanned``: what was found in it (``services/documents/inspection.py``)."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("case_id", "type", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
    type: Mapped[str] = mapped_column(String(64), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False)
    round: Mapped[int] = mapped_column(Integer, nullable=False)
    filename: Mapped[str] = mapped_column(FileName(255), nullable=False)
    content_type: Mapped[str] = mapped_column(String(128), nullable=False)
    size: Mapped[int] = mapped_column(BigInteger, nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    storage_key: Mapped[str] = mapped_column(String(255), nullable=False, unique=True)
    released: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    uploader_name: Mapped[str] = mapped_column(String(130), nullable=False, default="")
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    purged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    warnings: Mapped[list[str]] = mapped_column(JSON, nullable=False, default=list, server_default="[]")
    scanned: Mapped[str] = mapped_column(String(16), nullable=False, default="", server_default="")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id", name="fk_documents_replaces_id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), index=True)

    case: Mapped[Case] = relationship(Case)
    replaces: Mapped[Document | None] = relationship("Document", remote_side=[id])
    #: Its readers open the file, so it is read with it.
    comment: Mapped[Comment | None] = relationship("Comment", lazy="joined")


class Comment(Model):
    """What makes an event of a case a comment; its text is the event's note.

    ``readers``: the roles that may read it (none: everybody who sees the case). ``words``: those of its text, folded,
    for the search. ``withdrawn_at``: since when nobody reads it any more.
    """

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), nullable=False, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    readers: Mapped[list[str]] = mapped_column(JSON, nullable=False, default=list)
    words: Mapped[str] = mapped_column(Text, nullable=False, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Event(Model):
    """A line of a case's history; never changed, never removed (triggers in the migration enforce that).

    ``seq`` counts from 1 within the case. ``hash`` = SHA-256 over the hash of the event before it and this event's
    facts; note and changes enter it by ``digest``, salted, so that a purge of personal data can empty them (and the
    salt) without breaking the chain. ``version``: the case's version after this event. ``since``: when the case had
    entered ``from_state``, so that times between states can be counted without reading the events before. ``account``:
    the user name that the actor had then, part of the hash; empty for the system, None before it was kept.
    ``known_account``: the same, for events before by today's user name; None for the system itself.
    ``withdrawn``: when its author withdrew it, of a comment.
    """

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("case_id", "seq"), CheckConstraint("seq > 0"), Index("ix_events_at", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
    seq: Mapped[int] = mapped_column(Integer, nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(130), nullable=False)
    action: Mapped[str] = mapped_column(String(64), nullable=False)
    from_state: Mapped[str | None] = mapped_column(String(64))
    to_state: Mapped[str] = mapped_column(String(64), nullable=False)
    round: Mapped[int] = mapped_column(Integer, nullable=False)
    note: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    documents: Mapped[list[dict[str, Any]]] = mapped_column(JSON, nullable=False, default=list)
    salt: Mapped[str | None] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64), nullable=False)
    hash: Mapped[str] = mapped_column(String(64), nullable=False)
    version: Mapped[int | None] = mapped_column(Integer)
    since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    account: Mapped[str | None] = mapped_column(String(64))
    known_account: Mapped[str | None] = column_property(
        func.nullif(
            func.coalesce(
                account,
                select(User.username).where(User.id == actor_id).correlate_except(User).scalar_subquery(),
            ),
            "",
        ),
        deferred=True,
    )
    withdrawn: Mapped[datetime | None] = column_property(
        select(Comment.withdrawn_at).where(Comment.event_id == id).correlate_except(Comment).scalar_subquery(),
        deferred=True,
    )


class Link(Model):
    """``source`` leads to ``target``: a mutated complaint to its outage report, for instance. A source has at most one
    link of a kind."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("kind", "source_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), nullable=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)

    source: Mapped[Case] = relationship(Case, foreign_keys=[source_id])
    target: Mapped[Case] = relationship(Case, foreign_keys=[target_id])


class Counter(Model):
    """The last number given under a prefix; taken in the transaction of the case, so the sequence has no gaps."""

    __tablename__ = "counters"

    prefix: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(Integer, nullable=False)


class Follow(Model):
    """Somebody who wants to see a case on their worklist though it does not wait for them."""

    __tablename__ = "follows"
    __table_args__ = (UniqueConstraint("user_id", "case_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
