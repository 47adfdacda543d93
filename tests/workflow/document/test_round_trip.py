"""What is written of an SOP is read to the same SOP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sop import SOPS
from app.sop.documents import surroundings
from app.workflow.document import load
from app.workflow.document.toml import to_toml
from app.workflow.document.writing import as_document
from tests.workflow.document.refund import AROUND, FILE, GOOD, read


@pytest.mark.parametrize("key", SOPS)
def test_a_shipped_sop_is_written_and_read(key: str) -> None:
    written = to_toml(as_document(SOPS[key]))
    assert load(written.encode(), FILE, surroundings(SOPS)) == SOPS[key]


def test_a_document_with_every_word_is_written_and_read() -> None:
    first = read(GOOD)
    second = read(to_toml(as_document(first)))
    assert second == first
    assert as_document(second) == as_document(first)


def texts(longest: int = 12) -> st.SearchStrategy[str]:
    """Anything that people write, quotes, backslashes and emoji among it; a brace would begin a value."""
    return st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="{}"), max_size=longest
    ).map(lambda text: f"x{text}")


LABEL = st.fixed_dictionaries({"id": texts(), "en": texts()})
KEY = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).map(lambda key: f"x_{key}")
DAY = st.dates(date(2000, 1, 1), date(2100, 1, 1))
NUMBER = st.integers(-(10**15), 10**15)


@st.composite
def fields(draw: st.DrawFn) -> dict[str, Any]:
    """A field of any type, with words that go with it."""
    words: dict[str, Any] = {"label": draw(LABEL)}
    kind = draw(st.sampled_from(["", "longtext", "email", "phone", "money", "integer", "date", "boolean", "choice"]))
    if kind == "choice":
        words["choices"] = draw(st.dictionaries(KEY, LABEL, min_size=1, max_size=3))
        words |= draw(st.sampled_from([{}, {"default": next(iter(words["choices"]))}]))
    elif kind:
        words["type"] = kind
    if kind in ("money", "integer"):
        words["minimum"], words["maximum"] = sorted([draw(NUMBER), draw(NUMBER)])
        words |= draw(st.sampled_from([{}, {"default": words["minimum"]}]))
    if draw(st.booleans()):
        words["help"] = draw(LABEL)
    return words


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """An SOP whose states follow each other, with a step from each to the next and random words for everything."""
    roles = draw(st.lists(texts(), min_size=1, max_size=3, unique=True))
    known = draw(st.dictionaries(KEY, fields(), min_size=1, max_size=5))
    papers = draw(st.dictionaries(KEY.map(lambda key: f"p{key}"), st.fixed_dictionaries({"label": LABEL}), max_size=2))
    states = [f"s{nth}" for nth in range(draw(st.integers(1, 4)))]
    step = st.fixed_dictionaries({"label": LABEL, "by": st.just(roles)})
    optional = {
        "help": LABEL,
        "source_step": texts(),
        "note": st.sampled_from(["required", "none"]),
        "style": st.sampled_from(["default", "danger"]),
        "asks": st.lists(st.sampled_from(sorted(known)), unique=True).map(lambda keys: [f"{key}*" for key in keys]),
        "documents": st.just(list(papers)),
        "does": st.sampled_from([["next_round"], [{"clear": [next(iter(known))]}]]),
        "only_if": LABEL.map(lambda says: [{"rule": "today > date(created_at) + months(1)", "says": says}]),
    }
    steps = {"open": draw(step) | {"to": states[0], "asks": list(known)}}
    for before, after in zip(states, [*states[1:], "done"], strict=True):
        more = {word: draw(shape) for word, shape in optional.items() if draw(st.booleans())}
        steps[f"go_{before}"] = draw(step) | {"from": before, "to": after} | more
    sheet = st.fixed_dictionaries({}, optional={"code": texts(), "revision": st.integers(0, 9999), "effective": DAY})
    return {
        "key": draw(KEY),
        "label": draw(LABEL),
        "number": draw(st.sampled_from(["A-{seq:05}", "B{yymmdd}{seq:04}", "{yyyy}/{seq:02}"])),
        "roles": roles,
        "subject": next(iter(known)),
        "sheet": draw(sheet),
        "fields": known,
        "states": {key: {"label": draw(LABEL)} for key in states} | {"done": {"label": draw(LABEL), "kind": "final"}},
        "documents": papers,
        "steps": steps,
        "deadlines": {"limit": {"limit": draw(st.sampled_from(["1 working day", "3 months", "24 working hours"]))}},
    }


@settings(max_examples=60, deadline=None, derandomize=True)
@given(documents())
def test_a_random_document_is_written_and_read(document: dict[str, Any]) -> None:
    first = load(to_toml(document).encode(), FILE, AROUND)
    second = load(to_toml(as_document(first)).encode(), FILE, AROUND)
    assert second == first
    for language in ("id", "en"):
        label = document["steps"]["open"]["label"]
        assert first.create.label.in_language(language) == label[language]
