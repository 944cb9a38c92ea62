from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.instances import Instances
from kirinuki.tracking.tracker import Tracker

RED, GREEN, BLUE, SKIN = (200, 40, 40), (40, 180, 60), (40, 60, 200), (240, 205, 180)
PALE_GREEN = (80, 170, 80)
NAMES = ("character", "animal")


def kind_scores(female: Sequence[float]) -> NDArray[np.float32]:
    return np.array([(p, 1 - p) for p in female], np.float32).reshape(-1, 2)


def scene(
    people: Sequence[tuple[tuple[int, int, int, int], tuple[int, int, int]]],
    size_hw: tuple[int, int] = (180, 320),
    labels: Sequence[int] | None = None,
    female: Sequence[float] | None = None,
) -> tuple[np.ndarray, Instances]:
    """A frame with ellipses of hair colour over clothes, later ones in front; all wear blue."""
    rgb = np.full((*size_hw, 3), 120, np.uint8)
    rows, columns = np.indices(size_hw)
    boxes, alphas = [], []
    for (x1, y1, x2, y2), hair in people:
        x, y = (columns + 0.5 - (x1 + x2) / 2) / (x2 - x1), (rows + 0.5 - (y1 + y2) / 2) / (y2 - y1)
        inside = x**2 + y**2 <= 0.25
        rgb[inside] = (30, 40, 90)
        rgb[inside & (y < -1 / 6)] = hair
        window = np.s_[max(0, y1) : y2, max(0, x1) : x2]
        alphas.append(np.where(inside, 255, 0).astype(np.uint8)[window])
        height, width = alphas[-1].shape
        boxes.append((max(0, x1), max(0, y1), max(0, x1) + width, max(0, y1) + height))
    count = len(people)
    return rgb, Instances(
        size_hw=size_hw,
        boxes=np.array(boxes, np.float32).reshape(count, 4),
        alphas=tuple(alphas),
        scores=np.full(count, 0.9, np.float32),
        labels=np.array([0] * count if labels is None else labels, np.int64),
        names=NAMES,
        kind_scores=None if female is None else kind_scores(female),
    )


def at(x: int, y: int = 30, width: int = 40, height: int = 100) -> tuple[int, int, int, int]:
    return x, y, x + width, y + height


def ids(tracker: Tracker, people, **options) -> list[int]:
    found = tracker.update(*scene(people, **options)).track_ids
    assert found is not None
    return found.tolist()


def test_ids_start_at_one_and_last():
    tracker = Tracker()
    for step in range(10):
        assert ids(tracker, [(at(10 + 6 * step), RED), (at(200), GREEN)]) == [1, 2]


def test_order_and_everything_else_is_kept():
    tracker = Tracker()
    tracker.update(*scene([(at(10), RED), (at(200), GREEN)]))
    rgb, found = scene([(at(201), GREEN), (at(12), RED)])
    tracked = tracker.update(rgb, found)
    assert tracked.track_ids is not None
    assert tracked.track_ids.tolist() == [2, 1]
    assert tracked.boxes is found.boxes
    assert tracked.alphas is found.alphas
    assert tracked.scores is found.scores
    assert tracked.kind_scores is None


def test_nobody_at_all():
    tracker = Tracker()
    assert ids(tracker, []) == []
    assert ids(tracker, [(at(10), RED)]) == [1]
    for _ in range(5):
        assert ids(tracker, []) == []


def test_two_who_cross_keep_their_ids():
    tracker = Tracker()
    for step in range(40):
        people = [(at(10 + 6 * step), RED), (at(250 - 6 * step), GREEN)]
        assert ids(tracker, people) == [1, 2], step


def test_twins_who_cross_keep_their_ids():
    tracker = Tracker()
    for step in range(40):
        people = [(at(10 + 6 * step), RED), (at(250 - 6 * step), RED)]
        assert ids(tracker, people) == [1, 2], step


def test_two_who_were_found_as_one_part_as_who_they_are():
    """The one that the pair was taken for is where either could be."""
    tracker = Tracker()
    for step in range(8):
        assert ids(tracker, [(at(100), GREEN), (at(10 + 10 * step, width=60), PALE_GREEN)]) == [
            1,
            2,
        ]
    for step in range(5):  # the hair of whoever stands in front
        assert ids(tracker, [(at(100, width=60 + 8 * step), GREEN)]) == [1]
    for step in range(6):
        walker = at(132 + 10 * step, width=60)
        assert ids(tracker, [(walker, PALE_GREEN), (at(100), GREEN)]) == [2, 1]


def test_missed_while_moving():
    tracker = Tracker()
    for step in range(40):
        people = [(at(10 + 5 * step), RED), (at(250), GREEN)]
        if step % 10 >= 5:
            assert ids(tracker, people[1:]) == [2]
        else:
            assert ids(tracker, people) == [1, 2]


def test_back_on_the_other_side_by_appearance():
    tracker = Tracker()
    for _ in range(8):
        ids(tracker, [(at(10), RED), (at(140), GREEN)])
    for _ in range(40):
        ids(tracker, [(at(140), GREEN)])
    assert ids(tracker, [(at(270), BLUE), (at(140), GREEN)]) == [3, 2]
    assert ids(tracker, [(at(270), BLUE), (at(140), GREEN), (at(10), RED)]) == [3, 2, 1]


def test_a_false_find_of_one_frame_is_forgotten():
    tracker = Tracker()
    assert ids(tracker, [(at(10), RED)]) == [1]
    assert ids(tracker, [(at(10), RED), (at(200), GREEN)]) == [1, 2]
    for _ in range(3):
        assert ids(tracker, [(at(10), RED)]) == [1]
    assert ids(tracker, [(at(10), RED), (at(200), GREEN)]) == [1, 3]
    assert len(tracker.state()["tracks"]) == 2


def test_a_cut_forgets_all_but_the_count():
    tracker = Tracker()
    assert ids(tracker, [(at(10), RED), (at(200), GREEN)]) == [1, 2]
    tracker.cut()
    assert ids(tracker, [(at(10), RED), (at(200), GREEN)]) == [3, 4]


def test_another_picture_size():
    tracker = Tracker()
    for _ in range(3):
        ids(tracker, [(at(10), RED), (at(200), GREEN)])
    double = [((20, 60, 100, 260), RED), ((400, 60, 480, 260), GREEN)]
    assert ids(tracker, double, size_hw=(360, 640)) == [1, 2]


def test_a_soft_mask_with_nothing_hard_and_one_pixel():
    tracker = Tracker()
    rgb = np.zeros((20, 30, 3), np.uint8)
    faint = Instances(
        size_hw=(20, 30),
        boxes=np.array([[0, 0, 1, 1], [20.5, 3.5, 30, 20]], np.float32),
        alphas=(np.full((1, 1), 255, np.uint8), np.full((17, 10), 3, np.uint8)),
        scores=np.ones(2, np.float32),
        labels=np.zeros(2, np.int64),
        names=NAMES,
    )
    for _ in range(3):
        tracked = tracker.update(rgb, faint)
        assert tracked.track_ids is not None
        assert tracked.track_ids.tolist() == [1, 2]


def test_fifty():
    tracker = Tracker()
    for step in range(3):
        people = [(at(6 * k + step, 10 + k, 30, 60), (5 * k, 90, 255 - 5 * k)) for k in range(50)]
        assert ids(tracker, people) == list(range(1, 51))


def test_the_kind_is_the_mean_of_the_logits_and_the_label_the_majority():
    tracker = Tracker()
    seen = [(0.9, 0), (0.8, 1), (0.1, 1), (0.5, 0)]
    logits = np.log(np.array([p / (1 - p) for p, _ in seen]))
    for step, label in enumerate((0, 0, 1, 0)):
        found = scene([(at(10), RED)], labels=[seen[step][1]], female=[seen[step][0]])
        tracked = tracker.update(*found)
        assert tracked.kind_scores is not None
        mean = 1 / (1 + np.exp(-logits[: step + 1].mean()))
        assert float(tracked.kind_scores[0, 0]) == pytest.approx(mean, rel=1e-6)
        assert tracked.labels.tolist() == [label]


def test_certain_kinds_stay_in_range():
    tracker = Tracker()
    for p in (1.0, 0.0, 1.0):
        tracked = tracker.update(*scene([(at(10), RED)], female=[p]))
    assert tracked.kind_scores is not None
    assert 0.5 < tracked.kind_scores[0, 0] <= 1


def test_restored_goes_on_bit_for_bit():
    rng = np.random.default_rng(3)

    def frames():
        for step in range(60):
            people = [
                (at(int(10 + 5 * step + rng.integers(-2, 3))), RED),
                (at(int(260 - 5 * step), 40), GREEN),
                (at(int(120 + 60 * np.sin(step / 4)), 60, 30, 70), BLUE),
            ]
            people = [p for p in people if rng.random() > 0.2 and -20 < p[0][0] < 300]
            yield scene(people, female=rng.random(len(people)).tolist())

    whole, parted = Tracker(), Tracker()
    for rgb, found in frames():
        parted = Tracker.from_state(json.loads(json.dumps(parted.state())))
        first, second = whole.update(rgb, found), parted.update(rgb, found)
        assert first.track_ids is not None
        assert second.track_ids is not None
        assert first.track_ids.tolist() == second.track_ids.tolist()
        assert first.kind_scores is not None
        assert second.kind_scores is not None
        assert first.kind_scores.tobytes() == second.kind_scores.tobytes()
        assert json.dumps(whole.state()) == json.dumps(parted.state())
