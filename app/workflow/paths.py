"""The shortest way of a case to each of its states, from the declaration alone."""

from __future__ import annotations

from collections import deque

from app.workflow.declaration import Sop, Transition


def shortest_paths(sop: Sop) -> dict[str, tuple[Transition, ...]]:
    """Per state the transitions that lead there, the create transition first; main steps go before asides."""
    paths: dict[str, tuple[Transition, ...]] = dict.fromkeys(sop.create.targets, (sop.create,))
    ahead = deque(paths)
    while ahead:
        state = ahead.popleft()
        for transition in sorted(sop.transitions, key=lambda t: t.aside):
            for target in sorted(transition.ends(state)) if state in transition.source else ():
                if target not in paths:
                    paths[target] = (*paths[state], transition)
                    ahead.append(target)
    return paths
