"""Ways through a declaration: the shortest to each state, and how far each is from an end."""

from __future__ import annotations

import pytest

from app.sop import SOPS
from app.workflow.declaration import Sop
from app.workflow.paths import shortest_paths, steps_to_final


@pytest.mark.parametrize("sop", SOPS.values(), ids=str)
def test_every_state_is_reached_and_left(sop: Sop) -> None:
    away = steps_to_final(sop)
    assert shortest_paths(sop).keys() == away.keys() == sop.state_by_key.keys()
    for state in sop.states:
        assert (away[state.key] == 0) == state.is_final
        nearer = [
            t
            for t in sop.transitions
            if state.key in t.source and away[state.key] - 1 in map(away.get, t.possible_targets(state.key))
        ]
        assert nearer or state.is_final
