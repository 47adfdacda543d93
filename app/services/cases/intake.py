"""Whom the words mean that are typed into the form of a new case: who it is, what is open of theirs, and what of it the
form can take over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Customer
from app.models.derive import case_model
from app.services.core import customers, masking, phones
from app.services.core.access import Actor, closed_fields, visible_cases
from app.services.core.errors import NotVisible
from app.services.search import tokens
from app.services.search.beginnings import beginning_with
from app.services.search.matching import Typed
from app.services.search.query import PREFIXES
from app.services.search.search import search
from app.services.search.similar import Similar, similar
from app.sop import SOPS, sop_of
from app.workflow.contacts import is_phone, mail_address
from app.workflow.declaration import Field, Sop

#: People who are offered, and cases that are looked at for them.
MOST_PEOPLE, LOOKED_AT = 5, 40
#: Shorter words would mean half of the customers.
LEAST_TYPED = 3
#: A name has no more words than this; what is longer says what happened.
MOST_NAMES = 5
#: What the number of a case begins with.
CASE_NUMBER = re.compile(rf"(?:{PREFIXES})\d")
#: How a form says whom it takes over: the customer of a code, or who is in a case.
OF_CUSTOMER, OF_CASE = "customer:", "case:"


@dataclass(frozen=True)
class Person:
    """Somebody who may be meant. ``key``: by which ``person`` finds them again. ``values``: those of a new case, by
    field key. ``customer``: their row of the customer list, as the reader may read it. ``open_cases``: newest first."""

    key: str
    name: str
    phone: str
    values: Mapping[str, Any]
    customer: Mapping[str, Any] | None = None
    open_cases: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Known:
    """``certain``: the one person that a key means, whom the form may take over without being asked. ``similar``: cases
    that may be of the same matter. ``unlisted``: a key was typed that no customer in the list has. ``asked``: something
    was typed to look for."""

    people: tuple[Person, ...] = ()
    similar: tuple[Similar, ...] = ()
    certain: Person | None = None
    unlisted: bool = False
    asked: bool = False


def offers(sop: Sop) -> bool:
    """Whether its new cases are somebody's report, so that it makes sense to ask who it is."""
    return sop.reporter is not None and all(sop.create.field(key) for key in sop.reporter)


def known(actor: Actor, sop: Sop, words: str, typed: Mapping[str, str]) -> Known:
    """Whom ``words``, typed into the box above a form, mean, or where it is empty the form's own answers ``typed`` by
    field key. Only what ``actor`` may see, and nothing of what they get masked."""
    terms = [words.strip()] if words.strip() else [typed[key] for key in _keys(sop) if typed.get(key, "").strip()]
    terms = [term for term in terms if len(tokens.compact(term)) >= LEAST_TYPED]
    people = _people(actor, sop, terms)
    keyed = bool(terms) and (not words.strip() or _is_key(words))
    listed = any(person.customer for person in people)
    return Known(
        people,
        tuple(similar(actor, sop, typed)),
        people[0] if len(people) == 1 and (keyed or _has_code(people[0], words)) else None,
        keyed and not listed and _looks_up(actor, sop),
        bool(terms),
    )


def person(actor: Actor, sop: Sop, key: str) -> Person:
    """Who was chosen. Raises ``NotVisible``."""
    if key.startswith(OF_CUSTOMER) and _looks_up(actor, sop):
        row = customers.meant(key.removeprefix(OF_CUSTOMER), None)
        if row is not None:
            return _joined(actor, sop, row, [])
    pk = key.removeprefix(OF_CASE)
    if key.startswith(OF_CASE) and pk.isdecimal():
        visible = visible_cases(actor, _unmasked(actor))
        case = db.session.scalars(select(Case).where(Case.id == int(pk[:9]), visible)).unique().one_or_none()
        if case is not None:
            return _of_cases(actor, sop, [case])
    raise NotVisible(_("There is no such person, or you may not see them."))


def placed(sop: Sop, words: str) -> dict[str, str]:
    """The field of a new case to which typed words belong: a phone, an ID, a name, or what happened. By field key;
    nothing for a case's number."""
    words = words.strip()
    name, phone = sop.reporter or ("", "")
    if not words or sop.create.field(phone) is None:
        return {}
    address = mail_address(words, internal=True) if "@" in words else None
    if address is not None:
        mail = next((field.key for field in sop.create.fields if field.kind.key == "email"), None)
        return {mail: words} if mail else {}
    if CASE_NUMBER.match(tokens.compact(words)):
        return {}
    if tokens.is_identifier(words):
        dialled = is_phone(words) and (bool(phones.mobile(words)) or words.lstrip("( ")[:1] in ("0", "+"))
        key = phone if dialled else _identifier(sop)
        return {key: words} if key else {}
    if any(c.isdigit() for c in words) or len(words.split()) > MOST_NAMES:
        return {sop.subject: words} if sop.create.field(sop.subject) else {}
    return {name: words}


def _identifier(sop: Sop) -> str | None:
    """The field with the ID of a customer, a device or a line: what tells the same report by a key that is no phone."""
    fields = (sop.create.field(key) for key in sop.similar)
    texts = [field for field in fields if field is not None and not field.kind.long]
    found = next((field for field in texts if not field.kind.dialled), None)
    return found.key if found else None


def _keys(sop: Sop) -> list[str]:
    """The fields of the form that say by a key who it is."""
    keys = dict.fromkeys([*sop.similar, *(sop.reporter or ())[1:], *(key for key, _column in sop.from_customer)])
    exact = {key: sop.create.field(key) for key in keys}
    return [
        key for key, field in exact.items() if field is not None and (field.kind.dialled or key == _identifier(sop))
    ]


def _is_key(words: str) -> bool:
    return tokens.is_identifier(words) or "@" in words


def _has_code(person: Person, words: str) -> bool:
    """Whether the ID of a customer was typed, short as it may be."""
    return person.customer is not None and tokens.compact(str(person.customer["code"])) == tokens.compact(words)


def _looks_up(actor: Actor, sop: Sop) -> bool:
    return bool(sop.from_customer) and customers.may_read(actor)


def _unmasked(actor: Actor) -> list[Sop]:
    return [sop for sop in SOPS.values() if not masking.masked(actor, sop)]


def _people(actor: Actor, sop: Sop, terms: Iterable[str]) -> tuple[Person, ...]:
    listed: dict[str, Customer] = {}
    for term in terms if _looks_up(actor, sop) else ():
        listed |= {row.code: row for row in _customers_of(actor, term)}
    found: dict[int, Any] = {}
    for term in (*terms, *(row.phone_normalised for row in listed.values() if row.phone_normalised)):
        found |= {case.id: case for case in _cases_of(actor, term)}
    groups: dict[tuple[str, str], list[Any]] = {}
    for case in found.values():
        ident = (phones.normalised(case.reporter_phone), tokens.folded(case.reporter_name))
        groups.setdefault(ident, []).append(case)
    people = []
    for row in listed.values():
        theirs = [i for i, cases in groups.items() if i[0] == row.phone_normalised or _names(sop, cases, row)]
        people.append(_joined(actor, sop, row, [case for ident in theirs for case in groups.pop(ident)]))
    people += [_of_cases(actor, sop, cases) for cases in groups.values()]
    return tuple(people[:MOST_PEOPLE])


def _cases_of(actor: Actor, term: str) -> list[Any]:
    """The cases whose person, address or number is meant, not those that only tell of it."""
    typed, unmasked = Typed(term), {sop.key: sop for sop in _unmasked(actor)}
    hits = [hit for hit in search(actor, _finished(term), limit=LOOKED_AT, discreet=True) if hit.case.sop in unmasked]
    named = {hit.case.id for hit in hits if hit.exact}
    ids = dict.fromkeys([
        *(hit.case.id for hit in hits), *beginning_with(actor, unmasked.values(), term, LOOKED_AT),
    ])  # fmt: skip
    cases = _loaded(ids)
    return [
        case for pk in ids
        if (case := cases.get(pk)) is not None
        if pk in named or typed.tells([case.number, *(str(value) for value in _told(actor, case).values())])
    ]  # fmt: skip


def _finished(term: str) -> str:
    """Without a last word of which hardly anything is typed yet."""
    *words, last = term.split()
    return " ".join(words) if words and len(last) < LEAST_TYPED and last.isalpha() else term


def _loaded(ids: Collection[int]) -> dict[int, Any]:
    """The cases with all their fields, in a query per SOP."""
    sops = dict(db.session.execute(select(Case.id, Case.sop).where(Case.id.in_(ids))).tuples().all())
    found: dict[int, Any] = {}
    for key in dict.fromkeys(sops.values()):
        model = case_model(key)
        wanted = [pk for pk, sop in sops.items() if sop == key]
        found |= {case.id: case for case in db.session.scalars(select(model).where(model.id.in_(wanted))).unique()}
    return found


def _customers_of(actor: Actor, term: str) -> list[Customer]:
    exact = customers.meant(term, term)
    if exact is not None:
        return [exact]
    found = select(Customer).where(customers.having(actor, term)).order_by(Customer.name, Customer.code)
    return list(db.session.scalars(found.limit(MOST_PEOPLE)))


def _names(sop: Sop, cases: Iterable[Any], row: Customer) -> bool:
    """Whether a case of somebody has the customer's code."""
    code = next((key for key, column in sop.from_customer if column == "code"), None)
    return code is not None and any(
        tokens.compact(str(getattr(c, code, "") or "")) == tokens.compact(row.code) for c in cases
    )


def _told(actor: Actor, case: Any) -> dict[str, Any]:
    """What a case says of who and where somebody is, by its own field keys, as far as ``actor`` may read it."""
    sop = sop_of(case)
    closed = closed_fields(actor, SOPS[case.sop])
    keys = dict.fromkeys((*(sop.reporter or ()), *sop.person))
    values = {key: getattr(case, key, None) for key in keys if key not in closed and key in sop.own_fields}
    return {key: value for key, value in values.items() if value not in (None, "")}


def _taken_over(actor: Actor, sop: Sop, case: Any) -> dict[str, Any]:
    """What a new case of ``sop`` begins with from one that may be of another SOP: its fields of the same key and kind,
    and who reported."""
    other, told = sop_of(case), _told(actor, case)
    wanted = [sop.create.field(key) for key in dict.fromkeys((*(sop.reporter or ()), *sop.person))]
    values = {
        field.key: told[field.key] for field in wanted
        if field is not None and field.key in told and _alike(field, other.own_fields[field.key])
    }  # fmt: skip
    for mine, theirs in zip(sop.reporter or (), other.reporter or (), strict=False):
        if theirs in told:
            values.setdefault(mine, told[theirs])
    return values


def _alike(one: Field, other: Field) -> bool:
    return (one.type, one.reference) == (other.type, other.reference) and one.choices == other.choices


def _of_cases(actor: Actor, sop: Sop, cases: list[Any]) -> Person:
    """Who is in these cases; what the newest lacks the earlier ones tell."""
    cases = sorted(cases, key=lambda case: -case.id)
    values: dict[str, Any] = {}
    for case in cases:
        values = _taken_over(actor, sop, case) | values
    newest = cases[0]
    return Person(f"{OF_CASE}{newest.id}", newest.reporter_name, newest.reporter_phone, values, open_cases=_open(cases))


def _joined(actor: Actor, sop: Sop, row: Customer, cases: list[Any]) -> Person:
    """A customer with what their cases tell besides. What the reader gets masked fills nothing."""
    read = customers.read_by(actor, row)
    filled = {} if customers.masked(actor) else {key: read[column] for key, column in sop.from_customer if read[column]}
    cases = sorted(cases, key=lambda case: -case.id)
    told = _of_cases(actor, sop, cases).values if cases else {}
    return Person(
        f"{OF_CUSTOMER}{row.code}" if not customers.masked(actor) else "",
        read["name"], read["phone"], {**told, **filled}, read, _open(cases),
    )  # fmt: skip


def _open(cases: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(case for case in cases if case.closed_at is None)
