"""Finds what is wrong with a declaration as a whole, each mistake with its place in the document."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator

from app.workflow.declaration import FIELD_TYPES, DocumentType, Field, Sop, Transition
from app.workflow.kinds import KINDS
from app.workflow.mistakes import N_, Mistake, Mistakes, unknown
from app.workflow.parts import COMMENT, WITHDRAWN
from app.workflow.ways import check_waiting, check_ways

KEY = re.compile(r"^[a-z][a-z0-9_]*$")
#: Names that every case has by itself, so no field may take them.
RESERVED = frozenset(
    {
        "assignee", "assignee_id", "changed_at", "closed_at", "created_at", "documents",
        "due_at", "events", "claimed_by", "claimed_by_id", "id", "label", "links", "note", "note_open",
        "number", "reporter_name", "reporter_phone", "revision", "round", "sop", "state",
        "state_since", "title", "unit", "unit_id", "version", "void_request", "voided_at",
    }
)  # fmt: skip
#: What the history calls what can be done in every procedure beside its steps.
TAKEN = frozenset({"correct", "void", "ask_void", "refuse_void"})
#: What every round has by itself, beside its answers.
OF_ROUND = frozenset({"number", "opened_at", "documents"})
#: What every row of records has by itself.
OF_ROW = frozenset({"id", "case_id", "recorded_at", "recorded_by", "recorded_in", "documents"})
#: What an expression means by itself.
SPOKEN = frozenset({"now", "today", "actor", "case", "true", "false", "null"})
#: What a number may be made of; ``seq`` with at least two digits, so that the numbers of a year sort.
IN_NUMBER = re.compile(r"\{(yyyy|yymmdd|code|seq:0[2-9])\}")
DIGITS = {"yyyy": 4, "yymmdd": 6, "code": 2}
#: What ``Case.number`` takes.
LONGEST_NUMBER = 32


class WrongDeclaration(ValueError):
    """An SOP's declaration is invalid; ``mistakes`` are all of them."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def check(sop: Sop) -> Sop:
    """Returns ``sop`` unchanged, or raises ``WrongDeclaration`` with all that is wrong with it."""
    mistakes = mistakes_of(sop)
    if mistakes:
        raise WrongDeclaration(Mistake(m.path, m.message, m.values, sop.key) for m in mistakes)
    return sop


def mistakes_of(sop: Sop, told: Iterable[Mistake] = ()) -> Mistakes:
    """What is wrong with ``sop``; without what follows from the mistakes ``told`` of its document."""
    mistakes = Mistakes()
    for find, hangs_on in CHECKS:
        if not any(re.fullmatch(hangs_on, mistake.about) for mistake in (*told, *mistakes)):
            find(sop, mistakes)
    return mistakes


def _keys(sop: Sop, mistakes: Mistakes) -> None:
    groups: dict[str, list[str]] = {
        "states": [s.key for s in sop.states],
        "steps": [t.key for t in sop.transitions],
        "documents": [d.key for d in sop.documents],
        "records": [r.key for r in sop.records],
    }
    for group, keys in groups.items():
        for key, times in Counter(keys).items():
            if not KEY.match(key):
                mistakes.add(f"{group}.{key}", N_("the key is not snake_case"))
            if group == "steps" and key in TAKEN:
                mistakes.add(f"{group}.{key}", N_("the key is taken"))
            if times > 1:
                mistakes.add(f"{group}.{key}", N_("is declared twice"))
    for key in {COMMENT, WITHDRAWN} & set(groups["steps"]):
        mistakes.add(f"steps.{key}", N_("the key is taken"))
    taken = {*sop.fields, *RESERVED}
    for key in groups["records"]:
        if key in taken:
            mistakes.add(f"records.{key}", N_("the key is taken"))


def _opening(sop: Sop, mistakes: Mistakes) -> None:
    if sum(t.creates for t in sop.transitions) != 1:
        mistakes.add("steps", N_("exactly one step must open the case, by having no “from”"))
    for transition in sop.transitions:
        if transition.creates and transition.target is None:
            mistakes.add(f"steps.{transition.key}.to", N_("the step that opens the case must say in which state"))


def _number(sop: Sop, mistakes: Mistakes) -> None:
    left = IN_NUMBER.sub("", sop.number)
    if "{" in left or "}" in left:
        mistakes.add(
            "number", N_("“%(number)s” may hold {yyyy}, {yymmdd}, {code} and {seq:05} only"), number=sop.number
        )
        return
    if len(re.findall(r"\{seq:0\d\}$", sop.number)) != 1 or sop.number.count("{seq") != 1:
        mistakes.add("number", N_("must end in {seq:05}, which counts the cases"))
    if not re.fullmatch(r"[\w./-]*", left):
        mistakes.add("number", N_("may hold letters, digits, -, . and / besides"))
    if len(shape_of(sop.number)) > LONGEST_NUMBER:
        mistakes.add("number", N_("gives numbers of more than %(longest)s characters"), longest=LONGEST_NUMBER)


def _code(sop: Sop, mistakes: Mistakes) -> None:
    if "{code}" in sop.number and not sop.code_setting:
        mistakes.add("number", N_("has {code}, so “code_setting” must name the setting that fills it"))


def shape_of(number: str) -> str:
    """What its numbers look like, with ``#`` for any digit."""
    return IN_NUMBER.sub(lambda part: "#" * (DIGITS.get(part[1]) or int(part[1][-1])), number)


def _steps(sop: Sop, mistakes: Mistakes) -> None:
    for transition in sop.transitions:
        at = f"steps.{transition.key}"
        named: dict[str, tuple[str, Iterable[str], Collection[str]]] = {
            "from": ("state", transition.source, sop.state_by_key),
            "to": ("state", sorted(transition.targets), sop.state_by_key),
            "documents": ("document", transition.accepts, sop.document_by_key),
            "four_eyes": ("step", transition.four_eyes, sop.transition_by_key),
            "by": ("role", transition.by, sop.roles),
            "records": ("records", filter(None, (transition.records,)), sop.records_by_key),
        }
        for word, (kind, keys, known) in named.items():
            for key in keys:
                if key not in known:
                    unknown(mistakes, f"{at}.{word}", kind, key, known)
        if transition.branches and transition.choose is None:
            mistakes.add(f"{at}.branches", N_("does not say which branch it takes"))
        if transition.key in transition.four_eyes:
            mistakes.add(f"{at}.four_eyes", N_("names the step itself"))


def _by_nobody(sop: Sop, mistakes: Mistakes) -> None:
    for transition in sop.transitions:
        if not transition.by:
            mistakes.add(f"steps.{transition.key}.by", N_("nobody may do this step"))


def _written_rows(sop: Sop, mistakes: Mistakes) -> None:
    """A step that writes a row must ask for something of it."""
    for transition in sop.transitions:
        records = sop.records_by_key.get(transition.records or "")
        if records and not {column.key for column in records.columns} & {field.key for field in transition.fields}:
            at = f"steps.{transition.key}.records"
            mistakes.add(at, N_("asks for nothing of “%(records)s”"), records=records.key)


def _roles(sop: Sop, mistakes: Mistakes) -> None:
    for nth, role in enumerate(sop.roles):
        if role in sop.roles[:nth]:
            mistakes.add(f"roles[{nth}]", N_("“%(role)s” is named twice"), role=role)
    _named_roles(sop, mistakes)


def _idle_roles(sop: Sop, mistakes: Mistakes) -> None:
    acting = {r for t in sop.transitions for r in t.by} | {*sop.retention_officers, *sop.overseers}
    acting |= {*sop.corrected_when_closed_by, *sop.voided_by}
    for nth, role in enumerate(sop.roles):
        if role not in acting:
            mistakes.add(f"roles[{nth}]", N_("the role “%(role)s” takes no part"), role=role)


def _named_roles(sop: Sop, mistakes: Mistakes) -> None:
    named = {f"{at}.confidential_to": one.confidential_to for at, one in _secrets(sop)} | {
        "unit_roles": sop.unit_roles, "overseers": sop.overseers, "masked_for": sop.masked_for,
        "assignee_roles": sop.assignee_roles, "retention_officers": sop.retention_officers,
        "corrected_when_closed_by": sop.corrected_when_closed_by, "voided_by": sop.voided_by,
        "customer_roles": sop.customer_roles, "revealed_for": sop.revealed_for,
    }  # fmt: skip
    for at, roles in named.items():
        for role in roles:
            if role not in sop.roles:
                unknown(mistakes, at, "role", role, sop.roles)


def _void(sop: Sop, mistakes: Mistakes) -> None:
    if sop.void_four_eyes and not sop.voided_by:
        mistakes.add("void_four_eyes", N_("needs “%(word)s”"), word="voided_by")


def _revealed(sop: Sop, mistakes: Mistakes) -> None:
    """Shown again can only be what is masked."""
    for nth, role in enumerate(sop.revealed_for):
        if role in sop.roles and role not in sop.masked_for:
            mistakes.add(f"revealed_for[{nth}]", N_("the role “%(role)s” gets nothing masked (masked_for)"), role=role)
    if sop.reveal_reason and not sop.revealed_for:
        mistakes.add("reveal_reason", N_("needs “%(word)s”"), word="revealed_for")


def _secrets(sop: Sop) -> Iterator[tuple[str, DocumentType | Field | Transition]]:
    """Whatever can be confidential, by its place."""
    yield from ((f"documents.{document.key}", document) for document in sop.documents)
    yield from ((f"fields.{field.key}", field) for field in sop.own_fields.values())
    yield from ((f"records.{r.key}.fields.{column.key}", column) for r in sop.records for column in r.columns)
    yield from ((f"steps.{step.key}", step) for step in sop.transitions)


def _confidential(sop: Sop, mistakes: Mistakes) -> None:
    """Whoever writes something may read it."""
    for step in sop.transitions:
        at = f"steps.{step.key}"
        if step.confidential_to and step.note == "none":
            mistakes.add(f"{at}.confidential_to", N_("the step takes no note"))
        if step.note_open and not step.confidential_to:
            mistakes.add(f"{at}.note_open", N_("the note is no secret, so nothing opens it"))
        for role in _shut_out(step, step):
            mistakes.add(f"{at}.confidential_to", N_("lacks “%(role)s”, who writes the note"), role=role)
        for field in step.fields:
            for role in _shut_out(step, field):
                mistakes.add(f"{at}.asks", N_("asks “%(role)s” for “%(field)s”, which they may not read"),
                             role=role, field=field.key)  # fmt: skip
    _listed_everywhere(sop, mistakes)


def _shut_out(step: Transition, secret: Field | Transition) -> list[str]:
    return [role for role in step.by if secret.confidential_to and role not in secret.confidential_to]


def _listed_everywhere(sop: Sop, mistakes: Mistakes) -> None:
    """What stands in lists, searches and calendars of everyone can't be confidential."""
    known = {
        *sop.similar,
        *sop.person,
        *(sop.reporter or ()),
        sop.subject,
        sop.unit_field,
        sop.assignee,
        sop.offered_with,
    }
    for field in sop.own_fields.values():
        if field.confidential_to and field.key in known:
            mistakes.add(f"fields.{field.key}.confidential_to", N_("can't be confidential: everyone's lists show it"))
    for records in sop.records:
        for column in records.columns:
            if column.confidential_to and column.key in (records.calendar, records.counted):
                at = f"records.{records.key}.fields.{column.key}.confidential_to"
                mistakes.add(at, N_("can't be confidential: everyone's lists show it"))


def _fields(sop: Sop, mistakes: Mistakes) -> None:
    kinds: dict[str, str] = {}
    for transition in sop.transitions:
        for field in transition.fields:
            at = f"steps.{transition.key}.asks: {field.key}"
            _field(sop, field, at, mistakes)
            kind = field.format or field.type
            if field.key in sop.fields and kinds.setdefault(field.key, kind) != kind:
                mistakes.add(at, N_("the field is declared with two types"))
    for records in sop.records:
        for column in records.columns:
            if not KEY.match(column.key) or column.key in OF_ROW:
                mistakes.add(f"records.{records.key}.fields.{column.key}", N_("the key is taken or not snake_case"))
        for key in {records.calendar, records.counted} - {None, *(column.key for column in records.columns)}:
            unknown(mistakes, f"records.{records.key}", "column", str(key), [c.key for c in records.columns])


def _field(sop: Sop, field: Field, at: str, mistakes: Mistakes) -> None:
    if field.type not in FIELD_TYPES:
        unknown(mistakes, at, "type", field.type, FIELD_TYPES)
    elif field.format and (field.format not in KINDS or field.kind.type != field.type):
        mistakes.add(at, N_("has a format “%(format)s” that its type does not know"), format=field.format)
    if field.type == "choice" and not field.choices:
        mistakes.add(at, N_("offers no choices"))
    if field.type == "reference" and not field.reference:
        mistakes.add(at, N_("refers to nothing"))
    if field.type == "list" and not (field.choices or field.columns):
        mistakes.add(at, N_("is a list of nothing"))
    if field.is_rows and field.key not in sop.records_by_key:
        unknown(mistakes, at, "records", field.key, sop.records_by_key)
    taken = field.key in RESERVED | SPOKEN or keyword.iskeyword(field.key)
    if field.key in sop.fields and (taken or not KEY.match(field.key)):
        mistakes.add(at, N_("the key is taken or not snake_case"))
    offered: Container[str] = {choice.key for choice in field.choices}
    if field.default is not None and field.type == "choice" and field.default not in offered:
        unknown(mistakes, at, "choice", str(field.default), [choice.key for choice in field.choices])


def _due_or_limit(sop: Sop, mistakes: Mistakes) -> None:
    for deadline in sop.deadlines:
        if (deadline.due is None) is (not deadline.limits):
            mistakes.add(f"deadlines.{deadline.key}", N_("needs either a day (due) or a limit"))


def _deadlines(sop: Sop, mistakes: Mistakes) -> None:
    for deadline in sop.deadlines:
        at = f"deadlines.{deadline.key}"
        if deadline.kept_in is not None and deadline.kept_in not in sop.fields:
            unknown(mistakes, f"{at}.kept_in", "field", deadline.kept_in, sop.fields)
        for state in deadline.states:
            if state not in sop.state_by_key:
                unknown(mistakes, f"{at}.states", "state", state, sop.state_by_key)
            elif sop.state_by_key[state].is_final:
                mistakes.add(f"{at}.states", N_("no deadline runs in the final state “%(state)s”"), state=state)


def _named_fields(sop: Sop, mistakes: Mistakes) -> None:
    columns = {f"{r.key}.{c.key}" for r in sop.records for c in r.columns}
    for key in sop.personal:
        if key not in {*sop.fields, *columns}:
            unknown(mistakes, "personal", "field", key, [*sop.fields, *columns])
    known = {*sop.fields, *RESERVED, *(f"{r.key}_count" for r in sop.records)}
    named: dict[str, Iterable[str]] = {
        "columns": [c.key for c in sop.columns], "similar": sop.similar, "reporter": sop.reporter or (),
        "person": sop.person,
        "subject": [sop.offered_with or sop.subject], "unit_field": filter(None, [sop.unit_field]),
        "assignee": filter(None, [sop.assignee]),
    }  # fmt: skip
    for at, keys in named.items():
        for key in keys:
            if key not in known:
                unknown(mistakes, at, "field", key, sop.fields)


def _rounds(sop: Sop, mistakes: Mistakes) -> None:
    """What a round answers anew is asked by forms, and some step begins a round."""
    asked = sop.own_fields.keys() - {field.key for field in sop.computed_fields}
    for key in sop.round_fields:
        if key not in asked:
            unknown(mistakes, "round_fields", "field", key, asked)
        elif key in OF_ROUND:
            mistakes.add("round_fields", N_("the key is taken or not snake_case"))
    if sop.round_fields and not any(step.opens_round for step in sop.transitions):
        mistakes.add("round_fields", N_("no step begins a new round"))


def _references(sop: Sop, mistakes: Mistakes) -> None:
    """Unit and assignee come from rows of master data that have one."""
    wanted = {"unit_field": ("posko", "crew"), "assignee": ("staff",)}
    for word, tables in wanted.items():
        field = sop.fields.get(getattr(sop, word) or "")
        if field is not None and field.reference not in tables:
            mistakes.add(word, N_("must be a field that refers to %(tables)s"), tables=" / ".join(tables))
    if sop.unit_roles and not sop.unit_field:
        mistakes.add("unit_roles", N_("needs “%(word)s”"), word="unit_field")
    if sop.assignee_roles and not sop.assignee:
        mistakes.add("assignee_roles", N_("needs “%(word)s”"), word="assignee")


NOTHING = r"(?!)"
#: Mistakes that change the ways from state to state, who acts, what a step asks.
WAYS = r"(states|groups)\b.*|steps(\.[^.]+(\.(from|to|branches)\b.*)?)?"
OPENING = r"steps(\.[^.]+(\.(from|to)\b.*)?)?"
ACTING = (
    r"(roles|groups|retention_officers|overseers|corrected_when_closed_by|voided_by)\b.*|steps(\.[^.]+(\.by\b.*)?)?"
)
ASKING = r"records\b.*|steps(\.[^.]+(\.(asks|records)\b.*)?)?"
EXPRESSIONS = r"(deadlines|conditions|fields|records)\b.*"
#: Each check with the mistakes of the document on which it hangs: it would only tell what follows from them.
CHECKS: tuple[tuple[Callable[[Sop, Mistakes], None], str], ...] = (
    (_keys, NOTHING), (_opening, OPENING), (_number, "number"), (_code, "number|code_setting"), (_steps, NOTHING),
    (_written_rows, ASKING), (_by_nobody, r"roles(\[.*)?"), (_roles, NOTHING), (_idle_roles, ACTING),
    (_void, r"(roles|voided_by)\b.*"), (_revealed, r"(roles|masked_for|revealed_for)\b.*"),
    (_confidential, rf"{ACTING}|{ASKING}|fields(\.[^.]+)?|.*confidential_to.*"),
    (_fields, NOTHING), (_deadlines, NOTHING), (_due_or_limit, EXPRESSIONS),
    (_named_fields, rf"fields(\.[^.]+)?|{ASKING}"),
    (_rounds, rf"round_fields|fields(\.[^.]+)?|steps\..*does.*|{ASKING}"),
    (_references, r"unit_field|assignee|fields\b.*"),
    (check_ways, WAYS), (check_waiting, WAYS),
)  # fmt: skip
