"""Writes ``docs/field-rules.md`` anew: ``python -m tests.publish_field_rules``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.services.procedures.wording import rule_in_words
from app.sop import SOPS
from app.workflow.declaration import Field, Sop, Transition
from app.workflow.outline import Rule, rules
from app.workflow.texts import spoken_in

PAGE = Path(__file__).parent.parent / "docs" / "field-rules.md"
HEAD = """# What answers must keep

A step that is given an answer against one of these rules is refused, in the panel and by the API alike, with the
sentence at the field; nothing is changed, and nothing that was typed is lost. Where a sentence asks for a reason, a
note lets the answer pass, and the history keeps it. An answer that would be compared with an empty field passes.
What is obligatory, and what fields offer, stands on the page *Prosedur* of each SOP; what the words mean, in
[new-sop.md](new-sop.md#comparisons).

The rules are words of the documents in `app/sop`, from which `python -m tests.publish_field_rules` writes this page.
"""
TABLE = "| field | steps | rule | sentence |\n| --- | --- | --- | --- |"


def written() -> str:
    with spoken_in("en"):
        return HEAD + "".join(
            f"\n## {sop.label} (`{sop.key}`)\n\n{_table(sop)}\n" for sop in SOPS.values() if _rows(sop)
        )


def _table(sop: Sop) -> str:
    rows = (
        f"| `{field}` | {', '.join(f'`{step}`' for step in steps)} | {rule} | {sentence} |"
        for (field, rule, sentence), steps in _rows(sop).items()
    )
    return "\n".join((TABLE, *rows))


def _rows(sop: Sop) -> dict[tuple[str, str, str], list[str]]:
    """Per rule of a field the steps that ask for it so."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for step, field, rule in _all(sop):
        found.setdefault((field.key, _short(rule), rule_in_words(field, rule)), []).append(step.key)
    return found


def _all(sop: Sop) -> Iterator[tuple[Transition, Field, Rule]]:
    return ((step, field, rule) for step in sop.transitions for field in step.fields for rule in rules(field))


def _short(rule: Rule) -> str:
    """As the document has it."""
    return f"`{rule.rule}`" if rule.value is None else f"`{rule.rule} = {rule.value}`"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
