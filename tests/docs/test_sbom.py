"""The command of docs/security.md that lists all parts, as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
#: Of "psycopg[binary]>=3.2,<4" the name.
NAME = re.compile(r"[\w.-]+")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.slow
def test_it_names_every_dependency(tmp_path: Path) -> None:
    pytest.importorskip("cyclonedx_py", reason="the extra audit, which CI installs after the tests and before this one")
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^\.venv/bin/cyclonedx-py (.+)$", page, re.M)
    target = tmp_path / "sbom.json"
    said = [sys.executable if one == ".venv/bin/python" else str(target) if one == "sbom.json" else one
            for one in shlex.split(command)]  # fmt: skip
    subprocess.run([sys.executable, "-m", "cyclonedx_py", *said], cwd=ROOT, check=True, timeout=280)
    made = json.loads(target.read_text(encoding="utf-8"))
    parts = {plain(part["name"]): part["version"] for part in made["components"]}
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert made["metadata"]["component"]["name"] == "tuntas"
    assert [one for one in declared if plain(NAME.match(one)[0]) not in parts] == []  # type: ignore[index]
    assert all(parts.values())
