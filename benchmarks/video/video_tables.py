"""The numbers of a run as Markdown: what was promised, all clips together, by cadence, by clip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan

from markdown_table import markdown
from measure import Measured
from variants import FRAME_BY_FRAME, OURS

Results = Mapping[str, Measured]
"""Variant → its numbers."""

ROWS: tuple[tuple[str, float, int, Callable[[Measured], float]], ...] = (
    ("frames", 1, 0, lambda m: m.frames),
    ("characters, counted in every shot", 1, 0, lambda m: len(m.fits)),
    ("… of them never found", 1, 0, lambda m: m.tracks_missed),
    ("id switches", 1, 0, lambda m: m.association.switches),
    ("ids shared across a cut", 1, 0, lambda m: m.association.across_cuts),
    ("IDF1", 1, 3, lambda m: m.association.idf1),
    ("MOTA", 1, 3, lambda m: m.association.mota),
    ("HOTA", 1, 3, lambda m: m.association.hota),
    ("… DetA, finding", 1, 3, lambda m: m.association.detection),
    ("… AssA, telling apart", 1, 3, lambda m: m.association.association),
    ("J&F", 1, 3, lambda m: m.j_and_f),
    ("… J, region", 1, 3, lambda m: m.j),
    ("… F, contour", 1, 3, lambda m: m.f),
    ("J&F by frame, ids aside", 1, 3, lambda m: m.j_and_f_by_frame),
    ("flicker of static regions", 1, 4, lambda m: m.flicker.static.value),
    ("… where something else is drawn anew", 1, 4, lambda m: m.flicker.new_drawing.value),
    ("unrest of moving edges", 1, 2, lambda m: m.flicker.moving.value),
    ("cuts missed", 1, 0, lambda m: m.cuts_missed),
    ("cuts invented", 1, 0, lambda m: m.cuts_invented),
    ("frames looked at afresh, %", 100, 1, lambda m: m.share("fresh")),
    ("… refreshed in part, %", 100, 1, lambda m: m.share("partial")),
    ("… repeated, %", 100, 1, lambda m: m.share("repeat")),
    ("repeats by the truth that were used, %", 100, 1, lambda m: m.repeats_seen),
    ("changes taken for a repeat", 1, 0, lambda m: m.changes_missed),
    ("frames a second, following alone", 1, 2, lambda m: m.fps),
)
"""Name, factor, digits and value of every row."""

CADENCES = {1: "on ones", 2: "on twos", 3: "on threes", 0: "mixed"}

MOST_SWITCHES = 0
LEAST_IDF1 = 0.9
MOST_FLICKER = 1 / 3
LEAST_SPEED_UP = 2.0
MOST_LOSS = 0.005


def number(value: float, factor: float = 1, digits: int = 3) -> str:
    return "–" if isnan(value) else f"{factor * value:.{digits}f}"


def variants_table(results: Results) -> str:
    """A row a number, a column a variant."""
    lines = [["", *results]]
    for name, factor, digits, value in ROWS:
        lines.append([name, *(number(value(m), factor, digits) for m in results.values())])
    return markdown(lines)


def clips_table(results: Mapping[str, Results]) -> str:
    """A line a clip: frame by frame → ours."""
    lines = [["clip", "switches", "IDF1", "HOTA", "J&F", "flicker", "fps", "repeats, %"]]
    for clip, variants in results.items():
        base, ours = variants[FRAME_BY_FRAME.name], variants[OURS.name]

        def both(
            value: Callable[[Measured], float],
            digits: int,
            base: Measured = base,
            ours: Measured = ours,
        ) -> str:
            return f"{number(value(base), 1, digits)} → {number(value(ours), 1, digits)}"

        lines.append(
            [
                clip,
                both(lambda m: m.association.switches, 0),
                both(lambda m: m.association.idf1, 3),
                both(lambda m: m.association.hota, 3),
                both(lambda m: m.j_and_f, 3),
                both(lambda m: m.flicker.static.value, 3),
                both(lambda m: m.fps, 1),
                number(ours.share("repeat"), 100, 0),
            ]
        )
    return markdown(lines)


def promises_table(whole: Results, by_cadence: Mapping[int, Results]) -> str:
    """What the project promises of following, and whether it holds on these clips."""
    base, ours = whole[FRAME_BY_FRAME.name], whole[OURS.name]
    flicker = ratio(ours.flicker.static.value, base.flicker.static.value)
    rows = [
        ("IDF1", "≥ 0.9", ours.association.idf1, ours.association.idf1 >= LEAST_IDF1),
        (
            "ids shared across a cut",
            "0",
            ours.association.across_cuts,
            not ours.association.across_cuts,
        ),
        ("flicker ÷ frame by frame", "≤ 1/3", flicker, flicker <= MOST_FLICKER),
    ]
    if 2 in by_cadence:
        base, ours = by_cadence[2][FRAME_BY_FRAME.name], by_cadence[2][OURS.name]
        speed_up, gain = ratio(ours.fps, base.fps), ours.j_and_f - base.j_and_f
        rows.append(
            ("throughput on twos ÷ frame by frame", "≥ 2", speed_up, speed_up >= LEAST_SPEED_UP)
        )
        rows.append(("J&F on twos − frame by frame", "≥ −0.005", gain, gain >= -MOST_LOSS))
    lines = [["promise", "", "measured", "holds"]]
    lines += [
        [name, goal, number(float(v)), "yes" if holds else "**no**"]
        for name, goal, v, holds in rows
    ]
    return markdown(lines)


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
