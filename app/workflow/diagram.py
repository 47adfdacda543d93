"""Draws an SOP as SVG: its states one below the other, an arrow for each move. The result is text, for pages, documents
and tests alike."""

from __future__ import annotations

from html import escape
from textwrap import wrap

from app.workflow.declaration import Sop
from app.workflow.drawing import BOX, COLOURS, HEIGHT, INK, LEFT, Place
from app.workflow.traffic import Flow, busy

#: Measures in the drawing's own units: it is as wide as a small phone and scales from there.
WIDTH, GAP, LANE = 360, 20, 10


def moves(sop: Sop) -> list[tuple[int, int]]:
    """``(from, to)`` by place of the state in the declaration, each once; steps that stay are not among
    them."""
    place = {state.key: at for at, state in enumerate(sop.states)}
    found = {
        (place[source], place[target])
        for transition in sop.transitions
        for source in transition.source
        for target in transition.possible_targets(source)
        if target != source
    }
    return sorted(found)


def spoken(sop: Sop, start: str, stay: str) -> list[tuple[str, str, str, str]]:
    """The text alternative, a line per step: from which states, its name, where it leads, who may do it.
    ``start`` and ``stay`` are the words for no state yet and the same state."""
    lines = []
    for transition in sop.transitions:
        origins = ", ".join(str(sop.state_by_key[source].label) for source in transition.source)
        targets = [str(sop.state_by_key[key].label) for key in (transition.target, *transition.branches) if key]
        ends = ", ".join(targets if transition.target else [stay, *targets])
        lines.append((origins or start, str(transition.label), ends, ", ".join(transition.by)))
    return lines


def svg(
    sop: Sop, present: str | None, title: str, description: str, here: str, traffic: Flow | None = None
) -> str:  # fmt: skip
    """The drawing; ``present`` is marked by a thick frame and the word ``here``. With ``traffic`` it is wider: every
    arrow is labelled with its traffic."""
    places, width, arrows = _plain(sop) if traffic is None else busy(sop, moves(sop), traffic)
    height = places[-1].top + places[-1].height + LEFT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-labelledby="sop-title sop-description"><title id="sop-title">{escape(title)}</title>'
        f'<desc id="sop-description">{escape(description)}</desc>',
        *arrows,
        *(_box(sop, at, place, present, here) for at, place in enumerate(places)),
        "</svg>",
    ]
    return "".join(parts)


def _plain(sop: Sop) -> tuple[list[Place], int, list[str]]:
    """Places, width and arrows of the drawing without traffic."""
    edges = moves(sop)
    straight = [_straight(a) for a, b in edges if b == a + 1]
    places = [Place(_top(at)) for at in range(len(sop.states))]
    return places, WIDTH, [*straight, *_lanes(sop, [(a, b) for a, b in edges if b != a + 1])]


def _top(at: int) -> int:
    return LEFT + at * (HEIGHT + GAP)


def _straight(at: int) -> str:
    x, y = LEFT + BOX // 2, _top(at) + HEIGHT
    return (
        f'<path d="M{x} {y}V{y + GAP - 5}" stroke="{INK}" stroke-width="2" fill="none"/>'
        f'<path d="M{x - 5} {y + GAP - 8}L{x} {y + GAP - 1}L{x + 5} {y + GAP - 8}Z" fill="{INK}"/>'
    )


def _lanes(sop: Sop, edges: list[tuple[int, int]]) -> list[str]:
    """A lane at the right for each state with arrows from states that are not next to it; they share the lane."""
    targets = sorted({b for _a, b in edges}, key=lambda b: (max(abs(b - a) for a, t in edges if t == b), b))
    room = WIDTH - LEFT - BOX - 14
    step = min(LANE, room // max(len(targets), 1))
    return [
        _lane(sop, b, [a for a, t in edges if t == b], LEFT + BOX + 14 + lane * step) for lane, b in enumerate(targets)
    ]


def _lane(sop: Sop, target: int, sources: list[int], x: int) -> str:
    colour = COLOURS[sop.states[target].colour][1]
    edge = LEFT + BOX
    enters = _top(target) + HEIGHT // 3
    leaves = [_top(a) + HEIGHT * 2 // 3 for a in sources]
    stubs = "".join(f"M{edge} {y}H{x}" for y in leaves)
    return (
        f'<path d="{stubs}M{x} {min([*leaves, enters])}V{max([*leaves, enters])}M{x} {enters}H{edge + 6}" '
        f'stroke="{colour}" stroke-width="1.5" fill="none"/>'
        f'<path d="M{edge + 8} {enters - 5}L{edge} {enters}L{edge + 8} {enters + 5}Z" fill="{colour}"/>'
    )


def _box(sop: Sop, at: int, place: Place, present: str | None, here: str) -> str:
    state = sop.states[at]
    ground, ink = COLOURS[state.colour]
    is_here = state.key == present
    label = wrap(str(state.label), 26 if is_here else 30)[:2]
    y = place.top
    middle = y + place.height // 2 + 5 - 8 * (len(label) - 1)
    lines = "".join(
        f'<text x="{LEFT + 12}" y="{middle + 16 * n}" font-size="13" font-weight="{700 if is_here else 500}" '
        f'fill="{ink}">{escape(line)}</text>'
        for n, line in enumerate(label)
    )
    mark = (
        f'<text x="{LEFT + BOX - 8}" y="{y + 13}" font-size="10" font-weight="700" text-anchor="end" '
        f'fill="{ink}">{escape(here)}</text>'
        if is_here else ""
    )  # fmt: skip
    return (
        f'<rect x="{LEFT}" y="{y}" width="{BOX}" height="{place.height}" rx="{18 if state.is_final else 6}" '
        f'fill="{ground}" stroke="{ink}" stroke-width="{4 if is_here else 1}"/>{lines}{mark}'
    )
