"""APKT: its two SOPs with their own import file, report and dashboard figure."""

from __future__ import annotations

from app.sop.apkt.declaration import GANGGUAN, KELUHAN

__all__ = ["GANGGUAN", "KELUHAN"]
