"""Cutouts, decontamination against known colours, backgrounds and mask pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from kirinuki.errors import OutputError, PictureError
from kirinuki.images.picture import read_picture, save_png
from kirinuki.instances import Instances
from kirinuki.render import cutout as cutout_room
from kirinuki.render.cutout import (
    colour_named,
    cutout,
    decontaminate,
    everyone,
    mask_image,
    on_background,
    parse_background,
)
from kirinuki.render.overlay import colour_of

SKY = (110, 170, 235)
BLONDE = (240, 205, 120)
LINE = (90, 60, 40)


def instances_of(*alphas: NDArray[np.uint8], track_ids: list[int] | None = None) -> Instances:
    """Instances from full-size alphas, each boxed tightly."""
    boxes, crops = [], []
    for alpha in alphas:
        ys, xs = np.nonzero(alpha)
        box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        boxes.append(box)
        crops.append(np.ascontiguousarray(alpha[box[1] : box[3], box[0] : box[2]]))
    return Instances(
        size_hw=alphas[0].shape[:2],
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        alphas=tuple(crops),
        scores=np.full(len(alphas), 0.9, np.float32),
        labels=np.zeros(len(alphas), np.int64),
        names=("girl",),
        track_ids=None if track_ids is None else np.array(track_ids, np.int64),
    )


def disc(size_hw: tuple[int, int], centre: tuple[int, int], radius: float) -> NDArray[np.uint8]:
    """A filled circle with an anti-aliased edge, (H, W) uint8."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    distance = np.hypot(x - centre[0], y - centre[1])
    return np.rint(np.clip(radius + 0.5 - distance, 0, 1) * 255).astype(np.uint8)


def blonde_on_sky() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Picture, true alpha and true colours of a blonde head with loose strands and a drawn line
    around it, in front of a blue sky. Drawn four times too large and averaged down."""
    alpha = np.zeros((800, 800), np.uint8)
    colours = np.empty((800, 800, 3), np.uint8)
    colours[:] = LINE
    cv2.circle(alpha, (400, 400), 200, 255, -1)
    cv2.circle(colours, (400, 400), 192, BLONDE, -1)
    random = np.random.default_rng(3)
    for angle in random.uniform(0, 2 * np.pi, 60):
        end = (400 + np.array([np.cos(angle), np.sin(angle)]) * random.uniform(240, 330)).astype(
            int
        )
        cv2.line(alpha, (400, 400), end.tolist(), 255, 5)
        cv2.line(colours, (400, 400), end.tolist(), BLONDE, 5)
    small = (200, 200)
    share = alpha[..., None] / np.float32(255)
    mean = cv2.resize(share, small, interpolation=cv2.INTER_AREA)[..., None]
    weighted = cv2.resize(colours * share, small, interpolation=cv2.INTER_AREA)
    true = np.where(mean > 0, weighted / np.maximum(mean, 1e-6), 0)
    sky = np.array(SKY) - np.linspace(0, 30, 200)[:, None, None]
    picture = np.rint(true * mean + sky * (1 - mean)).astype(np.uint8)
    return picture, np.rint(mean[..., 0] * 255).astype(np.uint8), np.rint(true).astype(np.uint8)


def edge_error(
    colours: NDArray[np.uint8], alpha: NDArray[np.uint8], true: NDArray[np.uint8]
) -> float:
    """Mean colour error of the mixed pixels, weighted by alpha, as seen on a new background."""
    weight = np.where((alpha > 0) & (alpha < 255), alpha, 0).astype(float)
    difference = np.abs(colours.astype(float) - true).mean(axis=2)
    return float((difference * weight).sum() / weight.sum())


@pytest.mark.parametrize("transparent", [False, True])
def test_everyone_of_one_is_its_cutout(transparent: bool) -> None:
    picture, alpha, _ = blonde_on_sky()
    limit = np.full_like(alpha, 200) if transparent else None
    found = instances_of(alpha)
    alone = cutout(picture, found, 0, full_frame=True, picture_alpha=limit)
    assert np.array_equal(everyone(picture, found, limit), alone)


def test_where_two_touch_everyone_has_the_pictures_own_colours() -> None:
    left = np.zeros((40, 60), np.uint8)
    left[5:35, 5:30] = 255
    left[5:35, 30] = 128
    right = np.zeros_like(left)
    right[5:35, 31:55] = 255
    right[5:35, 30] = 127
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    together = everyone(picture, instances_of(left, right))
    assert np.array_equal(together[5:35, 5:55, :3], picture[5:35, 5:55])
    assert (together[5:35, 5:55, 3] == 255).all()
    assert not together[:5].any()


def test_everyone_of_nobody_is_transparent() -> None:
    picture = np.full((10, 20, 3), 90, np.uint8)
    assert not everyone(picture, Instances.empty((10, 20), ("girl",))).any()


def test_blonde_hair_on_a_blue_sky_loses_four_fifths_of_its_blue() -> None:
    picture, alpha, true = blonde_on_sky()
    before = edge_error(picture, alpha, true)
    after = edge_error(decontaminate(picture, alpha), alpha, true)
    assert before > 30
    assert after < before / 5


def test_a_blurred_alpha_still_takes_a_third_off_the_error() -> None:
    picture, alpha, true = blonde_on_sky()
    blurred = cv2.GaussianBlur(alpha, (0, 0), 0.8)
    clean = decontaminate(picture, blurred)
    assert edge_error(clean, alpha, true) < edge_error(picture, alpha, true) * 2 / 3


def test_decontamination_keeps_solid_and_empty_pixels_and_its_input() -> None:
    picture, alpha, _ = blonde_on_sky()
    before = picture.copy()
    clean = decontaminate(picture, alpha)
    solid = (alpha == 0) | (alpha == 255)
    np.testing.assert_array_equal(clean[solid], picture[solid])
    np.testing.assert_array_equal(picture, before)


def test_flat_colours_are_recovered_nearly_exactly() -> None:
    alpha = disc((80, 80), (40, 40), 20)
    share = alpha[..., None] / 255
    picture = np.rint(np.array(BLONDE) * share + np.array(SKY) * (1 - share)).astype(np.uint8)
    clean = decontaminate(picture, alpha).astype(int)
    assert np.abs(clean[alpha > 50] - BLONDE).max() <= 3


def test_tiles_give_the_same_result_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, alpha, _ = blonde_on_sky()
    whole = decontaminate(picture, alpha).astype(int)
    monkeypatch.setattr(cutout_room, "_TILE", 64)
    tiled = decontaminate(picture, alpha)
    assert np.abs(tiled - whole).max() <= 1


def test_cutout_fills_the_window() -> None:
    alpha = np.zeros((20, 30), np.uint8)
    alpha[5:9, 10:16] = 255
    picture = np.arange(20 * 30 * 3, dtype=np.uint32).astype(np.uint8).reshape(20, 30, 3)
    loose = Instances(
        size_hw=(20, 30),
        boxes=np.array([[7.5, 2, 20, 12]], np.float32),
        alphas=(alpha[2:12, 7:20].copy(),),
        scores=np.ones(1, np.float32),
        labels=np.zeros(1, np.int64),
        names=("girl",),
    )
    result = cutout(picture, loose, 0)
    assert result.shape == (10, 13, 4)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result[3:7, 3:9, :3], picture[5:9, 10:16])
    np.testing.assert_array_equal(result[..., 3], alpha[2:12, 7:20])


def test_full_frame_keeps_the_size_and_hides_the_rest() -> None:
    picture, alpha, _ = blonde_on_sky()
    result = cutout(picture, instances_of(alpha), 0, full_frame=True)
    assert result.shape == (200, 200, 4)
    np.testing.assert_array_equal(result[..., 3], alpha)
    assert (result[alpha == 0] == 0).all()
    x1, y1, x2, y2 = instances_of(alpha)[0].window
    np.testing.assert_array_equal(cutout(picture, instances_of(alpha), 0), result[y1:y2, x1:x2])


def test_the_surroundings_beyond_the_box_are_used() -> None:
    """A box cut as tight as its mask must not change the colours."""
    picture, alpha, true = blonde_on_sky()
    result = cutout(picture, instances_of(alpha), 0, full_frame=True)
    assert edge_error(result[..., :3], alpha, true) < edge_error(picture, alpha, true) / 5


def test_an_instance_that_is_transparent_all_over_has_a_cutout() -> None:
    ghost = Instances(
        size_hw=(20, 30),
        boxes=np.array([[3, 4, 8, 11]], np.float32),
        alphas=(np.zeros((7, 5), np.uint8),),
        scores=np.ones(1, np.float32),
        labels=np.zeros(1, np.int64),
        names=("girl",),
    )
    result = cutout(np.full((20, 30, 3), 9, np.uint8), ghost, 0)
    assert result.shape == (7, 5, 4)
    assert not result.any()


def test_a_transparent_picture_gives_its_own_alpha_and_colours_back() -> None:
    alpha = disc((60, 60), (30, 30), 20)
    flat = np.empty((60, 60, 3), np.uint8)
    flat[:] = BLONDE
    picture = read_picture(np.dstack([flat, alpha]))  # lies on white
    found = instances_of(np.where(alpha > 0, 255, 0).astype(np.uint8))  # a mask somewhat too wide
    result = cutout(picture.rgb, found, 0, full_frame=True, picture_alpha=picture.alpha)
    np.testing.assert_array_equal(result[..., 3], alpha)
    seen = alpha >= 32
    assert np.abs(result[seen][:, :3].astype(int) - BLONDE).max() <= 8


def test_a_soft_mask_on_a_transparent_picture_is_not_thinned_twice() -> None:
    alpha = disc((60, 60), (30, 30), 20)
    picture = read_picture(np.dstack([np.full((60, 60, 3), 50, np.uint8), alpha]))
    result = cutout(
        picture.rgb, instances_of(alpha), 0, full_frame=True, picture_alpha=picture.alpha
    )
    np.testing.assert_array_equal(result[..., 3], alpha)


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    seed=st.integers(0, 2**16),
    corner=st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)),
)
def test_any_instance_of_any_size_is_cut(
    size: tuple[int, int], seed: int, corner: tuple[float, float]
) -> None:
    height, width = size
    random = np.random.default_rng(seed)
    alpha = np.zeros(size, np.uint8)
    y, x = int(corner[0] * height), int(corner[1] * width)
    alpha[y:, x:] = random.integers(0, 256, (height - y, width - x))
    alpha[y, x] = 200
    picture = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = instances_of(alpha)
    result = cutout(picture, found, 0, full_frame=True)
    np.testing.assert_array_equal(result[..., 3], alpha)
    for background in ((1, 2, 3), picture, "blur"):
        assert on_background(picture, found, background).shape == picture.shape


def test_a_picture_of_another_size_is_refused() -> None:
    found = instances_of(disc((60, 60), (30, 30), 20))
    for call in (lambda p: cutout(p, found, 0), lambda p: on_background(p, found, "blur")):
        with pytest.raises(ValueError, match=r"picture must be \(60, 60, 3\) uint8.*\(60, 61, 3\)"):
            call(np.zeros((60, 61, 3), np.uint8))


def test_on_a_colour_no_fringe_of_the_old_background_is_left() -> None:
    picture, alpha, true = blonde_on_sky()
    red = np.array((200, 0, 30))
    share = alpha[..., None] / 255
    ideal = true * share + red * (1 - share)
    result = on_background(picture, instances_of(alpha), (200, 0, 30))
    naive = picture * share + red * (1 - share)
    assert np.abs(result - ideal).mean() < np.abs(naive - ideal).mean() / 4
    assert (result[alpha == 0] == red).all()


def test_no_old_background_shows_between_two_characters() -> None:
    left, right = np.zeros((20, 40), np.uint8), np.zeros((20, 40), np.uint8)
    left[:, 5:20], right[:, 21:35] = 255, 255
    left[:, 20] = right[:, 20] = 128
    picture = np.full((20, 40, 3), 100, np.uint8)
    result = on_background(picture, instances_of(left, right), (255, 0, 0))
    assert (result[:, 5:35] == 100).all()


def test_a_background_picture_covers_the_frame_and_is_centred() -> None:
    found = Instances.empty((20, 20), ("girl",))
    wide = np.zeros((10, 40, 3), np.uint8)
    wide[:, 15:25] = 200  # the middle square, and all that should be seen
    result = on_background(np.zeros((20, 20, 3), np.uint8), found, wide)
    assert np.abs(result[:, 4:16].astype(int) - 200).max() <= 1
    assert result.min() > 100


def test_blur_leaves_no_halo_of_the_character() -> None:
    alpha = disc((200, 300), (150, 100), 60)
    share = alpha[..., None] / 255
    picture = np.rint(np.array((255, 0, 0)) * share + np.array(SKY) * (1 - share)).astype(np.uint8)
    result = on_background(picture, instances_of(alpha), "blur")
    assert np.abs(result[alpha == 0].astype(int) - SKY).max() <= 2
    assert (result[alpha == 255] == (255, 0, 0)).all()


def test_blur_blurs_and_survives_a_character_that_covers_everything() -> None:
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 255
    result = on_background(stripes, Instances.empty((128, 128), ("girl",)), "blur")
    assert np.ptp(result[:, 10:-10].astype(int)) < 10
    full = instances_of(np.full((128, 128), 255, np.uint8))
    np.testing.assert_array_equal(on_background(stripes, full, "blur"), stripes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("blur", "blur"),
        ("white", (255, 255, 255)),
        ("CornflowerBlue", (100, 149, 237)),
        ("#f80", (255, 136, 0)),
        ("#00b140", (0, 177, 64)),
        ("rgb(1, 2, 3)", (1, 2, 3)),
        ("hsl(0, 100%, 50%)", (255, 0, 0)),
    ],
)
def test_backgrounds_are_parsed(text: str, expected: object) -> None:
    assert parse_background(text) == expected


@pytest.mark.parametrize(
    "text",
    ["rgb(300,0,0)", "rgb(0, 0, 99999999999999999999)", "rgb(１, 2, 3)", "hsl(0, 100%, 900%)"],
)
def test_colours_that_no_screen_has_are_none(text: str) -> None:
    assert colour_named(text) is None
    with pytest.raises(PictureError, match="neither a colour"):
        parse_background(text)


def test_a_background_picture_is_read(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    save_png(array, tmp_path / "夕焼け 空.png")
    np.testing.assert_array_equal(parse_background(str(tmp_path / "夕焼け 空.png")), array)


def test_other_backgrounds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        PictureError, match=r"'blu': is neither a colour .* nor an existing picture"
    ):
        parse_background("blu")
    with pytest.raises(PictureError, match="is neither a colour"):
        parse_background("rgb(300, 0, 0)")
    with pytest.raises(PictureError, match="is a folder"):
        parse_background(str(tmp_path))
    with pytest.raises(ValueError, match=r"background picture must be \(H, W, 3\) uint8"):
        on_background(
            np.zeros((2, 2, 3), np.uint8),
            Instances.empty((2, 2), ("girl",)),
            np.zeros((2, 2), np.uint8),
        )


def test_mask_pictures_hold_a_number_per_character_and_its_colour() -> None:
    first, second = np.zeros((6, 8), np.uint8), np.zeros((6, 8), np.uint8)
    first[1:4, 1:4] = 255
    first[3, 3] = 140
    second[3:6, 3:8] = 200
    second[5, 7] = 127  # not in the hard mask
    file = BytesIO()
    save_png(mask_image(instances_of(first, second)), file)
    image = Image.open(file)
    assert image.mode == "P"
    expected = np.zeros((6, 8), np.uint8)
    expected[1:4, 1:4] = 1
    expected[3:6, 3:8] = 2  # also where the first is less sure
    expected[5, 7] = 0
    np.testing.assert_array_equal(np.asarray(image), expected)
    assert image.convert("RGB").getpixel((1, 1)) == colour_of(0)
    assert image.convert("RGB").getpixel((4, 4)) == colour_of(1)
    assert image.convert("RGB").getpixel((0, 0)) == (0, 0, 0)


def test_mask_pictures_take_the_colours_of_tracks() -> None:
    alpha = np.full((2, 2), 255, np.uint8)
    image = mask_image(instances_of(alpha, track_ids=[7])).convert("RGB")
    assert image.getpixel((0, 0)) == colour_of(7)


def test_mask_pictures_of_none_and_of_too_many() -> None:
    assert not np.asarray(mask_image(Instances.empty((3, 4), ("girl",)))).any()
    alpha = np.full((1, 1), 255, np.uint8)
    np.testing.assert_array_equal(np.asarray(mask_image(instances_of(*[alpha] * 255))), [[1]])
    with pytest.raises(OutputError, match="got 256 characters; one mask holds at most 255"):
        mask_image(instances_of(*[alpha] * 256))
