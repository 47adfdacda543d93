"""An SOP as a picture: its states one below the other, an arrow to each place that a step leads to. Change
here how it is drawn. Nothing but text comes out, so that page, document and test can use it alike."""

from __future__ import annotations

from html import escape
from textwrap import wrap

from app.workflow.declaration import Sop

#: Measures in the drawing's own units: it is as wide as a small phone and scales from there.
WIDTH, BOX, HEIGHT, GAP, LEFT, LANE = 360, 232, 44, 20, 6, 10
#: Ground, frame and text of a state's colour; text on ground has a contrast of at least 4.5.
COLOURS = {
    "grey": ("#e9edf1", "#3d4754"),
    "blue": ("#e2edfb", "#174a8b"),
    "amber": ("#fdf0d3", "#6f4700"),
    "violet": ("#efe8fb", "#553090"),
    "teal": ("#d9f2ef", "#0b5550"),
    "green": ("#e0f3e4", "#1b5a2b"),
    "red": ("#fce5e2", "#8f1d16"),
}


def moves(sop: Sop) -> list[tuple[int, int]]:
    """``(from, to)`` by place of the state in the declaration, each once; steps that stay are not among
    them."""
    place = {state.key: at for at, state in enumerate(sop.states)}
    found = {
        (place[source], place[target])
        for transition in sop.transitions
        for source in transition.source
        for target in transition.ends(source)
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
        said = ", ".join(targets if transition.target else [stay, *targets])
        lines.append((origins or start, str(transition.label), said, ", ".join(transition.by)))
    return lines


def svg(sop: Sop, present: str | None, title: str, description: str, here: str) -> str:
    """The drawing; ``present`` is marked by a thick frame and the word ``here``."""
    height = len(sop.states) * (HEIGHT + GAP) - GAP + 2 * LEFT
    edges = moves(sop)
    straight = [a for a, b in edges if b == a + 1]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
        f'aria-labelledby="sop-title sop-description"><title id="sop-title">{escape(title)}</title>'
        f'<desc id="sop-description">{escape(description)}</desc>',
        *(_straight(a) for a in straight),
        *_lanes(sop, [(a, b) for a, b in edges if b != a + 1]),
        *(_box(sop, at, present, here) for at in range(len(sop.states))),
        "</svg>",
    ]
    return "".join(parts)


def _top(at: int) -> int:
    return LEFT + at * (HEIGHT + GAP)


def _straight(at: int) -> str:
    x, y = LEFT + BOX // 2, _top(at) + HEIGHT
    return (
        f'<path d="M{x} {y}V{y + GAP - 5}" stroke="#55616e" stroke-width="2" fill="none"/>'
        f'<path d="M{x - 5} {y + GAP - 8}L{x} {y + GAP - 1}L{x + 5} {y + GAP - 8}Z" fill="#55616e"/>'
    )


def _lanes(sop: Sop, edges: list[tuple[int, int]]) -> list[str]:
    """A lane at the right for each state that is reached from afar: every way there runs into it."""
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


def _box(sop: Sop, at: int, present: str | None, here: str) -> str:
    state = sop.states[at]
    ground, ink = COLOURS[state.colour]
    is_here = state.key == present
    label = wrap(str(state.label), 26 if is_here else 30)[:2]
    y = _top(at)
    middle = y + HEIGHT // 2 + 5 - 8 * (len(label) - 1)
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
        f'<rect x="{LEFT}" y="{y}" width="{BOX}" height="{HEIGHT}" rx="{18 if state.is_final else 6}" '
        f'fill="{ground}" stroke="{ink}" stroke-width="{4 if is_here else 1}"/>{lines}{mark}'
    )
