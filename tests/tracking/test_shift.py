"""Characters that move as a whole from one drawing to the next."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.instances import Instances
from kirinuki.tracking.shift import Shifts

BOX = (200, 100, 300, 260)


def drawing(dx: int = 0, dy: int = 0) -> NDArray[np.uint8]:
    """Somebody in stripes, moved, before a wall with a pattern of its own."""
    y, x = np.mgrid[0:360, 0:640]
    wall = 120 + 40 * np.sin(x / 9) * np.cos(y / 7)
    picture = np.repeat(wall[..., None], 3, axis=2)
    x1, y1, x2, y2 = BOX
    person = 60 + 60 * np.sin(np.mgrid[0 : y2 - y1, 0 : x2 - x1][0] / 11)[..., None]
    person = person + np.array([90, 0, 40]) + np.linspace(0, 40, x2 - x1)[:, None]
    left, top = max(x1 + dx, 0), y1 + dy
    picture[top : y2 + dy, left : x2 + dx] = person[:, left - x1 - dx :]
    return picture.clip(0, 255).astype(np.uint8)


def someone(box: tuple[int, int, int, int] = BOX) -> Instances:
    x1, y1, x2, y2 = box
    return Instances(
        size_hw=(360, 640),
        boxes=np.array([box], np.float32),
        alphas=(np.full((y2 - y1, x2 - x1), 255, np.uint8),),
        scores=np.array([0.9], np.float32),
        labels=np.zeros(1, np.int64),
        names=("character",),
    )


@pytest.mark.parametrize("by", [(0, 0), (21, 0), (-13, 8), (5, -24)])
def test_masks_move_along(by: tuple[int, int]) -> None:
    shifts = Shifts()
    shifts.look(drawing())
    moved = shifts.moved(drawing(*by), someone(), np.array([0]), 0.2)
    assert moved is not None
    assert moved.boxes[0] == pytest.approx(np.add(BOX, (*by, *by)), abs=3)
    assert moved.alphas[0].shape == (160, 100)


def test_only_those_asked_for_move() -> None:
    shifts = Shifts()
    shifts.look(drawing())
    moved = shifts.moved(drawing(21, 0), someone(), np.array([], np.int64), 0.2)
    assert moved is not None
    assert tuple(moved.boxes[0]) == BOX


def test_who_is_not_to_be_seen_within_reach_is_said_to_be_gone() -> None:
    shifts = Shifts()
    shifts.look(drawing())
    assert shifts.moved(drawing(60, 0), someone(), np.array([0]), 0.1) is None
    assert shifts.moved(drawing(60, 0), someone(), np.array([0]), 0.5) is not None


def test_a_mask_is_cut_off_at_the_border() -> None:
    shifts = Shifts()
    shifts.look(drawing(-190))
    box = (10, 100, 110, 260)
    moved = shifts.moved(drawing(-213), someone(box), np.array([0]), 0.2)
    assert moved is not None
    assert moved.boxes[0] == pytest.approx((0, 100, 87, 260), abs=3)
    width = int(moved.boxes[0, 2] - moved.boxes[0, 0])
    assert moved.alphas[0].shape == (160, width)
