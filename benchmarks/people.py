"""Made-up reports of a made-up town, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

ONSETS = (
    "b",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "w",
    "y",
    "",
    "dw",
    "sr",
    "kr",
    "pr",
    "ng",
    "ny",
)
VOWELS = ("a", "i", "u", "e", "o")
CODAS = ("", "", "", "n", "h", "ng", "r", "s", "t", "m", "k", "l")
TALK = (
    "listrik", "padam", "lampu", "mati", "sejak", "pagi", "malam", "tadi", "kabel", "putus", "rumah", "tetangga",
    "hujan", "petir", "meteran", "token", "pulsa", "tiang", "roboh", "gardu", "meledak", "trafo", "tegangan",
    "turun", "naik", "tidak", "stabil", "mohon", "segera", "petugas", "belum", "datang", "sudah", "lapor",
    "kemarin", "gang", "sempit", "depan", "belakang", "masjid", "sekolah", "pasar", "warung", "pohon", "tumbang",
    "angin", "kencang", "banjir", "air", "masuk", "anak", "sakit", "butuh", "cepat", "tolong", "kwh", "segel",
    "rusak", "bunyi", "berdengung", "panas", "terbakar", "asap", "percikan", "api", "jalan", "gelap", "lampu",
    "satu", "blok", "seluruh", "kampung", "kembali",
)  # fmt: skip
PREFIXES = ("0811", "0812", "0813", "0821", "0852", "0857", "0878", "0896")
DAYS = 1_500
OPEN, MUTATED, TYPOS = 0.05, 0.02, 0.01


class Report(SimpleNamespace):
    """One report, with the attributes that the search index reads."""

    def shared(self) -> dict[str, Any]:
        """Its row in the table of all cases."""
        return {
            "id": self.id, "number": self.number, "sop": self.sop, "state": self.state, "round": 1,
            "title": self.description[:255],
            "reporter_name": self.name, "reporter_phone": "+62" + self.phone[1:], "unit_id": self.unit_id,
            "created_at": self.created_at, "changed_at": self.created_at, "state_since": self.created_at,
            "closed_at": self.closed_at, "requested_documents": [], "history_hash": "", "version": 1,
        }  # fmt: skip

    def own(self) -> dict[str, Any]:
        """Its row in the table of its SOP."""
        keys = ("id", "name", "customer_id", "address", "location", "posko_id", "phone", "description")
        return {key: getattr(self, key) for key in keys}


class Town:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.names, self.streets, self.quarters = self._words(12_000), self._words(15_000), self._words(3_000)
        self.cities = self._words(120)

    def reports(self, how_many: int, poskos: list[tuple[int, int]]) -> Iterator[Report]:
        """Complaints and outages, oldest first, some of them mutated pairs; ids from 1."""
        chance, before = self.chance, None
        sequences: dict[str, int] = {}
        for pk in range(1, how_many + 1):
            day = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=DAYS * pk // how_many)
            pair = before if before is not None and before.sop == "keluhan" and chance.random() < MUTATED else None
            sop = "gangguan" if pair or chance.random() < 0.5 else "keluhan"
            prefix = f"{'G' if sop == 'gangguan' else 'K'}{'99' if pair else '54'}{day:%y%m%d}"
            sequences[prefix] = sequences.get(prefix, 0) + 1
            report = self._report(chance, chance.choice(poskos)) if pair is None else Report(**vars(pair))
            if pair is not None:
                report.description = f"MUTASI K : {pair.number} : {pair.description}"
            is_open = chance.random() < OPEN
            report.__dict__.update(
                id=pk, sop=sop, number=f"{prefix}{sequences[prefix]:05}", mutated_from=pair.id if pair else None,
                created_at=day, state="reported" if is_open else "resolved", closed_at=None if is_open else day,
            )  # fmt: skip
            yield report
            before = None if pair else report

    def _report(self, chance: random.Random, posko: tuple[int, int]) -> Report:
        quarter, city = self._one(self.quarters), self._one(self.cities)
        street = " ".join(self._one(self.streets) for _n in range(chance.choice((1, 1, 2))))
        rt = f"RT {chance.randint(1, 20):02}/RW {chance.randint(1, 15):02}"
        return Report(
            name=" ".join(self._one(self.names) for _n in range(chance.choice((1, 2, 2, 3)))).title(),
            customer_id=str(chance.randint(10**11, 10**12 - 1)),
            address=f"Jl. {street} No. {chance.randint(1, 200)} {rt}, {quarter}, {city}".title(),
            location=f"{quarter}, {city}".title(),
            phone=chance.choice(PREFIXES) + str(chance.randint(10**7, 10**8 - 1)),
            description=" ".join(chance.choices(TALK, k=chance.randint(4, 25))),
            posko_id=posko[0],
            unit_id=posko[1],
        )

    def _words(self, how_many: int) -> tuple[list[str], list[float]]:
        """Words and how often each comes, added up: the second half as often as the first, and so on (Zipf)."""
        found: dict[str, None] = {}
        while len(found) < how_many:
            syllables = self.chance.choice((2, 2, 3, 3, 4))
            found["".join(self._syllable(last=n == syllables - 1) for n in range(syllables))] = None
        return list(found), list(accumulate(1 / (rank + 10) for rank in range(how_many)))

    def _syllable(self, last: bool) -> str:
        pick = self.chance.choice
        return pick(ONSETS) + pick(VOWELS) + (pick(CODAS) if last or self.chance.random() < 0.3 else "")

    def _one(self, words: tuple[list[str], list[float]]) -> str:
        [word] = self.chance.choices(words[0], cum_weights=words[1])
        return misspelt(self.chance, word) if self.chance.random() < TYPOS else word


def misspelt(chance: random.Random, word: str) -> str:
    """The word with one slip of the finger."""
    at = chance.randrange(max(len(word) - 1, 1))
    slip = chance.randrange(4)
    if slip == 0:
        return word[:at] + word[at + 1 :]
    if slip == 1:
        return word[:at] + chance.choice("abdegiklmnoprstu") + word[at + 1 :]
    if slip == 2:
        return word[:at] + chance.choice("abdegiklmnoprstu") + word[at:]
    return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
