"""A copy of the whole project to which an SOP was added as docs/new-sop.md says, for processes of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: The one declaration of the sixth SOP.
DECLARATION = ROOT / "tests" / "refund.py"
COPIED = ("app", "benchmarks", "docs", "tests", "translations")


def copy_with_sixth(folder: Path) -> Path:
    """The copy: its file lies in ``app/sop``, its name stands among the SOPs, and nothing else is touched."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*ROOT.glob("*.py"), *ROOT.glob("*.toml"), *ROOT.glob("*.cfg"), *ROOT.glob("*.md")):
        shutil.copy(path, folder)
    shutil.copy(DECLARATION, folder / "app" / "sop" / "refund.py")
    listed = folder / "app" / "sop" / "__init__.py"
    text = listed.read_text()
    text = text.replace("from app.sop.somasi", "from app.sop.refund import REFUND\nfrom app.sop.somasi", 1)
    text, found = re.subn(r"(in \(SOMASI[^)]*)\)", r"\1, REFUND)", text)
    assert found == 1
    listed.write_text(text)
    return folder
