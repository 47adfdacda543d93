"""A deployment's own SOPs are checked with those that ship: what each names of another, what all must have apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.sop import SOPS
from app.sop.documents import load_all, load_file
from app.workflow.checks import WrongDeclaration

SMALL = """\
key = "KEY"
label = { id = "Uji", en = "Trial" }
number = "KEY-{seq:05}"
roles = ["Clerk"]
subject = "matter"
offered_with = "matter"

[fields]
matter = { label = { id = "Hal", en = "Matter" } }
# fields

[states]
open = { label = { id = "Buka", en = "Open" } }
done = { label = { id = "Selesai", en = "Done" }, kind = "final" }

[steps.begin]
label = { id = "Mulai", en = "Begin" }
to = "open"
by = "Clerk"
asks = ["matter"]

[steps.end]
label = { id = "Akhiri", en = "End" }
from = "open"
to = "done"
by = "Clerk"
# end
"""


def put(
    folder: Path, name: str, *, key: str = "", number: str = "", fields: str = "", asks: str = "", end: str = ""
) -> Path:
    """An SOP in a folder: with more fields that it asks for, with more words of its last step."""
    text = SMALL.replace("# fields", fields).replace("# end", end).replace('["matter"]', f'["matter"{asks}]')
    text = text.replace("KEY-{seq:05}", number or f"{name}-{{seq:05}}").replace("KEY", key or name)
    path = folder / name / "sop.toml"
    path.parent.mkdir()
    path.write_text(text)
    return path


def refers(to: str) -> str:
    return f'other = {{ label = {{ id = "Lain", en = "Other" }}, reference = "{to}" }}'


def told(folder: Path) -> list[str]:
    """What is wrong with the SOPs in a folder, beside those that ship."""
    try:
        load_all([folder])
    except WrongDeclaration as wrong:
        return str(wrong).splitlines()
    return []


def test_an_own_sop_runs_beside_those_that_ship(tmp_path: Path) -> None:
    path = put(tmp_path, "trial")
    loaded = load_all([tmp_path])
    assert {sop.key for sop in loaded.sops} == {*SOPS, "trial"}
    assert loaded.folders["trial"] == tmp_path / "trial"
    assert load_file(path, SOPS.values()).key == "trial"


@pytest.mark.parametrize("key", ["cases", "events", "ab_user", "alembic_version", "worklist"])
def test_an_sop_is_not_called_as_something_else(tmp_path: Path, key: str) -> None:
    path = put(tmp_path, key)
    line = f"{key}/sop.toml: key: “{key}” means something else in Tuntas already"
    assert told(tmp_path) == [line]
    with pytest.raises(WrongDeclaration, match="means something else"):
        load_file(path, SOPS.values())


def test_a_key_is_not_taken_twice(tmp_path: Path) -> None:
    put(tmp_path, "trial", key="somasi")
    assert told(tmp_path) == ["trial/sop.toml: key: “somasi” is the key of another SOP"]


@pytest.mark.parametrize(
    ("number", "other"),
    [
        ("SOM-{yyyy}-{seq:05}", "somasi"),
        ("SOM-2026-{seq:05}", "somasi"),
        ("SOM-{yyyy}-{seq:06}", None),
        ("K{yymmdd}{seq:07}", "keluhan"),
        ("TRI-{seq:05}", None),
    ],
)  # fmt: skip
def test_no_two_sops_give_the_same_numbers(tmp_path: Path, number: str, other: str | None) -> None:
    put(tmp_path, "trial", number=number)
    clash = [line for line in told(tmp_path) if "gives the same numbers" in line]
    assert clash == ([f"trial/sop.toml: number: “{other}” gives the same numbers"] if other else [])


def test_no_two_sops_have_the_same_table(tmp_path: Path) -> None:
    row = '[records.calls]\nlabel = { id = "T", en = "C" }\nfields.said = { label = { id = "I", en = "S" } }\n'
    put(tmp_path, "trial", end=f'asks = ["said"]\nrecords = "calls"\n{row}')
    put(tmp_path, "trial_calls")
    assert told(tmp_path) == ["trial_calls/sop.toml: key: its tables would be called as those of “trial”"]


def test_an_sop_does_not_refer_to_itself(tmp_path: Path) -> None:
    put(tmp_path, "trial", fields=refers("trial"), asks=', "other"')
    assert told(tmp_path) == ["trial/sop.toml: fields.other.reference: refers in a circle: “trial” refers to this SOP"]


def test_sops_do_not_refer_in_a_circle(tmp_path: Path) -> None:
    for key, other in (("a_trial", "b_trial"), ("b_trial", "c_trial"), ("c_trial", "a_trial")):
        put(tmp_path, key, fields=refers(other), asks=', "other"')
    assert told(tmp_path) == [
        f"{key}/sop.toml: fields.other.reference: refers in a circle: “{other}” refers to this SOP"
        for key, other in (("a_trial", "b_trial"), ("b_trial", "c_trial"), ("c_trial", "a_trial"))
    ]


def test_an_sop_may_refer_to_one_that_comes_later(tmp_path: Path) -> None:
    put(tmp_path, "a_trial", fields=refers("b_trial"), asks=', "other"')
    put(tmp_path, "b_trial")
    assert told(tmp_path) == []


def test_an_sop_refers_to_one_that_offers_its_cases(tmp_path: Path) -> None:
    put(tmp_path, "trial", fields=refers("somasi"), asks=', "other"')
    assert told(tmp_path) == ["trial/sop.toml: fields.other.reference: the SOP “somasi” offers no cases (offered_with)"]


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ('with = { description = "matter", phone = "number" }', None),
        ('with = { descripton = "matter" }', "does[0]: the SOP “gangguan” has no field “descripton”"),
        ('take = ["matter"]', "does[0]: the SOP “gangguan” has no field “matter”"),
        ('with = { outage_at = "matter" }', "does[0].with.outage_at: gives a text, but a moment is needed"),
        ("with = { channel = \"'letter'\" }", "does[0].with.channel: unknown choice “letter”"),
        ('with = { channel = "matter" }', "does[0].with.channel: gives a text, but a choice is needed"),
    ],
)
def test_a_case_of_another_sop_is_opened_with_what_that_has(tmp_path: Path, action: str, line: str | None) -> None:
    put(tmp_path, "trial", end=f'does = [{{ open_case = "gangguan", {action} }}]')
    assert told(tmp_path) == ([f"trial/sop.toml: steps.end.{line}"] if line else [])


def test_an_sop_that_is_wrong_can_be_left_out_with_those_that_name_it(tmp_path: Path) -> None:
    put(tmp_path, "a_trial", fields=refers("b_trial"), asks=', "other"')
    put(tmp_path, "b_trial", end='does = [{ open_case = "c_trial" }]')
    put(tmp_path, "c_trial", end='help = "plain"')
    put(tmp_path, "d_trial")
    wrong = 'c_trial/sop.toml: steps.end.help: must be in every language: { id = "…", en = "…" }'
    assert told(tmp_path) == [wrong]
    loaded = load_all([tmp_path], lenient=True)
    assert {sop.key for sop in loaded.sops} == {*SOPS, "d_trial"}
    assert [str(mistake) for mistake in loaded.broken] == [
        wrong,
        "b_trial/sop.toml: names the SOP “c_trial”, which is wrong itself",
        "a_trial/sop.toml: names the SOP “b_trial”, which is wrong itself",
    ]


def test_a_new_document_must_fit_those_that_run(tmp_path: Path) -> None:
    """Before it takes the place of an older one, what the others need of that is still there."""
    path = put(tmp_path, "gangguan", number="GX-{seq:05}")
    with pytest.raises(WrongDeclaration) as wrong:
        load_file(path, SOPS.values())
    assert "keluhan: steps.mutate_to_gangguan.does[0]: the SOP “gangguan” has no field “priority”" in str(wrong.value)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "large.toml").write_bytes(b"#" * (10 << 20))
    assert told(tmp_path) == [
        "folder.toml: can't be read: Is a directory",
        "gone.toml: can't be read: No such file or directory",
        "large.toml: is larger than 512 KiB",
    ]
