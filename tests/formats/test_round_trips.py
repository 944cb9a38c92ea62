"""Every format → every other → back: classes and masks stay, and what both say they keep."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FileRef, FrameRef
from kirinuki.formats.registry import FORMATS, load_set, lost
from kirinuki.formats.trace import segmentation_of
from kirinuki.geometry import mask_iou

SIZE = (30, 40)
NAMES = ("waifu", "夏 1", "b")
PAIRS = list(product(sorted(FORMATS), repeat=2))


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    """Rectangles, set and cut out again: parts, holes, and now and then a single pixel."""
    mask = np.zeros(SIZE, np.bool_)
    for _ in range(draw(st.integers(1, 4))):
        x, y = draw(st.integers(0, SIZE[1] - 4)), draw(st.integers(0, SIZE[0] - 4))
        width, height = draw(st.integers(1, 25)), draw(st.integers(1, 20))
        mask[y : y + height, x : x + width] = draw(st.integers(0, 3)) > 0
    if not mask.any():
        mask[3:9, 3:12] = True
    return mask


@st.composite
def instances(draw: st.DrawFn) -> LabelledInstance:
    mask = draw(masks())
    segmentation = segmentation_of(mask) if draw(st.booleans()) else None
    one = LabelledInstance.from_mask(mask, draw(st.sampled_from(NAMES)), segmentation)
    return replace(
        one,
        score=draw(st.none() | st.sampled_from([0.25, 1.0])),
        kind=draw(st.sampled_from([None, "female", "male"])),
        crowd=isinstance(one.segmentation, list) and draw(st.integers(0, 4)) == 0,
    )


SETS = st.lists(st.lists(instances(), max_size=3), min_size=1, max_size=2)


def made(contents: list[list[LabelledInstance]], folder: Path, frames: bool) -> LabelledSet:
    """Pictures that lie in ``images/``; each character with an alpha file and, of frames, an id."""
    pictures = []
    for number, found in enumerate(contents):
        path = folder / "images" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", SIZE[::-1]).save(path)
        ref = FrameRef(path, folder / "clip.mp4", number) if frames else FileRef(path)
        characters = tuple(
            replace(one, alpha=path, track_id=i if frames else None) for i, one in enumerate(found)
        )
        pictures.append(LabelledPicture(ref, SIZE, characters, f"images/{number}.png"))
    return LabelledSet(NAMES, tuple(pictures))


def through(labels: LabelledSet, name: str, folder: Path) -> LabelledSet:
    """Written in a format and read again."""
    to = FORMATS[name]
    target = folder / f"labels{to.target}" if to.target else folder
    written = list(to.write(labels, labels.names, target, False))
    assert [one.failure for one in written] == [None] * len(labels)
    return load_set(target)


def test_every_pair_is_tried() -> None:
    assert len(PAIRS) == len(FORMATS) ** 2 >= 25


@pytest.mark.parametrize(("first", "second"), PAIRS)
@settings(max_examples=8, deadline=None)
@given(contents=SETS)
def test_there_and_back(
    tmp_path_factory: pytest.TempPathFactory,
    first: str,
    second: str,
    contents: list[list[LabelledInstance]],
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    video = [FORMATS[name].video for name in (first, second)]
    if video == [False, True]:
        return  # pictures are no frames
    before = made(contents, folder / "made", video[0])
    back = through(through(before, first, folder / "1"), second, folder / "2")
    if video != [True, False]:  # what was written as pictures becomes no frames again
        back = through(back, first, folder / "3")
    kept = FORMATS[first].keeps & FORMATS[second].keeps
    exact = "labelme" not in (first, second)
    for old, new in zip(before, back, strict=True):
        expected = old.instances if "crowds" in kept else old.characters
        assert [one.name for one in new.instances] == [one.name for one in expected]
        for one, again in zip(expected, new.instances, strict=True):
            iou = mask_iou(one.mask(SIZE), again.mask(SIZE))
            assert iou == 1 if exact else iou >= 0.96
            assert one.crowd == again.crowd
            assert again.score == (one.score if "scores" in kept else None)
            assert again.kind == (one.kind if "kinds" in kept else None)
            assert (again.alpha is not None) == ("alphas" in kept)
            assert again.track_id == (one.track_id if "tracks" in kept else None)
    said = {feature for one in (first, second) for feature in lost(before, FORMATS[one])}
    there_before = lost(before, FORMATS["yolo"])
    assert said == {feature for feature in there_before if feature not in kept}
