"""Mistakes in a document are told in the reader's language, whatever they are about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from flask import Flask
from flask_babel import force_locale

from app.services.core.wording import NOUNS, describe_mistake
from app.workflow.checks import WrongDeclaration
from app.workflow.document.expressions import Type
from app.workflow.mistakes import Mistake
from tests.workflow.document.refund import GOOD, read

#: The calls that name what a mistake is about, and the argument in which they do.
NAMING = {"unknown": 2, "names": 1, "name": 1, "OneOf": 0, "is_a": 2, "no_such": 0}


def named(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            at = NAMING.get(getattr(node.func, "attr", getattr(node.func, "id", "")), len(node.args))
            kinds = [keyword.value for keyword in node.keywords if keyword.arg == "kind"]
            for argument in (*node.args[at : at + 1], *kinds):
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def test_there_is_a_noun_for_everything_a_mistake_can_be_about() -> None:
    workflow = Path(__file__).parents[3] / "app" / "workflow"
    kinds = {kind for path in workflow.rglob("*.py") for kind in named(path)}
    assert {"state", "field with an address", "true or false"} <= kinds
    assert kinds | set(get_args(Type)) <= set(NOUNS)


@pytest.mark.parametrize(
    ("old", "new", "indonesian"),
    [
        (
            'to = "approval"', 'to = "aproval"',
            "steps.propose.to: “aproval” tidak dikenal sebagai status; apakah maksudnya “approval”?",
        ),
        ("optional = true", "optional = 5", "steps.call.optional: harus berupa true atau false, bukan “5”"),
        (
            'rule = "approved_amount <= paid_amount"', 'rule = "approved_amount <= name"',
            "steps.propose.only_if[0].rule: “approved_amount <= name”: angka dan teks tidak dapat dipadukan",
        ),
        (
            'due = "newest(\'calls\', \'next_day\')"', 'due = "name"',
            "deadlines.call.due: menghasilkan teks, padahal diperlukan tanggal atau tanggal dan jam",
        ),
        (
            "newest('calls', 'next_day')", "date(len(number))",
            "deadlines.call.due: “len(number)” adalah angka, padahal diperlukan tanggal dan jam",
        ),
        (
            "newest('calls', 'next_day')", "date(len(round))",
            "deadlines.call.due: “round” adalah angka, padahal diperlukan teks atau daftar",
        ),
        ("en = \"Register\"", "fr = \"Noter\"", "steps.register.label: “fr” tidak dikenal sebagai bahasa"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_indonesian(app: Flask, old: str, new: str, indonesian: str) -> None:
    with pytest.raises(WrongDeclaration) as wrong:
        read(GOOD.replace(old, new))
    mistake = wrong.value.mistakes[0]
    with app.test_request_context(), force_locale("id"):
        assert describe_mistake(mistake) == f"refund/sop.toml: {indonesian}"
    with app.test_request_context(), force_locale("en"):
        assert describe_mistake(mistake).startswith(f"refund/sop.toml: {mistake.path}: ")


def test_what_stands_in_a_document_is_no_part_of_the_sentence(app: Flask) -> None:
    """Percent signs, braces and control characters of a document are shown, not followed."""
    mistake = Mistake("steps.100%", "unknown %(kind)s “%(name)s”", {"kind": "step", "name": "%(x)s\n\x1b[31m{0}"})
    with app.test_request_context(), force_locale("id"):
        assert describe_mistake(mistake) == "steps.100%: “%(x)s��[31m{0}” tidak dikenal sebagai langkah"
