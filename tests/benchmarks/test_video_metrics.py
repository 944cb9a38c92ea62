"""The numbers of `benchmarks/video`, on hand-made cases and beside the authors' implementations."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("motmetrics")
pytest.importorskip("scipy")
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "video"))

import association
import flicker
import mask_quality
from association import Association, Moment, associate
from mask_quality import Fit, Region, contour_f, iou, track_fits

from kirinuki.instances import Instances


def moments(*pairs: tuple[tuple[int, ...], tuple[int, ...]], same: float = 1.0) -> list[Moment]:
    """Frames where the n-th character overlaps the n-th find by `same` and no other."""
    return [Moment(truth, found, np.eye(len(truth), len(found)) * same) for truth, found in pairs]


def measured(frames: list[Moment], shots: list[int] | None = None) -> Association:
    return associate(frames, shots or [0] * len(frames))[0]


def test_perfect() -> None:
    numbers = measured(moments(*[((1, 2), (7, 8))] * 4, same=0.99))
    assert (numbers.idf1, numbers.mota, numbers.hota) == (1, 1, 1)
    assert (numbers.switches, numbers.across_cuts) == (0, 0)


def test_one_switch_half_way() -> None:
    """The example of the paper: AssA of a track cut in two halves is 0.5, HOTA its root."""
    numbers, switches = associate(moments(*[((1,), (5,))] * 5, *[((1,), (6,))] * 5), [0] * 10)
    assert numbers.switches == 1
    assert [(s.frame, s.character, s.before, s.after) for s in switches] == [(5, 1, 5, 6)]
    assert numbers.mota == pytest.approx(0.9)
    assert numbers.idf1 == pytest.approx(0.5)
    assert numbers.detection == 1
    assert numbers.association == pytest.approx(0.5)
    assert numbers.hota == pytest.approx(math.sqrt(0.5))


def test_missed_and_invented() -> None:
    frames = moments(((1,), (5,)), ((1,), ()), ((), (5,)), ((1,), (5,)))
    numbers = measured(frames)
    assert (numbers.objects, numbers.misses, numbers.false_finds) == (3, 1, 1)
    assert numbers.mota == pytest.approx(1 / 3)
    assert numbers.idf1 == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert numbers.detection == pytest.approx(2 / 4)
    assert numbers.association == pytest.approx(2 / (3 + 3 - 2))


def test_overlap_decides_how_many_thresholds_match() -> None:
    numbers = measured(moments(*[((1,), (5,))] * 3, same=0.5))
    assert numbers.detection == pytest.approx(10 / 19)  # 0.05, 0.10, … 0.50
    assert numbers.mota == 1
    assert measured(moments(((1,), (5,)), same=0.49)).mota == pytest.approx(-1)


def test_nothing_at_all() -> None:
    numbers = measured(moments(((), ())))
    assert math.isnan(numbers.idf1)
    assert numbers.hota == 0


def test_ids_across_cuts() -> None:
    frames = moments(((1,), (5,)), ((1,), (5,)), ((2,), (5,)), ((3,), (6,)))
    assert measured(frames, [0, 0, 1, 2]).across_cuts == 1
    assert measured(frames, [0, 0, 0, 1]).across_cuts == 0


def random_clip(seed: int, length: int = 40) -> list[Moment]:
    """Characters that come and go, finds that follow them with errors of every kind."""
    rng = np.random.default_rng(seed)
    follows = {i: i + 10 for i in range(5)}
    clip = []
    for _ in range(length):
        truth = tuple(int(i) for i in np.flatnonzero(rng.random(5) < 0.8))
        if rng.random() < 0.1:
            a, b = (int(i) for i in rng.choice(5, 2, replace=False))
            follows[a], follows[b] = follows[b], follows[a]
        finds = [follows[i] for i in truth if rng.random() < 0.85]
        finds += [int(i) for i in range(20, 23) if rng.random() < 0.2]
        found = tuple(int(i) for i in rng.permutation(finds))
        overlap = rng.random((len(truth), len(found))) * 0.3
        for row, i in enumerate(truth):
            if follows[i] in found:
                overlap[row, found.index(follows[i])] = rng.uniform(0.3, 1)
        clip.append(Moment(truth, found, overlap))
    return clip


def for_trackeval(clip: list[Moment]) -> dict[str, object]:
    truth = sorted({i for m in clip for i in m.truth})
    found = sorted({i for m in clip for i in m.found})
    return {
        "num_timesteps": len(clip),
        "num_gt_ids": len(truth),
        "num_tracker_ids": len(found),
        "num_gt_dets": sum(len(m.truth) for m in clip),
        "num_tracker_dets": sum(len(m.found) for m in clip),
        "gt_ids": [np.array([truth.index(i) for i in m.truth], int) for m in clip],
        "tracker_ids": [np.array([found.index(i) for i in m.found], int) for m in clip],
        "similarity_scores": [np.asarray(m.iou) for m in clip],
    }


@pytest.mark.parametrize("seed", range(6))
def test_as_trackeval(seed: int) -> None:
    metrics = pytest.importorskip("trackeval").metrics
    clip = random_clip(seed)
    numbers = measured(clip)
    hota = metrics.HOTA().eval_sequence(for_trackeval(clip))
    assert numbers.hota == pytest.approx(hota["HOTA"].mean())
    assert numbers.detection == pytest.approx(hota["DetA"].mean())
    assert numbers.association == pytest.approx(hota["AssA"].mean())
    silent = {"PRINT_CONFIG": False}
    identity = metrics.Identity(silent).eval_sequence(for_trackeval(clip))
    assert numbers.idf1 == pytest.approx(identity["IDF1"])
    clear = metrics.CLEAR(silent).eval_sequence(for_trackeval(clip))
    assert numbers.objects == clear["CLR_TP"] + clear["CLR_FN"]


def test_two_clips_add_up_as_in_trackeval() -> None:
    metrics = pytest.importorskip("trackeval").metrics
    clips = {str(seed): random_clip(seed, 20) for seed in range(3)}
    whole = sum((measured(clip) for clip in clips.values()), Association())
    hota = metrics.HOTA()
    each = {name: hota.eval_sequence(for_trackeval(clip)) for name, clip in clips.items()}
    assert whole.hota == pytest.approx(hota.combine_sequences(each)["HOTA"].mean())


def shifted(clip: list[Moment], by: int) -> list[Moment]:
    return [
        Moment(tuple(i + by for i in m.truth), tuple(i + by for i in m.found), m.iou) for m in clip
    ]


def test_the_sum_of_clips_is_the_clip_of_both() -> None:
    first, second = random_clip(1), shifted(random_clip(2), 1000)
    apart, one = measured(first) + measured(second), measured(first + second)
    for name in ("idf1", "mota", "hota", "detection", "association", "switches"):
        assert getattr(apart, name) == pytest.approx(getattr(one, name)), name


def disc(x: float, y: float, radius: float, size_hw: tuple[int, int] = (90, 120)) -> Region:
    rows, columns = np.mgrid[: size_hw[0], : size_hw[1]]
    return Region(np.hypot(columns - x, rows - y) < radius)


def test_regions() -> None:
    left, right = disc(40, 40, 20), disc(80, 40, 12)
    assert (iou(left, left), contour_f(left, left)) == (1, 1)
    assert (iou(left, right), contour_f(left, right)) == (0, 0)
    nothing = Region(np.zeros((90, 120), np.bool_))
    assert (iou(left, nothing), contour_f(left, nothing), contour_f(nothing, left)) == (0, 0, 0)
    assert (iou(nothing, nothing), contour_f(nothing, nothing)) == (1, 1)
    half = Region(left.mask & (np.arange(90) < 40)[:, None])
    assert iou(left, half) == pytest.approx(half.area / left.area)


def reference_f(first: np.ndarray, second: np.ndarray) -> float:
    """``db_eval_boundary`` of DAVIS 2017, dilation by a disc and all, on whole pictures."""

    def contour(mask: np.ndarray) -> np.ndarray:
        e, s, se = (np.zeros_like(mask) for _ in range(3))
        e[:, :-1], s[:-1], se[:-1, :-1] = mask[:, 1:], mask[1:], mask[1:, 1:]
        b = mask ^ e | mask ^ s | mask ^ se
        b[-1], b[:, -1] = mask[-1] ^ e[-1], mask[:, -1] ^ s[:, -1]
        b[-1, -1] = False
        return b

    def dilated(mask: np.ndarray, radius: int) -> np.ndarray:
        out = np.zeros_like(mask)
        for y, x in np.argwhere(mask):
            rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
            out |= (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        return out

    radius = math.ceil(0.008 * np.linalg.norm(first.shape))
    one, other = contour(first), contour(second)
    if not one.any() or not other.any():
        return float(one.any() == other.any())
    precision = (one & dilated(other, radius)).sum() / one.sum()
    recall = (other & dilated(one, radius)).sum() / other.sum()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (disc(40, 40, 20), disc(43, 41, 21)),
        (disc(40, 40, 20), disc(40, 42, 18)),
        (disc(40, 40, 20), disc(62, 40, 20)),
        (disc(0, 0, 30), disc(2, 1, 30)),
        (disc(119, 89, 30), disc(117, 86, 31)),
        (disc(60, 45, 300), disc(60, 45, 40)),
        (disc(60, 45, 300), disc(60, 45, 300)),
        (disc(60, 89, 1.2), disc(60, 88, 2)),
    ],
)
def test_contours_as_davis(first: Region, second: Region) -> None:
    assert contour_f(first, second) == pytest.approx(reference_f(first.mask, second.mask))


def test_contour_reach_at_full_size() -> None:
    """At 720p contours 12 pixels apart agree (0.008 · 1469 = 11.7, rounded up), 13 do not."""
    square = np.zeros((720, 1280), np.bool_)
    square[100:400, 100:400] = True
    for step, expected in ((12, 1.0), (13, 0.0)):
        wider = np.zeros_like(square)
        wider[100 - step : 400 + step, 100 - step : 400 + step] = True
        f = contour_f(Region(square), Region(wider))
        assert f > 0.95 if expected else f < 0.05


def test_tracks_take_one_find_each() -> None:
    fits = [{(1, 5): Fit(0.8, 0.6), (2, 5): Fit(0.3, 0.3)}, {(1, 6): Fit(0.9, 0.9)}]
    tracks = track_fits(fits, [[1, 2], [1]], [[5], [6]])
    assert [(t.character, t.found, t.frames) for t in tracks] == [(1, 6, 2), (2, 5, 1)]
    assert tracks[0].fit == Fit(0.45, 0.45)  # better (1, 6) and (2, 5) than (1, 5) and nothing
    assert tracks[1].fit == Fit(0.3, 0.3)


def test_tracks_missed_and_tracks_too_long() -> None:
    fits: list[dict[tuple[int, int], Fit]] = [{(1, 5): Fit(1, 1)}, {}, {}]
    tracks = track_fits(fits, [[1], [], [2]], [[5], [5], []])
    assert tracks[0].fit == Fit(0.5, 0.5)  # the find stays a frame too long
    assert (tracks[1].found, tracks[1].fit) == (None, Fit(0, 0))
    assert track_fits([{}], [[1]], [[]])[0].fit == Fit(0, 0)
    assert track_fits([{}], [[]], [[3]]) == []


def grey(level: int, size_hw: tuple[int, int] = (100, 200)) -> np.ndarray:
    return np.full((*size_hw, 3), level, np.uint8)


def test_nothing_moves_so_all_is_static() -> None:
    who = np.zeros((100, 200), np.int32)
    who[20:60, 20:60] = 1
    noise = np.random.default_rng(0).normal(0, 4, (100, 200, 3))
    noisy = np.clip(grey(120) + noise, 0, 255).astype(np.uint8)
    pair = flicker.compare_frames((grey(120), noisy), (who, who))
    assert pair.repeats
    change = np.zeros((100, 200), np.int16)
    change[:50] = -10
    numbers = flicker.flicker_of(pair, change)
    assert numbers.static.value == 5
    assert numbers.new_drawing.count == numbers.moving.count == 0


def test_what_moves_is_not_static() -> None:
    who = np.zeros((2, 100, 200), np.int32)
    who[0, 20:60, 20:60] = 1
    who[1, 20:60, 30:70] = 1
    pair = flicker.compare_frames((grey(120), grey(120)), (who[0], who[1]))
    assert not pair.static[40, 20:30].any()
    assert not pair.static[40, 60:70].any()
    assert pair.static[40, 42:48].all()  # inside both
    assert pair.static[40, 100:].all()
    truth = [(w > 0).astype(np.int16) * 255 for w in who]
    following = flicker.flicker_of(pair, truth[1] - truth[0])
    assert following.static.value == following.moving.value == 0
    trailing = flicker.flicker_of(pair, np.zeros((100, 200), np.int16))
    assert trailing.static.value == 0
    assert trailing.moving.value > 0


def test_nothing_is_static_while_the_light_changes() -> None:
    who = np.zeros((100, 200), np.int32)
    assert not flicker.compare_frames((grey(20), grey(21)), (who, who)).static.any()


def test_a_moving_background_is_not_static() -> None:
    who = np.zeros((100, 200), np.int32)
    picture = grey(120)
    picture[:, :60] = 180
    pair = flicker.compare_frames((grey(120), picture), (who, who))
    assert not pair.static[:, :60].any()
    assert pair.static[:, 80:].all()


def test_everyone() -> None:
    alphas = tuple(np.full((4, 4), level, np.uint8) for level in (200, 100))
    instances = Instances(
        size_hw=(6, 8),
        boxes=np.array([[0, 0, 4, 4], [2, 0, 6, 4]], np.float32),
        alphas=alphas,
        scores=np.ones(2, np.float32),
        labels=np.zeros(2, np.int64),
        names=("a",),
    )
    assert flicker.everyone(instances)[0].tolist() == [200, 200, 255, 255, 100, 100, 0, 0]


def test_reaches_are_those_of_davis() -> None:
    assert mask_quality.CONTOUR_REACH == flicker.REACH == 0.008
    assert association.MATCH_IOU == 0.5
