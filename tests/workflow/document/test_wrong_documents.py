"""Whatever is wrong with a document, a person reads where and what, all at once, and never a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.workflow.checks import WrongDeclaration
from app.workflow.declaration import Sop
from app.workflow.document import LARGEST, load
from tests.workflow.document.refund import AROUND, FILE, GOOD, lines, read

RULE = 'rule = "approved_amount <= paid_amount"'
AT_RULE = "steps.propose.only_if[0].rule"


def variants() -> Iterator[tuple[str, str, str]]:
    """What stands there, what is written instead, the line: from ``wrong.txt``."""
    entry = re.compile(r"^- (.+)\n\+ ?(.*)\n! (.+)$", re.MULTILINE)
    text = (Path(__file__).parent / "wrong.txt").read_text()
    for found in entry.finditer(text):
        old, new, line = found.groups()
        yield old.replace("⏎", "\n"), new.replace("⏎", "\n"), line


def test_the_good_one_is_right() -> None:
    assert lines(GOOD) == []
    assert read(GOOD).key == "refund"


@pytest.mark.parametrize(("old", "new", "line"), variants())
def test_a_small_change_is_told_in_one_line(old: str, new: str, line: str) -> None:
    assert old in GOOD
    assert lines(GOOD.replace(old, new)) == [f"{FILE}: {line}"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('id = "Catat"', f'id = "{"C" * 4001}"', "steps.register.label.id: must not be empty or longer than 4000"),
        (RULE, f'rule = "{"not " * 60}checked"', f"{AT_RULE}: is nested too deeply: “not not"),
        (RULE, f'rule = "{"-" * 900}approved_amount == 1"', f"{AT_RULE}: is nested too deeply"),
        (RULE, f'rule = "{"checked and " * 90}checked"', f"{AT_RULE}: is longer than 1000 characters"),
        (RULE, f'rule = "{"(" * 300}checked{")" * 300}"', f"{AT_RULE}: can't be read at character 201: “((("),
        ("maximum = 5000", f"maximum = 5000, default = 0x{'F' * 4000}", "fields.approved_amount.default: “…” is no"),
        ("retention = 5", f"retention = 0x{'F' * 4000}", "documents.receipt.retention: must be between 1 and 100"),
        ("retention = 5", f"retention = {'9' * 5000}", "is no TOML: Exceeds the limit (4300 digits)"),
        ("retention = 5", f"retention = {'[' * 5000}{']' * 5000}", "is no TOML: "),
    ],
)
def test_a_monstrous_value_is_told_in_one_line(old: str, new: str, line: str) -> None:
    (told,) = lines(GOOD.replace(old, new, 1))
    assert told.startswith(f"{FILE}: {line}")


def load_lines(content: bytes) -> list[str]:
    with pytest.raises(WrongDeclaration) as wrong:
        load(content, FILE, AROUND)
    return str(wrong.value).splitlines()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"#" * (10 << 20), "is larger than 512 KiB"),
        (GOOD.encode("utf-16"), "is not written in UTF-8 (byte 0)"),
        ("# catatan: é\n".encode("latin-1") + GOOD.encode(), "is not written in UTF-8 (byte 11)"),
        (b"\x00" + GOOD.encode(), "is no TOML: Invalid statement (at line 1, column 1)"),
        (b'key = "refund\x00"', "is no TOML: Illegal character '\\x00' (at line 1, column 14)"),
        (b"%PDF-1.4\n", "is no TOML: Invalid statement (at line 1, column 1)"),
        (b'{"key": "refund"}', "is no TOML: Invalid statement (at line 1, column 1)"),
    ],
)
def test_a_file_that_is_no_document_is_told_in_one_line(content: bytes, line: str) -> None:
    assert load_lines(content) == [f"{FILE}: {line}"]


def test_an_empty_file_lacks_everything_that_must_be_there() -> None:
    assert load_lines(b"") == [
        f"{FILE}: lacks “{word}”" for word in ("key", "label", "number", "roles", "states", "steps", "subject")
    ]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode()])
def test_a_byte_order_mark_and_the_line_ends_of_windows_are_fine(content: bytes) -> None:
    assert load(content, FILE, AROUND) == read(GOOD)


INCLUDING = GOOD.replace('key = "refund"\n', 'key = "refund"\ninclude = "common.toml"\n')


@pytest.mark.parametrize(
    ("common", "line"),
    [
        (b"= 5", "include: is no TOML: Invalid statement (at line 1, column 1)"),
        (b"\xff", "include: is not written in UTF-8 (byte 0)"),
        (b"#" * (LARGEST + 1), "include: is larger than 512 KiB"),
        (b'include = "more.toml"', "include: “common.toml” includes another document"),
        (b"icon = 5", "icon: must be a text, not “5”"),
    ],
)
def test_what_a_document_includes_is_checked_as_well(common: bytes, line: str) -> None:
    with pytest.raises(WrongDeclaration) as wrong:
        load(INCLUDING.encode(), FILE, AROUND, {"common.toml": common}.__getitem__)
    assert str(wrong.value).splitlines() == [f"{FILE}: {line}"]


def test_what_is_included_belongs_to_the_document() -> None:
    included = load(INCLUDING.encode(), FILE, AROUND, {"common.toml": b'icon = "fa-star"'}.__getitem__)
    assert included.icon == "fa-star"


def test_all_mistakes_are_told_at_once() -> None:
    changes = {
        'kind = "waiting"': 'kind = "wait"',
        'en = "Reason"': 'fr = "Raison"',
        "approved_amount == 1": "aproved_amount == 1",
        '"refund.book"': '"refund.bok"',
        "minimum = 1, maximum = 5000": "minimum = 6000, maximum = 5000",
        'four_eyes = ["propose"]': 'four_eyes = ["approve"]',
        'states = ["checking", "approval"]': 'states = ["checking", "paid"]',
        "-{seq:05}": "",
        '"Supervisor Finance"]\nsubject': '"Supervisor Finance", "Idler"]\nsubject',
        "lacking = {": "lack = {",
    }
    text = GOOD
    for old, new in changes.items():
        text = text.replace(old, new)
    assert [line.removeprefix(f"{FILE}: ").split(":")[0] for line in lines(text)] == [
        "fields.reason.label",
        "fields.reason.label",
        "states.awaiting_customer.kind",
        "fields.approved_amount.minimum",
        "steps.ask.asks[0]",
        "steps.ask.does[0].ask_again",
        "steps.approve.branches[0].if",
        "steps.approve.does[4]",
        "number",
        "steps.approve.four_eyes",
        "roles[3]",
        "deadlines.refund.states",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[states]\n", "[state]\n"),
        ("[steps.propose]", "[stpes.propose]"),
        ("[documents]\n", "[document]\n"),
        ("[fields]\n", "[field]\n"),
        ('paid_amount = { label = { id = "Nilai dibayar", en = "Paid amount" }, type = "money" }', "paid_amount = 5"),
        ('checking = { label = { id = "Pemeriksaan", en = "Checking" } }', "checking = 5"),
        ('roles = ["CS", "Finance", "Supervisor Finance"]', "roles = 5"),
        ('roles = ["CS", "Finance", "Supervisor Finance"]', "roles = []"),
        ('large = "paid_amount > 1000000"', "large = 1000000"),
        ('desk = ["Finance", "Supervisor Finance"]', "desk = true"),
        ('next_day = { label = { id = "Berikutnya", en = "Next" }, type = "date" }', 'next_day = "date"'),
        ("[records.calls.fields]", "[records.calls.feilds]"),
        ('type = "money", minimum = 1', 'type = "mony", minimum = 1'),
        ('subject = "reason"', "subject = []"),
        ('by = "Supervisor Finance"\nnote', "by = [5]\nnote"),
        ("computed = true }\n\n[states]", "computed = 1 }\n\n[states]"),
    ],
)
def test_what_only_follows_from_a_mistake_is_not_told(old: str, new: str) -> None:
    """Everything names the part whose table is wrong, but nothing of it is called unknown."""
    assert len(lines(GOOD.replace(old, new, 1))) == 1


VALUES = (
    "5", "-1", "true", "1.5", "inf", '"x"', '""', "[]", "{}", "2026-12-01", "07:00:00", "2026-12-01T08:00:00Z",
    "[1, 2]", "{ x = 1 }", "[[1]]", "[{}]", f"0x{'F' * 5000}", '"\\u0000"', '"a.b"', '"{x"', '"{}"', '["x", 5]',
    '"case"', '"1 +"',
)  # fmt: skip
WORD, VALUE, MARK = (
    re.compile(pattern) for pattern in (r"[A-Za-z_]\w*", r'(?<== )("[^"]*"|\[[^\[\]]*\]|\d+|true)', r"[\[\]{}=(),.\"]")
)
WORDS = sorted(set(WORD.findall(GOOD)))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The good document with one to three lines, words, values or marks changed."""
    text = GOOD
    for _ in range(draw(st.integers(1, 3))):
        pattern, replacements = draw(
            st.sampled_from([(re.compile(r".+"), [""]), (WORD, WORDS), (VALUE, VALUES), (MARK, [""])])
        )
        found = draw(st.sampled_from([match.span() for match in pattern.finditer(text)]))
        text = text[: found[0]] + draw(st.sampled_from(replacements)) + text[found[1] :]
    return text


@settings(max_examples=400, deadline=None, derandomize=True)
@given(mutated())
def test_no_change_ends_in_a_traceback(text: str) -> None:
    try:
        assert isinstance(read(text), Sop)
        return
    except WrongDeclaration as wrong:
        mistakes = wrong.mistakes
    told = [str(mistake) for mistake in mistakes]
    assert told
    assert len(set(told)) == len(told)
    assert all(mistake.place.startswith(FILE) for mistake in mistakes)
    assert not any("\n" in line for line in told)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_end_in_a_traceback(content: bytes) -> None:
    with pytest.raises(WrongDeclaration):
        load(content, FILE, AROUND)


def test_of_several_that_are_included_the_earlier_goes_before() -> None:
    two = GOOD.replace('key = "refund"\n', 'key = "refund"\ninclude = ["one.toml", "two.toml"]\n')
    texts = {"one.toml": b'icon = "fa-star"', "two.toml": b'icon = "fa-moon"\nmenu = 7'}
    included = load(two.encode(), FILE, AROUND, texts.__getitem__)
    assert (included.icon, included.menu, included.key) == ("fa-star", 7, "refund")
    with pytest.raises(WrongDeclaration) as wrong:
        load(two.encode(), FILE, AROUND, {"one.toml": b"", "two.toml": b"= 5"}.__getitem__)
    assert str(wrong.value).startswith(f"{FILE}: include[1]: is no TOML")
