"""The words of a document, with what they say. The JSON Schema that editors use follows from them."""

from __future__ import annotations

import re
from typing import Any

from app.workflow.content_types import GROUPS
from app.workflow.document.shapes import Day, Label, OneOf, Scalar, Shape, Str, Truth, Whole
from app.workflow.document.tables import Either, ListOf, MapOf, Table, Word
from app.workflow.drawing import COLOURS
from app.workflow.kinds import KINDS
from app.workflow.texts import LANGUAGES, Words

#: What the customer list says of who somebody is.
CUSTOMER_COLUMNS = ("code", "name", "phone", "email")
YEARS, DAYS, MEGABYTES, LARGEST = 100, 10_000, 2_000, 10**15
LABEL, NAME, NAMES, EXPRESSION = Label(), Str(), ListOf(Str()), Str()
CHOICE_KEY = re.compile(r"[a-z0-9][a-z0-9_]*")
CHOICES = MapOf(LABEL, CHOICE_KEY, Words(("", "")))
#: ``14 working days``: how long a deadline runs.
LIMIT = Str(r"[1-9]\d{0,3} (working hours?|working days?|calendar days?|(calendar )?months?)", "14 working days")


def says(shape: Shape, text: str, required: bool = False) -> Word:
    return Word(shape, text, required)


CHANGE = Table("change", {
    "revision": says(Whole(0, 9999), "The revision.", True),
    "what": says(LABEL, "What it changed.", True),
    "on": says(Day(), "Since when."),
})  # fmt: skip
SHEET = Table("sheet", {
    "code": says(NAME, "The number of the controlled document."),
    "revision": says(Whole(0, 9999), "Its revision, from 0 up."),
    "effective": says(Day(), "The day from which the revision takes new cases; none: at once."),
    "prepared_by": says(NAME, "Who prepared it."),
    "checked_by": says(NAME, "Who checked it."),
    "approved_by": says(NAME, "Who approved it."),
    "changes": says(ListOf(CHANGE), "What the revisions changed."),
})  # fmt: skip
COMPARED = Table("compared", {
    "value": says(EXPRESSION, "A field, or an expression.", True),
    "says": says(LABEL, "What the user reads when it is broken, with {fields} in braces."),
    "or_reason": says(Truth(), "true: with a reason in the note it may be broken."),
})  # fmt: skip
MOMENT = Table("moment", {word: COMPARED.words[word] for word in ("says", "or_reason")})
#: Rules that compare an answer; ``comparisons.py`` has what each means.
COMPARISONS: dict[str, Word] = {
    "not_in_future": says(Either(Truth(), MOMENT), "Not later than now."),
    "not_in_past": says(Either(Truth(), MOMENT), "Not before now; a day: not before today."),
    "not_before": says(Either(EXPRESSION, COMPARED), "Not before this field."),
    "not_after": says(Either(EXPRESSION, COMPARED), "Not after this field."),
    "at_least": says(Either(EXPRESSION, COMPARED), "Not less than this field."),
    "at_most": says(Either(EXPRESSION, COMPARED), "Not more than this field."),
    "equals": says(Either(EXPRESSION, COMPARED), "The same as this field."),
}
FIELD_WORDS: dict[str, Word] = {
    "label": says(LABEL, "How the form calls it.", True),
    "type": says(OneOf("type", tuple(KINDS)), "What it takes; a text when nothing is said."),
    "choices": says(Either(NAME, CHOICES), "The answers by key, or the field with the same answers."),
    "documents": says(NAMES, "For a list: the documents that can be chosen."),
    "ticked": says(NAME, "For choices that were a tick before: the one that a program means by true."),
    "reference": says(NAME, "The master data, or the SOP, of which a row is chosen."),
    "help": says(LABEL, "A line below the control."),
    "default": says(Scalar(), "What a new form begins with; now of a moment, today of a day: when it is opened."),
    "minimum": says(Whole(-LARGEST, LARGEST), "The least number (money in whole rupiah)."),
    "maximum": says(Whole(-LARGEST, LARGEST), "The largest number."),
    "confidential_to": says(NAMES, "The roles that may read it; everyone who sees the case when nothing is said."),
    **COMPARISONS,
}
FIELD = Table("field", {
    **FIELD_WORDS,
    "group": says(NAME, "The group of fields with which it stands in forms, under its heading."),
    "stored": says(Truth(), "false: it stands in the history alone, not on the case."),
    "computed": says(Truth(), "true: no form has it, the steps set it."),
    "remembered": says(Truth(), "true: a new case begins with what the same user chose last."),
})  # fmt: skip
COLUMN = Table("column", {**FIELD_WORDS, "required": says(Truth(), "true: a row is not complete without it.")})
RECORDS = Table("records", {
    "label": says(LABEL, "How the rows are called.", True),
    "fields": says(MapOf(COLUMN), "The columns of a row.", True),
    "calendar": says(NAME, "The column with the day of the next appointment."),
    "calendar_states": says(NAMES, "The states in which it is in the calendar."),
    "counted": says(NAME, "Only rows with a value in this column count."),
    "recorded_in": says(LABEL, "How a column is called with the state in which each row was recorded; none: no such."),
})  # fmt: skip
STATE = Table("state", {
    "label": says(LABEL, "How people call it.", True),
    "kind": says(OneOf("kind", ("open", "waiting", "final")), "waiting: somebody outside has to act, deadlines pause."),
    "colour": says(OneOf("colour", tuple(COLOURS)), "The colour of its badge."),
    "counts_for_deadlines": says(Truth(), "false for a final state in which nothing was settled, such as cancelled."),
})  # fmt: skip
DOCUMENT = Table("document", {
    "label": says(LABEL, "How people call it.", True),
    "accept": says(NAMES, f"What kind of file: {', '.join(GROUPS)}, or content types."),
    "confidential_to": says(NAMES, "The roles that may open it before it is released."),
    "retention": says(Whole(1, YEARS), "Years until it is purged, from the closing of the case."),
    "max_mb": says(Whole(1, MEGABYTES), "The largest file, in MiB."),
    "several": says(Truth(), "true: each is a file of its own, and a new version only of the one it is to replace."),
})  # fmt: skip
ASKED = Table("asked", {
    "field": says(NAME, "The field, or the records that the form edits.", True),
    "required": says(Either(EXPRESSION, Truth(), bool), "true, or the condition under which it is obligatory."),
    "only": says(NAMES, "Those of its choices that are offered here."),
    "label": says(LABEL, "How this form calls it."),
    "help": says(LABEL, "A line below the control."),
    "default": says(Scalar(), "What a new form begins with; now of a moment, today of a day: when it is opened."),
    **COMPARISONS,
})  # fmt: skip
REQUIREMENT = Table("requirement", {
    "any_of": says(NAMES, "At least one of these documents.", True),
    "required": says(Truth(), "Whether the step can't be done without."),
    "fresh": says(Truth(), "It must have come since the case entered its state."),
    "when": says(EXPRESSION, "Only for the cases for which this holds."),
    "from": says(Day(), "Only for the cases opened on this day or later."),
})  # fmt: skip
RULE = Table("rule", {
    "rule": says(EXPRESSION, "What must hold, or the name of a rule in Python.", True),
    "says": says(Either(NAME, LABEL), "What the user reads while it does not hold.", True),
    "general": says(LABEL, "What it demands of any case, for the page of the procedure."),
    "key": says(Str(r"[a-z][a-z0-9_]*", "paid_enough"), "Its key in the API."),
})  # fmt: skip
BRANCH = Table("branch", {
    "to": says(NAME, "Another state in which the step may end.", True),
    "if": says(EXPRESSION, "When it ends there.", True),
})  # fmt: skip
ACTION = Table("action", {
    "set": says(MapOf(EXPRESSION), "Fields, each with its new value."),
    "clear": says(NAMES, "Fields that become empty."),
    "release": says(NAMES, "Confidential documents that everyone who sees the case may open from now on."),
    "ask_again": says(NAME, "The list field that says which documents are asked again."),
    "mail": says(NAME, "The mail that is sent."),
    "extend": says(NAME, "The deadline that is extended"),
    "by": says(EXPRESSION, "by how much of its measure."),
    "open_case": says(NAME, "The SOP of which a case is opened"),
    "with": says(MapOf(EXPRESSION), "with these values of its fields,"),
    "take": says(NAMES, "taking over these fields of the same keys,"),
    "code": says(NAME, "with this code in its number; this case continues as that one."),
    "form": says(NAME, "The printed form that is attached"),
    "as": says(MapOf(Str(r"pdf|docx", "pdf")), "as these documents, each a pdf or a docx."),
    "if": says(EXPRESSION, "Only when this holds."),
})  # fmt: skip
STEP = Table("step", {
    "label": says(LABEL, "What stands on the button.", True),
    "source_step": says(NAME, "The number of the step in the owner's document."),
    "from": says(NAMES, "The states in which it can be done; none: it opens the case."),
    "to": says(NAME, "The state in which it ends; none: the case stays."),
    "branches": says(ListOf(BRANCH), "Other states in which it may end."),
    "by": says(NAMES, "The roles that may do it.", True),
    "asks": says(ListOf(Either(NAME, ASKED)), "The fields of its form; * marks an obligatory one."),
    "documents": says(ListOf(Either(NAME, REQUIREMENT)), "Documents it takes: a|b is one of them, * obligatory."),
    "note": says(OneOf("rule for the note", ("required", "optional", "none")), "Whether a reason is asked."),
    "confidential_to": says(NAMES, "The roles that may read the note, unless a tick on the form opens it to everyone."),
    "note_open": says(Truth(), "true: that tick is set at first."),
    "works_from": says(NAMES, "Documents that it works from: their newest version is named, to open and print."),
    "only_if": says(ListOf(RULE), "What must hold besides."),
    "does": says(ListOf(Either(NAME, ACTION)), "What happens with it, in this order."),
    "four_eyes": says(NAMES, "Whoever did one of these steps may not do this one."),
    "records": says(NAME, "The records of which the form writes a row."),
    "side_panel": says(NAME, "A template beside the form."),
    "optional": says(Truth(), "true: the state does not wait for it."),
    "contact": says(Truth(), "true: it is a call or a letter with whom the case is about."),
    "style": says(OneOf("style", ("default", "primary", "danger")), "The look of the button."),
    "help": says(LABEL, "A line that explains it."),
})  # fmt: skip
LIMITED = Table("limit", {
    "limit": says(LIMIT, "How long, such as 14 working days.", True),
    "channels": says(NAMES, "Only for the cases that came by one of these."),
    "from": says(Day(), "Only for the cases opened on this day or later."),
    "citation": says(LABEL, "The law or agreement that sets it, where it is not the deadline's."),
    "extension": says(Whole(1, 999), "By how much of its measure it can be extended at most."),
    "since": says(EXPRESSION, "From when it counts; from the opening while that is empty."),
})  # fmt: skip
DEADLINE = Table("deadline", {
    "label": says(LABEL, "How people call it."),
    "limit": says(LIMIT, "How long it runs, such as 14 working days."),
    "limits": says(ListOf(LIMITED), "The same by channel and day; the first that fits."),
    "due": says(EXPRESSION, "Or the day by which it must be done."),
    "since": says(EXPRESSION, "From when it counts; the opening when nothing is said."),
    "states": says(NAMES, "The states in which it runs; every open one when nothing is said."),
    "kept_in": says(NAME, "The field that keeps its day."),
    "citation": says(LABEL, "The regulation or agreement that sets it."),
    "from": says(Day(), "Only for the cases opened on this day or later."),
})  # fmt: skip
HINT = Table("hint", {
    "when": says(EXPRESSION, "When it is shown.", True),
    "says": says(LABEL, "The sentence in the head of the case page.", True),
    "colour": says(OneOf("colour", tuple(COLOURS)), "The colour of its ground; blue when nothing is said."),
    "roles": says(NAMES, "For whom; everyone when nothing is said."),
})  # fmt: skip
INDICATOR = Table("indicator", {
    "label": says(LABEL, "How it is called.", True),
    "of": says(EXPRESSION, "What is measured of a closed case: true or false, or a time.", True),
    "kind": says(OneOf("kind", ("share", "duration")), "A share of the cases, or how long it took."),
})  # fmt: skip
MAIL = Table("mail", {
    "to": says(NAME, "The field with the address.", True),
    "subject": says(Label(one_line=True), "The subject, with {fields} in braces.", True),
    "text": says(LABEL, "The text, with {fields} in braces.", True),
    "documents": says(NAMES, "The documents whose newest version is attached."),
})  # fmt: skip
GUIDE = Table("guide", {
    "heading": says(LABEL, "The channel.", True),
    "lines": says(ListOf(LABEL), "What to do.", True),
    "limit": says(LABEL, "How long it takes; {days} is the deadline's limit for the channel."),
    "deadline": says(NAME, "The deadline of {days}"),
    "channel": says(NAME, "and the channel."),
    "extension": says(NAME, "The field that extends it; {extension} is how much at most."),
    "contact_setting": says(NAME, "The setting with the number or address."),
})  # fmt: skip
PUBLIC = Table("public", {
    "title": says(LABEL, "The heading of the page.", True),
    "introduction": says(LABEL, "What stands below it.", True),
    "guides": says(ListOf(GUIDE), "A section per channel.", True),
})  # fmt: skip
FROM_MAIL = Table("from_mail", {
    "sender": says(NAME, "The field that takes the address of who wrote.", True),
    "sender_name": says(NAME, "The field that takes their name."),
    "subject": says(NAME, "The field that takes the subject; none: it stands above the text."),
    "text": says(NAME, "The field that takes the text.", True),
    "answers": says(MapOf(Scalar(), blank=""), "What else the form is answered, such as the channel."),
    "attachments": says(NAME, "The document as which its files are kept, of which there can be several.", True),
    "mail": says(NAME, "The document as which the mail itself is kept; none: in the mailbox's archive alone."),
    "acknowledgement": says(NAME, "The mail that answers with the number; once, whoever sends it."),
})  # fmt: skip
SECTION_COLUMN = Table("list_column", {
    "key": says(NAME, "The field.", True),
    "label": says(LABEL, "How the list calls it.", True),
})  # fmt: skip
SOP = Table("sop", {
    "key": says(Str(r"[a-z][a-z0-9_]{0,30}", "an_sop"), "Its key in the API and in addresses; never changes.", True),
    "label": says(LABEL, "The procedure's name.", True),
    "label_plural": says(LABEL, "The name of its list."),
    "number": says(NAME, "The number of a case, with {yyyy}, {yymmdd}, {code} and {seq:05}.", True),
    "code_setting": says(NAME, "The setting that fills {code}."),
    "include": says(NAMES, "Documents beside this one, or shared, with words that stand in several."),
    "roles": says(NAMES, "Everybody who takes part.", True),
    "groups": says(MapOf(NAMES, blank=[]), "Names for several roles, states or documents."),
    "conditions": says(MapOf(EXPRESSION, blank="true"), "Names for conditions that stand in several places."),
    "icon": says(Str(r"fa-[a-z0-9-]+", "fa-folder-open"), "Its icon in the menu."),
    "menu": says(Whole(0, 10_000), "Its place in the menu, the least first."),
    "sheet": says(SHEET, "The control sheet."),
    "fields": says(MapOf(FIELD), "What is known of a case."),
    "field_groups": says(MapOf(LABEL), "Headings for fields that belong together, in the order of the forms."),
    "states": says(MapOf(STATE), "The states, in the order of the work.", True),
    "documents": says(MapOf(DOCUMENT), "The kinds of documents."),
    "records": says(MapOf(RECORDS), "Rows that belong to a case."),
    "steps": says(MapOf(STEP), "The steps, in the order of the work.", True),
    "deadlines": says(MapOf(DEADLINE), "What must be done in time."),
    "mails": says(MapOf(MAIL), "What is sent."),
    "whatsapp": says(LABEL, "What a WhatsApp message to a phone of the case begins with, with {fields} in braces."),
    "hints": says(ListOf(HINT), "Sentences on the case page."),
    "indicators": says(MapOf(INDICATOR), "Figures by which the procedure is judged."),
    "public": says(PUBLIC, "The page for people who are not signed in."),
    "from_mail": says(FROM_MAIL, "How a mail in its mailbox opens a case and adds to one."),
    "columns": says(ListOf(Either(NAME, SECTION_COLUMN)), "The columns of the list."),
    "sections": says(NAMES, "Templates of its case page."),
    "subject": says(NAME, "The field that says in a line what a case is about."),
    "reporter": says(NAMES, "The fields with name and phone of who reported."),
    "similar": says(NAMES, "Fields by which open cases count as the same report."),
    "person": says(NAMES, "Fields that say who and where somebody is: a new case can take them over from an earlier."),
    "from_customer": says(
        MapOf(OneOf("column of the customer list", CUSTOMER_COLUMNS)),
        f"Fields that the customer list fills, each with its column: {', '.join(CUSTOMER_COLUMNS)}.",
    ),
    "round_fields": says(NAMES, "Fields that each round answers anew: a step with next_round empties them."),
    "personal": says(NAMES, "Fields with personal data; of rows as records.column."),
    "unit_roles": says(NAMES, "Roles that see their own unit's cases only."),
    "unit_field": says(NAME, "The reference whose row belongs to that unit."),
    "assignee": says(NAME, "The reference to the staff row that gets the case."),
    "assignee_roles": says(NAMES, "The roles whose steps are then that person's."),
    "offered_with": says(NAME, "The field that makes a case selectable in other SOPs."),
    "retention_officers": says(NAMES, "The roles that may purge."),
    "overseers": says(NAMES, "Roles that see dashboard and conformance."),
    "corrected_when_closed_by": says(NAMES, "Roles that may correct a closed case."),
    "voided_by": says(NAMES, "Roles that may declare a case void."),
    "void_four_eyes": says(Truth(), "true: one asks for it, another of these roles decides."),
    "masked_for": says(NAMES, "Roles that get personal data masked."),
    "revealed_for": says(NAMES, "Those of them that may have one case shown in whole, each time for a short while."),
    "reveal_reason": says(Truth(), "true: they say why first."),
    "customer_roles": says(NAMES, "Roles that may look customers up in the customer list."),
})  # fmt: skip
TABLES = (
    SOP, SHEET, CHANGE, FIELD, COLUMN, COMPARED, MOMENT, RECORDS, STATE, DOCUMENT, ASKED, REQUIREMENT, RULE, BRANCH,
    ACTION, STEP, LIMITED, DEADLINE, HINT, INDICATOR, MAIL, FROM_MAIL, GUIDE, PUBLIC, SECTION_COLUMN,
)  # fmt: skip


def json_schema() -> dict[str, Any]:
    """The format as JSON Schema (draft 2020-12), for editors."""
    label = {
        "type": "object",
        "properties": {language: {"type": "string", "minLength": 1} for language in LANGUAGES},
        "required": list(LANGUAGES),
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An SOP of Tuntas",
        **SOP.schema,
        "$defs": {"label": label} | {table.name: table.definition for table in TABLES},
    }
