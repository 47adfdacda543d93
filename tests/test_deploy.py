"""The files of ``deploy/`` that nothing else runs: systemd reads its units without a word."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing_part
from tests.test_run import PATIENCE, ROOT

UNITS = ROOT / "deploy" / "systemd"


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """As they are installed, but for where the programs of this machine lie."""
    programs = Path(sys.executable).parent
    installed = []
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/tuntas/.venv/bin", str(programs)).replace("/opt/tuntas", str(ROOT))
        copy = tmp_path / unit.name.replace("@.", "@1.")
        copy.write_text(text, encoding="utf-8")
        installed.append(copy)
    return installed


def analyse(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        missing_part("systemd-analyze")
    command = ["systemd-analyze", *map(str, arguments)]
    return subprocess.run(command, text=True, capture_output=True, timeout=PATIENCE, check=False)


def test_systemd_finds_nothing_wrong(units: list[Path]) -> None:
    read = analyse("verify", *units)
    assert (read.returncode, read.stdout + read.stderr) == (0, "")


def test_the_services_can_do_little_to_the_machine(units: list[Path]) -> None:
    for unit in units:
        if unit.suffix == ".service":
            judged = analyse("security", "--offline=true", "--threshold=20", unit)
            assert judged.returncode == 0, judged.stdout
