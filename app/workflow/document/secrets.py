"""Checks that nothing confidential leaves by another way: in a mail or message, a case of another SOP, an open field, a
sentence, a deadline."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from app.workflow.declaration import Sop, Transition
from app.workflow.document import actions
from app.workflow.document.expressions import Expression
from app.workflow.document.sentences import Sentence
from app.workflow.mistakes import N_, Mistakes

#: Names that an expression reads, and the roles that may read what they stand for.
Secrets = Mapping[str, Collection[str]]
NAME = re.compile(r"\w+")
TELLS = N_("tells “%(name)s”, which is confidential")


def check_secrets(sop: Sop, mistakes: Mistakes) -> None:
    kept: dict[str, tuple[str, ...]] = {
        field.key: field.confidential_to
        for field in (*sop.own_fields.values(), *(column for records in sop.records for column in records.columns))
        if field.confidential_to
    }
    for step in sop.transitions:
        own = kept | ({"note": step.confidential_to} if step.confidential_to else {})
        own |= {field.key: field.confidential_to for field in step.fields if field.confidential_to}
        if own:
            _step(sop, step, own, mistakes)
    if sop.from_mail and isinstance(sop.from_mail.acknowledgement, actions.Mail):
        _told_by_mail(sop.from_mail.acknowledgement, kept, mistakes)
    if isinstance(sop.whatsapp, Sentence):
        _tells("whatsapp", _in_sentence(sop.whatsapp), kept, mistakes)
    for deadline in sop.deadlines:
        for word in ("due", "since"):
            expression = getattr(getattr(deadline, word), "expression", None)
            _tells(f"deadlines.{deadline.key}.{word}", [expression] if expression else [], kept, mistakes)


def _step(sop: Sop, step: Transition, secrets: Secrets, mistakes: Mistakes) -> None:
    for nth, guard in enumerate(step.guards):
        hidden = {name: roles for name, roles in secrets.items() if not set(step.by) <= set(roles)}
        if isinstance(guard.sentence, Sentence):
            _tells(f"steps.{step.key}.only_if[{nth}].says", _in_sentence(guard.sentence), hidden, mistakes)
    for nth, effect in enumerate(step.effects):
        action = effect.action if isinstance(effect, actions.When) else effect
        at = f"steps.{step.key}.does[{nth}]"
        if isinstance(action, actions.Mail):
            _told_by_mail(action, secrets, mistakes)
        elif isinstance(action, actions.OpenCase):
            _tells(at, [expression for _key, expression in action.values], secrets, mistakes)
        elif isinstance(action, actions.Set):
            for key, expression in action.values:
                readers = getattr(sop.own_fields.get(key), "confidential_to", ())
                open_to = {name: roles for name, roles in secrets.items() if not readers or set(readers) - set(roles)}
                _tells(f"{at}.set.{key}", [expression], open_to, mistakes)


def _told_by_mail(mail: actions.Mail, secrets: Secrets, mistakes: Mistakes) -> None:
    _tells(f"mails.{mail.key}", [*_in_sentence(mail.subject), *_in_sentence(mail.text)], secrets, mistakes)


def _in_sentence(sentence: Sentence) -> Iterator[Expression]:
    return (part for parts in sentence.parts for part in parts if isinstance(part, Expression))


def _tells(at: str, expressions: Iterable[Expression], secrets: Secrets, mistakes: Mistakes) -> None:
    """A name within a text (``newest('hearings', 'what_happened')``) counts as well."""
    named = {name for expression in expressions for name in NAME.findall(expression.source)}
    for name in sorted(named & set(secrets)):
        mistakes.add(at, TELLS, name=name)
