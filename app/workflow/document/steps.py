"""Builds the steps of a document: documents, rules, effects, where they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.workflow.declaration import Effect, Guard, Transition
from app.workflow.document.actions import NextRound
from app.workflow.document.bound import Chooses, Holds, OfCase
from app.workflow.document.context import EFFECT, GUARD, OF_CASE, OF_FACTS, ON_CASE, STEP, Context
from app.workflow.document.effects import action
from app.workflow.document.fields import asked
from app.workflow.document.sentences import Constant, Sentence
from app.workflow.mistakes import N_, unknown
from app.workflow.parts import Field, Requirement
from app.workflow.texts import Words

Raw = Mapping[str, Any]


def build_steps(context: Context) -> tuple[Transition, ...]:
    return tuple(_step(context, key, words) for key, words in context.raw.get("steps", {}).items())


def _step(context: Context, key: str, words: Raw) -> Transition:
    at = f"steps.{key}"
    states, steps = context.raw.get("states", {}), context.raw.get("steps", {})
    fields = asked(context, words, at)
    target = context.name(words.get("to"), "state", f"{at}.to", states)
    branches = _branches(context, words, at, fields)
    return Transition(
        key,
        words.get("label", key),
        context.names(words.get("from"), "state", f"{at}.from", states),
        target,
        context.names(words.get("by"), "role", f"{at}.by", context.raw.get("roles", ())),
        _requirements(context, words, at),
        fields,
        words.get("note", "optional"),
        _guards(context, key, words, at, fields),
        _effects(context, words, at, fields),
        context.names(words.get("four_eyes"), "step", f"{at}.four_eyes", steps),
        branches=tuple(dict.fromkeys(state for state, _if in branches)),
        choose=Chooses(branches, target) if branches else None,
        records=context.name(words.get("records"), "records", f"{at}.records", context.records),
        side_panel=context.name(words.get("side_panel"), "template", f"{at}.side_panel", context.around.templates),
        optional=words.get("optional", False),
        contact=words.get("contact", False),
        style=words.get("style", "primary"),
        help=words.get("help", ""),
        source_step=words.get("source_step", ""),
        confidential_to=context.roles(words, at),
        note_open=words.get("note_open", False),
        works_from=context.names(
            words.get("works_from"), "document", f"{at}.works_from", context.raw.get("documents", {})
        ),
    )


def _branches(context: Context, words: Raw, at: str, fields: tuple[Field, ...]) -> tuple[tuple[str, Any], ...]:
    surface = context.surface(ON_CASE, fields)
    found = []
    for nth, branch in enumerate(words.get("branches", ())):
        where = f"{at}.branches[{nth}]"
        state = context.name(branch.get("to"), "state", f"{where}.to", context.raw.get("states", {}))
        condition = context.expression(branch.get("if", "true"), f"{where}.if", surface, ("truth",))
        if state:  # also where the condition is wrong: the state is reached by it all the same
            found.append((state, condition))
    return tuple(found)


def _requirements(context: Context, words: Raw, at: str) -> tuple[Requirement, ...]:
    found = []
    for nth, entry in enumerate(words.get("documents", ())):
        where = f"{at}.documents[{nth}]"
        one: Raw = _short(entry) if isinstance(entry, str) else entry
        keys = context.names(one.get("any_of"), "document", where, context.raw.get("documents", {}))
        when = _when(context, one["when"], f"{where}.when") if "when" in one else None
        if keys:
            found.append(Requirement(keys, one.get("required", True), one.get("fresh", False), when, one.get("from")))
    return tuple(found)


def _short(entry: str) -> Raw:
    return {"any_of": entry.removesuffix("*").split("|"), "required": entry.endswith("*")}


def _when(context: Context, source: str, at: str) -> Any:
    if context.is_rule(source):
        return context.rule(source, OF_CASE, at)
    expression = context.expression(source, at, context.surface(ON_CASE), ("truth",))
    return OfCase(expression) if expression else None


def _guards(context: Context, key: str, words: Raw, at: str, fields: tuple[Field, ...]) -> tuple[Guard, ...]:
    guards: list[Guard] = []
    surface = context.surface(GUARD, fields)
    for nth, rule in enumerate(words.get("only_if", ())):
        where = f"{at}.only_if[{nth}]"
        name = rule.get("key", f"{key}_{nth + 1}")
        if any(guard.key == name for guard in guards):
            context.mistakes.add(f"{where}.key", N_("is declared twice"))
        says = _says(context, rule.get("says", Words(("", ""))), f"{where}.says", surface)
        source = rule.get("rule", "true")
        if context.is_rule(source):
            found = context.rule(source, OF_FACTS, f"{where}.rule")
            if found:
                guards.append(Guard(name, found, says, general=rule.get("general", "")))
            continue
        expression = context.expression(source, f"{where}.rule", surface, ("truth",))
        if expression:
            of_form = bool(expression.fields & {field.key for field in fields})
            plain = says.words if isinstance(says, Constant) else expression.words.sentence
            guards.append(Guard(name, Holds(expression), says, of_form, rule.get("general", plain)))
    return tuple(guards)


def _says(context: Context, says: Any, at: str, surface: Any) -> Any:
    """What makes the sentence of a guard from the facts: a rule in Python, or the words with their values."""
    if isinstance(says, str):
        if not context.is_rule(says):
            context.mistakes.add(at, N_("must be in every language, or the name of a rule"))
            return Constant(Words((says, says)))
        return context.rule(says, OF_FACTS, at) or Constant(Words((says, says)))
    sentence = context.sentence(says, at, surface)
    return sentence if isinstance(sentence, Sentence) else Constant(sentence)


def _effects(context: Context, words: Raw, at: str, fields: tuple[Field, ...]) -> tuple[Effect, ...]:
    surface = context.surface(STEP, fields)
    found: list[Effect] = []
    for nth, entry in enumerate(words.get("does", ())):
        where = f"{at}.does[{nth}]"
        if entry == "next_round":
            found.append(NextRound())
        elif isinstance(entry, str) and context.is_rule(entry):
            rule = context.rule(entry, EFFECT, where)
            found += [rule] if rule else []
        elif isinstance(entry, str):
            unknown(context.mistakes, where, "action", entry, ["next_round", *context.around.rules])
        else:
            made = action(context, entry, where, surface)
            found += [made] if made else []
    return tuple(found)
