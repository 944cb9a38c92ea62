from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.tracking.repeats import BLOCK, Repeats
from kirinuki.video import Frame


@pytest.fixture
def drawing() -> NDArray[np.uint8]:
    """A face of 90 pixels with eyes and a mouth before a shaded wall."""
    picture = np.full((150, 250, 3), 120, np.uint8)
    picture += np.linspace(0, 60, 250)[None, :, None].astype(np.uint8)
    cv2.circle(picture, (120, 70), 45, (250, 220, 205), -1, cv2.LINE_AA)
    cv2.circle(picture, (120, 70), 45, (60, 30, 30), 2, cv2.LINE_AA)
    for x in (103, 137):
        cv2.ellipse(picture, (x, 66), (5, 8), 0, 0, 360, (40, 60, 130), -1, cv2.LINE_AA)
    cv2.line(picture, (116, 94), (124, 94), (150, 60, 60), 1, cv2.LINE_AA)
    return picture


def compressed(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def frame(picture: NDArray[np.uint8]) -> Frame:
    return Frame(picture, 0, 1, Fraction(1, 24))


def look(
    repeats: Repeats, picture: NDArray[np.uint8], blocks: NDArray[np.bool_] | None = None
) -> None:
    repeats.changed(frame(picture))
    repeats.look(blocks)


def changed(repeats: Repeats, picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    blocks = repeats.changed(frame(picture))
    assert blocks is not None
    return blocks


def test_no_answer_without_a_reference_of_this_size(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    assert repeats.changed(frame(drawing)) is None
    look(repeats, drawing)
    assert repeats.changed(frame(drawing[:-1])) is None
    repeats.reset()
    assert repeats.changed(frame(drawing)) is None


def test_blocks_cover_the_whole_picture(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, drawing)
    other = drawing.copy()
    other[-3:, -3:] = 0
    blocks = changed(repeats, other)
    assert blocks.shape == (-(-150 // BLOCK), -(-250 // BLOCK))
    assert np.argwhere(blocks).tolist() == [[9, 15]]


def test_another_compression_is_no_change(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, compressed(drawing, 90))
    assert not changed(repeats, compressed(drawing, 86)).any()
    assert not changed(repeats, drawing).any()


def test_grain_is_no_change(drawing: NDArray[np.uint8]) -> None:
    rng = np.random.default_rng(0)
    repeats = Repeats()
    noisy = [
        np.clip(drawing + rng.normal(0, 2.5, drawing.shape[:2])[..., None], 0, 255).astype(np.uint8)
        for _ in range(2)
    ]
    look(repeats, noisy[0])
    assert not changed(repeats, noisy[1]).any()


def test_a_mouth_is_seen_and_nothing_else(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, compressed(drawing, 90))
    cv2.ellipse(drawing, (120, 95), (3, 2), 0, 0, 360, (140, 40, 50), -1, cv2.LINE_AA)
    blocks = changed(repeats, compressed(drawing, 86))
    assert blocks[5, 7]
    assert set(map(tuple, np.argwhere(blocks))) <= {(5, 7), (5, 6), (6, 7)}


def test_a_blink_is_seen(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, compressed(drawing, 90))
    cv2.ellipse(drawing, (137, 66), (6, 9), 0, 0, 360, (250, 220, 205), -1)
    assert changed(repeats, compressed(drawing, 86)).any()


def test_colour_alone_is_seen(drawing: NDArray[np.uint8]) -> None:
    before = np.full_like(drawing, 128)
    after = before.copy()
    after[40:60, 100:120] = (150, 117, 128)
    luma = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(int) for p in (before, after)]
    assert np.abs(luma[0] - luma[1]).max() <= 1
    repeats = Repeats()
    look(repeats, before)
    assert changed(repeats, after)[3, 6]


def test_a_slow_fade_adds_up(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, drawing)
    assert not changed(repeats, drawing - 1).any()
    assert changed(repeats, drawing - 8).all()


def test_a_slow_pan_adds_up(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, drawing)
    moved = np.roll(drawing, 1, axis=1)
    assert changed(repeats, moved).sum() >= 5


def test_looking_at_blocks_moves_only_their_reference(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, drawing)
    other = drawing.copy()
    other[16:32, 16:32] = 0
    other[80:96, 160:176] = 255
    blocks = changed(repeats, other)
    assert blocks[1, 1]
    assert blocks[5, 10]
    one = np.zeros_like(blocks)
    one[:4] = True
    look(repeats, other, one)
    rest = changed(repeats, other)
    assert rest[5, 10]
    assert not rest[:4].any()
    assert changed(repeats, drawing)[1, 1]


def test_pictures_are_not_held(drawing: NDArray[np.uint8]) -> None:
    repeats = Repeats()
    look(repeats, drawing)
    kept = drawing.copy()
    drawing[:] = 0
    assert not changed(repeats, kept).any()
