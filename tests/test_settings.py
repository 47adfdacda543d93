"""The settings: what ``config.py`` reads is what ``docs/settings.md`` explains, and what is wrong is told at once."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import config
from config import WrongSetting, from_environment
from tests.test_run import PATIENCE, ROOT, UNREADY

PAPER = ROOT / "docs" / "settings.md"
#: What several variables are called that are told apart by a number.
NUMBERED = re.compile(r"(?<=_)n(?=_|$)")


class Recording(dict[str, str]):
    """Variables, and which of them were asked for, with which default."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.setdefault(name, default)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.setdefault(name, None)
        return super().__getitem__(name)


def readers() -> Iterator[Callable[[Recording], Any]]:
    """The functions of ``config.py`` that anybody may give variables to."""
    for name, made in inspect.getmembers(config, inspect.isfunction):
        takes = list(inspect.signature(made).parameters)
        if not name.startswith("_") and made.__module__ == "config" and takes and takes[0] in VARIABLES:
            yield made


VARIABLES = {"variables", "environment"}


def asked(**variables: str) -> dict[str, Any]:
    """Every name that was asked for, with its default."""
    recording = Recording(variables)
    for read in readers():
        try:
            read(recording)
        except WrongSetting:
            pass
    return recording.asked


def documented() -> dict[str, str]:
    """Each name of the page's table, with what stands in the column of defaults."""
    found = {}
    for line in PAPER.read_text(encoding="utf-8").splitlines():
        cells = line.split(" | ")
        if line.startswith("| `") and len(cells) >= 3:
            found |= {NUMBERED.sub("1", name): cells[1].strip() for name in re.findall(r"`(\w+)`", cells[0])}
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def test_what_is_read_is_documented_and_what_is_documented_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every setting is tried with "x", that of the folder as well.
    monkeypatch.chdir(folder.parent)
    papers = documented()
    assert len(papers) > 20
    assert set(asked(INSTANCE_PATH=str(folder))) - set(papers) == set()
    unread = {name for name in papers if name not in asked(**{"INSTANCE_PATH": str(folder), name: "x"})}
    assert unread == set()


def test_the_defaults_are_those_of_the_page(folder: Path) -> None:
    defaults, compared = asked(INSTANCE_PATH=str(folder)), []
    for name, cell in documented().items():
        said = re.fullmatch(r"`([^`]*)`", cell)
        if said and defaults.get(name):
            assert said[1] == defaults[name], name
            compared.append(name)
    assert len(compared) > 10


def test_nobody_else_reads_the_environment() -> None:
    """Tools that stand beside the application (tests, benchmarks) may."""
    reading = set()
    for path in [*ROOT.glob("*.py"), *(ROOT / "app").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_environment = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
            if is_environment and isinstance(node.value, ast.Name) and node.value.id == "os":
                reading.add(str(path.relative_to(ROOT)))
    # Two of them look for, or set, what prometheus_client is told by a variable of its own.
    assert reading == {"config.py", "gunicorn.conf.py", "app/web/metrics.py"}


def test_the_example_names_nothing_that_is_not_there() -> None:
    example = (ROOT / "deploy" / "tuntas.env").read_text(encoding="utf-8")
    names = re.findall(r"^(\w+)=", example, re.MULTILINE)
    assert names
    assert set(names) <= set(documented())


WRONG = {
    "APKT_CODE": "99", "UPLOAD_MAX_MB": "many", "HTTPS": "yes", "TIMEZONE": "Asia/Nowhere", "LOG_FORMAT": "xml",
    "QUEUE_URL": "amqp://user:secret@host", "METRICS_FROM": "everybody", "WEB_WORKERS": "0",
    "COMPANY_LOGO": "/none.svg",
}  # fmt: skip


def test_all_that_is_wrong_is_told_at_once(folder: Path) -> None:
    with pytest.raises(WrongSetting) as refused:
        from_environment({"INSTANCE_PATH": str(folder)} | WRONG)
    lines = str(refused.value).splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(WRONG)
    assert "secret" not in str(refused.value)
    assert not folder.exists(), "nothing was begun"


@pytest.mark.slow
@pytest.mark.parametrize("way", UNREADY)
def test_a_start_with_wrong_settings_says_each_and_ends(way: str, folder: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"INSTANCE_PATH": str(folder)} | WRONG
    ended = subprocess.run(
        UNREADY[way], cwd=ROOT, env=environment, text=True, capture_output=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 3
    told = [line for line in ended.stderr.splitlines() if "[INFO]" not in line]
    assert sorted(line.split()[0] for line in told) == sorted(WRONG)
    assert "Traceback" not in ended.stderr
