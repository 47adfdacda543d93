"""APKT: its two SOPs, and what is theirs alone: their import file, their report, their figure of the dashboards."""

from __future__ import annotations

from app.sop.apkt.declaration import GANGGUAN, KELUHAN

__all__ = ["GANGGUAN", "KELUHAN"]
