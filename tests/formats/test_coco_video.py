"""CocoVID files: written record by record, read strictly, and equal to pycocotools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as reference
from pycocotools.coco import COCO

from kirinuki.errors import DatasetError, OutputError
from kirinuki.formats.coco import read_coco
from kirinuki.formats.coco_video import (
    annotations_of,
    read_coco_video,
    write_coco_video,
)
from kirinuki.instances import Instances

SIZE = (30, 40)


def seen(*boxes: tuple[int, int, int, int], ids: tuple[int, ...], **more: Any) -> Instances:
    """Characters that fill these boxes of a 40×30 frame, all but a corner."""
    alphas = [np.full((y2 - y1, x2 - x1), 255, np.uint8) for x1, y1, x2, y2 in boxes]
    for alpha in alphas:
        alpha[0, 0] = 127
    return Instances(
        size_hw=SIZE,
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        alphas=tuple(alphas),
        scores=np.full(len(boxes), 0.75, np.float32),
        labels=np.zeros(len(boxes), np.int64),
        names=("waifu",),
        track_ids=np.array(ids, np.int64),
        **more,
    )


FRAMES = [
    seen((3, 4, 9, 20), (20, 0, 40, 30), ids=(1, 2)),
    seen(ids=()),
    seen((4, 4, 10, 20), ids=(1,), kind_scores=np.array([[0.9, 0.1]], np.float32)),
]


def image(video_id: int, frame_id: int, **more: Any) -> dict[str, Any]:
    number = (video_id - 1) * 100 + frame_id + 1
    name = f"clip_{video_id}/{frame_id + 1:06d}.png"
    size = {"height": SIZE[0], "width": SIZE[1]}
    place = {"id": number, "video_id": video_id, "frame_id": frame_id, "file_name": name}
    return {**place, **size, "time": frame_id / 24, **more}


def video(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"clip_{number}.mp4", "height": SIZE[0], "width": SIZE[1]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    annotations: list[dict[str, Any]] = []
    images = []
    for v in (1, 2):
        for f, instances in enumerate(FRAMES):
            images.append(image(v, f, shot=int(f == 2)))
            annotations += annotations_of(instances, images[-1]["id"], v, len(annotations) + 1)
    file = tmp_path / "tracks.json"
    write_coco_video(file, [video(1), video(2)], images, annotations, ["waifu", "夏"])
    return file


def test_written_and_read_again(path: Path) -> None:
    clips = read_coco_video(path)
    assert [v.name for v in clips.videos] == ["clip_1.mp4", "clip_2.mp4"]
    assert [c.name for c in clips.categories] == ["waifu", "夏"]
    frames = clips.frames_of(2)
    assert [f.frame_id for f in frames] == [0, 1, 2]
    assert [f.shot for f in frames] == [0, 0, 1]
    assert frames[1].time == 1 / 24
    assert [a.track_id for a in clips.annotations_of(frames[0].id)] == [1, 2]
    assert clips.annotations_of(frames[1].id) == ()
    third = clips.annotations_of(frames[2].id)[0]
    assert third.kind == "female"
    assert third.score == 0.75
    assert np.array_equal(third.mask(SIZE), FRAMES[2].mask(0))
    assert clips.frames_of(7) == ()
    # A frame is a picture and a clip's characters are labels: still the same to other tools.
    assert len(read_coco(path).annotations) == 6


def test_pycocotools_reads_the_same_masks(path: Path) -> None:
    coco = COCO(path)
    for v in (1, 2):
        for f, instances in enumerate(FRAMES):
            found = coco.loadAnns(coco.getAnnIds(imgIds=[image(v, f)["id"]]))
            assert [a["instance_id"] for a in found] == instances.track_ids.tolist()
            for i, raw in enumerate(found):
                mask = instances.mask(i)
                assert np.array_equal(coco.annToMask(raw).astype(bool), mask)
                assert raw["area"] == mask.sum() == reference.area(raw["segmentation"])
                assert raw["bbox"] == reference.toBbox(raw["segmentation"]).tolist()


def test_nobody_without_a_pixel_is_listed() -> None:
    faint = seen((3, 4, 9, 20), (20, 0, 40, 30), ids=(5, 6))
    faint.alphas[0][:] = 90
    (only,) = annotations_of(faint, 3, 1, 10)
    assert (only["id"], only["image_id"], only["track_id"]) == (10, 3, 6)
    with pytest.raises(ValueError, match="track_ids"):
        annotations_of(Instances.empty(SIZE, ["waifu"]), 1, 1, 1)


def test_records_are_taken_one_by_one(tmp_path: Path) -> None:
    """A record is written before the next one is made, images before annotations."""
    made: list[int] = []

    def images() -> Iterator[dict[str, Any]]:
        for f in range(2000):
            made.append(f)
            yield image(1, f)

    def annotations() -> Iterator[dict[str, Any]]:
        assert len(made) == 2000
        for f in range(2000):
            yield from annotations_of(FRAMES[2], image(1, f)["id"], 1, f + 1)

    file = tmp_path / "long.json"
    write_coco_video(file, [video(1)], images(), annotations(), ["waifu"])
    assert len(read_coco_video(file).annotations) == 2000


def test_whole_or_not_at_all(path: Path) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield image(1, 0)
        raise KeyboardInterrupt

    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_coco_video(path, [video(1)], broken(), [], ["waifu"], overwrite=True)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with pytest.raises(OutputError, match="--overwrite"):
        write_coco_video(path, [], [], [], [])
    write_coco_video(path, [], [], [], [], overwrite=True)
    assert read_coco_video(path).images == ()


WRONG = [
    ({"images": {"video_id": 9}}, r"images\[0\].*video_id 9 is not among"),
    ({"images": {"frame_id": -1}}, r"images\[0\].*frame_id is -1"),
    ({"images": {"frame_id": 1}}, r"images\[1\]: frame \(1, 1\) is used twice"),
    ({"images": {"time": "soon"}}, r"images\[0\].*time holds 'soon'"),
    ({"annotations": {"video_id": 2}}, r"annotations\[0\].*image 1 is of 1"),
    ({"annotations": {"track_id": 1.5}}, r"annotations\[0\].*track_id is 1.5"),
    ({"annotations": {"track_id": 2}}, r"annotations\[1\]: image and track \(1, 2\) is used twice"),
    ({"annotations": {"segmentation": {"size": [3, 4], "counts": "1"}}}, r"annotations\[0\].*RLE"),
    ({"videos": {"name": None}}, r"videos\[0\].*name is None"),
    ({"videos": {"height": 0}}, r"videos\[0\].*height is 0"),
    ({"videos": None}, "not a CocoVID file"),
]


@pytest.mark.parametrize(("change", "line"), WRONG)
def test_what_is_wrong_is_named(path: Path, change: dict[str, Any], line: str) -> None:
    content = json.loads(path.read_text())
    for section, fields in change.items():
        if fields is None:
            del content[section]
        else:
            content[section][0].update(fields)
    path.write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=line) as raised:
        read_coco_video(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_of_others_say_instance_id(path: Path) -> None:
    content = json.loads(path.read_text())
    for annotation in content["annotations"]:
        del annotation["track_id"]
    path.write_text(json.dumps(content))
    assert [a.track_id for a in read_coco_video(path).annotations] == [1, 2, 1] * 2
