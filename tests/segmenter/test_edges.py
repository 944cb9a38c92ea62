"""Guided upsampling: an edge comes back to where the picture has it, and nothing else changes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.segmenter import edges
from kirinuki.segmenter.detector import resize
from kirinuki.segmenter.edges import upsample

SIDE, SCALE = 288, 4


def star(size: int) -> NDArray[np.uint8]:
    """Alpha (size, size) uint8 of a star with thin rays, anti-aliased."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False) + 0.1
    radius = np.where(np.arange(24) % 2, 0.18, 0.45) * size * 4
    points = np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None] + size * 2
    large = np.zeros((size * 4, size * 4), np.uint8)
    cv2.fillPoly(large, [points.astype(np.int32)], [255])
    return np.asarray(cv2.resize(large, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def pictured(alpha: NDArray[np.uint8], figure: int, ground: int) -> NDArray[np.uint8]:
    """RGB of a figure of one grey on a ground of another, with faint noise."""
    noise = np.random.default_rng(0).normal(0, 2, (*alpha.shape, 3))
    share = alpha[..., None] / 255
    grey = share * figure + (1 - share) * ground
    return np.clip(grey + noise, 0, 255).astype(np.uint8)


def shrunk(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    return resize(values, (SIDE, SIDE)).astype(np.float32) / 255


@pytest.mark.parametrize(("figure", "ground"), [(220, 60), (40, 130), (90, 150)])
def test_rays_are_as_sharp_as_in_the_picture(figure: int, ground: int) -> None:
    truth = star(SIDE * SCALE)
    picture = pictured(truth, figure, ground)
    alpha = cv2.GaussianBlur(shrunk(truth), (0, 0), 0.8).astype(np.float32)
    guided = upsample(alpha, shrunk(picture), picture)
    plain = resize(np.rint(alpha * 255).astype(np.uint8), truth.shape)
    error = np.abs(guided.astype(int) - truth).mean()
    assert (guided.shape, guided.dtype) == (truth.shape, np.uint8)
    assert error < 0.3 * np.abs(plain.astype(int) - truth).mean()


@pytest.mark.parametrize("width", [8, 16, 40])
def test_an_edge_out_of_focus_stays_so(width: int) -> None:
    y, x = np.mgrid[: SIDE * SCALE, : SIDE * SCALE]
    distance = np.hypot(x - SIDE * 2, y - SIDE * 2)
    truth = (np.clip((SIDE - distance) / width + 0.5, 0, 1) * 255).astype(np.uint8)
    picture = pictured(truth, 220, 40)
    guided = upsample(shrunk(truth), shrunk(picture), picture)
    edge = np.abs(distance - SIDE) < width / 2 + 4
    assert np.abs(guided[edge].astype(int) - truth[edge]).mean() < 3


def test_colours_that_say_nothing_change_nothing() -> None:
    alpha = shrunk(star(SIDE * SCALE))
    white = np.full((SIDE * SCALE, SIDE * SCALE, 3), 250, np.uint8)
    plain = resize(np.rint(alpha * 255).astype(np.uint8), (SIDE * SCALE, SIDE * SCALE))
    difference = np.abs(upsample(alpha, shrunk(white), white).astype(int) - plain)
    assert difference.max() <= 2


def test_patterns_do_not_shine_through() -> None:
    """Checks inside a figure, and glass that is half transparent all over."""
    size = SIDE * SCALE
    board = (np.indices((size, size)).sum(0) // 40 % 2 * 200 + 20).astype(np.uint8)
    picture = np.dstack([board] * 3)
    for level in (0.0, 0.5, 1.0):
        alpha = np.full((SIDE, SIDE), level, np.float32)
        assert set(np.unique(upsample(alpha, shrunk(picture), picture))) == {round(level * 255)}


def test_strips_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = star(SIDE * SCALE)
    picture, alpha = pictured(truth, 200, 90), shrunk(truth)
    at_once = upsample(alpha, shrunk(picture), picture)
    monkeypatch.setattr(edges, "STRIP", 37)
    in_strips = upsample(alpha, shrunk(picture), picture)
    assert np.abs(at_once.astype(int) - in_strips).max() <= 8  # OpenCV rounds places to 1/32


def test_a_part_alone_is_the_same_there() -> None:
    truth = star(SIDE * SCALE)
    picture, alpha = pictured(truth, 200, 90), shrunk(truth)
    x1, y1, x2, y2 = part = (300, 500, 700, 900)
    whole = upsample(alpha, shrunk(picture), picture)
    found = upsample(alpha, shrunk(picture), picture, part)
    apart = np.abs(whole.astype(int) - found)
    assert apart[y1:y2, x1:x2].max() <= 8  # OpenCV rounds places to 1/32
    assert apart[:y1].max() > 30  # enlarged alone: blurred


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (700, 3), (20, 30)])
def test_any_shape(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    alpha = rng.random((5, 7), np.float32)
    found = upsample(alpha, rng.random((5, 7, 3), np.float32), picture)
    assert (found.shape, found.dtype) == (shape, np.uint8)
