"""Builds how a mail opens a case: which of its parts answers which field of the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from app.workflow.declaration import FromMail, Transition
from app.workflow.document.context import STEP, Context
from app.workflow.document.effects import mail_named
from app.workflow.document.shapes import shown
from app.workflow.mistakes import N_
from app.workflow.parts import Field
from app.workflow.values import InvalidValue, parse

Raw = Mapping[str, Any]
AT = "from_mail"
ADDRESS, TEXT, LINES = ("email", "contact"), ("text", "longtext"), ("longtext",)


def build_from_mail(context: Context, steps: Sequence[Transition]) -> FromMail | None:
    """None where the document says nothing of mails, or too little of what is said can be understood."""
    words = context.raw.get(AT)
    if words is None:
        return None
    create = next((step for step in steps if step.creates), None)
    asked = {field.key: field for field in create.fields} if create else {}

    def field(word: str, kinds: tuple[str, ...]) -> str | None:
        written = words.get(word)
        if written in context.fields and _is_unsure(context, written, create):
            return str(written)
        return context.name(written, "field", f"{AT}.{word}", _of(asked.values(), kinds))

    sender, text = field("sender", ADDRESS), field("text", LINES)
    attachments = _document(context, words, "attachments", steps)
    found = FromMail(
        sender or "", text or "", attachments or "",
        sender_name=field("sender_name", TEXT), subject=field("subject", TEXT),
        answers=tuple(_answers(context, words, asked)),
        mail=_whole(context, words, steps),
        acknowledgement=_acknowledgement(context, words),
    )  # fmt: skip
    return found if sender and text and attachments else None


def _of(fields: Iterable[Field], kinds: tuple[str, ...]) -> list[str]:
    return [field.key for field in fields if field.kind.key in kinds]


def _is_unsure(context: Context, field: str, create: Transition | None) -> bool:
    """Whether what is wrong with a field, or with the form that asks for it, is told already."""
    asks = f"steps.{create.key}.asks" if create else "steps"
    return context.mistakes.told_in(f"fields.{field}") or context.mistakes.told_in(asks)


def _answers(context: Context, words: Raw, asked: Mapping[str, Field]) -> Iterable[tuple[str, Any]]:
    for key, answer in words.get("answers", {}).items():
        at = f"{AT}.answers.{key}"
        if context.mistakes.told_in(f"fields.{key}") or context.name(key, "field", at, asked) is None:
            continue
        try:
            if asked[key].type != "reference":  # a row of master data is looked up when a mail comes
                parse(asked[key], answer, UTC)
        except InvalidValue:
            kind = asked[key].kind.key
            context.mistakes.add(at, N_("“%(value)s” is no answer to a field of the type “%(type)s”"),
                                 value=shown(answer), type=kind)  # fmt: skip
        yield key, answer


def _document(context: Context, words: Raw, word: str, steps: Sequence[Transition]) -> str | None:
    """A mail brings as many as it has and comes when it will, so it must neither replace what there is nor what
    somebody decides on."""
    declared = context.raw.get("documents", {})
    key = context.name(words.get(word), "document", f"{AT}.{word}", declared)
    if key is None:
        return None
    if not declared[key].get("several"):
        context.mistakes.add(f"{AT}.{word}", N_("a mail would replace what there is: the document must be several"))
    handed_in = {step.key: step.accepts for step in steps}
    if any(key in handed_in.get(earlier, ()) for step in steps for earlier in step.four_eyes):
        context.mistakes.add(f"{AT}.{word}", N_("somebody decides on this document, so it comes by a step alone"))
    return key


def _whole(context: Context, words: Raw, steps: Sequence[Transition]) -> str | None:
    """The mail itself holds its text and its files, so it is for nobody who may not have those."""
    key = _document(context, words, "mail", steps)
    if key is None:
        return None
    fields, documents = context.raw.get("fields", {}), context.raw.get("documents", {})
    readers = _spelled(context, documents[key])
    parts = [documents.get(words.get("attachments"), {})]
    if words.get("text") != context.raw.get("subject"):  # which can't be confidential, and that is told
        parts.append(fields.get(words.get("text"), {}))
    for part in parts if not context.mistakes.told_in(f"{AT}.attachments") else ():
        allowed = _spelled(context, part)
        if allowed and not (readers and readers <= allowed):
            context.mistakes.add(f"{AT}.mail", N_("tells “%(name)s”, which is confidential"), name=str(words["mail"]))
            break
    return key


def _spelled(context: Context, words: Raw) -> set[str]:
    groups = context.raw.get("groups", {})
    return {name for one in words.get("confidential_to", ()) for name in groups.get(one, [one])}


def _acknowledgement(context: Context, words: Raw) -> Any:
    if "acknowledgement" not in words:
        return None
    return mail_named(context, words["acknowledgement"], f"{AT}.acknowledgement", context.surface(STEP))
