"""Whether the steps of a declaration lead everywhere: from the opening to each state, and from there to an end."""

from __future__ import annotations

from app.workflow.declaration import Sop
from app.workflow.mistakes import N_, Mistakes


def _edges(sop: Sop) -> dict[str, set[str]]:
    edges = {s.key: set[str]() for s in sop.states}
    for transition in sop.transitions:
        for source in set(transition.source) & set(edges):
            edges[source] |= transition.possible_targets(source) & set(edges)
    return edges


def check_ways(sop: Sop, mistakes: Mistakes) -> None:
    edges = _edges(sop)
    start = {target for t in sop.transitions if t.creates for target in t.targets}
    reached = _reachable(start & set(edges), edges)
    for state in sop.states:
        if state.key not in reached:
            mistakes.add(f"states.{state.key}", N_("the state can't be reached"))
    for key in sop.open_states:
        if key in reached and not any(sop.state_by_key[state].is_final for state in _reachable({key}, edges)):
            mistakes.add(f"states.{key}", N_("no final state can be reached from here"))


def check_waiting(sop: Sop, mistakes: Mistakes) -> None:
    """What waits for somebody outside must be able to go on."""
    edges = _edges(sop)
    for state in sop.states:
        onward = edges[state.key] - {state.key}
        if state.kind == "waiting" and onward and all(sop.state_by_key[s].kind == "waiting" for s in onward):
            mistakes.add(f"states.{state.key}", N_("the state waits, and no step leads back from it"))


def _reachable(start: set[str], edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        state = ahead.pop()
        if state not in seen:
            seen.add(state)
            ahead.extend(edges[state])
    return seen
