"""The figures of docs/security.md: ``python -m benchmarks.security [--quick] [--write]``.

Runs what attacks the product, each in a process of its own, and tells what was tried and what came of it. The tests
count by themselves (``tests/figures.py``). Without ``--quick`` it takes hours: every role at every route, ``--fuzz``
times the tries of a run of the suite, ``--kills`` on each database. ``--only`` runs some of the parts, ``--write``
puts the table between its marks in docs/security.md. Exits with 1 when a part failed or found something.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import figures

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- figures: python -m benchmarks.security --write -->", "<!-- /figures -->"
ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Part:
    """``tests``: what pytest is given; ``settings``: its environment; ``rows``: what of its counts is told, and whether
    any of it is bad. ``runs``: times it is run, each with another ``HOSTILITY``."""

    what: str
    tests: tuple[str, ...]
    rows: tuple[tuple[str, bool], ...]
    settings: dict[str, str] = field(default_factory=dict)
    runs: int = 1


@dataclass
class Row:
    what: str
    figure: str
    bad: bool = False


def parts(chosen: argparse.Namespace) -> list[Part]:
    roles = {} if chosen.quick else {"EVERY_ROLE": "1"}
    fuzz = {"FUZZ": str(chosen.fuzz)}
    return [
        Part("matrix", ("tests/web/test_matrix.py",), (
            ("routes", False), ("identities", False), ("matrix requests", False), ("matrix leaks", True)), roles),
        Part("hostile", ("tests/hostility/test_any_input.py",), (
            ("hostile requests", False), ("hostile 5xx", True)), runs=chosen.seeds),
        Part("files", ("tests/api/cases/test_hostile_files.py", "tests/e2e/test_active_content.py"), (
            ("hostile files", False), ("hostile files served unsafely", True),
            ("hostile files opened in a browser", False), ("scripts run", True))),
        Part("fuzz", ("tests/fuzz",), (
            ("fuzz requests", False), ("fuzz 5xx", True), ("files and mails read", False)), fuzz),
        Part("attacks", ("tests/services/evidence/test_attacks.py",), (
            ("attacks", False), ("attacks that a verifier missed", True))),
    ]  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="one role of each SOP, one seed, few tries and kills")
    options.add_argument("--fuzz", type=int, help="times the tries of a run of the suite (20)")
    options.add_argument("--seeds", type=int, help="of hostile requests (6)")
    options.add_argument("--kills", type=int, help="on each database (1000)")
    options.add_argument("--only", nargs="*", help="matrix, hostile, files, fuzz, attacks, kills")
    options.add_argument("--write", action="store_true", help="into docs/security.md")
    chosen = options.parse_args()
    for name, quick, long in (("fuzz", 1, 20), ("seeds", 1, 6), ("kills", 12, 1_000)):
        if getattr(chosen, name) is None:
            setattr(chosen, name, quick if chosen.quick else long)
    rows = [row for part in parts(chosen) if not chosen.only or part.what in chosen.only for row in tried(part)]
    if not chosen.only or "kills" in chosen.only:
        rows += killed(chosen.kills)
    table = "\n".join(["| what | figure |", "| --- | ---: |", *(f"| {row.what} | {row.figure} |" for row in rows)])
    asked = " ".join(["python -m benchmarks.security", *(one for one in sys.argv[1:] if one != "--write")])
    day = time.strftime("%Y-%m-%d")
    text = f"Measured on {day} with `{asked}`, {os.cpu_count()} cores:\n\n{table}"
    print(text)
    if chosen.write:
        write(text)
    sys.exit(1 if any(row.bad for row in rows) else 0)


def tried(part: Part) -> Iterator[Row]:
    """What its tests have counted, and whether they passed."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "figures")
        counts.touch()
        failed = 0
        for run in range(1, part.runs + 1):
            environment = os.environ | part.settings | {"FIGURES": str(counts), "HOSTILITY": str(run)}
            command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "--timeout", "36000", *part.tests]
            print(f"+ {' '.join([*(f'{k}={v}' for k, v in part.settings.items()), *command[1:]])}", flush=True)
            failed += bool(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
        found = figures.read(counts)
    for name, is_bad in part.rows:
        many = found.get(name)
        yield Row(name, "not tried" if many is None else f"{many:,}", bool(many) and is_bad)
    if failed:
        yield Row(f"runs of “{part.what}” that failed", str(failed), True)


def killed(many: int) -> Iterator[Row]:
    """Kills at random moments, and what did not hold afterwards."""
    for engine in ENGINES:
        command = [sys.executable, "-m", "benchmarks.faults", "--json", "--kills", str(many), "--database", engine]
        print(f"+ {' '.join(command[1:])}", flush=True)
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if not done.stdout.strip():
            yield Row(f"kills, {engine}", "not tried", True)
            continue
        tally = json.loads(done.stdout.splitlines()[-1])[engine]
        yield Row(f"kills, {engine}", f"{sum(tally['killed'].values()):,}")
        yield Row(f"what did not hold after them, {engine}", str(len(tally["wrongs"])), bool(tally["wrongs"]))


def write(text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    marked = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.S)
    PAGE.write_text(marked.sub(lambda _found: f"{BEGIN}\n{text}\n{END}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
