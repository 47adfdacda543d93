"""Checkpoints of the histories, and how far each anchor has them."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import JSON, BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.types import UTCDateTime


class Checkpoint(Model):
    """A signed root over the first ``size`` entries. ``body``: what is signed, as it was (JSON); ``hash``: its SHA-256.
    ``signature``: in hex. ``frontier``: the roots of the full subtrees, from which the next one goes on.
    ``events_upto``: the highest id of an event that it has looked at."""

    __tablename__ = "checkpoints"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    size: Mapped[int] = mapped_column(BigInteger, nullable=False)
    body: Mapped[str] = mapped_column(Text, nullable=False)
    hash: Mapped[str] = mapped_column(String(64), nullable=False)
    signature: Mapped[str] = mapped_column(String(128), nullable=False)
    frontier: Mapped[list[str]] = mapped_column(JSON, nullable=False)
    events_upto: Mapped[int] = mapped_column(BigInteger, nullable=False)


class CheckpointLeaf(Model):
    """An entry of the list over which the roots are made. ``case_id``: of the case that it is about, None for the audit
    log; no foreign key, so that it outlasts whatever happens to the case. ``head``: the newest hash of its chain."""

    __tablename__ = "checkpoint_leaves"
    __table_args__ = (Index("ix_checkpoint_leaves_case", "case_id", "position"),)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int | None] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64), nullable=False)
    entry: Mapped[str] = mapped_column(Text, nullable=False)


class CheckpointAnchor(Model):
    """How far an anchor has the checkpoints. ``upto``: the number of the newest that it has. ``failing_since``: it has
    refused or not answered since then; ``next_at``: when it is tried again."""

    __tablename__ = "checkpoint_anchors"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    upto: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    handed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    error: Mapped[str] = mapped_column(Text, nullable=False, default="")


class CheckpointStamp(Model):
    """The answer of a time-stamping authority (RFC 3161) over the hash of a checkpoint. ``token``: DER in base64."""

    __tablename__ = "checkpoint_stamps"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    token: Mapped[str] = mapped_column(Text, nullable=False)
