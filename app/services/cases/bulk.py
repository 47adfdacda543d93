"""One step on many cases: each in a transaction of its own, with a result of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.extensions import db
from app.models import Case
from app.services.cases import assignment, transitions
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import FieldError, Malformed, NotVisible, Refused
from app.services.core.wording import HANDED_OVER, PUT_BACK, TAKEN
from app.sop import SOPS
from app.workflow.declaration import Sop, Transition

#: Cases that one call may name.
MOST = 200
#: What can be done to a claim on a case, beside the steps of its SOP. A step of the same name goes before it.
CLAIMS = (TAKEN, PUT_BACK, HANDED_OVER)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """A case on which the step was done, as it is now."""

    id: int
    number: str
    state: str
    version: int


@dataclass(frozen=True)
class Refusal:
    """A case that is as it was before. ``status``, ``message`` and ``field_errors`` are those of the same step on this
    case alone."""

    id: int
    status: int
    message: str
    field_errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class Result:
    """Every case once, in the order in which they were named."""

    done: list[Done] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """What is answered for all cases alike. ``raw``: input by field key, as typed; of handing over ``username``.
    ``versions``: by case id, what the sender last saw; a case that has changed since is refused. ``note_open``: as for
    a single step."""

    raw: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    versions: Mapping[int, int] = field(default_factory=dict)
    note_open: bool = False


def perform(actor: Actor, sop_key: str, key: str, ids: Iterable[int], answers: Answers) -> Result:
    """Does the step ``key``, or one of ``CLAIMS``, on each of the cases.

    A case that can't be moved is among the refused; the others are done all the same. Raises ``NotVisible`` for an
    SOP or a step that there is not, ``Malformed`` for no cases or more than ``MOST``.
    """
    wanted = _once(ids)
    do = _verb(actor, sop_key, key, answers)
    result = Result()
    for pk in wanted:
        outcome = _on(do, pk)
        if isinstance(outcome, Done):
            result.done.append(outcome)
        else:
            result.refused.append(outcome)
    return result


def step_of(sop_key: str, key: str) -> Transition | None:
    """The step of this key, by any revision of the SOP, or None for one of ``CLAIMS``. Raises ``NotVisible``."""
    if sop_key not in SOPS:
        raise NotVisible(_("There is no such SOP."))
    step = SOPS[sop_key].known_transitions.get(key)
    if (step is None and key not in CLAIMS) or (step is not None and step.creates):
        raise NotVisible(_("This SOP has no such step."))
    return step


def offered(actor: Actor, sop: Sop, case: Case) -> tuple[str, ...]:
    """What ``actor`` may do on this case together with others, by role and state: the keys of its steps that hand in
    nothing, and of ``CLAIMS``. No query, so that a list can say it of every row; the rest is judged when it is done."""
    claims = (
        (TAKEN, assignment.may_take(actor, sop, case)),
        (PUT_BACK, assignment.may_put_back(actor, sop, case)),
        (HANDED_OVER, assignment.may_hand_over(actor, sop, case)),
    )
    steps = () if case.voided_at is not None else sop.transitions
    return (
        *(key for key, possible in claims if possible),
        *(s.key for s in steps if case.state in s.source and actor.roles & set(s.by) and not _hands_in(s, case)),
    )


def _hands_in(step: Transition, case: Case) -> bool:
    """Whether the step can't be done on this case without a document."""
    again = set(step.accepts) & set(case.requested_documents)
    return bool(again) or any(one.required and one.applies(case, clock.now()) for one in step.documents)


def _once(ids: Iterable[int]) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise Malformed(_("Please choose the cases first."))
    if len(wanted) > MOST:
        raise Malformed(_("At most %(most)s cases can be moved on at once.", most=MOST))
    return wanted


def _verb(actor: Actor, sop_key: str, key: str, answers: Answers) -> Callable[[int], Any]:
    """What is done to one case, by its id."""
    if step_of(sop_key, key) is not None:
        return lambda pk: transitions.perform(
            actor, sop_key, pk, key, answers.raw, None, answers.note, answers.versions.get(pk), answers.note_open
        )
    name = answers.raw.get("username")
    if set(answers.raw) - ({"username"} if key == HANDED_OVER else set()) or not isinstance(name, str | None):
        raise Malformed(_("Send nothing but the cases, and to hand them over “username”."))
    if key == TAKEN:
        return lambda pk: assignment.take(actor, sop_key, pk)
    if key == PUT_BACK:
        return lambda pk: assignment.put_back(actor, sop_key, pk)
    return lambda pk: assignment.hand_over(actor, sop_key, pk, (name or "").replace("\x00", ""), answers.note)


def _on(do: Callable[[int], Any], pk: int) -> Done | Refusal:
    try:
        case = do(pk)
        return Done(case.id, case.number, case.state, case.version)
    except Refused as refusal:
        return Refusal(pk, refusal.status, refusal.message, refusal.field_errors)
    except Exception:
        # Those before it are done and those after it can be: who asked has to learn which.
        log.exception("a step on many cases broke at case %s", pk)
        db.session.rollback()
        return Refusal(pk, 500, _("Something went wrong on our side; nothing was changed on this case."))
