"""The drawing of an SOP with its actual traffic on the arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from app.workflow.declaration import Sop
from app.workflow.drawing import BOX, COLOURS, HEIGHT, INK, LEFT, Place

#: Room between two boxes, height of a way's row, width of a lane, of the thickest line and of a letter.
GAP, ROW, LANE, THICKEST, LETTER = 34, 22, 15, 8, 6.2
#: Edges without traffic.
PALE, THIN = "#ccd3da", 1.2


@dataclass(frozen=True)
class Traffic:
    """The traffic of an arrow: ``label`` is written beside it, the number of ``cases`` sets its width."""

    label: str
    cases: int


#: By ``(from, to)`` in keys of states; from None is how cases come in. An edge that is not in it is drawn pale.
Flow = Mapping[tuple[str | None, str], Traffic]


def busy(sop: Sop, edges: list[tuple[int, int]], traffic: Flow) -> tuple[list[Place], int, list[str]]:
    """Places of the boxes, width and arrows, for ``edges`` by place of the state in the declaration.

    Each way out of a state has a row of its box to itself, with its label at the box's edge; the ways that lead to the
    same state from afar share a lane, which grows thicker as they join.
    """
    far = [(a, b) for a, b in edges if b != a + 1]
    lanes = sorted({b for _a, b in far}, key=lambda b: (max(abs(b - a) for a, t in far if t == b), b))
    rows = [_rows(far, at) for at in range(len(sop.states))]
    places, top = [], LEFT + GAP
    for row in rows:
        places.append(Place(top, max(HEIGHT, ROW * len(row) + 8)))
        top += places[-1].height + GAP
    letters = max((len(one.label) for one in traffic.values()), default=0)
    first = LEFT + BOX + max(40, int(letters * LETTER) + 24)
    drawing = _Busy(sop, traffic, places, rows)
    begins = [drawing.down(None, 0)] if sop.states[0].key in sop.create.targets else []
    arrows = [*begins, *(drawing.down(a, b) for a, b in edges if b == a + 1)]
    for nth, target in enumerate(lanes):
        arrows += drawing.lane(target, [a for a, b in far if b == target], first + nth * LANE)
    # Edges without traffic are drawn under those with traffic.
    return places, first + len(lanes) * LANE + LEFT, sorted(arrows, key=lambda part: PALE not in part)


def _rows(far: list[tuple[int, int]], at: int) -> list[int | None]:
    """The rows of a state's box: the entry of its lane (None), then its distant targets from the top down."""
    entered: list[int | None] = [None] if any(b == at for _a, b in far) else []
    return [*entered, *(b for a, b in far if a == at)]


@dataclass(frozen=True)
class _Busy:
    """Draws arrows with their traffic."""

    sop: Sop
    traffic: Flow
    places: list[Place]
    rows: list[list[int | None]]

    def down(self, a: int | None, b: int) -> str:
        """The arrow to the next state; from None to the first."""
        x, end = LEFT + BOX // 2, self.places[b].top
        thick, colour = self._look([(a, b)], INK)
        head = thick / 2 + 4
        return (
            f'<path d="M{x} {end - GAP + (4 if a is None else 0)}V{end - 6}" stroke="{colour}" '
            f'stroke-width="{thick:.1f}" fill="none"/>'
            f'<path d="M{x - head:.1f} {end - 8}L{x} {end - 1}L{x + head:.1f} {end - 8}Z" fill="{colour}"/>'
            + self._label(a, b, x + 14, end - GAP // 2 + 4)
        )

    def lane(self, target: int, sources: list[int], x: int) -> list[str]:
        """A stub out of each source, the pieces of the lane between them, and the way into the target."""
        ink = COLOURS[self.sop.states[target].colour][1]
        edge, enters = LEFT + BOX, self._row(target, None)
        leaves = {a: self._row(a, target) for a in sources}
        parts = [
            self._line(f"M{edge} {y}H{x}", [(a, target)], ink) + self._label(a, target, edge + 8, y - 5)
            for a, y in leaves.items()
        ]
        for upper, lower in pairwise(sorted([*leaves.values(), enters])):
            above = lower <= enters
            over = [(a, target) for a, y in leaves.items() if (y <= upper if above else y >= lower)]
            parts.append(self._line(f"M{x} {upper}V{lower}", over, ink))
        thick, colour = self._look([(a, target) for a in sources], ink)
        head = thick / 2 + 4
        arrow = f"M{edge + 8} {enters - head:.1f}L{edge} {enters}L{edge + 8} {enters + head:.1f}Z"
        way_in = self._line(f"M{x} {enters}H{edge + 7}", [(a, target) for a in sources], ink, cap="butt")
        return [*parts, f'{way_in}<path d="{arrow}" fill="{colour}"/>']

    def _row(self, at: int, row: int | None) -> int:
        place, rows = self.places[at], self.rows[at]
        return place.top + (place.height - ROW * len(rows)) // 2 + ROW * rows.index(row) + ROW * 3 // 4

    def _line(self, path: str, edges: list[tuple[int, int]], ink: str, cap: str = "round") -> str:
        thick, colour = self._look(edges, ink)
        return (
            f'<path d="{path}" stroke="{colour}" stroke-width="{thick:.1f}" stroke-linecap="{cap}" '
            f'stroke-linejoin="round" fill="none"/>'
        )

    def _look(self, edges: Sequence[tuple[int | None, int]], ink: str) -> tuple[float, str]:
        """Thickness and colour of a line shared by these edges; its area is proportional to the cases."""
        found = [one for a, b in edges if (one := self.traffic.get(self._key(a, b))) is not None]
        if not found:
            return THIN, PALE
        busiest = max(one.cases for one in self.traffic.values()) or 1
        return THIN + min(sum(one.cases for one in found) / busiest, 1) ** 0.5 * (THICKEST - THIN), ink

    def _label(self, a: int | None, b: int, x: int, y: int) -> str:
        one = self.traffic.get(self._key(a, b))
        if one is None:
            return ""
        return f'<text x="{x}" y="{y}" font-size="11" fill="#1b2530">{escape(one.label)}</text>'

    def _key(self, a: int | None, b: int) -> tuple[str | None, str]:
        return None if a is None else self.sop.states[a].key, self.sop.states[b].key
