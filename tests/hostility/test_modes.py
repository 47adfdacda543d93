"""Who else is on the machine: after a start nothing of an instance can be read by them, whatever it was before."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.services.core import private
from tests.cast import Cast
from tests.servers import Server, ending, started, wait_until
from tests.test_run import PATIENCE, ROOT, free_port

#: Compiled catalogues and files of the design, which are of the product and say nothing about anybody.
PUBLIC = ("assets", "translations")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def open_to_others(folder: Path) -> dict[str, str]:
    """What others could open; behind a closed folder nothing can be."""
    found = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if Path(place, one).relative_to(folder).parts[0] not in PUBLIC]
        for path in (Path(place), *(Path(place, one) for one in files)):
            if (mode := stat.S_IMODE(path.stat().st_mode)) & OTHERS:
                found[str(path.relative_to(folder))] = f"{mode:04o}"
    return found


@pytest.mark.slow
@pytest.mark.parametrize("server", ["run.py", "gunicorn"])
def test_after_a_start_everything_is_its_owners_alone(tmp_path: Path, template: Path, server: str) -> None:
    """What an instance had, open to everybody, and what it gets."""
    folder = tmp_path / "instance"
    (folder / "files").mkdir(parents=True)
    shutil.copy(template, folder / "tuntas.sqlite3")
    for path in (folder, folder / "files", folder / "tuntas.sqlite3"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert open_to_others(folder)
    old = os.umask(0o022)
    try:
        if server == "gunicorn":
            process = Server(folder, WEB_WORKERS="1").process
        else:
            port = str(free_port())
            process = started(folder / "log", folder, [sys.executable, "run.py", "--port", port])
        with ending(process):
            wait_until((folder / "queue.sqlite3").exists, "it did not begin")
            wait_until(lambda: not open_to_others(folder).keys() - {"log"}, "something stays open")
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_made_later_is_closed_as_well(tmp_path: Path) -> None:
    """An archive, a file, an export: by the umask of the process, whichever it was started with."""
    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "setup"],
        cwd=ROOT, env=os.environ | {"INSTANCE_PATH": str(tmp_path / "instance")}, umask=0o000, check=False,
        timeout=PATIENCE, capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert open_to_others(tmp_path / "instance") == {}
    backed = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "backup", f"{tmp_path}/archive.tar"],
        cwd=ROOT, env=os.environ | {"INSTANCE_PATH": str(tmp_path / "instance")}, umask=0o000, check=False,
        timeout=PATIENCE, capture_output=True, text=True,
    )  # fmt: skip
    assert backed.returncode == 0, backed.stderr
    assert stat.S_IMODE((tmp_path / "archive.tar").stat().st_mode) == 0o600


def test_what_can_not_be_closed_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    Cast(app).user("cs")
    folder = Path(app.config["INSTANCE_PATH"])
    folder.chmod(0o755)

    def not_ours(path: Path, mode: int) -> None:
        raise PermissionError(path)

    with monkeypatch.context() as context:
        context.setattr(Path, "chmod", not_ours)
        told = private.close(app.config)
    assert f"{folder} can be read by others on this machine (0755)." in told
    assert private.close(app.config) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
