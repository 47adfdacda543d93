"""The rules that compare an answer, each a word of a field: ``not_before = "outage_at"``, ``not_in_future = true``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.workflow.document.bound import scope_of
from app.workflow.document.context import Context
from app.workflow.document.expressions import TYPES, Expression, Surface
from app.workflow.document.sentences import Said, Sentence, sentence
from app.workflow.document.vocabulary import COMPARISONS
from app.workflow.parts import Comparison, Field, Text
from app.workflow.texts import Words

Raw = Mapping[str, Any]
#: What a rule compares with when its word alone says it.
NOW = {"date": "today", "moment": "now"}
#: Per rule: whether the answer keeps it, and what it says when it does not; ``{}`` is the field and what it is compared
#: with.
KEPT: dict[str, Callable[[Any, Any], bool]] = {
    "not_in_future": lambda answer, now: answer <= now,
    "not_in_past": lambda answer, now: answer >= now,
    "not_before": lambda answer, other: answer >= other,
    "not_after": lambda answer, other: answer <= other,
    "at_least": lambda answer, other: answer >= other,
    "at_most": lambda answer, other: answer <= other,
    "equals": lambda answer, other: answer == other,
}
SAYS: dict[str, tuple[str, str]] = {
    "not_in_future": ("{} tidak boleh di masa depan.", "{} must not be in the future."),
    "not_in_past": ("{} tidak boleh di masa lalu.", "{} must not be in the past."),
    "not_before": ("{} tidak boleh sebelum {}.", "{} must not be before {}."),
    "not_after": ("{} tidak boleh setelah {}.", "{} must not be after {}."),
    "at_least": ("{} tidak boleh kurang dari {}.", "{} must not be less than {}."),
    "at_most": ("{} tidak boleh lebih dari {}.", "{} must not be more than {}."),
    "equals": ("{} harus sama dengan {}.", "{} must be the same as {}."),
}
OR_REASON = (
    " Bila memang demikian, tulis alasannya pada catatan.", " If it is so nevertheless, write the reason in the note.",
)  # fmt: skip
#: The types of answers that a rule compares; the others compare days and moments.
ALLOWED: dict[str, tuple[str, ...]] = {
    "at_least": ("number",), "at_most": ("number",), "equals": ("number", "date", "moment", "text"),
}  # fmt: skip
#: By the type of the answer, that of what it can be compared with.
WANTED: dict[str, tuple[str, ...]] = {
    "date": ("date", "moment"), "moment": ("date", "moment"), "number": ("number",), "text": ("text",),
}  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """``says``: the sentence in full. An answer that can't be compared, because the other is empty, breaks nothing."""

    rule: str
    other: Expression
    says: Sentence

    def __call__(self, field: Field, answer: Any, facts: Any) -> Said | None:
        other = self.other.value(scope_of(facts))
        if other is None or KEPT[self.rule](*_comparable(answer, other, facts.now)):
            return None
        return self.says.said(scope_of(facts))


def _comparable(answer: Any, other: Any, now: datetime) -> tuple[Any, Any]:
    """A moment is compared with a day as the day on which it is, with a moment by the minute: a form's control knows no
    seconds, so what is now there is neither past nor to come."""
    if isinstance(answer, datetime) and isinstance(other, datetime):
        return answer.replace(second=0, microsecond=0), other.replace(second=0, microsecond=0)
    if isinstance(answer, datetime) is isinstance(other, datetime) or not isinstance(answer, date):
        return answer, other
    answer, other = (
        one.astimezone(now.tzinfo).date() if isinstance(one, datetime) else one for one in (answer, other)
    )  # fmt: skip
    return answer, other


def comparisons(context: Context, field: Field, words: Raw, at: str, surface: Surface) -> tuple[Comparison, ...]:
    """The rules among the words of a field."""
    found = []
    for rule in COMPARISONS:
        if rule in words and words[rule] is not False:
            made = _comparison(context, field, rule, words[rule], f"{at}.{rule}", surface)
            found += [made] if made else []
    return tuple(found)


def _comparison(context: Context, field: Field, rule: str, word: Any, at: str, surface: Surface) -> Comparison | None:
    said: Raw = word if isinstance(word, dict) else {} if word is True else {"value": word}
    kind = TYPES[field.kind.storage]
    if kind not in ALLOWED.get(rule, ("date", "moment")):
        context.misplaced(at, field)
        return None
    source = said.get("value", NOW.get(kind, "now"))
    other = context.expression(source, at, surface, WANTED[kind])
    if other is None:
        return None
    reason = said.get("or_reason", False)
    words = said.get("says") or _usual(rule, field, other, surface, reason)
    spoken = context.sentence(words, f"{at}.says", surface)
    full = spoken if isinstance(spoken, Sentence) else sentence(spoken, surface)
    general = _general(rule, field, other, reason)
    return Comparison(rule, said.get("value", ""), Broken(rule, other, full), general, reason, said.get("says"))


def _usual(rule: str, field: Field, other: Expression, surface: Surface, reason: bool) -> Words:
    """The sentence when the document has none: what the answer is compared with by its name and its value, a moment by
    its day where the answer is a day."""
    by_day = other.type == "moment" and TYPES[field.kind.storage] == "date"
    value = f"{{date({other.source})}}" if by_day else f"{{{other.source}}}"
    texts = []
    for nth, text in enumerate(SAYS[rule]):
        named = value if other.written else f"{other.words.texts[nth]} ({value})"
        texts.append(text.format(f"“{_in(field.label, nth)}”", named) + (OR_REASON[nth] if reason else ""))
    return Words(tuple(texts))


def _general(rule: str, field: Field, other: Expression, reason: bool) -> Words:
    return Words(tuple(
        text.format(f"“{_in(field.label, nth)}”", other.words.texts[nth]) + (OR_REASON[nth] if reason else "")
        for nth, text in enumerate(SAYS[rule])
    ))  # fmt: skip


def _in(label: Text, language: int) -> str:
    return label.texts[language] if isinstance(label, Words) else str(label)
