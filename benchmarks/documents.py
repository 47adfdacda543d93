"""What it costs that SOPs are documents: ``python -m benchmarks.documents``.

Loading all of them is told beside reading the same files as TOML alone, deciding on a case beside deciding without any
condition; all in CPU time of one run.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from app.sop import SOPS
from app.sop.documents import OURS, load_all, rules
from app.workflow.declaration import Facts, Sop
from app.workflow.engine import available

ROUNDS = 15
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


def standing(sop: Sop, state: str) -> Facts:
    """The facts of an empty case in a state, for somebody with every role."""
    fields = dict.fromkeys(sop.fields) | {records.key: () for records in sop.records}
    case = SimpleNamespace(**fields, state=state, round=1, number="", created_at=NOW, closed_at=None)
    return Facts(1, frozenset(sop.roles), NOW, case=case, state=state)


def lines(paths: list[Path]) -> int:
    return sum(len(path.read_text().splitlines()) for path in paths)


def deciding(sops: Iterable[Sop]) -> float:
    """Seconds for what may be done in a state, over all of them."""
    every = [(sop, standing(sop, state.key)) for sop in sops for state in sop.states]

    def decide() -> None:
        for sop, facts in every:
            available(sop, facts)

    return least(decide) / len(every)


def unconditional(sop: Sop) -> Sop:
    steps = (
        replace(step, guards=(), documents=tuple(replace(one, when=None) for one in step.documents))
        for step in sop.transitions
    )
    return replace(sop, transitions=tuple(steps))


def main() -> None:
    plain, whole = least(read), least(load_all)
    print(
        f"reading as TOML: {plain * 1e3:.1f} ms; loading, checks and all: {whole * 1e3:.1f} ms ({whole / plain:.1f} x)"
    )
    asked, bare = deciding(SOPS.values()), deciding(map(unconditional, SOPS.values()))
    print(f"what may be done in a state: {asked * 1e6:.1f} us ({asked / bare:.2f} x that without any condition)")
    for path in sorted(OURS.glob("*/*.toml")):
        print(f"{path.relative_to(OURS)}: {lines([path])} lines")
    print(f"rules in Python: {len(rules())} functions, {lines(sorted(OURS.glob('*/rules.py')))} lines")


if __name__ == "__main__":
    main()
