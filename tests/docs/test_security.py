"""docs/security.md and SECURITY.md name tests that there are; the table has every requirement, and hides none."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from benchmarks import security
from tests import figures

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE, PROMISES = ROOT / "docs" / "security.md", ROOT / "SECURITY.md"
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([^|]+) \| (met|deployment|does not apply|not met) \| ([^|]+) \|")
OPEN = re.compile(r"\| (\d+\.\d+\.\d+) \| ([^|]+) \|")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PLACE = re.compile(r"`((?:app|deploy|docs|\.ci)/[\w./-]+|constraints\.txt)`|\]\(([^)#]*)(?:#[^)]*)?\)")
#: The requirements of ASVS 4.0.3 at levels 1 and 2, by section: those that it deleted and those of level 3 left out.
LEVEL_2 = {
    "1.1": "1-7", "1.2": "1-4", "1.4": "1 4 5", "1.5": "1-4", "1.6": "1-4", "1.7": "1-2", "1.8": "1-2", "1.9": "1-2",
    "1.10": "1", "1.11": "1-2", "1.12": "2", "1.14": "1-6", "2.1": "1-12", "2.2": "1-3", "2.3": "1-3", "2.4": "1-6",
    "2.5": "1-7", "2.6": "1-3", "2.7": "1-6", "2.8": "1-7", "2.9": "1-3", "2.10": "1-4", "3.1": "1", "3.2": "1-4",
    "3.3": "1-4", "3.4": "1-5", "3.5": "1-3", "3.7": "1", "4.1": "1-3 5", "4.2": "1-2", "4.3": "1-3", "5.1": "1-5",
    "5.2": "1-8", "5.3": "1-10", "5.4": "1-3", "5.5": "1-4", "6.1": "1-3", "6.2": "1-6", "6.3": "1-2", "6.4": "1-2",
    "7.1": "1-4", "7.2": "1-2", "7.3": "1 3 4", "7.4": "1-3", "8.1": "1-4", "8.2": "1-3", "8.3": "1-8", "9.1": "1-3",
    "9.2": "1-4", "10.2": "1-2", "10.3": "1-3", "11.1": "1-8", "12.1": "1-3", "12.2": "1", "12.3": "1-6", "12.4": "1-2",
    "12.5": "1-2", "12.6": "1", "13.1": "1 3 4 5", "13.2": "1-3 5 6", "13.3": "1-2", "13.4": "1-2", "14.1": "1-4",
    "14.2": "1-6", "14.3": "2-3", "14.4": "1-7", "14.5": "1-4",
}  # fmt: skip


def requirements() -> Iterator[str]:
    for section, numbers in LEVEL_2.items():
        for part in numbers.split():
            first, _dash, last = part.partition("-")
            yield from (f"{section}.{number}" for number in range(int(first), int(last or first) + 1))


def table() -> dict[str, tuple[str, str]]:
    """Status and what shows it, by number."""
    text = PAGE.read_text(encoding="utf-8").split("\n## Open\n")[0]
    return {number: (status, shown) for number, _asked, status, shown in ROW.findall(text)}


@cache
def names_in(path: str) -> frozenset[str]:
    """The tests in a file; none where it is not there."""
    if not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))


@pytest.mark.parametrize("page", [PAGE, PROMISES], ids=lambda page: page.name)
def test_every_test_that_is_named_is_there(page: Path) -> None:
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    assert len(named) > 10
    gone = [f"{path}::{name}" for path, name in named if name not in names_in(path)]
    assert gone == []


@pytest.mark.parametrize("page", [PAGE, PROMISES], ids=lambda page: page.name)
def test_every_place_that_is_named_is_there(page: Path) -> None:
    for code, link in PLACE.findall(page.read_text(encoding="utf-8")):
        if not link.startswith(("http", "mailto")):
            assert (ROOT / code if code else page.parent / link).exists(), code or link


def test_every_requirement_stands_there_once() -> None:
    text = PAGE.read_text(encoding="utf-8").split("\n## Open\n")[0]
    found = re.findall(r"^\| (\d+\.\d+\.\d+) \|", text, re.M)
    assert [number for number, times in Counter(found).items() if times > 1] == []
    assert sorted(found) == sorted(requirements())
    assert set(table()) == set(found), "a row that can't be read"


def test_what_is_not_met_stands_under_open_and_nothing_else() -> None:
    listed = OPEN.findall(PAGE.read_text(encoding="utf-8").split("\n## Open\n")[1])
    assert [number for number, _why in listed] == [n for n, (status, _shown) in table().items() if status == "not met"]
    assert all(len(why) > 5 for _number, why in listed)


def test_what_is_met_says_by_what() -> None:
    """By a test, a file or a setting; a reason alone where a thing is not there that could go wrong."""
    bare = {number for number, (status, shown) in table().items()
            if status == "met" and not NAMED.search(shown) and not PLACE.search(shown)}  # fmt: skip
    assert bare <= BY_A_REASON


#: What is met since there is no such thing, or by a library that is named.
BY_A_REASON = {"2.1.10", "2.5.2", "5.1.1", "5.3.8", "6.2.5", "6.2.6", "6.3.1", "6.3.2"}


def test_figures_are_counted_and_come_between_their_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, counts = tmp_path / "security.md", tmp_path / "figures"
    copy.write_bytes(PAGE.read_bytes())
    monkeypatch.setattr(security, "PAGE", copy)
    before, after = re.split(f"{security.BEGIN}.*?{security.END}", copy.read_text(encoding="utf-8"), flags=re.S)
    figures.count("tries")
    assert not counts.exists()
    monkeypatch.setenv("FIGURES", str(counts))
    for many in (2, 0, True):
        figures.count("tries", many)
    security.write(f"{figures.read(counts)} \\1")
    assert copy.read_text(encoding="utf-8") == f"{before}{security.BEGIN}\n{{'tries': 3}} \\1\n{security.END}{after}"
