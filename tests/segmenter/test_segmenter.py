from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("onnx")
from fake_models import DETECTOR, REFINER, save_detector, save_judging_refiner, save_refiner
from kirinuki.errors import KirinukiError, ModelError, PictureError
from kirinuki.geometry import mask_iou
from kirinuki.images.picture import Picture
from kirinuki.segmenter import model_file as models
from kirinuki.segmenter import refiner as refine
from kirinuki.segmenter import segmenter
from kirinuki.segmenter.detector import Detections, drop_duplicates, resize_to
from kirinuki.segmenter.refiner import Crop
from kirinuki.segmenter.segmenter import Segmenter

FULL = np.ones((28, 28), np.float32)


@pytest.fixture(autouse=True)
def no_embedded_refiner(monkeypatch, tmp_path):
    """These tests choose their refiner: the package's own stays out."""
    monkeypatch.setattr(segmenter, "embedded", lambda kind: tmp_path / "package" / f"{kind}.onnx")


def load(tmp_path, *args, refine_channel=None, load_options=None, **kwargs) -> Segmenter:
    save_detector(tmp_path / "detector.onnx", *args, **kwargs)
    if refine_channel is not None:
        save_refiner(tmp_path / "refiner.onnx", refine_channel)
    return Segmenter.load(tmp_path, **(load_options or {}))


def blank(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 200, np.uint8)


def test_nobody(tmp_path):
    found = load(tmp_path)(blank(30, 40))
    assert len(found) == 0
    assert found.size_hw == (30, 40)
    assert found.names == ("waifu", "husbando")


def test_boxes_come_back_to_the_picture(tmp_path):
    # Input 64 × 32 for a picture of 256 × 128: factor 4.
    cut = load(tmp_path, [[8, 4, 24, 20]], [0.9], [1])
    found = cut(blank(128, 256))
    assert found.boxes.tolist() == [[32, 16, 96, 80]]
    assert found[0].name == "husbando"
    assert found.scores.tolist() == pytest.approx([0.9])
    assert (found.alphas[0] == 255).all()
    assert cut.info == DETECTOR
    assert cut.names == DETECTOR.names
    assert (cut.provider, cut.refiner_info) == ("cpu", None)


def test_sorted_by_score_and_limited(tmp_path):
    boxes = [[0, 0, 9, 9], [20, 0, 29, 9], [40, 0, 49, 9]]
    cut = load(tmp_path, boxes, [0.6, 0.9, 0.7])
    assert cut(blank(64, 64)).scores.tolist() == pytest.approx([0.9, 0.7, 0.6])
    best = load(tmp_path, boxes, [0.6, 0.9, 0.7], load_options={"max_instances": 2})
    assert best(blank(64, 64)).scores.tolist() == pytest.approx([0.9, 0.7])


def test_score_defaults_to_the_model_s_own(tmp_path):
    args = [[0, 0, 9, 9], [20, 0, 29, 9]], [0.4, 0.9]
    assert len(load(tmp_path, *args)(blank(64, 64))) == 1
    assert len(load(tmp_path, *args, load_options={"score": 0.3})(blank(64, 64))) == 2


@pytest.mark.parametrize(
    "option",
    [
        *(("score", given) for given in (1.2, "a", True, float("nan"))),
        *(("max_instances", given) for given in (0, 2.5)),
        *(("threads", given) for given in (0, 1.5, "2")),
    ],
)
def test_impossible_options(tmp_path, option):
    with pytest.raises(KirinukiError, match=f"`{option[0]}` is .*, expected") as refused:
        load(tmp_path, load_options=dict([option]))
    assert refused.value.arguments == (option[0],)


def test_a_model_is_a_path():
    with pytest.raises(ModelError, match="`model`: got int, expected the path"):
        Segmenter.load(5)


def test_boxes_outside_are_clipped_and_empty_ones_dropped(tmp_path):
    boxes = [[-9, -9, 99, 20], [70, 0, 90, 20], [5, 30, 5, 40], [np.nan] * 4, [0, 40, 9, np.inf]]
    found = load(tmp_path, boxes, [0.9, 0.8, 0.8, 0.8, 0.8])(blank(64, 64))
    assert found.boxes.tolist() == [[0, 0, 64, 20]]


def test_empty_mask_is_dropped(tmp_path):
    masks = np.stack([FULL, FULL * 0.2])
    found = load(tmp_path, [[0, 0, 9, 9], [20, 0, 29, 9]], [0.9, 0.9], masks=masks)(blank(64, 64))
    assert len(found) == 1


def test_coarse_mask_is_placed_in_its_box(tmp_path):
    mask = np.zeros((28, 28), np.float32)
    mask[:, :14] = 1  # the left half
    found = load(tmp_path, [[16, 16, 48, 48]], [0.9], masks=mask[None])(blank(640, 640))
    truth = np.zeros((640, 640), bool)
    truth[160:480, 160:320] = True
    assert (found.mask(0) ^ truth).sum() <= 3 * 320


def test_outputs_of_other_shapes_than_the_file_says(tmp_path):
    with pytest.raises(ModelError, match=r"shapes \(\(2, 4\), \(2,\), \(2,\), \(1, 28, 28\)\)"):
        load(tmp_path, [[0, 0, 9, 9]] * 2, [0.9, 0.8], masks=FULL[None])(blank(64, 64))


def test_masks_that_are_no_numbers(tmp_path):
    mask = FULL.copy()
    mask[:, 14:] = np.nan
    found = load(tmp_path, [[16, 16, 48, 48]], [0.9], masks=mask[None], refine_channel=3)
    assert found(blank(64, 64)).boxes[0, 2] < 40


def test_label_without_a_name_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="label 2"):
        load(tmp_path, [[0, 0, 9, 9]], [0.9], [2])(blank(64, 64))


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 3), (33, 31), (720, 1280)])
@pytest.mark.parametrize("channel", [None, 3])
def test_any_size(tmp_path, size, channel):
    boxes = [[0, 0, 64, 64], [0, 0, 3, 3]]
    found = load(tmp_path, boxes, [0.9, 0.8], refine_channel=channel)(blank(*size))
    assert found.size_hw == size
    assert len(found) >= 1


def test_large_picture(tmp_path):
    picture = np.zeros((9000, 12000, 3), np.uint8)
    found = load(tmp_path, [[10, 10, 20, 30]], [0.9], refine_channel=3)(picture)
    assert found.size_hw == (9000, 12000)
    assert found.alphas[0].size < 12e6


def test_kinds_of_pictures_agree(tmp_path):
    cut = load(tmp_path, [[8, 4, 24, 20]], [0.9])
    picture = blank(48, 64)
    Image.fromarray(picture).save(tmp_path / "p.png")
    stream = BytesIO((tmp_path / "p.png").read_bytes())
    forms = [picture, Image.fromarray(picture), tmp_path / "p.png", str(tmp_path / "p.png"), stream]
    for form in [*forms, Picture(rgb=picture)]:
        assert cut(form).boxes.tolist() == [[8, 4, 24, 20]]
    with pytest.raises(PictureError):
        cut(tmp_path / "none.png")


def test_own_alpha_of_the_picture_counts(tmp_path):
    own = np.full((64, 64), 255, np.uint8)
    own[:, :20] = 0
    own[:, 20:30] = 128
    picture = Picture(rgb=blank(64, 64), alpha=own)
    found = load(tmp_path, [[10, 10, 50, 50]], [0.9])(picture)
    assert found.boxes.tolist() == [[20, 10, 50, 50]]
    assert set(np.unique(found.full_alpha(0))) == {0, 128, 255}
    assert len(load(tmp_path, [[0, 0, 15, 15]], [0.9])(picture)) == 0


def soft_disc(height: int, width: int, centre: tuple[int, int], radius: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(x - centre[0], y - centre[1])
    return (np.clip((radius - distance) / 8 + 0.5, 0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize("centre", [(200, 150), (30, 150), (390, 290)])
def test_refined_alpha_lands_where_the_crop_came_from(tmp_path, centre):
    # The refiner returns the red channel: where it is pasted, alpha must equal the picture's red,
    # also where the crop reaches beyond the picture.
    red = soft_disc(300, 400, centre, 70)
    picture = np.dstack([red, red * 0, red * 0])
    box = [(centre[0] - 70), centre[1] - 70, centre[0] + 70, centre[1] + 70]
    cut = load(tmp_path, [np.array(box) * 0.16], [0.9], refine_channel=0)
    assert cut.refiner_info == REFINER
    alpha = cut(picture).full_alpha(0).astype(int)
    assert np.abs(alpha - red).mean() < 1
    assert np.abs(alpha - red).max() < 70  # an edge 8 px wide at crops of 64 px


def test_coarse_mask_reaches_the_refiner_in_place(tmp_path):
    mask = np.zeros((28, 28), np.float32)
    cv2.circle(mask, (14, 14), 9, [1.0], -1)
    for box in ([16, 16, 48, 48], [-10, 20, 30, 60]):
        picture = blank(640, 640)
        plain = load(tmp_path, [box], [0.9], masks=mask[None])(picture).mask(0)
        refined = load(tmp_path, [box], [0.9], masks=mask[None], refine_channel=3)(picture).mask(0)
        assert (plain & refined).sum() / (plain | refined).sum() > 0.93


def test_nothing_left_by_the_refiner_is_dropped(tmp_path):
    picture = blank(64, 64)
    picture[:, :, 0] = 100  # alpha 100 everywhere: no solid pixel
    assert len(load(tmp_path, [[8, 8, 40, 40]], [0.9], refine_channel=0)(picture)) == 0


@pytest.mark.parametrize("batch", [1, 4])
def test_more_characters_than_a_batch(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(refine, "CPU_BATCH", batch)
    boxes = [[12 * (i % 5), 12 * (i // 5), 12 * (i % 5) + 9, 12 * (i // 5) + 9] for i in range(11)]
    cut = load(tmp_path, boxes, np.linspace(0.9, 0.6, 11), refine_channel=3)
    assert len(cut(blank(64, 64))) == 11


def test_alphas_never_add_up_to_more_than_opaque(tmp_path):
    boxes = [[0, 0, 40, 40], [24, 8, 60, 60], [20, 30, 50, 64]]
    rng = np.random.default_rng(0)
    masks = cv2.blur(rng.random((3, 28, 28)).transpose(1, 2, 0), (5, 5)).transpose(2, 0, 1) + 0.1
    cut = load(tmp_path, boxes, [0.9, 0.8, 0.7], masks=masks.astype(np.float32))
    found = cut(blank(256, 256))
    assert len(found) == 3
    assert sum(found.full_alpha(i).astype(int) for i in range(3)).max() <= 255


def detections(*rows) -> Detections:
    boxes, scores, masks = zip(*rows, strict=True)
    return Detections(
        np.array(boxes, np.float32),
        np.array(scores, np.float32),
        np.zeros(len(rows), np.int64),
        np.stack(masks),
    )


RING = FULL.copy()
RING[7:21, 7:21] = 0

DUPLICATES = [
    ("apart", [([0, 0, 9, 9], 0.9, FULL), ([20, 0, 29, 9], 0.8, FULL)], [0, 1]),
    ("side by side", [([0, 0, 20, 40], 0.9, FULL), ([14, 0, 34, 40], 0.8, FULL)], [0, 1]),
    ("the same twice", [([0, 0, 20, 40], 0.9, FULL), ([1, 0, 21, 40], 0.8, FULL)], [0]),
    ("bust in figure", [([0, 0, 20, 60], 0.9, FULL), ([2, 0, 18, 20], 0.8, FULL)], [0]),
    ("better bust", [([2, 0, 18, 20], 0.9, FULL), ([0, 0, 20, 60], 0.8, FULL)], [1]),
    ("much better bust", [([2, 0, 18, 20], 0.9, FULL), ([0, 0, 20, 60], 0.5, FULL)], [0]),
    (
        "group over two",
        [([0, 0, 20, 40], 0.9, FULL), ([22, 0, 42, 40], 0.9, FULL), ([0, 0, 42, 40], 0.8, FULL)],
        [0, 1],
    ),
    # The small one stands in front: the mask of the large one leaves it out.
    ("in front", [([0, 0, 40, 40], 0.9, RING), ([11, 11, 29, 29], 0.8, FULL)], [0, 1]),
]


@pytest.mark.parametrize(
    ("rows", "kept"), [d[1:] for d in DUPLICATES], ids=[d[0] for d in DUPLICATES]
)
def test_one_find_a_character(rows, kept):
    found = detections(*rows)
    assert drop_duplicates(found).boxes.tolist() == found.boxes[kept].tolist()


def test_two_finds_that_refine_to_one_character(tmp_path):
    # Halves of one body: the coarse masks hardly meet, the refiner sees the whole in both crops.
    red = soft_disc(256, 256, (128, 128), 60)
    picture = np.dstack([red, red, red])
    save_detector(tmp_path / "detector.onnx", [[16, 16, 48, 34], [16, 30, 48, 48]], [0.9, 0.8])
    refiner = save_refiner(tmp_path / "refiner.onnx", 0, replace(REFINER, margin=1.0))
    cut = Segmenter.load(refiner.parent)
    assert len(cut(picture)) == 1


def test_crop_beyond_the_picture_is_black():
    crop = Crop.around(np.array([0, 10, 20, 30], np.float32), 0.5, 40, (100, 100))
    assert crop.inside == (0, 0, 30, 40)
    assert crop.patch == (10, 0, 40, 40)
    pixels = crop.of(np.full((100, 100, 3), 7, np.uint8))
    assert (pixels[:, :10] == 0).all()
    assert (pixels[:, 10:] == 7).all()


JUDGED = replace(DETECTOR, calibration=(0.0, 1.0, 1.0))


def load_judged(tmp_path, boxes, scores, info=JUDGED, **options) -> Segmenter:
    save_detector(tmp_path / "detector.onnx", boxes, scores, info=info)
    save_judging_refiner(tmp_path / "refiner.onnx", replace(REFINER, margin=0.1))
    return Segmenter.load(tmp_path, **options)


def judged_picture(*spots: tuple[int, float, float]) -> np.ndarray:
    """A picture of 64 × 64 that says quality and female at columns of its own."""
    picture = np.zeros((64, 64, 3), np.uint8)
    for x, quality, female in spots:
        picture[:, x : x + 12] = (0, round(255 * quality), round(255 * female))
    return picture


ABREAST = [[0, 0, 9, 60], [22, 0, 31, 60], [44, 0, 53, 60]]


def test_quality_has_a_say_in_the_score(tmp_path):
    # Odds are multiplied: 0.8 and 0.1 make 0.31, 0.3 and 0.9 make 0.79, 0.6 and 0.5 stay 0.6.
    cut = load_judged(tmp_path, ABREAST, [0.8, 0.6, 0.3])
    found = cut(judged_picture((0, 0.1, 0.5), (22, 0.5, 0.95), (44, 0.9, 0.0)))
    assert found.scores.tolist() == pytest.approx([0.79, 0.6], abs=0.01)
    assert found.boxes[:, 0].tolist() == [44, 22]
    assert found.kinds == ("male", "female")
    assert found.kind_scores is not None
    assert found.kind_scores.ravel() == pytest.approx([0, 1, 0.95, 0.05], abs=0.01)


def test_without_calibration_the_detector_s_score_stands(tmp_path):
    cut = load_judged(tmp_path, ABREAST, [0.8, 0.6, 0.3], DETECTOR)
    found = cut(judged_picture((0, 0.1, 0.5), (22, 0.5, 0.95), (44, 0.9, 0.0)))
    assert found.scores.tolist() == pytest.approx([0.8, 0.6])
    assert found.kinds == ("unknown", "female")


def test_calibration_without_a_refiner_that_judges(tmp_path):
    cut = load(tmp_path, ABREAST, [0.8, 0.6, 0.3], refine_channel=3, info=JUDGED)
    found = cut(blank(64, 64))
    assert found.scores.tolist() == pytest.approx([0.8, 0.6])
    assert (found.kind_scores, found.kinds) == (None, ("unknown",) * 2)


def test_who_cannot_reach_the_score_is_not_refined(tmp_path, monkeypatch):
    crops = []
    refined = refine.Refiner.judge
    monkeypatch.setattr(
        refine.Refiner,
        "judge",
        lambda self, rgb, found: crops.append(len(found)) or refined(self, rgb, found),
    )
    info = replace(DETECTOR, calibration=(-4.6, 1.0, 1.0))  # the best quality undoes the constant
    cut = load_judged(tmp_path, ABREAST, [0.8, 0.51, 0.48], info)
    assert len(cut(judged_picture((0, 1, 1), (22, 1, 1), (44, 1, 1)))) == 2
    assert crops == [2]


def test_the_closer_look_chooses_between_bust_and_figure(tmp_path):
    boxes = [[20, 0, 30, 20], [18, 0, 40, 60]]
    picture = judged_picture((30, 0.9, 0))  # only the figure's box reaches the spot
    assert load(tmp_path, boxes, [0.9, 0.5])(picture).boxes[0].tolist() == [20, 0, 30, 20]
    found = load_judged(tmp_path, boxes, [0.9, 0.5])(picture)
    assert found.boxes.tolist() == [[18, 0, 40, 60]]


def test_nobody_is_left_after_the_closer_look(tmp_path):
    found = load_judged(tmp_path, ABREAST, [0.8, 0.6, 0.3])(judged_picture())
    assert (len(found), found.kinds) == (0, ())


@pytest.mark.parametrize(
    ("shape", "expected"), [((10, 20), (32, 64)), ((5000, 1), (64, 1)), ((1, 1), (64, 64))]
)
def test_resize_to(shape, expected):
    assert resize_to(np.zeros((*shape, 3), np.uint8), 64).shape[:2] == expected


def test_threads_agree(tmp_path):
    cut = load(tmp_path, [[8, 4, 24, 20], [30, 30, 60, 60]], [0.9, 0.8], refine_channel=0)
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (90, 120, 3), dtype=np.uint8) | 128 for _ in range(16)]
    one_by_one = [cut(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        for mine, yours in zip(one_by_one, pool.map(cut, pictures), strict=True):
            assert all((a == b).all() for a, b in zip(mine.alphas, yours.alphas, strict=True))


def test_detector_file_takes_the_package_s_refiner(tmp_path):
    path = save_detector(tmp_path / "mine.onnx", [[8, 8, 40, 40]], [0.9])
    assert Segmenter.load(path).refiner_info is None
    (tmp_path / "package").mkdir()
    save_refiner(tmp_path / "package" / "refiner.onnx", 3)
    assert Segmenter.load(path).refiner_info == REFINER


def test_no_model_in_the_package(tmp_path):
    with pytest.raises(ModelError, match="holds no model"):
        Segmenter.load()
    with pytest.raises(ModelError, match="no such model file"):
        Segmenter.load(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match=r"holds no detector\.onnx"):
        Segmenter.load(tmp_path)


def test_embedded_model_runs(monkeypatch):
    monkeypatch.setattr(segmenter, "embedded", models.embedded)
    cut = Segmenter.load(threads=1)
    assert len(cut(blank(180, 320))) == 0
    assert cut(np.zeros((1, 1, 3), np.uint8)).size_hw == (1, 1)


def test_each_panel_of_a_long_page_comes_as_if_it_were_alone(monkeypatch, repository):
    monkeypatch.setattr(segmenter, "embedded", models.embedded)
    cut = Segmenter.load(threads=1)
    with Image.open(repository / "examples/scene.png") as scene:
        panel = np.array(scene.convert("RGB").resize((320, 180)))
    alone = cut(panel)
    page = np.full((4 * 360, 320, 3), 255, np.uint8)
    for top in range(90, len(page), 360):
        page[top : top + 180] = panel
    found = cut(page)
    assert len(alone) == 3
    assert len(found) == 12
    for top in range(90, len(page), 360):
        there = found.masks()[:, top : top + 180]
        for mask in alone.masks():
            assert max(mask_iou(mask, other) for other in there) > 0.9


@pytest.mark.parametrize("wide", [False, True])
def test_who_is_longer_than_any_window_has_one_alpha_without_a_seam(tmp_path, wide):
    # Found in every window from edge to edge, 24 to 40 of 64 across.
    noise = np.random.default_rng(0).integers(0, 256, (1500, 300, 3), dtype=np.uint8)
    across = np.array([24, 40]) if wide else np.array([12, 20])
    box = [0, across[0], 64, across[1]] if wide else [across[0], 0, across[1], 64]
    cut = load(tmp_path, [box], [0.9], refine_channel=3)
    found = cut(np.ascontiguousarray(noise.transpose(1, 0, 2)) if wide else noise)
    assert len(found) == 1
    x1, y1, x2, y2 = found.boxes[0].tolist()
    along, over = ((x1, x2), (y1, y2)) if wide else ((y1, y2), (x1, x2))
    assert along == (0, 1500)
    assert over == pytest.approx((112, 188), abs=3)
    alpha = found.alphas[0] if wide else found.alphas[0].T
    assert (alpha[10:-10] == 255).all()


def test_the_limit_of_instances_holds_for_each_window(tmp_path):
    page = np.full((1600, 300, 3), 255, np.uint8)
    for top in range(0, 1600, 400):
        page[top : top + 300] = np.random.default_rng(0).integers(0, 256, (300, 300, 3))
    boxes = [[0, 0, 20, 50], [22, 0, 40, 50], [42, 0, 60, 50]]
    cut = load(tmp_path, boxes, [0.9, 0.8, 0.7], load_options={"max_instances": 2})
    found = cut(page)
    assert len(found) == 8
    assert found.scores.tolist() == pytest.approx([0.9] * 4 + [0.8] * 4)


def square(picture: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """Red in a box: a refiner of the red channel finds just that."""
    x1, y1, x2, y2 = box
    picture[y1:y2, x1:x2, 0] = 255
    return picture


def two_squares(tmp_path) -> tuple[Segmenter, np.ndarray]:
    boxes = [[4, 4, 28, 28], [36, 4, 60, 28]]
    cut = load(tmp_path, boxes, [0.9, 0.8], refine_channel=0)
    picture = np.zeros((64, 64, 3), np.uint8)
    return cut, square(square(picture, (6, 6, 26, 26)), (38, 6, 58, 26))


def test_refresh_follows_a_small_change_and_leaves_the_others(tmp_path):
    cut, picture = two_squares(tmp_path)
    before = cut(picture)
    assert len(before) == 2
    later = square(picture.copy(), (58, 10, 60, 20))  # the second holds out a hand
    after = cut.refresh(Picture(later), before, np.array([1]))
    assert after is not None
    assert after.alphas[0] is before.alphas[0] or (after.alphas[0] == before.alphas[0]).all()
    assert after.full_alpha(1)[10:20, 58:60].min() >= 128
    assert after.scores.tolist() == before.scores.tolist()


def test_refresh_gives_up_where_only_a_new_look_can_tell(tmp_path):
    cut, picture = two_squares(tmp_path)
    before = cut(picture)
    gone = picture.copy()
    gone[:, 32:] = 0
    assert cut.refresh(Picture(gone), before, np.array([1])) is None
    half = picture.copy()
    half[:, 48:] = 0
    assert cut.refresh(Picture(half), before, np.array([1])) is None


def test_refresh_needs_a_refiner(tmp_path):
    cut = load(tmp_path, [[8, 4, 24, 20]], [0.9])
    before = cut(blank(64, 64))
    assert cut.refresh(Picture(blank(64, 64)), before, np.array([0])) is None
