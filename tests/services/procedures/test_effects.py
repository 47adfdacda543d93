"""What happens with a step is said for every kind of action."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from app.services.procedures import effects as words
from app.services.procedures.table import Line
from app.sop import SOPS
from app.sop.documents import load_file
from app.sop.hard_complaint.rules import within_recording
from app.workflow.declaration import Sop
from app.workflow.document import actions

DOCUMENT = """
key = "visit"
label = { id = "Kunjungan", en = "Visit" }
number = "V-{yyyy}-{seq:05}"
roles = ["CS"]
subject = "what"

[fields]
what = { label = { id = "Judul", en = "Title" } }
urgent = { label = { id = "Mendesak", en = "Urgent" }, type = "boolean" }
email = { label = { id = "Email", en = "E-mail" }, type = "email" }
missing = { label = { id = "Kurang", en = "Missing" }, documents = ["photo"], stored = false }

[states]
open = { label = { id = "Terbuka", en = "Open" } }
done = { label = { id = "Selesai", en = "Done" }, kind = "final" }

[documents]
photo = { label = { id = "Foto", en = "Photo" }, confidential_to = "CS" }
form = { label = { id = "Formulir", en = "Form" } }

[steps.open]
label = { id = "Buka", en = "Open" }
to = "open"
by = "CS"
asks = ["what*", "urgent", "email"]
documents = ["photo"]

[steps.finish]
label = { id = "Selesaikan", en = "Finish" }
from = "open"
to = "done"
by = "CS"
asks = ["missing"]
documents = ["form"]
does = [
  { set = { what = "what + '!'" }, if = "urgent" },
  { clear = ["email", "urgent"] },
  { release = "photo" },
  "next_round",
  { ask_again = "missing" },
  { mail = "told" },
  { extend = "due", by = "2" },
  { extend = "due", by = "round" },
  { open_case = "keluhan", with = { name = "what", description = "what", address = "what", phone = "'0812345678'" } },
  { form = "hard_complaint", as = { form = "pdf" } },
]

[deadlines.due]
label = { id = "Batas", en = "Limit" }
limit = "3 working days"

[mails.told]
to = "email"
subject = { id = "Tentang {what}", en = "About {what}" }
text = { id = "Selesai.", en = "It is done." }
documents = ["photo"]
"""
SAID = (
    Line("Fills in “Title”.", ("if “Urgent” is ticked",)),
    Line("Empties “E-mail”, “Urgent”."),
    Line("Releases “Photo” to everybody who sees the case."),
    Line("A new round begins."),
    Line("Asks again for what is chosen in “Missing”."),
    Line("E-mail to “E-mail”: “About “Title””, with “Photo”."),
    Line("Extends “Limit” by 2 working days."),
    Line("Extends “Limit” by the round."),
    Line("Continues as a new case of “Complaint (keluhan)”."),
    Line("Attaches the printed form as “Form”."),
)


def said(app: Flask, sop: Sop, step: str, language: str = "en") -> tuple[Line, ...]:
    with app.test_request_context(), force_locale(language):
        return words.effects(sop, sop.transition_by_key[step])


def test_every_kind_of_action_has_a_sentence() -> None:
    kinds = {
        kind for _name, kind in inspect.getmembers(actions, inspect.isclass) if kind.__module__ == actions.__name__
    }
    assert set(words.SENTENCES) == kinds - {actions.Action, actions.When}


def test_each_action_is_told_in_its_order(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "sop.toml"
    path.write_text(DOCUMENT)
    assert said(app, load_file(path, SOPS.values()), "finish") == SAID


def test_a_rule_in_python_is_told_by_its_words_or_by_its_name(app: Flask) -> None:
    (line,) = said(app, SOPS["pengaduan"], "reply")
    assert line == Line("E-mail to the customer: the approved template, filled in, and the free text.")
    sop = SOPS["pengaduan"]
    steps = tuple(replace(step, effects=(within_recording,)) for step in sop.transitions)
    (line,) = said(app, replace(sop, transitions=steps), "reply")
    assert line == Line("Follows a rule of its own: hard_complaint.within_recording.")


@pytest.mark.parametrize("sop", SOPS.values(), ids=lambda sop: sop.key)
def test_nothing_is_left_without_words(app: Flask, sop: Sop) -> None:
    for step in sop.transitions:
        for language in ("id", "en"):
            assert len([one for one in said(app, sop, step.key, language) if one.text]) == len(step.effects)
