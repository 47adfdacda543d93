"""docs/new-sop.md is true: somebody who does what it says, and nothing else, comes to what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.sop import SOPS
from app.sop.documents import load_file
from app.workflow.document.build import OWN_COLUMNS
from app.workflow.document.context import ALWAYS, GUARD, ON_CASE, STEP
from app.workflow.document.expressions import CONSTANTS, FUNCTIONS, NAMES
from app.workflow.document.shapes import OneOf
from app.workflow.document.tables import Table
from app.workflow.document.vocabulary import COLUMN, COMPARISONS, FIELD, TABLES
from tests.docs.following import Block, Follower, blocks
from tests.test_run import ROOT

PAGE = ROOT / "docs" / "new-sop.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = list(blocks(PAGE))
#: The document that the page begins with.
DOCUMENT = next(block for block in BLOCKS if block.kind == "toml")
ADDED = [block for block in BLOCKS if block.kind == "toml" and not block.told]
LONGEST = 60


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_who_does_what_it_says_comes_to_what_it_says(tmp_path: Path) -> None:
    person = Follower(tmp_path)
    try:
        for block in BLOCKS:
            try:
                person.follow(block)
            except Exception as difference:
                difference.add_note(f"docs/new-sop.md, line {block.line}")
                raise
    finally:
        person.stop()
    done = {block.kind for block in BLOCKS}
    assert done == {"today", "toml", "sh", "text", "http", "diff", "python"}


def test_the_document_that_it_shows_is_small() -> None:
    assert len(DOCUMENT.text.splitlines()) <= LONGEST


@pytest.mark.parametrize("block", ADDED, ids=lambda block: f"line {block.line}")
def test_what_it_shows_in_parts_goes_with_the_document(block: Block, tmp_path: Path) -> None:
    written = tmp_path / "sop.toml"
    written.write_text(f"{DOCUMENT.text}\n{block.text}", encoding="utf-8")
    load_file(written, SOPS.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_it_tells_every_word(table: Table) -> None:
    told = "\n".join(rows(table))
    assert told in TEXT, f"docs/new-sop.md does not say of {table.name}:\n{told}"


def rows(table: Table) -> list[str]:
    """What the page says of a table's words: bold is what must be there. The comparisons have a table of their own, and
    a column has the words of a field."""
    told_elsewhere = {*COMPARISONS, *(FIELD.words if table is COLUMN else ())}
    return [
        f"| {f'**`{word}`**' if said.required else f'`{word}`'} | {said.says}{_choices(said.shape)} |"
        for word, said in table.words.items()
        if word not in told_elsewhere
    ]


def _choices(shape: object) -> str:
    return f" {', '.join(f'`{word}`' for word in shape.words)}" if isinstance(shape, OneOf) else ""


@pytest.mark.parametrize("word", [*COMPARISONS, *NAMES, *CONSTANTS, *FUNCTIONS, *OWN_COLUMNS])
def test_it_tells_what_expressions_and_lists_are_made_of(word: str) -> None:
    assert f"`{word}" in TEXT


def test_it_says_where_a_name_can_be_used() -> None:
    """The places have not come to see more, or less, than the page says."""
    special = set(GUARD) ^ set(STEP)
    assert special == {"has", "fresh", "last", "actor"}
    assert set(ON_CASE) == set(GUARD) & set(STEP) - {"now", "today", "note"}
    assert set(ALWAYS) <= FUNCTIONS.keys()
