"""Builds the actions of a step from the words of a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.workflow.document import actions
from app.workflow.document.actions import Action
from app.workflow.document.context import STEP, Context
from app.workflow.document.expressions import TYPES, Expression, Surface
from app.workflow.document.sentences import Sentence
from app.workflow.mistakes import N_, Mistakes, unknown
from app.workflow.parts import Field
from app.workflow.texts import Words

Raw = Mapping[str, Any]


def action(context: Context, words: Raw, at: str, surface: Surface) -> Action | None:
    """One action; exactly one of the verbs stands in its table."""
    verbs = [verb for verb in VERBS if verb in words]
    if len(verbs) != 1 and context.mistakes.told_in(at):
        return None
    if len(verbs) != 1:
        context.mistakes.add(at, N_("must say exactly one of %(verbs)s"), verbs=", ".join(VERBS))
        return None
    for word in sorted(words.keys() - {verbs[0], "if", *GO_WITH.get(verbs[0], ())}):
        context.mistakes.add(f"{at}.{word}", N_("does not go with “%(verb)s”"), verb=verbs[0])
    made = VERBS[verbs[0]](context, words, at, surface)
    if made is None or "if" not in words:
        return made
    condition = context.expression(words["if"], f"{at}.if", surface, ("truth",))
    return actions.When(condition, made) if condition else None


def _set(context: Context, words: Raw, at: str, surface: Surface) -> Action:
    return actions.Set(_values(context, words["set"], f"{at}.set", surface))


def _values(context: Context, written: Raw, at: str, surface: Surface) -> tuple[tuple[str, Expression], ...]:
    found = []
    for key, source in written.items():
        if context.name(key, "field", f"{at}.{key}", context.fields) is None:
            continue
        if context.type_unknown(key):
            continue
        wanted = TYPES[context.fields[key].kind.storage]
        expression = context.expression(source, f"{at}.{key}", surface, (wanted, "null"))
        if expression:
            found.append((key, expression))
            misfit(context.fields[key], expression, f"{at}.{key}", context.mistakes)
    return tuple(found)


def misfit(field: Field, value: Expression, at: str, mistakes: Mistakes) -> None:
    """Adds what a field can't take of an expression of the right type: no such choice, a row of another table."""
    if value.type == "null":
        return
    if field.type == "choice":
        keys = [choice.key for choice in field.choices]
        given = value.written or tuple(choice.key for choice in value.of.choices) if value.of else value.written
        for key in given:
            if key not in keys:
                unknown(mistakes, at, "choice", str(key), keys)
        if not given:
            mistakes.add(at, N_("gives a %(found)s, but a %(wanted)s is needed"), found="text", wanted="choice")
    elif field.type == "reference" and (value.of is None or value.of.reference != field.reference):
        mistakes.add(at, N_("is a row of another table than “%(reference)s”"), reference=field.reference)


def _clear(context: Context, words: Raw, at: str, surface: Surface) -> Action:
    return actions.Clear(context.names(words["clear"], "field", f"{at}.clear", context.fields))


def _release(context: Context, words: Raw, at: str, surface: Surface) -> Action:
    return actions.Release(
        context.names(words["release"], "document", f"{at}.release", context.raw.get("documents", {}))
    )


def _ask_again(context: Context, words: Raw, at: str, surface: Surface) -> Action:
    lists = [key for key, field in surface.fields.items() if field.type == "list"]
    context.name(words["ask_again"], "list field", f"{at}.ask_again", lists)
    return actions.AskAgain(words["ask_again"])


def _mail(context: Context, words: Raw, at: str, surface: Surface) -> actions.Mail | None:
    return mail_named(context, words["mail"], f"{at}.mail", surface)


def mail_named(context: Context, written: str, at: str, surface: Surface) -> actions.Mail | None:
    """The mail of that key among the document's."""
    mails = context.raw.get("mails", {})
    key = context.name(written, "mail", at, mails)
    if key is None:
        return None
    context.used.add(f"mails.{key}")
    mail, where = mails[key], f"mails.{key}"
    addresses = [key for key, field in surface.fields.items() if field.kind.link != "nowhere"]
    to = context.name(mail.get("to"), "field with an address", f"{where}.to", addresses)
    documents = context.names(mail.get("documents"), "document", f"{where}.documents", context.raw.get("documents", {}))
    if to is None or "subject" not in mail or "text" not in mail:
        return None
    subject, text = (_sentence(context, mail[word], f"{where}.{word}") for word in ("subject", "text"))
    return actions.Mail(key, to, subject, text, documents)


def _sentence(context: Context, words: Words, at: str) -> Sentence:
    read = context.sentence(words, at, context.surface(STEP))
    return read if isinstance(read, Sentence) else Sentence(read, tuple((text,) for text in read.texts))


def _extend(context: Context, words: Raw, at: str, surface: Surface) -> Action | None:
    deadlines = context.raw.get("deadlines", {})
    key = context.name(words["extend"], "deadline", f"{at}.extend", deadlines)
    if key and "due" in deadlines[key] and not {"limit", "limits"} & deadlines[key].keys():
        context.mistakes.add(f"{at}.extend", N_("the deadline “%(key)s” has a day, so it can't be extended"), key=key)
    if "by" not in words:
        context.mistakes.add(at, N_("lacks “%(word)s”"), word="by")
        return None
    amount = context.expression(words["by"], f"{at}.by", surface, ("number",))
    return actions.Extend(key, amount) if key and amount else None


def _open_case(context: Context, words: Raw, at: str, surface: Surface) -> Action | None:
    """The fields of the other SOP are checked where all SOPs are known (``together.py``)."""
    key = context.name(words["open_case"], "SOP", f"{at}.open_case", context.around.sops)
    taken = context.names(words.get("take"), "field", f"{at}.take", context.fields)
    values = []
    for name, source in {**{name: name for name in taken}, **words.get("with", {})}.items():
        expression = context.expression(source, f"{at}.with.{name}", surface)
        values += [(name, expression)] if expression else []
    return actions.OpenCase(key, tuple(values), words.get("code")) if key else None


def _form(context: Context, words: Raw, at: str, surface: Surface) -> Action | None:
    form = context.name(words["form"], "form", f"{at}.form", context.around.forms)
    documents = words.get("as", {})
    if "as" not in words:
        context.mistakes.add(at, N_("lacks “%(word)s”"), word="as")
    context.names(documents, "document", f"{at}.as", context.raw.get("documents", {}))
    if form is None:
        return None
    for key, kind in documents.items():
        if kind not in context.around.forms[form]:
            context.mistakes.add(f"{at}.as.{key}", N_("the form “%(form)s” has no %(file)s"), form=form, file=kind)
    return actions.AttachForm(form, tuple(documents.items()))


#: What builds each action, by its verb; ``GO_WITH``: the words that may stand beside it, besides ``if``.
VERBS: dict[str, Callable[[Context, Raw, str, Surface], Action | None]] = {
    "set": _set, "clear": _clear, "release": _release, "ask_again": _ask_again, "mail": _mail, "extend": _extend,
    "open_case": _open_case, "form": _form,
}  # fmt: skip
GO_WITH: dict[str, tuple[str, ...]] = {
    "extend": ("by",), "open_case": ("with", "take", "code"), "form": ("as",),
}  # fmt: skip
