from __future__ import annotations

import numpy as np
import pytest

from kirinuki.segmenter.detector import Detections
from kirinuki.segmenter.joining import Seam, join, look_through

RED = (255, 0, 0)
SEAM = Seam.between((0, 0, 100, 200), (0, 100, 100, 300))


def finds(*rows: tuple[list[float], float]) -> Detections:
    boxes, scores = [row[0] for row in rows], [row[1] for row in rows]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.zeros(len(rows), np.int64),
        np.ones((len(rows), 28, 28), np.float32),
    )


JOINED = {
    "cut by the first window alone: the second sees it whole": (
        [([10, 120, 60, 200], 0.9)],
        [([10, 120, 60, 260], 0.6)],
        [],
        [([10, 120, 60, 260], 0.6)],
    ),
    "cut by the second window alone": (
        [([10, 40, 60, 190], 0.6)],
        [([10, 100, 60, 190], 0.9)],
        [([10, 40, 60, 190], 0.6)],
        [],
    ),
    "cut by both: one, of both boxes": (
        [([10, 40, 60, 200], 0.6)],
        [([12, 100, 62, 260], 0.9)],
        [],
        [([10, 40, 62, 260], 0.9)],
    ),
    "whole in both: the better": (
        [([10, 110, 60, 190], 0.9)],
        [([12, 112, 62, 190], 0.8)],
        [([10, 110, 60, 190], 0.9)],
        [],
    ),
    "side by side: both": (
        [([10, 40, 60, 200], 0.9)],
        [([50, 100, 100, 260], 0.8)],
        [([10, 40, 60, 200], 0.9)],
        [([50, 100, 100, 260], 0.8)],
    ),
    "nobody": ([], [], [], []),
}


@pytest.mark.parametrize("case", JOINED.values(), ids=JOINED)
def test_each_character_once(case):
    before, after, stay, come = (finds(*rows) for rows in case)
    left, joined = join(before, after, SEAM)
    for got, expected in ((left, stay), (joined, come)):
        assert got.boxes.tolist() == expected.boxes.tolist()
        assert got.scores.tolist() == expected.scores.tolist()


def test_inputs_are_not_written_to():
    before, after = finds(([10, 40, 60, 200], 0.6)), finds(([10, 100, 60, 260], 0.5))
    join(before, after, SEAM)
    assert after.boxes.tolist() == [[10, 100, 60, 260]]
    assert after.scores.tolist() == [0.5]


def red_there(view: np.ndarray) -> Detections:
    """A detector that finds the red in a picture, one a run of columns, as a full mask."""
    columns = np.flatnonzero((view == RED).all(axis=2).any(axis=0))
    rows = []
    for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
        if len(run):
            lines = np.flatnonzero((view[:, run] == RED).all(axis=2).any(axis=1))
            rows.append(([run[0], lines[0], run[-1] + 1, lines[-1] + 1], 0.9))
    return finds(*rows)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("length", [40, 500, 1200])
def test_who_crosses_seams_is_one(length, wide):
    """On a page without gutters, wherever it stands and however many windows it goes through."""
    for start in (0, 333, 600):
        rgb = np.random.default_rng(0).integers(0, 200, (1800, 300, 3), dtype=np.uint8)
        rgb[start : start + length, 100:180] = RED
        expected = [100, start, 180, start + length]
        if wide:
            rgb, expected = rgb.transpose(1, 0, 2), [start, 100, start + length, 180]
        found = look_through(np.ascontiguousarray(rgb), red_there)
        assert found.boxes.round().tolist() == [expected]
        assert (found.masks >= 0.5).mean() > 0.9
