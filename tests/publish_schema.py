"""Writes ``docs/sop.schema.json`` anew: ``python -m tests.publish_schema``."""

from __future__ import annotations

import json
from pathlib import Path

from app.workflow.document.vocabulary import json_schema

SCHEMA = Path(__file__).parent.parent / "docs" / "sop.schema.json"


def written() -> str:
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(written())
