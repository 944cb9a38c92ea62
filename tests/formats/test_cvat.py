"""CVAT's XML: what its shapes draw, what is refused, and the way there and back."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings

from kirinuki.errors import LabelError
from kirinuki.formats.cvat import Cvat
from kirinuki.formats.labelled import Fault, LabelledInstance, LabelledPicture
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import load_set, open_labels
from kirinuki.formats.trace import segmentation_of

SIZE = (20, 30)
LABELS = "<label><name>夏</name></label><label><name>girl</name></label>"
META = f"<meta><task><labels>{LABELS}</labels></task></meta>"


def saved(folder: Path, shapes: str, image: str = 'name="a.png" width="30" height="20"') -> Path:
    path = folder / "annotations.xml"
    path.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>{META}'
        f'<image id="0" {image}>{shapes}</image></annotations>',
        encoding="utf-8",
    )
    return path


def masks_of(path: Path) -> list[np.ndarray]:
    (picture,) = load_set(path)
    return [one.mask(picture.size_hw) for one in picture.instances]


def rectangle(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros(SIZE, np.bool_)
    mask[y1:y2, x1:x2] = True
    return mask


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ('<polygon label="girl" points="2.0,3.0;9.0,3.0;9.0,8.0;2.0,8.0"/>', rectangle(2, 3, 9, 8)),
        ('<box label="girl" xtl="2" ytl="3" xbr="9" ybr="8"/>', rectangle(2, 3, 9, 8)),
        (
            '<box label="girl" xtl="2" ytl="5" xbr="10" ybr="9" rotation="90"/>',
            rectangle(4, 3, 8, 11),
        ),
        (
            '<mask label="girl" rle="0, 1, 1, 3, 1" left="4" top="5" width="3" height="2"/>',
            rectangle(4, 5, 5, 7) | rectangle(6, 5, 7, 6) | rectangle(5, 6, 6, 7),
        ),
        (
            '<mask label="girl" rle="0, 12" left="-1" top="18" width="3" height="4"/>',
            rectangle(0, 18, 2, 20),  # cut off at the edge
        ),
    ],
)
def test_shapes_draw_what_cvat_shows(tmp_path: Path, shape: str, expected: np.ndarray) -> None:
    (mask,) = masks_of(saved(tmp_path, shape))
    np.testing.assert_array_equal(mask, expected)


def test_an_ellipse_has_its_area(tmp_path: Path) -> None:
    (mask,) = masks_of(saved(tmp_path, '<ellipse label="girl" cx="15" cy="10" rx="12" ry="7"/>'))
    assert mask.sum() == pytest.approx(np.pi * 12 * 7, rel=0.02)


def test_a_group_of_one_label_is_one_character(tmp_path: Path) -> None:
    box = '<box label="{}" xtl="{}" ytl="3" xbr="{}" ybr="8" group_id="4"/>'
    shapes = box.format("girl", 1, 4) + box.format("夏", 5, 8) + box.format("girl", 9, 12)
    labels = load_set(saved(tmp_path, shapes + "<tag label='x'/>"))
    assert labels.names == ("夏", "girl")  # in the file's own order
    assert [one.name for one in labels.instances] == ["girl", "夏"]
    expected = rectangle(1, 3, 4, 8) | rectangle(9, 3, 12, 8)
    np.testing.assert_array_equal(labels.instances[0].mask(SIZE), expected)


WRONG = [
    ('<polyline label="a" points="1,1;2,2"/>', "is a polyline, which has no area"),
    ('<polygon points="1,1;2,2;3,1"/>', "has no label"),
    ('<polygon label="a" points="1,1;2,2"/>', "polygon has 2 points"),
    ('<polygon label="a" points="1,1;2,x;3,1"/>', "points are no list"),
    ('<polygon label="a" points="1,1;2,nan;3,1"/>', "out of reach"),
    ('<polygon label="a" points="40,1;50,2;45,9"/>', "covers no pixel"),
    ('<box label="a" xtl="1" ytl="1" xbr="inf" ybr="3"/>', "xbr is 'inf'"),
    ('<mask label="a" rle="3" left="1" top="1" width="2" height="2"/>', "does not add up"),
    ('<mask label="a" rle="" left="1" top="1" width="2" height="2"/>', "rle is no list"),
    ('<mask label="a" rle="1" left="1" top="1" width="99999" height="99999"/>', "its mask is"),
]


@pytest.mark.parametrize(("shape", "message"), WRONG)
def test_a_bad_shape_is_named_and_costs_no_other(tmp_path: Path, shape: str, message: str) -> None:
    good = '<box label="girl" xtl="2" ytl="3" xbr="9" ybr="8"/>'
    path = saved(tmp_path, shape + good)
    (picture,) = open_labels(path)
    assert isinstance(picture, LabelledPicture)
    (fault,) = picture.faults
    assert str(fault).startswith(f"{path}, a.png, ")
    assert message in str(fault)
    assert len(picture.instances) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<annotations>", "is not valid XML"),
        ("<annotations/" + ">" * 9, "is not valid XML"),
        ("<?xml version='1.0' encoding='ut-1f-8'?><annotations/>", "unknown encoding"),
        ("<annotations>" + "<a>" * 200, "nested too deeply"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><annotations>&b;</annotations>", "defines entities"),
        ("<annotations><track id='0'/></annotations>", "holds tracks of a video"),
        ("<annotation><object/></annotation>", "annotations.xml: holds no labels"),
    ],
)
def test_what_is_no_cvat_file_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "annotations.xml"
    path.write_text(content)
    with pytest.raises(LabelError, match=message):
        open_labels(path)


@pytest.mark.skipif(os.name == "nt", reason="no pipes among files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "annotations.xml")
    with pytest.raises(LabelError, match="no regular file"):
        open_labels(tmp_path / "annotations.xml")


def test_an_image_without_a_size_is_a_fault(tmp_path: Path) -> None:
    (fault,) = open_labels(saved(tmp_path, "", 'name="a.png" width="x" height="20"'))
    assert isinstance(fault, Fault)
    assert fault.message == "width is 'x'; expected a number of pixels"


@settings(max_examples=100, deadline=None)
@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14)))
def test_written_and_read_again(tmp_path_factory: pytest.TempPathFactory, mask: np.ndarray) -> None:
    if not mask.any():
        return
    path = tmp_path_factory.getbasetemp() / "labels.xml"
    height, width = mask.shape
    exact = LabelledInstance.from_mask(mask, '夏 <"&>', kind="female")
    drawn = LabelledInstance.from_mask(mask, "girl", segmentation_of(mask))
    picture = LabelledPicture(
        FileRef(path.parent / "a.png"), (height, width), (exact, drawn), "a.png"
    )
    assert [one.failure for one in Cvat().write([picture], ('夏 <"&>', "girl"), path, True)] == [
        None
    ]
    labels = load_set(path)
    assert labels.names == ('夏 <"&>', "girl")
    first, second = labels.instances
    assert (first.kind, second.kind) == ("female", None)
    for one in (first, second):
        np.testing.assert_array_equal(one.mask((height, width)), mask)


def test_a_name_that_xml_cannot_say_is_a_failure(tmp_path: Path) -> None:
    picture = LabelledPicture(FileRef(tmp_path / "a\x01.png"), SIZE, (), "a\x01.png")
    (written,) = Cvat().write([picture], (), tmp_path / "labels.xml", False)
    assert written.failure is not None
    assert "XML cannot say" in written.failure
