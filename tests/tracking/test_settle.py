"""Edges that do not boil, gaps filled, nothing smeared: on drawn discs over a pattern."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.geometry import mask_iou, mask_to_box
from kirinuki.instances import Instances
from kirinuki.tracking.settle import LOOKAHEAD, MOST_HELD, Settler
from kirinuki.video.frames import Frame

SIZE_HW = 180, 320
BACKGROUND = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 256, (*SIZE_HW, 3), dtype=np.uint8), (0, 0), 3
)
DRESS = cv2.GaussianBlur(
    np.random.default_rng(1).integers(80, 256, (*SIZE_HW, 3), dtype=np.uint8), (0, 0), 2
)
Settled = list[tuple[Frame, Instances]]


def disc(x: float, y: float = 90, radius: float = 40) -> NDArray[np.uint8]:
    """A soft disc, (H, W) uint8."""
    rows, columns = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
    inside = radius + 0.5 - np.hypot(columns - x, rows - y)
    alpha = np.rint(np.clip(inside, 0, 1) * 255).astype(np.uint8)
    return np.where(alpha < 8, np.uint8(0), alpha)  # as a segmenter leaves it


def frame(number: int, *discs: tuple[float, float]) -> Frame:
    """Discs over the background, the later above the earlier ones; their pattern moves along."""
    picture = BACKGROUND.astype(np.float32)
    for x, y in discs:
        dress = np.roll(DRESS, (round(y), round(x)), (0, 1))
        picture += (disc(x, y)[..., None] / np.float32(255)) * (dress - picture)
    return Frame(np.rint(picture).astype(np.uint8), number, 1, Fraction(1, 24))


def found(**alphas: NDArray[np.uint8]) -> Instances:
    """People by track: `t3=…` is track 3."""
    windows = [mask_to_box(a >= 8) for a in alphas.values()]
    assert None not in windows
    return Instances(
        size_hw=SIZE_HW,
        boxes=np.array(windows, np.float32).reshape(-1, 4),
        alphas=tuple(
            np.ascontiguousarray(a[w[1] : w[3], w[0] : w[2]])
            for a, w in zip(alphas.values(), windows, strict=True)
            if w
        ),
        scores=np.linspace(0.9, 0.6, len(alphas), dtype=np.float32),
        labels=np.zeros(len(alphas), np.int64),
        names=("character",),
        track_ids=np.array([int(name[1:]) for name in alphas], np.int64),
    )


def settled(pushed: list[tuple[Frame, Instances]]) -> Settled:
    """What comes out, nothing known about changed blocks."""
    settler = Settler()
    done = [one for given in pushed for one in settler.push(*given, None)]
    return done + settler.flush()


def noisy(alpha: NDArray[np.uint8], seed: int, x: float, y: float = 90) -> NDArray[np.uint8]:
    """The alpha with an edge that boils: every place of it further out or in by a pixel."""
    rng = np.random.default_rng(seed)
    field = cv2.GaussianBlur(rng.normal(0, 1, SIZE_HW).astype(np.float32), (0, 0), 4)
    return disc(x, y, 40 + 0.3 * field / field.std())  # type: ignore[arg-type]


def flicker(results: Settled) -> float:
    alphas = [instances.full_alpha(0).astype(np.float32) for _, instances in results]
    return float(np.mean([np.abs(a - b).mean() for a, b in pairwise(alphas)]))


def test_frames_come_out_in_order_and_not_too_late() -> None:
    settler = Settler()
    pushed = [(frame(n, (100 + n, 90)), found(t1=disc(100 + n))) for n in range(9)]
    out: Settled = []
    for n, given in enumerate(pushed, 1):
        out += settler.push(*given, None)
        assert len(out) == max(0, n - LOOKAHEAD)
    out += settler.flush()
    assert [f.pts for f, _ in out] == list(range(9))
    assert settler.flush() == []


def test_still_edges_do_not_boil() -> None:
    pushed = [(frame(n, (150, 90)), found(t1=noisy(disc(150), n, 150))) for n in range(16)]
    assert flicker(settled(pushed)) < flicker(pushed) / 3


def test_moving_edges_neither_lag_nor_smear() -> None:
    pushed = [(frame(n, (60 + 9 * n, 90)), found(t1=disc(60 + 9 * n))) for n in range(16)]
    for n, (_, instances) in enumerate(settled(pushed)):
        assert mask_iou(instances.mask(0), disc(60 + 9 * n) >= 128) > 0.98
        error = np.abs(instances.full_alpha(0).astype(int) - disc(60 + 9 * n))
        assert (
            error[np.abs(np.hypot(*np.mgrid[-90:90, -60 - 9 * n : 260 - 9 * n]) - 40) > 4].max()
            == 0
        )


def test_a_blunder_in_one_frame_disappears() -> None:
    pushed = [(frame(n, (150, 90)), found(t1=disc(150))) for n in range(9)]
    pushed[4] = pushed[4][0], found(t1=disc(150) * (np.arange(320) < 150).astype(np.uint8))
    for _, instances in settled(pushed):
        assert mask_iou(instances.mask(0), disc(150) >= 128) > 0.98


def test_what_was_wrong_at_first_is_given_up() -> None:
    half = disc(150) * (np.arange(320) < 150).astype(np.uint8)
    settler = Settler()
    same = np.zeros((12, 20), np.bool_)
    out: Settled = []
    for n in range(12):
        out += settler.push(frame(n, (150, 90)), found(t1=half if n < 3 else disc(150)), same)
    out += settler.flush()
    assert mask_iou(out[6][1].mask(0), disc(150) >= 128) > 0.97


def test_unchanged_blocks_all_but_keep_their_alpha() -> None:
    settler = Settler()
    changed = np.zeros((12, 20), np.bool_)
    changed[:, 12:] = True
    raw = [noisy(disc(150), n, 150) for n in range(8)]
    out: Settled = []
    for n in range(8):
        out += settler.push(frame(n, (150, 90)), found(t1=raw[n]), changed if n else None)
    out += settler.flush()
    before = np.abs(np.diff(np.stack(raw)[..., :176].astype(int), axis=0)).mean()
    after = [instances.full_alpha(0)[:, :176].astype(int) for _, instances in out]
    assert np.abs(np.diff(np.stack(after), axis=0)).mean() < before / 4


def test_haze_of_a_moment_fades() -> None:
    hazy = np.maximum(disc(150), np.uint8(40))
    settler = Settler()
    same = np.zeros((12, 20), np.bool_)
    out: Settled = []
    for n in range(10):
        out += settler.push(frame(n, (150, 90)), found(t1=hazy if n == 0 else disc(150)), same)
    out += settler.flush()
    faint = [int(instances.full_alpha(0)[10, 300]) for _, instances in out]
    assert faint[0] == 40
    assert faint[6] == 0


def test_repeats_get_the_result_of_the_frame_they_repeat() -> None:
    settler = Settler()
    same = np.zeros((12, 20), np.bool_)
    out: Settled = []
    for n in range(12):
        x = 100 + 5 * (n // 3)
        if n % 3 == 0:
            people = found(t1=disc(x))
        out += settler.push(frame(n, (x, 90)), people, same if n % 3 else None)
    out += settler.flush()
    assert [f.pts for f, _ in out] == list(range(12))
    assert [out[n][1] is out[n // 3 * 3][1] for n in range(12)] == [True] * 12


def test_a_picture_that_never_moves_is_not_held_forever() -> None:
    settler = Settler()
    people, same, given = found(t1=disc(150)), np.zeros((12, 20), np.bool_), 0
    for n in range(40):
        given += len(settler.push(frame(n, (150, 90)), people, same if n else None))
        assert n + 1 - given <= MOST_HELD
    assert given + len(settler.flush()) == 40


@pytest.mark.parametrize("missing", [{4}, {4, 5, 6}])
def test_a_missed_character_is_filled_in(missing: set[int]) -> None:
    pushed = []
    for n in range(10):
        left, right = disc(60 + 3 * n), disc(250)
        people = found(t1=left) if n in missing else found(t1=left, t2=right)
        pushed.append((frame(n, (60 + 3 * n, 90), (250, 90)), people))
    for n, (_, instances) in enumerate(settled(pushed)):
        assert instances.track_ids is not None
        assert instances.track_ids.tolist() == [1, 2]
        assert mask_iou(instances.mask(1), disc(250) >= 128) > 0.97
        assert instances.scores[1] == pytest.approx(0.6), n


def test_who_is_really_gone_stays_away() -> None:
    pushed = []
    for n in range(9):
        is_there = n not in (4, 5)
        discs = [(250.0, 90.0)] if is_there else []
        people = found(t1=disc(70), **({"t2": disc(250)} if is_there else {}))
        pushed.append((frame(n, (70, 90), *discs), people))
    counts = [len(instances) for _, instances in settled(pushed)]
    assert counts == [2, 2, 2, 2, 1, 1, 2, 2, 2]


def test_who_is_not_found_any_more_stays_a_while_where_nothing_changed() -> None:
    pushed = []
    for n in range(24):
        left, right = disc(60 + 3 * n), disc(250)
        people = found(t1=left, t2=right) if n < 6 else found(t1=left)
        pushed.append((frame(n, (60 + 3 * n, 90), (250, 90)), people))
    counts = [len(instances) for _, instances in settled(pushed)]
    assert counts == [2] * 12 + [1] * 12


def test_nobody_is_filled_in_across_a_flush() -> None:
    settler = Settler()
    nobody = replace(found(t1=disc(100))[[]], track_ids=np.zeros(0, np.int64))
    out = settler.push(frame(0, (100, 90)), found(t1=disc(100)), None) + settler.flush()
    for n in (1, 2):
        people = found(t1=disc(100)) if n == 2 else nobody
        out += settler.push(frame(n, (100, 90)), people, None)
    out += settler.flush()
    assert [len(instances) for _, instances in out] == [1, 0, 1]


def test_pixels_are_not_owned_twice_and_boxes_fit() -> None:
    pushed = []
    for n in range(10):
        front, behind = noisy(disc(150 + 2 * n), n, 150 + 2 * n), noisy(disc(190), 50 + n, 190)
        behind = np.minimum(behind, 255 - front)
        picture = frame(n, (190, 90), (150 + 2 * n, 90))
        pushed.append((picture, found(t1=front, t2=behind)))
    for _, instances in settled(pushed):
        total = sum(instances.full_alpha(i).astype(int) for i in range(2))
        assert np.max(total) <= 255
        for i, (x1, y1, x2, y2) in enumerate(instances.boxes.astype(int).tolist()):
            assert mask_to_box(instances.full_alpha(i) > 0) == (x1, y1, x2, y2)


def test_one_thread_or_many_give_the_same() -> None:
    pushed = [
        (frame(n, (90 + 7 * n, 90)), found(t1=noisy(disc(90), n, 90 + 7 * n))) for n in range(5)
    ]
    threads = cv2.getNumThreads()
    try:
        results = []
        for count in (1, 3):
            cv2.setNumThreads(count)
            results.append(b"".join(i.full_alpha(0).tobytes() for _, i in settled(pushed)))
    finally:
        cv2.setNumThreads(threads)
    assert results[0] == results[1]


def test_other_sizes_and_nobody_are_no_trouble() -> None:
    nobody = Instances.empty(SIZE_HW, ["character"])
    tiny = Frame(np.zeros((9, 7, 3), np.uint8), 2, 1, Fraction(1, 24))
    out = settled([(frame(0), nobody), (frame(1), nobody), (tiny, Instances.empty((9, 7), ["c"]))])
    assert [len(instances) for _, instances in out] == [0, 0, 0]
