"""The form's own inputs, and the drafts that the browser keeps of it."""

from __future__ import annotations

from typing import Any

from flask import flash, request

#: Names of the form's own inputs; no declared key begins with an underscore.
SUBMISSION, ANYWAY, PREFILL, DRAFT = "_submission", "_anyway", "_prefill", "_draft"
#: The mail of which the form makes a case; in the address of the form as well.
MAIL = "_mail"
#: What was typed into the box above a new case, whom of those beside the form it takes over, and where saving leads.
WORDS, TAKE, THEN = "_words", "_take", "_then"
#: A line rather than a form: what it does not ask is answered by what the form would begin with.
LINE = "_line"
#: Drafts that one form can have come from, and the length of their names.
MOST_DRAFTS, DRAFT_LENGTH = 5, 200


def drafts() -> dict[str, Any]:
    """The browser's names of the drafts that what was typed comes from; they go with it until it is taken."""
    named = dict.fromkeys(one[:DRAFT_LENGTH] for one in request.form.getlist(DRAFT))
    return {"draft_input": DRAFT, "drafts": list(named)[:MOST_DRAFTS]}


def sent() -> None:
    """The next page tells the browser to drop the drafts."""
    for one in drafts()["drafts"]:
        flash(one, "draft")
