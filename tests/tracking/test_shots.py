from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.tracking.shots import Shots


def place(seed: int, size_hw: tuple[int, int] = (180, 320)) -> NDArray[np.uint8]:
    """A room of soft colours with things in it."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (4, 6, 3), np.uint8)
    picture = cv2.resize(small, size_hw[::-1], interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        x, y, side = (int(v) for v in rng.integers(0, (size_hw[1], size_hw[0], 60)))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.rectangle(picture, (x, y), (x + side, y + side), colour, -1)
    return np.asarray(picture, np.uint8)


def cuts(frames: list[NDArray[np.uint8]]) -> list[int]:
    shots = Shots()
    return [i for i, frame in enumerate(frames) if shots.is_cut(frame)]


def test_cuts_are_found_and_the_first_frame_is_none() -> None:
    assert cuts([place(1)] * 10 + [place(2)] * 10 + [place(3)] * 5) == [10, 20]


def test_short_shots() -> None:
    assert cuts([place(1)] * 5 + [place(2)] * 5 + [place(3)] * 5) == [5, 10]


def test_cuts_in_the_dark() -> None:
    first, second = (place(seed) // 10 for seed in (1, 2))
    assert cuts([first] * 10 + [second] * 10) == [10]


def test_another_framing_is_a_cut() -> None:
    wide = place(6, (360, 640))
    near = np.ascontiguousarray(wide[40:220, 60:380])
    assert cuts([cv2.resize(wide, (320, 180))] * 10 + [near] * 10) == [10]


def test_a_cut_behind_a_flash_is_told_once() -> None:
    white = np.full_like(place(1), 255)
    assert cuts([place(1)] * 10 + [white] * 2 + [place(2)] * 10) == [12]


def test_somebody_who_walks_through_is_no_cut() -> None:
    frames = [place(7) for _ in range(20)]
    for i, frame in enumerate(frames):
        cv2.rectangle(frame, (16 * i - 140, 0), (16 * i, 180), (240, 200, 180), -1)
    assert cuts(frames) == []


def test_noise_is_no_cut() -> None:
    rng = np.random.default_rng(0)
    dark = np.full((180, 320, 3), 20, np.uint8)
    assert cuts([dark + rng.integers(0, 6, dark.shape, np.uint8) for _ in range(12)]) == []


def test_flashes_are_no_cuts() -> None:
    white = np.full_like(place(1), 255)
    bright = np.minimum(place(1).astype(int) + 90, 255).astype(np.uint8)
    frames = [place(1)] * 10 + [white] + [place(1)] * 5 + [bright] * 2 + [place(1)] * 5
    assert cuts(frames) == []


def test_a_pan_is_no_cut() -> None:
    wide = place(4, (180, 1000))
    assert cuts([np.ascontiguousarray(wide[:, 12 * i : 12 * i + 320]) for i in range(50)]) == []


def test_a_fade_is_no_cut() -> None:
    light = np.linspace(1, 0, 24)
    assert cuts([(place(5) * v).astype(np.uint8) for v in light]) == []


def test_reset_forgets() -> None:
    shots = Shots()
    assert not shots.is_cut(place(1))
    shots.reset()
    assert not shots.is_cut(place(2))
    assert shots.is_cut(place(3))
