"""What it costs that SOPs are documents: ``python -m benchmarks.documents``.

Loading all of them is told beside reading the same files as TOML alone, a guard beside the same in Python;
all in CPU time of one run.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from dateutil.relativedelta import relativedelta

from app.sop import SOPS
from app.sop.documents import OURS, load_all, rules
from app.workflow.declaration import Facts

ROUNDS, TIMES = 15, 2000
NOW = datetime.now(UTC)


def least(what: Callable[[], object]) -> float:
    """CPU seconds of the quickest of some rounds."""
    found = []
    for _round in range(ROUNDS):
        began = time.process_time()
        what()
        found.append(time.process_time() - began)
    return min(found)


def read() -> None:
    for path in OURS.glob("*/*.toml"):
        tomllib.loads(path.read_text())


def lines(paths: list[Path]) -> int:
    return sum(len(path.read_text().splitlines()) for path in paths)


def deciding() -> tuple[float, float]:
    """Seconds for a guard of somasi, as its document says it and as Python would."""
    [guard] = SOPS["somasi"].transition_by_key["suspend"].guards
    facts = Facts(1, frozenset(), NOW, case=SimpleNamespace(), last={"send_response": (NOW - timedelta(days=100), 2)})

    def in_python(known: Facts) -> bool:
        sent = known.last.get("send_response")
        return sent is None or known.now.date() > sent[0].date() + relativedelta(months=3)

    assert guard.holds(facts) is in_python(facts)
    return repeated(lambda: guard.holds(facts)), repeated(lambda: in_python(facts))


def repeated(what: Callable[[], object]) -> float:
    """Seconds for one of many times."""
    return least(lambda: [what() for _time in range(TIMES)]) / TIMES


def main() -> None:
    plain, whole = least(read), least(load_all)
    print(
        f"reading as TOML: {plain * 1e3:.1f} ms; loading, checks and all: {whole * 1e3:.1f} ms, {whole / plain:.1f} x"
    )
    said, python = deciding()
    print(f"a guard in a document: {said * 1e6:.2f} us, {said / python:.2f} x the same in Python")
    for path in sorted(OURS.glob("*/*.toml")):
        print(f"{path.relative_to(OURS)}: {lines([path])} lines")
    print(f"rules in Python: {len(rules())} functions, {lines(sorted(OURS.glob('*/rules.py')))} lines")


if __name__ == "__main__":
    main()
