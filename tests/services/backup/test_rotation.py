"""Which archives are kept, by days, weeks and months of the deployment's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.services.backup.rotation import Keep, moment_of, name_for, superfluous
from app.services.backup.sealing import Keys

JAKARTA = ZoneInfo("Asia/Jakarta")
PLAIN = Keys()
NIGHT = datetime(2026, 11, 18, 1, 30, tzinfo=JAKARTA)


def nightly(nights: int) -> list[str]:
    return [name_for(NIGHT - timedelta(days=night), PLAIN) for night in range(nights)]


def days_of(names: list[str]) -> list[str]:
    return [f"{moment.astimezone(JAKARTA):%m-%d}" for name in names if (moment := moment_of(name))]


def test_the_newest_of_so_many_days_weeks_and_months() -> None:
    names = nightly(120)
    gone = superfluous(names, Keep(3, 3, 3), JAKARTA)
    kept = [name for name in names if name not in gone]
    assert days_of(kept) == ["11-18", "11-17", "11-16", "11-15", "11-08", "10-31", "09-30"]


def test_several_of_a_day_and_gaps() -> None:
    """A day without a backup does not count; of a day with several the last one stays."""
    moments = [NIGHT, NIGHT - timedelta(hours=1), NIGHT - timedelta(hours=2), NIGHT - timedelta(days=9)]
    names = [name_for(moment, PLAIN) for moment in moments]
    assert superfluous(names, Keep(daily=3), JAKARTA) == [names[1]], "the third is of the 17th in Jakarta"
    assert superfluous(names, Keep(), JAKARTA) == []


def test_only_names_of_our_own_and_never_the_newest() -> None:
    others = [
        "tuntas-latest.tar",
        "tuntas-20260101T000000Z.tar.bak",
        "notes.txt",
        ".tuntas-20260101T000000Z.tar.1.part",
    ]
    assert superfluous([*others, name_for(NIGHT, PLAIN)], Keep(monthly=1), UTC) == []
    sealed = name_for(NIGHT, Keys(passphrase="x"))
    assert (sealed, name_for(NIGHT, Keys(recipients=("age1",)))) == (
        "tuntas-20261117T183000Z.tar.sealed", "tuntas-20261117T183000Z.tar.age",
    )  # fmt: skip
    assert moment_of(sealed) == NIGHT
