"""What holds for every shipped document: both languages, sources, and how little of it is Python."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.sop import SOPS
from app.sop.documents import OURS, SHARED_DOCUMENTS, paths, rules

SHIPPED = [*paths(OURS), *OURS.glob("*/report.toml"), *SHARED_DOCUMENTS.glob("*.toml")]
#: APKT's circular describes the mutation and the repeat report alone; the rest of its steps go without saying there.
NUMBERED = {
    "keluhan": {"mutate_to_gangguan": "1–2", "add_repeat_contact": "3"},
    "gangguan": {"add_repeat_contact": "3"},
}


def labels(value: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every text that people read, with its place."""
    if isinstance(value, list):
        for nth, one in enumerate(value):
            yield from labels(one, f"{at}[{nth}]")
    elif isinstance(value, dict) and value.keys() & {"id", "en"}:
        yield at, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from labels(one, f"{at}.{key}" if at else key)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def in_python() -> list[str]:
    """The functions that the documents name, each as often as it is named."""
    return [text for path in SHIPPED for text in strings(tomllib.loads(path.read_text())) if text in rules()]


def name(path: Path) -> str:
    return str(path.relative_to(OURS))


@pytest.mark.parametrize("path", SHIPPED, ids=name)
def test_every_label_stands_in_both_languages_and_is_no_key(path: Path) -> None:
    found = dict(labels(tomllib.loads(path.read_text())))
    assert found
    for at, texts in found.items():
        key = at.removesuffix(".label").rpartition(".")[2]
        assert texts.keys() == {"id", "en"}, at
        # A number is its own name, as the hotline 147 is.
        assert all(text.strip() and (text != key or key.isdigit()) for text in texts.values()), at


def test_every_part_of_an_sop_has_its_label_in_both_languages() -> None:
    for sop in SOPS.values():
        for part in (*sop.states, *sop.transitions, *sop.documents, *sop.records, *sop.fields.values()):
            assert part.label.in_language("id"), (sop.key, part.key)
            assert part.label.in_language("en"), (sop.key, part.key)


def test_every_rule_is_named_by_a_document() -> None:
    assert set(in_python()) == set(rules())


def test_little_of_the_documents_is_python() -> None:
    assert len(in_python()) <= 20


@pytest.mark.parametrize("key", SOPS)
def test_a_step_says_its_number_in_the_source(key: str) -> None:
    said = {step.key: step.source_step for step in SOPS[key].transitions if step.source_step}
    if key in NUMBERED:
        assert said == NUMBERED[key]
    else:
        assert said.keys() == SOPS[key].transition_by_key.keys()
