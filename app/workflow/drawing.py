"""Measures, colours and positions shared by the drawings of an SOP."""

from __future__ import annotations

from dataclasses import dataclass

#: A box's width and least height, and the room around the drawing, in the drawing's own units.
BOX, HEIGHT, LEFT = 232, 44, 6
INK = "#55616e"
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


@dataclass(frozen=True)
class Place:
    """Position and height of a state's box."""

    top: int
    height: int = HEIGHT
