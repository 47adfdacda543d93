"""Which button of a case is the loudest."""

from __future__ import annotations

from app.sop import SOPS
from app.workflow.engine import AvailableAction, Violation, main_action


def _main(sop: str, *keys: str, barred: tuple[str, ...] = ()) -> str | None:
    steps = (SOPS[sop].transition_by_key[key] for key in keys)
    found = main_action([AvailableAction(s, (Violation("guard", "g"),) if s.key in barred else ()) for s in steps])
    return found.transition.key if found else None


def test_it_is_the_first_that_can_be_done() -> None:
    assert _main("somasi", "finish_compensated", "finish_settled", "suspend") == "finish_compensated"
    ways = ("finish_compensated", "finish_settled", "suspend")
    assert _main("somasi", *ways, barred=("finish_compensated",)) == "finish_settled"


def test_a_quiet_one_is_it_only_alone_and_one_that_refuses_or_lies_aside_never() -> None:
    assert _main("hard_complaint", "return_to_qco", "validate") == "validate"
    assert _main("hard_complaint", "return_to_qco", "validate", barred=("validate",)) == "return_to_qco"
    assert _main("somasi", "request_revision", "accept_documents") == "accept_documents"
    assert _main("somasi", "request_revision") is None
    assert _main("somasi", "reopen") is None
