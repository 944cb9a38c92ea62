from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from kirinuki.segmenter.windows import LENGTH, LONG, windows_of


def page(*panels: tuple[int, int], length: int, width: int = 400) -> np.ndarray:
    """A white page with panels of noise from … to."""
    rgb = np.full((length, width, 3), 255, np.uint8)
    for start, end in panels:
        rgb[start:end] = np.random.default_rng(start).integers(0, 256, (end - start, width, 3))
    return rgb


@pytest.mark.parametrize("size", [(1, 1), (600, 800), (749, 300), (300, 749)])
def test_pictures_of_usual_shapes_are_seen_at_once(size):
    rgb = np.zeros((*size, 3), np.uint8)
    assert windows_of(rgb) == [(0, 0, size[1], size[0])]


@pytest.mark.parametrize("wide", [False, True])
def test_gutters_part_a_page_into_its_panels(wide):
    rgb = page((100, 500), (600, 1000), (1006, 1400), length=1700)
    windows = windows_of(rgb.transpose(1, 0, 2) if wide else rgb)
    along = [window[0::2] if wide else window[1::2] for window in windows]
    assert along == [(92, 508), (592, 1003), (1003, 1408)]


def test_panels_without_gutters_are_seen_through_windows_that_overlap_by_half():
    windows = windows_of(page((0, 4000), length=4000))
    lengths = {bottom - top for _, top, _, bottom in windows}
    assert lengths == {round(400 * LENGTH)}
    assert (windows[0][1], windows[-1][3]) == (0, 4000)
    steps = [later[1] - earlier[1] for earlier, later in pairwise(windows)]
    assert max(steps) <= 200 * LENGTH


def test_lines_of_text_stay_with_the_panel_after_them():
    rgb = page((40, 60), (80, 100), (200, 800), (900, 1600), length=1700)
    assert [window[1] for window in windows_of(rgb)] == [32, 892]


def test_compression_leaves_a_gutter_a_gutter():
    rgb = page((0, 800), (900, 1600), length=1600)
    rgb[800:900] -= np.random.default_rng(0).integers(0, 12, (100, 400, 3), dtype=np.uint8)
    assert len(windows_of(rgb)) == 2


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000), (int(300 * LONG), 300)])
def test_a_page_of_one_colour_is_seen_at_once(size):
    assert len(windows_of(np.zeros((*size, 3), np.uint8))) == 1


def test_a_hair_s_breadth_has_no_thousand_windows():
    noise = np.random.default_rng(0).integers(0, 256, (9_000, 2, 3), dtype=np.uint8)
    assert len(windows_of(noise)) < 50
