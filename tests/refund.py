"""The sixth SOP of the tests: a document like that of any deployment."""

from __future__ import annotations

from pathlib import Path

from app.sop import SOPS
from app.sop.documents import load_file

DOCUMENT = Path(__file__).with_name("refund.toml")
REFUND = load_file(DOCUMENT, SOPS.values())
DESK, OFFICER = REFUND.roles
