"""What the answer to a field is compared with, on the page of its procedure and for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.sop import SOPS
from app.sop.documents import load_file
from tests.cast import Cast
from tests.panel.helpers import in_english

DOCUMENT = """
key = "outing"
label = { id = "Kegiatan", en = "Outing" }
number = "O-{yyyy}-{seq:05}"
roles = ["CS"]
subject = "what"

[fields]
what = { label = { id = "Judul", en = "Title" } }
left_at = { label = { id = "Berangkat", en = "Left at" }, type = "datetime", not_in_future = true }
budget = { label = { id = "Anggaran", en = "Budget" }, type = "money", minimum = 1000 }

[fields.back_at]
label = { id = "Kembali", en = "Back at" }
type = "datetime"
not_before = { value = "left_at", or_reason = true }

[fields.spent]
label = { id = "Terpakai", en = "Spent" }
type = "money"
at_most = "budget"
help = { id = "Semua.", en = "All of it." }

[states]
done = { label = { id = "Selesai", en = "Done" }, kind = "final" }

[steps.open]
label = { id = "Catat", en = "Record" }
to = "done"
by = "CS"
asks = ["what*", "left_at*", "back_at", "budget", "spent"]
"""
FUTURE = "“Left at” must not be in the future."
BEFORE = "“Back at” must not be before “Left at”. If it is so nevertheless, write the reason in the note."
MOST = "“Spent” must not be more than “Budget”."


@pytest.fixture(autouse=True)
def outing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sop.toml"
    path.write_text(DOCUMENT)
    monkeypatch.setitem(SOPS, "outing", load_file(path, SOPS.values()))


def test_people_read_them_beside_the_field(cast: Cast) -> None:
    client = cast.login("cs")
    in_english(client)
    page = client.get("/procedures/outing").text
    for said in (f"date and time; {FUTURE}", f"date and time; {BEFORE}", "amount in rupiah; at least Rp1,000",
                 f"amount in rupiah; All of it. {MOST}"):  # fmt: skip
        assert f">{said}</span>" in page, said


def test_programs_read_each_with_its_sentence(cast: Cast) -> None:
    (step,) = cast.api("cs").get("/sop/outing?_l_=en").json["transitions"]
    assert {field["key"]: field["rules"] for field in step["fields"] if field["rules"]} == {
        "left_at": [{"rule": "not_in_future", "value": None, "message": FUTURE}],
        "back_at": [{"rule": "not_before", "value": "left_at", "message": BEFORE}],
        "budget": [{"rule": "minimum", "value": 1000, "message": "“Budget” must be at least Rp1,000."}],
        "spent": [{"rule": "at_most", "value": "budget", "message": MOST}],
    }
