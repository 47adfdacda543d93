"""The shortest path of a case to each of its states, from the declaration alone."""

from __future__ import annotations

from collections import deque

from app.workflow.declaration import Sop, Transition


def shortest_paths(sop: Sop) -> dict[str, tuple[Transition, ...]]:
    """Per state the transitions that lead there, the create transition first; main steps come before optional ones."""
    paths: dict[str, tuple[Transition, ...]] = dict.fromkeys(sop.create.targets, (sop.create,))
    ahead = deque(paths)
    while ahead:
        state = ahead.popleft()
        for transition in sorted(sop.transitions, key=lambda t: t.optional):
            for target in sorted(transition.possible_targets(state)) if state in transition.source else ():
                if target not in paths:
                    paths[target] = (*paths[state], transition)
                    ahead.append(target)
    return paths


def steps_to_final(sop: Sop) -> dict[str, int]:
    """How many steps each state is away from a final one at least."""
    away = {state.key: 0 for state in sop.states if state.is_final}
    ahead = deque(away)
    while ahead:
        target = ahead.popleft()
        for transition in sop.transitions:
            for state in transition.source:
                if state not in away and target in transition.possible_targets(state):
                    away[state] = away[target] + 1
                    ahead.append(state)
    return away
