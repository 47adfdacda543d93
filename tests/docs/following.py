"""Follows a page of documentation literally: writes its files, runs its commands, sends its requests, in order.

What a fenced block means stands in its first line:

- ``toml PATH``, ``python PATH``: the file is written; ``toml`` alone adds to a document that the page has;
- ``diff PATH``: the lines without a sign stand just once in the file, and the others come or go;
- ``sh``: run by bash; a line ``python run.py …`` is a server that goes on, in place of the one before;
- ``text``: what the command before has said, ``…`` stands for anything; ``text N``: and its exit code;
- ``http``: ``POST /path as user``, the answers as JSON, and after ``→`` the status with a part of the answer, or of a
  page texts that stand on it. A name in capitals as an ``id`` stands for it in the paths that follow.

``<!-- today: 2026-12-01 -->`` sets the clock of every process from there on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import requests
import time_machine

from app.demo.beginning import PASSWORD
from tests.moment import AHEAD, JAKARTA
from tests.test_run import PATIENCE, ROOT, free_port, wait_for

BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$|^<!-- (today): (\S+) -->$", re.M | re.S)
#: What a deployment has of the project.
COPIED = ("app", "translations", *(path.name for path in ROOT.glob("*.py")))
ANYTHING = "…"


@dataclass(frozen=True)
class Block:
    kind: str
    told: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        line = text[: found.start()].count("\n") + 1
        yield Block(found[1] or found[4], found[2] or found[5] or "", found[3] or "", line)


class Follower:
    """Somebody with a fresh copy of the project in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
        own = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": self._path()}
        unset = ("DATABASE_URL", "INSTANCE_PATH", "SOP_PATH", "SOP_LENIENT")
        self.environment = {k: v for k, v in os.environ.items() if k not in unset} | own
        self.server: subprocess.Popen[str] | None = None
        self.address = ""
        self.said, self.code = "", 0
        self.ids: dict[str, int] = {}
        self.tokens: dict[str, str] = {}

    def _path(self) -> str:
        return os.pathsep.join([str(self.root), os.environ.get("PYTHONPATH", "")])

    def follow(self, block: Block) -> None:
        """Raises ``AssertionError`` where the page and the product differ."""
        getattr(self, f"_{block.kind}")(block.told, block.text)

    def stop(self) -> None:
        if self.server is not None:
            self.server.terminate()
            self.server.communicate(timeout=PATIENCE)
            self.server = None

    def _today(self, day: str, _text: str) -> None:
        moment = datetime.fromisoformat(f"{day}T10:30").replace(tzinfo=JAKARTA).timestamp()
        self.environment[AHEAD] = str(moment - time_machine.escape_hatch.time.time())

    def _toml(self, path: str, text: str) -> None:
        if path:
            self._python(path, text)

    def _python(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def _diff(self, path: str, text: str) -> None:
        lines = text.splitlines(keepends=True)
        before, after = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        present = (self.root / path).read_text(encoding="utf-8")
        assert present.count(before) == 1, f"stands {present.count(before)} times in {path}:\n{before}"
        (self.root / path).write_text(present.replace(before, after), encoding="utf-8")

    def _sh(self, _told: str, text: str) -> None:
        if text.startswith("python run.py"):
            self._serve(text.strip())
            return
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=self.root, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.said, self.code = done.stdout, done.returncode
        assert "Traceback" not in self.said, self.said

    def _serve(self, command: str) -> None:
        self.stop()
        self.tokens.clear()
        port = free_port()
        self.server = subprocess.Popen(
            [sys.executable, *command.split()[1:], "--port", str(port)], cwd=self.root, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.address = f"http://127.0.0.1:{port}"
        wait_for(self.server, self.address)
        self.code = 0

    def _text(self, code: str, text: str) -> None:
        parts = (re.escape(part) for part in text.strip().split(ANYTHING))
        assert re.fullmatch(".*".join(parts), self.said.strip(), re.S), self.said
        assert self.code == int(code or 0), self.said

    def _http(self, _told: str, text: str) -> None:
        sent, _arrow, expected = text.partition("→ ")
        asked, _newline, body = sent.strip().partition("\n")
        method, path, user = re.fullmatch(r"(\S+) (\S+) as (\w+)", asked).groups()  # type: ignore[union-attr]
        path = re.sub(r"\b[A-Z]{3,}\b", lambda name: str(self.ids[name[0]]), path)
        status, _space, part = expected.strip().partition(" ")
        if not path.startswith("/api/"):
            page = self._browser(user).get(self.address + path, timeout=PATIENCE)
            assert page.status_code == int(status), page.text
            assert [text for text in json.loads(part) if text not in unescape(page.text)] == []
            return
        answer = requests.request(
            method, self.address + path, json=json.loads(body) if body else None, headers=self._as(user),
            timeout=PATIENCE,
        )  # fmt: skip
        assert answer.status_code == int(status), answer.text
        self._fits(json.loads(part), answer.json(), "answer")

    def _browser(self, user: str) -> requests.Session:
        browser = requests.Session()
        form = browser.get(f"{self.address}/login/", timeout=PATIENCE).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        data = {"username": user, "password": PASSWORD, "csrf_token": token[1] if token else ""}
        browser.post(f"{self.address}/login/", data=data, timeout=PATIENCE)
        return browser

    def _as(self, user: str) -> dict[str, str]:
        if user not in self.tokens:
            body = {"username": user, "password": PASSWORD, "provider": "db"}
            login = requests.post(f"{self.address}/api/v1/security/login", json=body, timeout=PATIENCE)
            self.tokens[user] = login.json()["access_token"]
        return {"Authorization": f"Bearer {self.tokens[user]}", "Accept-Language": "en"}

    def _fits(self, part: Any, whole: Any, at: str) -> None:
        """``part`` is found in ``whole``: of a table the keys named, of a list every entry."""
        if isinstance(part, dict):
            for key, value in part.items():
                assert key in whole, f"{at} lacks {key}: {whole}"
                if key == "id" and str(value).isupper():
                    self.ids.setdefault(value, whole[key])
                    assert self.ids[value] == whole[key]
                else:
                    self._fits(value, whole[key], f"{at}.{key}")
        elif isinstance(part, list):
            assert len(part) == len(whole), f"{at}: {whole}"
            for nth, (one, other) in enumerate(zip(part, whole, strict=True)):
                self._fits(one, other, f"{at}[{nth}]")
        elif isinstance(part, str) and ANYTHING in part:
            assert re.fullmatch(".*".join(map(re.escape, part.split(ANYTHING))), str(whole)), f"{at}: {whole}"
        else:
            assert part == whole, f"{at}: {whole}"
