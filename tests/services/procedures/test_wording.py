"""From when a deadline counts, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.services.procedures.wording import start_in_words
from app.workflow.declaration import Deadline, Limit
from app.workflow.outline import told


def unspoken(case: Any) -> date | None:
    return None


@told("the decision")
def spoken(case: Any) -> date | None:
    return None


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        (Deadline("d", "D", limits=(Limit(5),)), "from the opening of the case"),
        (Deadline("d", "D", due=unspoken), "until the day given on the case"),
        (Deadline("d", "D", due=spoken), "until the decision"),
        (Deadline("d", "D", since=spoken, citation="Law 1"), "from the decision"),
        (Deadline("d", "D", since=unspoken, citation="Law 1"), "from a day that the case gives, by Law 1"),
        (Deadline("d", "D", since=unspoken), "from a day that the case gives"),
    ],
)
def test_a_deadline_says_from_when_it_counts(app: Flask, deadline: Deadline, said: str) -> None:
    with app.test_request_context(), force_locale("en"):
        assert start_in_words(deadline) == said
