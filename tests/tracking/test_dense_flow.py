"""Dense flow of pictures of every size. OpenCV ends the process on some of them, which only a
process of its own shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kirinuki.tracking.dense_flow import SMALLEST, dense_flow
from kirinuki.tracking.flow import Motion

EVERY_SIZE = """
import cv2
import numpy as np
from kirinuki.tracking.dense_flow import SMALLEST, dense_flow

rng = np.random.default_rng(0)
sides = [1, 2, 7, 8, 11, 16, SMALLEST - 1, SMALLEST, SMALLEST + 1, 96, 480]
for size_hw in [(h, w) for h in sides for w in sides]:
    print(*size_hw, flush=True)
    for _ in range(3):
        here, there = rng.integers(0, 255, (2, *size_hw, 3), np.uint8)
        flow = dense_flow(here, there)
        assert flow.shape == (2, *size_hw) and flow.dtype == np.float32
        assert np.isfinite(flow).all()
print("all")
"""

STRIPS = """
import sys
sys.path.insert(0, sys.argv[1])
from fractions import Fraction
import numpy as np
from blob_segmenter import RED, BlobSegmenter
from kirinuki.tracking import track
from kirinuki.video import Frame

def clip(height, width, strip):
    # A still drawing, and a ticker along its lower border.
    drawn = np.random.default_rng(0).integers(0, 120, (height, width, 3)).astype(np.uint8)
    drawn[height // 4 : height // 2 + 1, width // 4 : width // 2 + 1] = RED
    for number in range(6):
        drawn[height - strip :, : width // 2 + 1] = number * 40
        yield Frame(drawn.copy(), number, 1, Fraction(1, 12))

for size in [(270, 480, 3), (270, 480, 12), (480, 270, 3), (1, 1, 1), (1, 900, 1), (900, 1, 1),
             (7, 96, 1), (31, 96, 4), (31, 480, 4), (20, 64, 2)]:
    print(*size, flush=True)
    assert len(list(track(BlobSegmenter(), clip(*size)))) == 6
print("all")
"""


def last_line(code: str) -> str:
    """What a program said last; the size it ended at, if it did not come to its end."""
    words = [sys.executable, "-c", code, str(Path(__file__).parents[1])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[-1] + done.stderr[-500:]


def test_no_size_ends_the_process():
    assert last_line(EVERY_SIZE) == "all"


def test_what_changes_along_a_border_does_not_end_a_video():
    assert last_line(STRIPS) == "all"


def drawing(seed: int = 0) -> np.ndarray:
    """Soft shapes, (64, 160, 3)."""
    coarse = np.random.default_rng(seed).integers(0, 255, (16, 40)).astype(np.uint8)
    return np.repeat(np.kron(coarse, np.ones((4, 4), np.uint8))[..., None], 3, axis=2)


@pytest.mark.parametrize("rows", [SMALLEST - 1, 20, 12])
def test_a_small_picture_moves_as_a_large_one(rows):
    here, there = drawing(), np.roll(drawing(), 2, axis=1)
    flow = dense_flow(here[20 : 20 + rows], there[20 : 20 + rows])
    across, down = np.median(flow[:, 2:-2, 8:-8], axis=(1, 2))
    assert abs(across - 2) < 0.5
    assert abs(down) < 0.5


def test_beside_a_border_more_of_the_picture_is_looked_at_in_place_of_padding():
    here, there = drawing(), np.roll(drawing(), 2, axis=1)
    changed = np.zeros((16, 40), np.bool_)
    changed[15, 20] = True
    motion = Motion.between(here, there, (64, 160), changed)
    rows, columns = motion.area
    assert (rows.start, rows.stop) == (64 - SMALLEST, 64)
    assert columns.stop - columns.start >= SMALLEST
    assert motion.flow is not None
    assert motion.flow.shape[1:] == (SMALLEST, columns.stop - columns.start)
