"""The drawing of an SOP: the case page's stays small, the one with traffic tells every arrow."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from app.sop import SOPS
from app.workflow import diagram
from app.workflow.declaration import Sop
from app.workflow.traffic import LETTER, PALE, Traffic

EVERY = pytest.mark.parametrize("sop", SOPS.values(), ids=lambda sop: sop.key)
NS = "{http://www.w3.org/2000/svg}"
LONG = "1.204 · 128 hari 23 jam"


def edges(sop: Sop) -> list[tuple[str | None, str]]:
    keys = [state.key for state in sop.states]
    return [(None, keys[0]), *((keys[a], keys[b]) for a, b in diagram.moves(sop))]


def drawn(sop: Sop, traffic: dict[tuple[str | None, str], Traffic] | None) -> ElementTree.Element:
    # Labels are lazy translations, which need no app to be read in English.
    return ElementTree.fromstring(diagram.svg(sop, None, "title", "description", "now", traffic))


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{NS}text")]


@EVERY
def test_without_traffic_it_is_as_wide_as_a_small_phone(sop: Sop) -> None:
    root = drawn(sop, None)
    assert root.get("width") == "360"
    assert not any("·" in text for text in texts(root))


@EVERY
def test_every_arrow_that_was_used_has_its_label(sop: Sop) -> None:
    traffic = {edge: Traffic(f"label {nth}", nth + 1) for nth, edge in enumerate(edges(sop))}
    assert {label.label for label in traffic.values()} <= set(texts(drawn(sop, traffic)))


@EVERY
def test_labels_neither_overlap_nor_leave_the_drawing(sop: Sop) -> None:
    root = drawn(sop, {edge: Traffic(LONG, 1204) for edge in edges(sop)})
    places = [(float(e.get("x", 0)), float(e.get("y", 0))) for e in root.iter(f"{NS}text") if e.text == LONG]
    assert len(places) == len(edges(sop))
    wide = len(LONG) * LETTER
    assert max(x for x, _y in places) + wide < float(root.get("width", 0))
    for (x, y), (other_x, other_y) in combinations(places, 2):
        assert abs(y - other_y) >= 12 or abs(x - other_x) >= wide
    lanes = [float(x) for x in re.findall(r"M([\d.]+) [\d.]+V", ElementTree.tostring(root, "unicode"))]
    beside = [x for x in lanes if x > 232]
    assert all(x > max(at for at, _y in places if at > 232) + wide for x in beside)


@EVERY
def test_what_nobody_went_is_pale_and_says_nothing(sop: Sop) -> None:
    root = drawn(sop, {})
    assert {path.get("stroke") or path.get("fill") for path in root.iter(f"{NS}path")} == {PALE}
    assert not any(text.strip().isdigit() for text in texts(root))


def test_busy_arrows_are_thicker() -> None:
    sop = SOPS["somasi"]
    used = {("drafting", "litigation_review"): Traffic("1", 1), ("document_check", "drafting"): Traffic("100", 100)}
    strokes = {
        path.get("stroke-width")
        for path in drawn(sop, dict(used)).iter(f"{NS}path")
        if path.get("stroke") not in (None, PALE)
    }
    assert len(strokes) == 2


def test_a_shared_lane_grows_as_ways_join() -> None:
    """Three states are left for the court; beyond the second the lane carries both."""
    sop = SOPS["somasi"]
    used = {(state, "court_hearing"): Traffic("50", 50) for state in ("litigation_review", "manager_review")}
    pieces = [
        (float(path.get("stroke-width", 0)), path.get("d", ""))
        for path in drawn(sop, dict(used)).iter(f"{NS}path")
        if "V" in path.get("d", "") and path.get("stroke") not in (None, PALE)
    ]
    assert len({width for width, _path in pieces}) == 1, "as thick as the busiest at most"
    used["awaiting_response_proof", "court_hearing"] = Traffic("200", 200)
    widths = {
        path.get("stroke-width")
        for path in drawn(sop, dict(used)).iter(f"{NS}path")
        if "V" in path.get("d", "") and path.get("stroke") not in (None, PALE)
    }
    assert len(widths) == 3


def test_labels_are_escaped() -> None:
    assert "<b>" not in diagram.svg(
        SOPS["somasi"], None, "<b>", "<b>", "", {("document_check", "drafting"): Traffic("<b>", 1)}
    )
