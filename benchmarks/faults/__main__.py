"""What survives: ``python -m benchmarks.faults [--kills N] [--database sqlite|postgresql|both] [--seed N]``.

Kills work with SIGKILL at random moments (transitions, uploads, bulk steps, mutations, mails out and in, backups,
exports, imports) and asks after each kill, in a new process, whether everything holds that must (``judge.py``).
``--hostile`` instead: failing and full disks, a PostgreSQL that is restarted, a clock that is set back, several
processes at once. Exits with 1 when something did not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict

from benchmarks.faults import hostile, killing

ENGINES = ("sqlite", "postgresql")
#: Kills in one instance.
ROUND = 100


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=1_000, help="on each database")
    options.add_argument("--database", choices=(*ENGINES, "both"), default="both")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--hostile", type=int, default=0, metavar="SCALE", help="1: a short look, 10: a long one")
    options.add_argument("--only", default="", help="of the hostile ones")
    options.add_argument("--json", action="store_true", help="the figures alone")
    chosen = options.parse_args()
    os.environ["TZ"] = "Asia/Jakarta"
    figures: dict[str, object] = (
        {**hostile.all_of_it(chosen.hostile, chosen.seed, chosen.only)} if chosen.hostile else {}
    )
    if not chosen.hostile:
        for engine in ENGINES if chosen.database == "both" else (chosen.database,):
            figures[engine] = _killed(engine, chosen)
    print(json.dumps(figures, indent=None if chosen.json else 1))
    sys.exit(1 if any(one["wrongs"] for one in figures.values()) else 0)


def _killed(engine: str, chosen: argparse.Namespace) -> dict[str, object]:
    begun, last = time.monotonic(), 0.0

    def tell(tally: killing.Tally) -> None:
        nonlocal last
        if not chosen.json and time.monotonic() - last > 10:
            last = time.monotonic()
            print(f"{engine}: {sum(tally.killed.values())} kills, {len(tally.wrongs)} wrong", flush=True)

    tally = killing.Tally()
    while (left := chosen.kills - sum(tally.killed.values())) > 0:
        # A house of its own for each round: judging one that grows takes longer and longer.
        with hostile.furnished(engine) as house:
            killing.kill(house, min(left, ROUND), f"{chosen.seed} {left}", tally, tell)
    return asdict(tally) | {"seconds": round(time.monotonic() - begun)}


if __name__ == "__main__":
    main()
