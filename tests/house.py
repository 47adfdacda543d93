"""A copy of the whole project to which an SOP was added as docs/new-sop.md says, for processes of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("app", "benchmarks", "docs", "tests", "translations")


def copy_with_sixth(folder: Path) -> Path:
    """The copy: the document lies in ``app/sop``, and nothing else is touched."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*ROOT.glob("*.py"), *ROOT.glob("*.toml"), *ROOT.glob("*.cfg"), *ROOT.glob("*.md")):
        shutil.copy(path, folder)
    own = folder / "app" / "sop" / "refund"
    own.mkdir()
    shutil.copy(ROOT / "tests" / "refund.toml", own / "sop.toml")
    return folder
